/* SPDX-License-Identifier: MIT */
/* Removes a user: revokes the keys, then deletes or gives away the links, then deletes the user.
 * Workers of other hosts accept a revoked key for a while, so the user is deleted only after. */
#include <inttypes.h>

#include "service/users.h"

/* Revokes or counts one key. */
static enum db_result user_removal_end_key(struct user_removal *removal, const struct api_key *key,
                                           bool revoke, struct error *err)
{
    int64_t now = removal->work.now;
    enum db_result result = DB_OK;
    removal->keys += !key->revoked_at && (!key->expires_at || key->expires_at > now);
    if (!revoke)
        return DB_OK;
    int64_t revoked_at = key->revoked_at ? key->revoked_at : now;
    if (revoked_at > removal->last_revoked_at)
        removal->last_revoked_at = revoked_at;
    if (!key->revoked_at)
        result = db_key_revoke(removal->auth->db, key->id, key->user_id, now, err);
    auth_forget(removal->auth, key->id);
    return result == DB_MISSING ? DB_OK : result;
}

/* Goes through the user's keys, to count the valid ones, or to revoke them. */
static enum db_result user_removal_each_key(struct user_removal *removal, bool revoke,
                                            struct error *err)
{
    struct key_query query = { .user_id = removal->user.id, .limit = DB_PAGE_MAX };
    struct key_page page = { .more = true };
    removal->keys = 0;
    while (page.more) {
        arena_reset(removal->work.arena);
        enum db_result result =
            db_key_list(removal->auth->db, &query, removal->work.arena, &page, err);
        for (size_t i = 0; i < page.n && result == DB_OK; i++)
            result = user_removal_end_key(removal, &page.keys[i], revoke, err);
        if (result != DB_OK)
            return result;
        if (page.n)
            query.after_id = page.keys[page.n - 1].id;
    }
    return DB_OK;
}

enum db_result user_removal_count(struct user_removal *removal, struct error *err)
{
    return user_removal_each_key(removal, false, err);
}

/* Sets how long workers of other hosts may still accept a key of the user. */
static bool user_removal_must_wait(struct user_removal *removal)
{
    int64_t remember_s = removal->auth->remember_s;
    int64_t left_s = removal->last_revoked_at + remember_s + 1 - removal->work.now;
    bool must_wait = left_s > 0 && left_s <= remember_s + 1;
    removal->wait_s = must_wait ? left_s : 0;
    return must_wait;
}

static enum db_result user_removal_delete(struct user_removal *removal, struct error *err)
{
    uint32_t heir_id = removal->work.heir ? removal->work.heir->id : 0;
    enum db_result result = db_user_delete(removal->auth->db, removal->user.id, heir_id, err);
    if (result != DB_STALE || !removal->touches_links)
        return result;
    removal->more = true;
    return DB_OK;
}

enum db_result user_removal_step(struct user_removal *removal, struct error *err)
{
    enum db_result result = DB_OK;
    removal->more = false;
    removal->wait_s = 0;
    if (removal->user.role == ROLE_ADMIN)
        result = db_user_set_role(removal->auth->db, removal->user.id, ROLE_USER, err);
    if (result == DB_OK)
        result = user_removal_each_key(removal, true, err);
    if (result == DB_OK && removal->touches_links)
        result = owner_links_empty(&removal->work, err);
    if (result != DB_OK)
        return result;
    removal->user.role = ROLE_USER;
    removal->more = removal->work.more || user_removal_must_wait(removal);
    return removal->more ? DB_OK : user_removal_delete(removal, err);
}

/* --- over the API --- */

/* Finds the user and the heir, and sets whether links may be touched. */
static enum outcome users_find_removed(struct user_removal *removal,
                                       const struct keys_request *request,
                                       const struct user_removal_request *what, struct user *heir,
                                       struct error *err)
{
    struct db *db = removal->auth->db;
    enum db_result found = db_user_find(db, what->name, request->arena, &removal->user, err);
    if (found != DB_OK)
        return outcome_of(found);
    removal->work.owner_id = removal->user.id;
    removal->touches_links = what->delete_links || what->heir.len > 0;
    if (what->heir.len == 0)
        return OUTCOME_OK;
    found = db_user_find(db, what->heir, request->arena, heir, err);
    removal->work.heir = heir;
    if (found != DB_OK && found != DB_MISSING)
        return outcome_of(found);
    if (found == DB_OK && heir->id != removal->user.id && !what->delete_links)
        return OUTCOME_OK;
    error_set(err, what->delete_links    ? "give_links_to and delete_links exclude each other."
                   : found == DB_MISSING ? "There is no such user."
                                         : "The links must go to another user.");
    return OUTCOME_INVALID_FIELD;
}

/* Checks that the request decides about the links, and that the caller is not the user. */
static enum outcome users_check_removal(const struct user_removal *removal,
                                        const struct keys_request *request, struct error *err)
{
    uint64_t links = 0;
    if (removal->user.id == request->caller.user_id) {
        error_set(err, "Nobody can delete themselves: another admin has to.");
        return OUTCOME_CONFLICT;
    }
    if (removal->touches_links)
        return OUTCOME_OK;
    enum db_result result = db_links_count(removal->auth->db, removal->user.id, &links, err);
    if (result != DB_OK || links == 0)
        return outcome_of(result);
    error_set(err,
              "The user has %" PRIu64 " links: delete_links or give_links_to decides about them.",
              links);
    return OUTCOME_CONFLICT;
}

enum outcome users_remove(struct user_removal *removal, const struct keys_request *request,
                          const struct user_removal_request *what, struct error *err)
{
    struct user heir;
    enum outcome outcome = users_check_admin(request, err);
    if (outcome == OUTCOME_OK)
        outcome = users_find_removed(removal, request, what, &heir, err);
    if (outcome == OUTCOME_OK)
        outcome = users_check_removal(removal, request, err);
    if (outcome != OUTCOME_OK)
        return outcome;
    enum db_result result = user_removal_step(removal, err);
    removal->work.heir = NULL;
    if (result == DB_TAKEN) {
        error_set(err, USER_LAST_ADMIN);
        return OUTCOME_CONFLICT;
    }
    if (result == DB_STALE) {
        error_set(err, "The user has links now: delete_links or give_links_to decides about them.");
        return OUTCOME_CONFLICT;
    }
    return outcome_of(result);
}
