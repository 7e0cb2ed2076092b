/* SPDX-License-Identifier: MIT */
/* Lists, creates and changes users after checking that the caller is an admin. */
#include "service/users.h"

enum {
    KEYS_AT_ONCE = 100, /* that are listed to be forgotten */
};

enum outcome users_check_admin(const struct keys_request *request, struct error *err)
{
    if (request->caller.role == ROLE_ADMIN)
        return OUTCOME_OK;
    error_set(err, "Only an admin may list or change users.");
    return OUTCOME_FORBIDDEN;
}

enum outcome users_list(struct db *db, const struct keys_request *request,
                        const struct user_query *page, struct user_page *out, struct error *err)
{
    *out = (struct user_page){ .n = 0 };
    enum outcome outcome = users_check_admin(request, err);
    return outcome == OUTCOME_OK ? outcome_of(db_user_list(db, page, request->arena, out, err))
                                 : outcome;
}

/* Reads the summary of one user. */
static enum outcome users_read(struct db *db, const struct keys_request *request, uint32_t user_id,
                               struct user_summary *out, struct error *err)
{
    const struct user_query query = { .after_id = user_id - 1, .limit = 1, .now = request->now };
    struct user_page page;
    enum db_result result = db_user_list(db, &query, request->arena, &page, err);
    if (result != DB_OK)
        return outcome_of(result);
    if (page.n == 0 || page.users[0].user.id != user_id)
        return OUTCOME_MISSING;
    *out = page.users[0];
    return OUTCOME_OK;
}

/* Merges the given lifetimes into the policy. */
static enum outcome users_merge_policy(const struct user_fields *fields, struct user_policy *policy,
                                       struct error *err)
{
    if (fields->given & USER_FIELD_DEFAULT_TTL)
        policy->default_ttl_s = fields->policy.default_ttl_s;
    if (fields->given & USER_FIELD_MAX_TTL)
        policy->max_ttl_s = fields->policy.max_ttl_s;
    if (policy->max_ttl_s == 0 || policy->default_ttl_s <= policy->max_ttl_s)
        return OUTCOME_OK;
    error_set(err, "The default lifetime is longer than the maximum.");
    return OUTCOME_INVALID_FIELD;
}

enum outcome users_create(struct db *db, const struct keys_request *request,
                          const struct user_fields *fields, struct user_summary *out,
                          struct error *err)
{
    struct user user = { .name = fields->name,
                         .role = fields->role_given ? fields->role : ROLE_USER,
                         .created_at = request->now };
    const char *fault = user_name_fault(user.name);
    enum outcome outcome = users_check_admin(request, err);
    if (outcome == OUTCOME_OK && fault) {
        error_set(err, "%s", fault);
        outcome = OUTCOME_INVALID_FIELD;
    }
    if (outcome == OUTCOME_OK)
        outcome = users_merge_policy(fields, &user.policy, err);
    if (outcome != OUTCOME_OK)
        return outcome;
    enum db_result result = db_user_add(db, &user, err);
    if (result == DB_TAKEN) {
        error_set(err, "There is a user of this name already.");
        return OUTCOME_CONFLICT;
    }
    if (result == DB_OK && (user.policy.default_ttl_s || user.policy.max_ttl_s))
        result = db_user_set_policy(db, user.id, &user.policy, err);
    return result == DB_OK ? users_read(db, request, user.id, out, err) : outcome_of(result);
}

/* Stores what has changed; `user` is the user before. */
static enum outcome users_store(struct db *db, const struct user_fields *fields, struct user user,
                                struct error *err)
{
    enum db_result result = DB_OK;
    enum outcome outcome = users_merge_policy(fields, &user.policy, err);
    if (outcome != OUTCOME_OK)
        return outcome;
    if (fields->role_given)
        result = db_user_set_role(db, user.id, fields->role, err);
    if (result == DB_TAKEN) {
        error_set(err, USER_LAST_ADMIN);
        return OUTCOME_CONFLICT;
    }
    if (result == DB_OK && fields->given & (USER_FIELD_DEFAULT_TTL | USER_FIELD_MAX_TTL))
        result = db_user_set_policy(db, user.id, &user.policy, err);
    return outcome_of(result);
}

/* Forgets the keys of the user, so that no cache has the user as it was before; all keys, if they
 * cannot be listed. The keys of others stay known through an outage of the database. */
static void users_forget_keys(struct auth *auth, uint32_t user_id, struct arena *arena)
{
    struct key_query query = { .user_id = user_id, .limit = KEYS_AT_ONCE };
    struct key_page page = { .more = true };
    struct error unheard;
    while (page.more) {
        if (db_key_list(auth->db, &query, arena, &page, &unheard) != DB_OK) {
            auth_forget_all(auth);
            return;
        }
        for (size_t i = 0; i < page.n; i++)
            auth_forget(auth, page.keys[i].id);
        if (page.n)
            query.after_id = page.keys[page.n - 1].id;
    }
}

enum outcome users_change(struct auth *auth, const struct keys_request *request,
                          const struct user_fields *fields, struct user_summary *out,
                          struct error *err)
{
    struct user user;
    enum outcome outcome = users_check_admin(request, err);
    if (outcome == OUTCOME_OK)
        outcome = outcome_of(db_user_find(auth->db, fields->name, request->arena, &user, err));
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = users_store(auth->db, fields, user, err);
    users_forget_keys(auth, user.id, request->arena);
    return outcome == OUTCOME_OK ? users_read(auth->db, request, user.id, out, err) : outcome;
}
