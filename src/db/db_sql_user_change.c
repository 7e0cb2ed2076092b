/* SPDX-License-Identifier: MIT */
/* Listing, adding and deleting users, and changing their roles, in SQL. */
#include "db/db_sql_private.h"

/* --- listing and adding --- */

struct users_read {
    struct user_page *page;
    unsigned limit;
};

static bool read_next_user(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct users_read *read = context;
    struct user_page *page = read->page;
    page->more = page->n == read->limit;
    if (page->more)
        return false;
    struct user_summary *user = &page->users[page->n++];
    *user = (struct user_summary){ 0 };
    READ_COLUMNS(USER_SUMMARY_COLUMNS, user, columns);
    return true;
}

enum db_result db_user_list(struct db *db, const struct user_query *query, struct arena *arena,
                            struct user_page *out, struct error *err)
{
    *out = (struct user_page){ 0 };
    if (query->limit > 0 && query->limit <= DB_PAGE_MAX)
        out->users = arena_alloc(arena, sizeof(*out->users) * query->limit);
    if (!out->users) {
        error_set(err, "cannot list %u users on a page", query->limit);
        return DB_FAILED;
    }
    struct users_read read = { .page = out, .limit = query->limit };
    return db_sql_read(db,
                       SQL_READ(USER_LIST, read_next_user, &read, arena, sql_int(query->now),
                                sql_uint(query->after_id), sql_uint(query->limit + 1)),
                       err);
}

/* If the answer of a try was lost, the retry may return DB_TAKEN although it was this call that
 * added the user. */
enum db_result db_user_add(struct db *db, struct user *user, struct error *err)
{
    struct sql_done done = { 0 };
    enum db_result result = db_sql_write(db,
                                         SQL_WRITE(USER_INSERT, sql_bytes(user->name),
                                                   sql_uint(user->role), sql_int(user->created_at)),
                                         &done, err);
    if (result == DB_OK)
        user->id = (uint32_t)done.insert_id;
    return result;
}

/* --- roles, and deleting --- */

/* One change of one user. */
struct change {
    struct db *db;
    uint32_t user_id;
    enum user_role role;
    uint32_t heir_id;
    bool is_admin;  /* the user is an admin */
    unsigned other; /* number of other admins */
    enum db_result refusal;
    struct arena *arena;
    struct error *err;
};

static bool read_admin(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct change *change = context;
    if (db_sql_uint(&columns[0]) == change->user_id)
        change->is_admin = true;
    else
        change->other++;
    return true;
}

/* Locks the rows of all admins, and reads whether the user exists. */
static enum sql_result user_change_look(struct change *change)
{
    const struct sql_value params[] = { sql_uint(change->user_id) };
    const struct sql_query admins = { .id = STATEMENT_USER_LOCK_ADMINS,
                                      .row = read_admin,
                                      .context = change };
    const struct sql_query find = { .id = STATEMENT_USER_FIND_ID, .params = params, .n_params = 1 };
    struct sql_done done = { 0 };
    change->is_admin = false;
    change->other = 0;
    enum sql_result result = sql_run(change->db->sql, &admins, NULL, change->err);
    if (result == SQL_OK)
        result = sql_run(change->db->sql, &find, &done, change->err);
    if (result == SQL_OK && done.affected == 0)
        change->refusal = DB_MISSING;
    else if (change->is_admin && change->other == 0 && change->role == ROLE_USER)
        change->refusal = DB_TAKEN;
    return result;
}

static enum sql_result user_change_set_role(struct change *change)
{
    const struct sql_value params[] = { sql_uint(change->role), sql_uint(change->user_id) };
    const struct sql_query query = { .id = STATEMENT_USER_SET_ROLE,
                                     .params = params,
                                     .n_params = 2 };
    return sql_run(change->db->sql, &query, NULL, change->err);
}

/* Adds the rest of the user's totals to the heir's, so that the sum of all totals does not
 * change. */
static enum sql_result leave_total(struct change *change, const struct sql_value *user_id)
{
    struct db_sql_sums sums = { 0 };
    struct sql_query query = { .id = STATEMENT_TOTAL_OWNER,
                               .params = user_id,
                               .n_params = 1,
                               .row = db_sql_read_sums,
                               .context = &sums };
    enum sql_result result = sql_run(change->db->sql, &query, NULL, change->err);
    if (result != SQL_OK)
        return result;
    struct db_sql_many many = db_sql_many_start(change->db, STATEMENT_TOTAL_ADD, DB_SQL_TOTAL_WIDTH,
                                                change->arena, change->err);
    db_sql_total_add(&many, change->heir_id, DB_SQL_CLICK_SHARD, &sums);
    return db_sql_many_end(&many);
}

static enum sql_result user_change_delete_user(struct change *change)
{
    static const enum statement_id deletions[] = { STATEMENT_TOTAL_DELETE,
                                                   STATEMENT_KEY_DELETE_USER,
                                                   STATEMENT_USER_DELETE };
    const struct sql_value params[] = { sql_uint(change->user_id) };
    struct sql_query query = { .id = STATEMENT_LINK_OF_OWNER, .params = params, .n_params = 1 };
    struct sql_done done = { 0 };
    enum sql_result result = sql_run(change->db->sql, &query, &done, change->err);
    if (result == SQL_OK && done.affected > 0)
        change->refusal = DB_STALE;
    if (result != SQL_OK || change->refusal != DB_OK)
        return result;
    result = leave_total(change, params);
    for (size_t i = 0; i < sizeof(deletions) / sizeof(*deletions) && result == SQL_OK; i++) {
        query.id = deletions[i];
        result = sql_run(change->db->sql, &query, NULL, change->err);
    }
    return result;
}

typedef enum sql_result change_body(struct change *change);

static enum sql_result user_change_try_once(struct change *change, change_body *body)
{
    struct sql *sql = change->db->sql;
    change->refusal = DB_OK;
    arena_reset(change->arena);
    enum sql_result result = sql_begin(sql, change->err);
    if (result == SQL_OK)
        result = user_change_look(change);
    if (result == SQL_OK && change->refusal == DB_OK)
        result = body(change);
    if (result == SQL_OK && change->refusal == DB_OK)
        return sql_commit(sql, change->err);
    sql_rollback(sql);
    return result;
}

static enum db_result user_change_run(struct change *change, change_body *body, bool *lost)
{
    change->arena = arena_new(1 << 16);
    if (!change->arena) {
        error_set(change->err, "no memory for the user");
        return DB_FAILED;
    }
    struct db_sql_tries tries = db_sql_tries_start();
    enum sql_result result;
    do {
        result = user_change_try_once(change, body);
        *lost |= result == SQL_LOST;
    } while (result != SQL_OK && db_sql_again(&tries, result));
    arena_free(&change->arena);
    return result == SQL_OK ? change->refusal : db_sql_result(result);
}

enum db_result db_user_set_role(struct db *db, uint32_t user_id, enum user_role role,
                                struct error *err)
{
    struct change change = { .db = db, .user_id = user_id, .role = role, .err = err };
    bool lost = false;
    return user_change_run(&change, user_change_set_role, &lost);
}

enum db_result db_user_delete(struct db *db, uint32_t user_id, uint32_t heir_id, struct error *err)
{
    struct change change = { .db = db, .user_id = user_id, .heir_id = heir_id, .err = err };
    bool lost = false;
    enum db_result result = user_change_run(&change, user_change_delete_user, &lost);
    return result == DB_MISSING && lost ? DB_OK : result;
}
