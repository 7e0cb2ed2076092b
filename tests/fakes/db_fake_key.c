/* SPDX-License-Identifier: MIT */
/* Users and keys in memory. */
#include "fakes/db_fake_private.h"

static struct api_key copy_key(const struct db_fake *fake, const struct api_key *key,
                               struct arena *arena)
{
    struct api_key copy = *key;
    copy.name = db_fake_keep(arena, key->name);
    copy.user = db_fake_keep(arena, key->user);
    copy.role = fake->users[key->user_id - 1].role;
    copy.policy = fake->users[key->user_id - 1].policy;
    return copy;
}

/* Keys of deleted users are not found. */
static struct api_key *find_key(struct db_fake *fake, uint32_t key_id)
{
    bool is_there = key_id > 0 && key_id <= fake->n_keys && fake->keys[key_id - 1].user_id > 0;
    return is_there ? &fake->keys[key_id - 1] : NULL;
}

enum db_result db_fake_key_find(struct db *db, uint32_t key_id, struct arena *arena,
                                struct api_key *out, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, false, err))
        return fake->failure;
    if (!find_key(fake, key_id))
        return DB_MISSING;
    *out = copy_key(fake, &fake->keys[key_id - 1], arena);
    return DB_OK;
}

/* The id of the user, who is added when the name is new. */
static uint32_t user_id(struct db_fake *fake, const struct api_key *key)
{
    for (size_t i = 0; i < fake->n_users; i++) {
        if (slice_eq(fake->users[i].name, key->user))
            return (uint32_t)i + 1;
    }
    fake->users = db_fake_grow(fake->users, fake->n_users, sizeof(*fake->users));
    fake->users[fake->n_users] = (struct user){
        .id = (uint32_t)fake->n_users + 1,
        .name = db_fake_keep(fake->text, key->user),
        .role = key->role,
        .created_at = key->created_at,
    };
    return (uint32_t)++fake->n_users;
}

static void store_key(struct db_fake *fake, struct api_key *key)
{
    key->user_id = user_id(fake, key);
    key->role = fake->users[key->user_id - 1].role;
    for (size_t i = 0; i < fake->n_keys; i++) {
        const struct api_key *other = &fake->keys[i];
        if (other->user_id == key->user_id &&
            memcmp(other->hash, key->hash, sizeof(key->hash)) == 0) {
            key->id = other->id;
            return;
        }
    }
    fake->keys = db_fake_grow(fake->keys, fake->n_keys, sizeof(*fake->keys));
    key->id = (uint32_t)fake->n_keys + 1;
    struct api_key *stored = &fake->keys[fake->n_keys++];
    *stored = *key;
    stored->user = db_fake_keep(fake->text, key->user);
    stored->name = db_fake_keep(fake->text, key->name);
}

enum db_result db_fake_key_insert(struct db *db, struct api_key *key, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    store_key(fake, key);
    return db_fake_answer(fake, DB_OK);
}

enum db_result db_fake_key_list(struct db *db, const struct key_query *query, struct arena *arena,
                                struct key_page *out, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    *out = (struct key_page){ 0 };
    if (db_fake_fails(fake, false, err))
        return fake->failure;
    out->keys = arena_alloc(arena, sizeof(*out->keys) * query->limit);
    if (!out->keys || query->limit == 0 || query->limit > DB_PAGE_MAX)
        return DB_FAILED;
    for (size_t i = query->after_id; i < fake->n_keys && !out->more; i++) {
        const struct api_key *key = &fake->keys[i];
        if (key->user_id == 0 || (query->user_id != DB_OWNER_ANY && query->user_id != key->user_id))
            continue;
        out->more = out->n == query->limit;
        if (!out->more)
            out->keys[out->n++] = copy_key(fake, key, arena);
    }
    return DB_OK;
}

enum db_result db_fake_key_count(struct db *db, uint32_t user_id, int64_t now, uint64_t *out,
                                 struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, false, err))
        return fake->failure;
    *out = 0;
    for (size_t i = 0; i < fake->n_keys; i++) {
        const struct api_key *key = &fake->keys[i];
        *out += key->user_id == user_id && !key->revoked_at &&
                (!key->expires_at || key->expires_at > now);
    }
    return DB_OK;
}

enum db_result db_fake_key_revoke(struct db *db, uint32_t key_id, uint32_t user_id,
                                  int64_t revoked_at, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    struct api_key *key = find_key(fake, key_id);
    if (!key || (user_id != DB_OWNER_ANY && user_id != key->user_id))
        return db_fake_answer(fake, DB_MISSING);
    if (!key->revoked_at)
        key->revoked_at = revoked_at;
    return db_fake_answer(fake, DB_OK);
}

enum db_result db_fake_key_touch(struct db *db, uint32_t key_id, int64_t used_at, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    struct api_key *key = find_key(fake, key_id);
    if (key && key->last_used_at < used_at)
        key->last_used_at = used_at;
    return db_fake_answer(fake, DB_OK);
}

enum db_result db_fake_user_find(struct db *db, struct slice name, struct arena *arena,
                                 struct user *out, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, false, err))
        return fake->failure;
    for (size_t i = 0; i < fake->n_users; i++) {
        if (!slice_eq(fake->users[i].name, name))
            continue;
        *out = fake->users[i];
        out->name = db_fake_keep(arena, out->name);
        return DB_OK;
    }
    return DB_MISSING;
}

enum db_result db_fake_user_set_policy(struct db *db, uint32_t user_id,
                                       const struct user_policy *policy, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    if (user_id == 0 || user_id > fake->n_users)
        return db_fake_answer(fake, DB_MISSING);
    fake->users[user_id - 1].policy = *policy;
    return db_fake_answer(fake, DB_OK);
}
