/* SPDX-License-Identifier: MIT */
/* Listing, counting, revoking and touching keys, and users' policies, in SQL. */
#include "db/db_sql_private.h"

/* --- keys --- */

struct keys_read {
    struct key_page *page;
    unsigned limit;
};

static bool read_next_key(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct keys_read *read = context;
    read->page->more = read->page->n == read->limit;
    if (!read->page->more)
        db_sql_read_key(&read->page->keys[read->page->n++], columns);
    return !read->page->more;
}

enum db_result db_key_list(struct db *db, const struct key_query *query, struct arena *arena,
                           struct key_page *out, struct error *err)
{
    *out = (struct key_page){ 0 };
    if (query->limit > 0 && query->limit <= DB_PAGE_MAX)
        out->keys = arena_alloc(arena, sizeof(*out->keys) * query->limit);
    if (!out->keys) {
        error_set(err, "cannot list %u keys on a page", query->limit);
        return DB_FAILED;
    }
    bool any = query->user_id == DB_OWNER_ANY;
    const struct sql_value params[] = { sql_uint(query->user_id), sql_uint(query->after_id),
                                        sql_uint(query->limit + 1) };
    struct keys_read read = { .page = out, .limit = query->limit };
    const struct sql_query statement = {
        .id = any ? STATEMENT_KEY_LIST : STATEMENT_KEY_LIST_USER,
        .params = params + any,
        .n_params = 3 - any,
        .row = read_next_key,
        .context = &read,
        .arena = arena,
    };
    return db_sql_read(db, &statement, err);
}

/* The key is read first: if the update changes no row, the key may be revoked already. */
enum db_result db_key_revoke(struct db *db, uint32_t key_id, uint32_t user_id, int64_t revoked_at,
                             struct error *err)
{
    struct arena *arena = arena_new(1 << 16);
    struct api_key key;
    enum db_result result = arena ? db_key_find(db, key_id, arena, &key, err) : DB_FAILED;
    arena_free(&arena);
    if (result == DB_OK && user_id != DB_OWNER_ANY && user_id != key.user_id)
        return DB_MISSING;
    if (result != DB_OK || key.revoked_at)
        return result;
    const struct sql_value params[] = { sql_int(revoked_at), sql_uint(key_id) };
    const struct sql_query query = { .id = STATEMENT_KEY_REVOKE, .params = params, .n_params = 2 };
    return db_sql_write(db, &query, NULL, err);
}

enum db_result db_key_count(struct db *db, uint32_t user_id, int64_t now, uint64_t *out,
                            struct error *err)
{
    const struct sql_value params[] = { sql_uint(user_id), sql_int(now) };
    const struct sql_query query = { .id = STATEMENT_KEY_COUNT,
                                     .params = params,
                                     .n_params = 2,
                                     .row = db_sql_read_uint,
                                     .context = out };
    *out = 0;
    return db_sql_find(db, &query, err);
}

enum db_result db_key_touch(struct db *db, uint32_t key_id, int64_t used_at, struct error *err)
{
    const struct sql_value params[] = { sql_int(used_at), sql_uint(key_id), sql_int(used_at) };
    const struct sql_query query = { .id = STATEMENT_KEY_TOUCH, .params = params, .n_params = 3 };
    return db_sql_write(db, &query, NULL, err);
}

/* --- users --- */

static bool user_read_user(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct user *user = context;
    user->id = (uint32_t)db_sql_uint(&columns[0]);
    user->role = (enum user_role)db_sql_uint(&columns[1]);
    user->created_at = db_sql_int(&columns[2]);
    user->policy = (struct user_policy){ db_sql_int(&columns[3]), db_sql_int(&columns[4]) };
    return false;
}

enum db_result db_user_find(struct db *db, struct slice name, struct arena *arena, struct user *out,
                            struct error *err)
{
    const char *copy = arena_copy(arena, name);
    *out = (struct user){ .name = { copy, copy ? name.len : 0 } };
    if (!copy) {
        error_set(err, "no memory for the user");
        return DB_FAILED;
    }
    const struct sql_value params[] = { sql_bytes(name) };
    const struct sql_query query = { .id = STATEMENT_USER_FIND,
                                     .params = params,
                                     .n_params = 1,
                                     .row = user_read_user,
                                     .context = out };
    return db_sql_find(db, &query, err);
}

/* If no row is changed, the user does not exist, or has this policy already. */
enum db_result db_user_set_policy(struct db *db, uint32_t user_id, const struct user_policy *policy,
                                  struct error *err)
{
    const struct sql_value params[] = { db_sql_or_null(policy->default_ttl_s),
                                        db_sql_or_null(policy->max_ttl_s), sql_uint(user_id) };
    const struct sql_query query = { .id = STATEMENT_USER_SET_POLICY,
                                     .params = params,
                                     .n_params = 3 };
    struct sql_done done = { 0 };
    enum db_result result = db_sql_write(db, &query, &done, err);
    if (result != DB_OK || done.affected > 0)
        return result;
    const struct sql_query find = { .id = STATEMENT_USER_FIND_ID,
                                    .params = params + 2,
                                    .n_params = 1 };
    return db_sql_find(db, &find, err);
}
