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
    struct keys_read *read = context;
    read->page->more = read->page->n == read->limit;
    if (!read->page->more)
        db_sql_read_key(&read->page->keys[read->page->n++], columns, n);
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
    return db_sql_write(db, SQL_WRITE(KEY_REVOKE, sql_int(revoked_at), sql_uint(key_id)), NULL,
                        err);
}

enum db_result db_key_count(struct db *db, uint32_t user_id, int64_t now, uint64_t *out,
                            struct error *err)
{
    *out = 0;
    return db_sql_find(
        db, SQL_READ(KEY_COUNT, db_sql_read_uint, out, NULL, sql_uint(user_id), sql_int(now)), err);
}

enum db_result db_key_touch(struct db *db, uint32_t key_id, int64_t used_at, struct error *err)
{
    return db_sql_write(
        db, SQL_WRITE(KEY_TOUCH, sql_int(used_at), sql_uint(key_id), sql_int(used_at)), NULL, err);
}

/* --- users --- */

bool db_sql_read_user(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct user *user = context;
    READ_COLUMNS(USER_COLUMNS, user, columns);
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
    return db_sql_find(db, SQL_READ(USER_FIND, db_sql_read_user, out, NULL, sql_bytes(name)), err);
}

/* If no row is changed, the user does not exist, or has this policy already. */
enum db_result db_user_set_policy(struct db *db, uint32_t user_id, const struct user_policy *policy,
                                  struct error *err)
{
    struct sql_done done = { 0 };
    enum db_result result =
        db_sql_write(db,
                     SQL_WRITE(USER_SET_POLICY, db_sql_or_null(policy->default_ttl_s),
                               db_sql_or_null(policy->max_ttl_s), sql_uint(user_id)),
                     &done, err);
    if (result != DB_OK || done.affected > 0)
        return result;
    return db_sql_find(db, SQL_WRITE(USER_FIND_ID, sql_uint(user_id)), err);
}
