/* SPDX-License-Identifier: MIT */
/* Creates, lists and revokes API keys after checking what the caller may do. */
#include "service/keys.h"

#include "text/utf8.h"

const char *user_name_fault(struct slice name)
{
    if (name.len == 0)
        return "the user's name is empty";
    if (name.len > USER_NAME_MAX)
        return "the user's name is longer than 100 bytes";
    return utf8_is_line(name) ? NULL : "the user's name is not UTF-8, or has a control character";
}

static uint32_t whose(const struct caller *caller)
{
    return caller->role == ROLE_ADMIN ? DB_OWNER_ANY : caller->user_id;
}

static bool is_name(struct slice name, size_t max)
{
    return name.len <= max && utf8_is_line(name);
}

/* Checks that the user has fewer than max_keys valid keys. */
static enum outcome keys_count(struct db *db, const struct keys_request *request, uint32_t user_id,
                               struct error *err)
{
    uint64_t valid = 0;
    if (request->caller.role == ROLE_ADMIN || request->max_keys == 0)
        return OUTCOME_OK;
    if (db_key_count(db, user_id, request->now, &valid, err) != DB_OK)
        return OUTCOME_UNAVAILABLE;
    if (valid < request->max_keys)
        return OUTCOME_OK;
    error_set(err, "The user already has the maximum of %u valid keys: revoke one of them.",
              request->max_keys);
    return OUTCOME_FORBIDDEN;
}

/* Checks that the caller may create this key, and that its user may have the role. */
static enum outcome keys_check(struct db *db, const struct keys_request *request,
                               const struct key_fields *fields, struct slice user,
                               struct error *err)
{
    const struct caller *caller = &request->caller;
    if (caller->role != ROLE_ADMIN &&
        (!slice_eq(user, caller->user) || (fields->role_given && fields->role != ROLE_USER))) {
        error_set(err, "A user may create keys only for itself, with the role user.");
        return OUTCOME_FORBIDDEN;
    }
    if (caller->key_expires_at &&
        (fields->expires_at == 0 || fields->expires_at > caller->key_expires_at)) {
        error_set(err, "The key of this call expires: it cannot create a key that expires later or "
                       "never.");
        return OUTCOME_OUTLIVES;
    }
    if (!is_name(user, USER_NAME_MAX) || !is_name(fields->name, KEY_NAME_MAX)) {
        error_set(err, "names are at most %d bytes of UTF-8 without control characters",
                  USER_NAME_MAX);
        return OUTCOME_INVALID_FIELD;
    }
    struct user known;
    enum db_result found = db_user_find(db, user, request->arena, &known, err);
    if (found == DB_MISSING)
        return OUTCOME_OK;
    if (found != DB_OK)
        return outcome_of(found);
    if (fields->role_given && fields->role != known.role) {
        error_set(err, "the user is there already and has the role %s", auth_role_name(known.role));
        return OUTCOME_INVALID_FIELD;
    }
    return keys_count(db, request, known.id, err);
}

enum outcome keys_create(struct db *db, const struct keys_request *request,
                         const struct key_fields *fields, struct new_key *out, struct error *err)
{
    struct slice user = fields->user.len ? fields->user : request->caller.user;
    enum outcome outcome = keys_check(db, request, fields, user, err);
    if (outcome != OUTCOME_OK)
        return outcome;
    out->key = (struct api_key){
        .user = user,
        .role = fields->role_given ? fields->role : ROLE_USER,
        .name = fields->name,
        .scope = fields->scope,
        .expires_at = fields->expires_at,
        .created_at = request->now,
    };
    return outcome_of(auth_key_create(db, &out->key, fields->secret, out->text, err));
}

enum outcome keys_list(struct db *db, const struct keys_request *request,
                       const struct key_query *page, struct key_page *out, struct error *err)
{
    struct key_query query = *page;
    query.user_id = whose(&request->caller);
    *out = (struct key_page){ .n = 0 };
    return outcome_of(db_key_list(db, &query, request->arena, out, err));
}

enum outcome keys_revoke(struct auth *auth, const struct keys_request *request, uint32_t key_id,
                         struct error *err)
{
    uint32_t user_id = whose(&request->caller);
    enum db_result result = db_key_revoke(auth->db, key_id, user_id, request->now, err);
    if (result == DB_OK)
        auth_forget(auth, key_id);
    return outcome_of(result);
}
