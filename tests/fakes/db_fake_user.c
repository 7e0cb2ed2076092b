/* SPDX-License-Identifier: MIT */
/* Users in memory: listing, adding, deleting, roles. A deleted user has an empty name. */
#include "fakes/db_fake_private.h"

static bool is_there(const struct db_fake *fake, uint32_t user_id)
{
    return user_id > 0 && user_id <= fake->n_users && fake->users[user_id - 1].name.len > 0;
}

static bool is_last_admin(const struct db_fake *fake, uint32_t user_id)
{
    bool last = fake->users[user_id - 1].role == ROLE_ADMIN;
    for (size_t i = 0; i < fake->n_users; i++) {
        bool other = i + 1 != user_id && is_there(fake, (uint32_t)i + 1);
        last = last && !(other && fake->users[i].role == ROLE_ADMIN);
    }
    return last;
}

static uint64_t count_links(const struct db_fake *fake, uint32_t user_id)
{
    uint64_t n = 0;
    for (size_t i = 0; i < fake->n_links; i++)
        n += fake->links[i].owner_id == user_id;
    return n;
}

static struct user_summary summary(struct db_fake *fake, uint32_t user_id, int64_t now)
{
    struct user_summary out = { .user = fake->users[user_id - 1] };
    for (size_t i = 0; i < fake->n_keys; i++) {
        const struct api_key *key = &fake->keys[i];
        out.keys += key->user_id == user_id && !key->revoked_at &&
                    (!key->expires_at || key->expires_at > now);
    }
    out.links = count_links(fake, user_id);
    out.clicks = db_fake_owner(fake, user_id)->total.clicks;
    return out;
}

enum db_result db_fake_user_list(struct db *db, const struct user_query *query, struct arena *arena,
                                 struct user_page *out, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    *out = (struct user_page){ 0 };
    if (db_fake_fails(fake, false, err))
        return fake->failure;
    out->users = arena_alloc(arena, sizeof(*out->users) * query->limit);
    if (!out->users || query->limit == 0 || query->limit > DB_PAGE_MAX)
        return DB_FAILED;
    for (uint32_t id = query->after_id + 1; id <= fake->n_users && !out->more; id++) {
        if (!is_there(fake, id))
            continue;
        out->more = out->n == query->limit;
        if (out->more)
            break;
        struct user_summary *user = &out->users[out->n++];
        *user = summary(fake, id, query->now);
        user->user.name = db_fake_keep(arena, user->user.name);
    }
    return DB_OK;
}

enum db_result db_fake_user_add(struct db *db, struct user *user, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    for (size_t i = 0; i < fake->n_users; i++) {
        if (slice_eq(fake->users[i].name, user->name))
            return db_fake_answer(fake, DB_TAKEN);
    }
    fake->users = db_fake_grow(fake->users, fake->n_users, sizeof(*fake->users));
    user->id = (uint32_t)fake->n_users + 1;
    fake->users[fake->n_users] = *user;
    fake->users[fake->n_users++].name = db_fake_keep(fake->text, user->name);
    return db_fake_answer(fake, DB_OK);
}

enum db_result db_fake_user_set_role(struct db *db, uint32_t user_id, enum user_role role,
                                     struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    if (!is_there(fake, user_id))
        return db_fake_answer(fake, DB_MISSING);
    if (role == ROLE_USER && is_last_admin(fake, user_id))
        return db_fake_answer(fake, DB_TAKEN);
    fake->users[user_id - 1].role = role;
    return db_fake_answer(fake, DB_OK);
}

enum db_result db_fake_user_delete(struct db *db, uint32_t user_id, uint32_t heir_id,
                                   struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    if (!is_there(fake, user_id))
        return db_fake_answer(fake, DB_MISSING);
    if (is_last_admin(fake, user_id))
        return db_fake_answer(fake, DB_TAKEN);
    if (count_links(fake, user_id) > 0)
        return db_fake_answer(fake, DB_STALE);
    struct click_counts left = db_fake_owner(fake, user_id)->total;
    db_fake_owner(fake, user_id)->total = (struct click_counts){ 0 };
    struct click_counts *heir = &db_fake_owner(fake, heir_id)->total;
    heir->clicks += left.clicks;
    heir->visitors += left.visitors;
    heir->bots += left.bots;
    for (size_t i = 0; i < fake->n_keys; i++) {
        if (fake->keys[i].user_id == user_id)
            fake->keys[i].user_id = 0;
    }
    fake->users[user_id - 1].name = (struct slice){ NULL, 0 };
    return db_fake_answer(fake, DB_OK);
}
