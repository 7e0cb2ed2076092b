/* SPDX-License-Identifier: MIT */
/* Users in memory: listing, adding, deleting, roles. A deleted user has an empty name. */
#include "fakes/db_fake_private.h"

static bool is_there(const struct db *db, uint32_t user_id)
{
    return user_id > 0 && user_id <= db->n_users && db->users[user_id - 1].name.len > 0;
}

static bool is_last_admin(const struct db *db, uint32_t user_id)
{
    bool last = db->users[user_id - 1].role == ROLE_ADMIN;
    for (size_t i = 0; i < db->n_users; i++) {
        bool other = i + 1 != user_id && is_there(db, (uint32_t)i + 1);
        last = last && !(other && db->users[i].role == ROLE_ADMIN);
    }
    return last;
}

static uint64_t count_links(const struct db *db, uint32_t user_id)
{
    uint64_t n = 0;
    for (size_t i = 0; i < db->n_links; i++)
        n += db->links[i].owner_id == user_id;
    return n;
}

static struct user_summary summary(struct db *db, uint32_t user_id, int64_t now)
{
    struct user_summary out = { .user = db->users[user_id - 1] };
    for (size_t i = 0; i < db->n_keys; i++) {
        const struct api_key *key = &db->keys[i];
        out.keys += key->user_id == user_id && !key->revoked_at &&
                    (!key->expires_at || key->expires_at > now);
    }
    out.links = count_links(db, user_id);
    out.clicks = db_fake_owner(db, user_id)->total.clicks;
    return out;
}

enum db_result db_user_list(struct db *db, const struct user_query *query, struct arena *arena,
                            struct user_page *out, struct error *err)
{
    *out = (struct user_page){ 0 };
    if (db_fake_fails(db, false, err))
        return db->failure;
    out->users = arena_alloc(arena, sizeof(*out->users) * query->limit);
    if (!out->users || query->limit == 0 || query->limit > DB_PAGE_MAX)
        return DB_FAILED;
    for (uint32_t id = query->after_id + 1; id <= db->n_users && !out->more; id++) {
        if (!is_there(db, id))
            continue;
        out->more = out->n == query->limit;
        if (out->more)
            break;
        struct user_summary *user = &out->users[out->n++];
        *user = summary(db, id, query->now);
        user->user.name = db_fake_keep(arena, user->user.name);
    }
    return DB_OK;
}

enum db_result db_user_add(struct db *db, struct user *user, struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    for (size_t i = 0; i < db->n_users; i++) {
        if (slice_eq(db->users[i].name, user->name))
            return db_fake_answer(db, DB_TAKEN);
    }
    db->users = db_fake_grow(db->users, db->n_users, sizeof(*db->users));
    user->id = (uint32_t)db->n_users + 1;
    db->users[db->n_users] = *user;
    db->users[db->n_users++].name = db_fake_keep(db->text, user->name);
    return db_fake_answer(db, DB_OK);
}

enum db_result db_user_set_role(struct db *db, uint32_t user_id, enum user_role role,
                                struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    if (!is_there(db, user_id))
        return db_fake_answer(db, DB_MISSING);
    if (role == ROLE_USER && is_last_admin(db, user_id))
        return db_fake_answer(db, DB_TAKEN);
    db->users[user_id - 1].role = role;
    return db_fake_answer(db, DB_OK);
}

enum db_result db_user_delete(struct db *db, uint32_t user_id, uint32_t heir_id, struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    if (!is_there(db, user_id))
        return db_fake_answer(db, DB_MISSING);
    if (is_last_admin(db, user_id))
        return db_fake_answer(db, DB_TAKEN);
    if (count_links(db, user_id) > 0)
        return db_fake_answer(db, DB_STALE);
    struct click_counts left = db_fake_owner(db, user_id)->total;
    db_fake_owner(db, user_id)->total = (struct click_counts){ 0 };
    struct click_counts *heir = &db_fake_owner(db, heir_id)->total;
    heir->clicks += left.clicks;
    heir->visitors += left.visitors;
    heir->bots += left.bots;
    db_fake_give_deleted(db, user_id, heir_id);
    db_fake_forget_clicks(db, click_series_id(user_id));
    for (size_t i = 0; i < db->n_keys; i++) {
        if (db->keys[i].user_id == user_id)
            db->keys[i].user_id = 0;
    }
    struct error unheard;
    db_session_delete_all(db, user_id, &unheard);
    db->users[user_id - 1].name = (struct slice){ NULL, 0 };
    return db_fake_answer(db, DB_OK);
}
