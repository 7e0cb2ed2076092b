/* SPDX-License-Identifier: MIT */
/* Links in SQL: resolving a code, reading a link, storing one exactly once. */
#include "store/db_sql_private.h"

#include "store/url_hash.h"

/* --- reading -----------------------------------------------------------------------------------
 */

static enum db_result find_by_code(struct db *base, struct slice code, struct sql_query query,
                                   struct error *err)
{
    const struct sql_value params[] = { sql_uint(DB_DOMAIN_DEFAULT), sql_bytes(code) };
    query.params = params;
    query.n_params = 2;
    return db_sql_find(db_sql_of(base), &query, err);
}

/* The columns that STATEMENT_RESOLVE and STATEMENT_LINK_FIND begin with. */
static bool read_target(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    *(struct target *)context = (struct target){
        .link_id = db_sql_uint(&columns[0]),
        .version = (uint32_t)db_sql_uint(&columns[1]),
        .redirect_status = (uint16_t)db_sql_uint(&columns[2]),
        .flags = (uint16_t)db_sql_uint(&columns[3]),
        .starts_at = db_sql_int(&columns[4]),
        .expires_at = db_sql_int(&columns[5]),
        .max_clicks = db_sql_uint(&columns[6]),
        .long_url = db_sql_bytes(&columns[7]),
    };
    return false;
}

static bool read_link(void *context, const struct sql_value *columns, unsigned n)
{
    struct link *link = context;
    read_target(&link->target, columns, n);
    link->code = db_sql_bytes(&columns[8]);
    link->code_is_alias = db_sql_uint(&columns[9]) != 0;
    link->title = db_sql_bytes(&columns[10]);
    link->owner_id = (uint32_t)db_sql_uint(&columns[11]);
    link->owner = db_sql_bytes(&columns[12]);
    link->created_at = db_sql_int(&columns[13]);
    link->updated_at = db_sql_int(&columns[14]);
    link->clicks = db_sql_uint(&columns[15]);
    return false;
}

enum db_result db_sql_resolve(struct db *base, struct slice code, struct arena *arena,
                              struct target *out, struct error *err)
{
    const struct sql_query query = {
        .id = STATEMENT_RESOLVE, .row = read_target, .context = out, .arena = arena
    };
    return find_by_code(base, code, query, err);
}

enum db_result db_sql_link_find(struct db *base, struct slice code, struct arena *arena,
                                struct link *out, struct error *err)
{
    const struct sql_query query = {
        .id = STATEMENT_LINK_FIND, .row = read_link, .context = out, .arena = arena
    };
    return find_by_code(base, code, query, err);
}

/* --- storing -----------------------------------------------------------------------------------
 */

static enum sql_result insert_code(struct db_sql *db, const struct link *link, struct error *err)
{
    const struct sql_value params[] = {
        sql_uint(DB_DOMAIN_DEFAULT),
        sql_bytes(link->code),
        sql_uint(link->target.link_id),
    };
    const struct sql_query query = { .id = STATEMENT_CODE_INSERT, .params = params, .n_params = 3 };
    return sql_run(db->sql, &query, NULL, err);
}

static struct sql_value int_or_null(int64_t value)
{
    return value ? sql_int(value) : sql_null();
}

/* A duplicate here is an id that was given out twice, which no retry cures. */
static enum sql_result insert_link(struct db_sql *db, const struct link *link, struct error *err)
{
    const struct target *target = &link->target;
    const struct sql_value params[] = {
        sql_uint(target->link_id),
        sql_uint(url_hash(link->owner_id, target->long_url)),
        sql_uint(link->owner_id),
        sql_uint(target->version),
        sql_uint(target->redirect_status),
        sql_uint(target->flags),
        sql_int(link->created_at),
        sql_int(link->updated_at),
        int_or_null(target->starts_at),
        int_or_null(target->expires_at),
        target->max_clicks ? sql_uint(target->max_clicks) : sql_null(),
        sql_uint(link->code_is_alias),
        sql_bytes(link->code),
        link->title.len ? sql_bytes(link->title) : sql_null(),
        sql_bytes(target->long_url),
    };
    const struct sql_query query = {
        .id = STATEMENT_LINK_INSERT,
        .params = params,
        .n_params = sizeof(params) / sizeof(*params),
    };
    enum sql_result result = sql_run(db->sql, &query, NULL, err);
    return result == SQL_DUPLICATE ? SQL_ERROR : result;
}

/* The code first: when somebody else has it, nothing else was written. */
static enum sql_result insert_once(struct db_sql *db, const struct link *link, struct error *err)
{
    enum sql_result result = sql_begin(db->sql, err);
    if (result != SQL_OK)
        return result;
    result = insert_code(db, link, err);
    if (result == SQL_OK)
        result = insert_link(db, link, err);
    if (result == SQL_OK)
        return sql_commit(db->sql, err);
    sql_rollback(db->sql);
    return result;
}

static bool read_id(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    *(uint64_t *)context = db_sql_uint(&columns[0]);
    return false;
}

/* Whose the taken code is: DB_OK when it is this link's own, stored by an earlier try whose answer
 * was lost; DB_TAKEN when it is another's; DB_MISSING when it was given up just now. */
static enum db_result look_up_taken(struct db_sql *db, const struct link *link, struct error *err)
{
    uint64_t link_id = 0;
    const struct sql_query query = { .id = STATEMENT_CODE_FIND,
                                     .row = read_id,
                                     .context = &link_id };
    enum db_result result = find_by_code(&db->db, link->code, query, err);
    if (result != DB_OK)
        return result;
    return link_id == link->target.link_id ? DB_OK : DB_TAKEN;
}

/* A try whose answer was lost may have happened or may even be under way on the server. Trying
 * again settles it: the insert of the code waits for the earlier transaction to end, and then
 * either succeeds or meets its row. */
enum db_result db_sql_link_insert(struct db *base, const struct link *link,
                                  const struct idempotency *key, struct error *err)
{
    (void)key;
    struct db_sql *db = db_sql_of(base);
    struct db_sql_tries tries = db_sql_tries_start();
    for (;;) {
        enum sql_result result = insert_once(db, link, err);
        if (result == SQL_DUPLICATE) {
            enum db_result taken = look_up_taken(db, link, err);
            if (taken != DB_MISSING)
                return taken;
            result = SQL_RETRY;
        }
        if (result == SQL_OK || !db_sql_again(&tries, result))
            return db_sql_result(result);
    }
}
