/* SPDX-License-Identifier: MIT */
/* Users and keys in memory. */
#include "fakes/db_fake_private.h"

static struct api_key copy_key(const struct db *db, const struct api_key *key, struct arena *arena)
{
    struct api_key copy = *key;
    copy.name = db_fake_keep(arena, key->name);
    copy.user = db_fake_keep(arena, key->user);
    copy.role = db->users[key->user_id - 1].role;
    copy.policy = db->users[key->user_id - 1].policy;
    return copy;
}

/* Keys of deleted users are not found. */
static struct api_key *find_key(struct db *db, uint32_t key_id)
{
    bool is_there = key_id > 0 && key_id <= db->n_keys && db->keys[key_id - 1].user_id > 0;
    return is_there ? &db->keys[key_id - 1] : NULL;
}

bool db_fake_key(struct db *db, uint32_t key_id, struct arena *arena, struct api_key *out)
{
    const struct api_key *key = find_key(db, key_id);
    *out = key ? copy_key(db, key, arena) : (struct api_key){ 0 };
    return key != NULL;
}

enum db_result db_key_find(struct db *db, uint32_t key_id, struct arena *arena, struct api_key *out,
                           struct error *err)
{
    if (db_fake_fails(db, false, err))
        return db->failure;
    return db_fake_key(db, key_id, arena, out) ? DB_OK : DB_MISSING;
}

/* The id of the user, who is added when the name is new. */
static uint32_t user_id(struct db *db, const struct api_key *key)
{
    for (size_t i = 0; i < db->n_users; i++) {
        if (slice_eq(db->users[i].name, key->user))
            return (uint32_t)i + 1;
    }
    db->users = db_fake_grow(db->users, db->n_users, sizeof(*db->users));
    db->users[db->n_users] = (struct user){
        .id = (uint32_t)db->n_users + 1,
        .name = db_fake_keep(db->text, key->user),
        .role = key->role,
        .created_at = key->created_at,
    };
    return (uint32_t)++db->n_users;
}

static void store_key(struct db *db, struct api_key *key)
{
    key->user_id = user_id(db, key);
    key->role = db->users[key->user_id - 1].role;
    for (size_t i = 0; i < db->n_keys; i++) {
        const struct api_key *other = &db->keys[i];
        if (other->user_id == key->user_id &&
            memcmp(other->hash, key->hash, sizeof(key->hash)) == 0) {
            key->id = other->id;
            return;
        }
    }
    db->keys = db_fake_grow(db->keys, db->n_keys, sizeof(*db->keys));
    key->id = (uint32_t)db->n_keys + 1;
    struct api_key *stored = &db->keys[db->n_keys++];
    *stored = *key;
    stored->user = db_fake_keep(db->text, key->user);
    stored->name = db_fake_keep(db->text, key->name);
}

enum db_result db_key_insert(struct db *db, struct api_key *key, struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    store_key(db, key);
    return db_fake_answer(db, DB_OK);
}

enum db_result db_key_list(struct db *db, const struct key_query *query, struct arena *arena,
                           struct key_page *out, struct error *err)
{
    *out = (struct key_page){ 0 };
    if (db_fake_fails(db, false, err))
        return db->failure;
    out->keys = arena_alloc(arena, sizeof(*out->keys) * query->limit);
    if (!out->keys || query->limit == 0 || query->limit > DB_PAGE_MAX)
        return DB_FAILED;
    for (size_t i = query->after_id; i < db->n_keys && !out->more; i++) {
        const struct api_key *key = &db->keys[i];
        if (key->user_id == 0 || (query->user_id != DB_OWNER_ANY && query->user_id != key->user_id))
            continue;
        out->more = out->n == query->limit;
        if (!out->more)
            out->keys[out->n++] = copy_key(db, key, arena);
    }
    return DB_OK;
}

enum db_result db_key_count(struct db *db, uint32_t user_id, int64_t now, uint64_t *out,
                            struct error *err)
{
    if (db_fake_fails(db, false, err))
        return db->failure;
    *out = 0;
    for (size_t i = 0; i < db->n_keys; i++) {
        const struct api_key *key = &db->keys[i];
        *out += key->user_id == user_id && !key->revoked_at &&
                (!key->expires_at || key->expires_at > now);
    }
    return DB_OK;
}

enum db_result db_key_revoke(struct db *db, uint32_t key_id, uint32_t user_id, int64_t revoked_at,
                             struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    struct api_key *key = find_key(db, key_id);
    if (!key || (user_id != DB_OWNER_ANY && user_id != key->user_id))
        return db_fake_answer(db, DB_MISSING);
    if (!key->revoked_at)
        key->revoked_at = revoked_at;
    return db_fake_answer(db, DB_OK);
}

enum db_result db_key_touch(struct db *db, uint32_t key_id, int64_t used_at, struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    struct api_key *key = find_key(db, key_id);
    if (key && key->last_used_at < used_at)
        key->last_used_at = used_at;
    return db_fake_answer(db, DB_OK);
}

enum db_result db_user_find(struct db *db, struct slice name, struct arena *arena, struct user *out,
                            struct error *err)
{
    if (db_fake_fails(db, false, err))
        return db->failure;
    for (size_t i = 0; i < db->n_users; i++) {
        if (!slice_eq(db->users[i].name, name))
            continue;
        *out = db->users[i];
        out->name = db_fake_keep(arena, out->name);
        return DB_OK;
    }
    return DB_MISSING;
}

enum db_result db_user_set_policy(struct db *db, uint32_t user_id, const struct user_policy *policy,
                                  struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    if (user_id == 0 || user_id > db->n_users)
        return db_fake_answer(db, DB_MISSING);
    db->users[user_id - 1].policy = *policy;
    return db_fake_answer(db, DB_OK);
}
