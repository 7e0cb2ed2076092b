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
    struct db_sql_tx tx;
    uint32_t user_id;
    enum user_role role;
    uint32_t heir_id;
    bool deletes;
    bool is_admin;  /* the user is an admin */
    unsigned other; /* number of other admins */
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
static enum sql_result user_change_lock(struct change *change)
{
    const struct sql_query admins = { .id = STATEMENT_USER_LOCK_ADMINS,
                                      .row = read_admin,
                                      .context = change };
    bool found = false;
    change->is_admin = false;
    change->other = 0;
    enum sql_result result = db_sql_tx_run(&change->tx, &admins);
    if (result == SQL_OK)
        result =
            db_sql_tx_find(&change->tx, SQL_WRITE(USER_FIND_ID, sql_uint(change->user_id)), &found);
    if (result == SQL_OK && !found)
        return db_sql_refuse(&change->tx, DB_MISSING);
    if (result == SQL_OK && change->is_admin && change->other == 0 && change->role == ROLE_USER)
        return db_sql_refuse(&change->tx, DB_TAKEN);
    return result;
}

/* Adds the rest of the user's totals to the heir's, so that the sum of all totals does not
 * change. */
static enum sql_result move_rest_of_totals(struct change *change)
{
    struct db_sql_sums sums = { 0 };
    enum sql_result result =
        db_sql_tx_run(&change->tx, SQL_READ(TOTAL_OWNER, db_sql_read_sums, &sums, NULL,
                                            sql_uint(change->user_id)));
    if (result != SQL_OK)
        return result;
    struct db_sql_many many = db_sql_many_start(&change->tx, STATEMENT_TOTAL_ADD);
    db_sql_total_add(&many, change->heir_id, DB_SQL_CLICK_SHARD, &sums);
    return db_sql_many_end(&many);
}

/* Deletes the roll-ups of all links of the user. */
static enum sql_result user_change_drop_series(const struct change *change)
{
    const struct sql_value id = sql_uint(click_series_id(change->user_id));
    const struct sql_query query = {
        .id = STATEMENT_CLICK_ROLLUP_DELETE, .params = &id, .n_params = 1, .rows = 1
    };
    return db_sql_tx_run(&change->tx, &query);
}

static enum sql_result user_change_delete(struct change *change)
{
    static const enum statement_id deletions[] = { STATEMENT_TOTAL_DELETE,
                                                   STATEMENT_SESSION_DELETE_USER,
                                                   STATEMENT_KEY_DELETE_USER,
                                                   STATEMENT_USER_DELETE };
    struct sql_query query = *SQL_WRITE(LINK_OF_OWNER, sql_uint(change->user_id));
    bool has_links = false;
    enum sql_result result = db_sql_tx_find(&change->tx, &query, &has_links);
    if (result == SQL_OK && has_links)
        return db_sql_refuse(&change->tx, DB_STALE);
    if (result == SQL_OK)
        result = user_change_drop_series(change);
    if (result != SQL_OK)
        return result;
    result = move_rest_of_totals(change);
    if (result == SQL_OK)
        result = db_sql_tx_run(&change->tx, SQL_WRITE(DELETED_GIVE, sql_uint(change->heir_id),
                                                      sql_uint(change->heir_id != 0),
                                                      sql_uint(change->user_id)));
    for (size_t i = 0; i < sizeof(deletions) / sizeof(*deletions) && result == SQL_OK; i++) {
        query.id = deletions[i];
        result = db_sql_tx_run(&change->tx, &query);
    }
    return result;
}

static enum sql_result user_change(void *context)
{
    struct change *change = context;
    enum sql_result result = user_change_lock(change);
    if (result != SQL_OK)
        return result;
    if (change->deletes)
        return user_change_delete(change);
    return db_sql_tx_run(
        &change->tx, SQL_WRITE(USER_SET_ROLE, sql_uint(change->role), sql_uint(change->user_id)));
}

enum db_result db_user_set_role(struct db *db, uint32_t user_id, enum user_role role,
                                struct error *err)
{
    struct change change = { .tx = { .db = db, .err = err }, .user_id = user_id, .role = role };
    return db_sql_transact_once(&change.tx, user_change, &change);
}

enum db_result db_user_delete(struct db *db, uint32_t user_id, uint32_t heir_id, struct error *err)
{
    struct change change = {
        .tx = { .db = db, .err = err }, .user_id = user_id, .heir_id = heir_id, .deletes = true
    };
    enum db_result result = db_sql_transact_once(&change.tx, user_change, &change);
    return result == DB_MISSING && change.tx.lost ? DB_OK : result;
}
