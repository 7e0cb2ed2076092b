/* SPDX-License-Identifier: MIT */
/* Changing and deleting links in SQL. Each transaction locks the link's row first, so that changes
 * of one link are serialised and do not deadlock. */
#include "db/db_sql_private.h"

enum {
    SCRATCH_MAX = 4 << 20,
};

/* --- what both do --- */

bool db_sql_read_link_row(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct db_sql_link_row *row = context;
    READ_COLUMNS(LINK_ROW_COLUMNS, row, columns);
    return false;
}

/* One change of one link. */
struct change {
    struct db *db;
    uint64_t link_id;
    uint32_t version;        /* the expected version; 0: any */
    const struct link *link; /* the new state; NULL: delete the link */
    struct slice new_alias;
    struct arena *arena;
    struct error *err;
    enum db_result refusal; /* why nothing was done, when the server had no error */
    bool in_line;           /* take the roll-up lock first, because a roll-up transaction caused a
                             * deadlock */
};

/* Locks the link's row. Sets change->refusal when the link does not exist or has another
 * version. */
static enum sql_result change_lock(struct change *change, struct db_sql_link_row *out)
{
    const struct sql_value params[] = { sql_uint(change->link_id) };
    const struct sql_query query = {
        .id = STATEMENT_LINK_LOCK,
        .params = params,
        .n_params = 1,
        .row = db_sql_read_link_row,
        .context = out,
        .arena = change->arena,
    };
    struct sql_done done = { 0 };
    enum sql_result result = sql_run(change->db->sql, &query, &done, change->err);
    if (result == SQL_OK && done.affected == 0)
        change->refusal = DB_MISSING;
    else if (result == SQL_OK && change->version != 0 && out->version != change->version)
        change->refusal = DB_STALE;
    return result;
}

static enum sql_result begin(struct change *change)
{
    struct db_sql_rollup_tx rolling = { .db = change->db,
                                        .arena = change->arena,
                                        .err = change->err };
    return change->in_line ? db_sql_roll_begin(&rolling) : sql_begin(change->db->sql, change->err);
}

/* Runs `body` in a transaction; rolls it back on an error or a refusal. */
static enum sql_result transact(struct change *change,
                                enum sql_result (*body)(struct change *change))
{
    struct sql *sql = change->db->sql;
    arena_reset(change->arena);
    change->refusal = DB_OK;
    enum sql_result result = begin(change);
    if (result == SQL_OK)
        result = body(change);
    if (result == SQL_OK && change->refusal == DB_OK)
        return sql_commit(sql, change->err);
    sql_rollback(sql);
    return result;
}

/* Runs the change with retries; *lost is set when an answer was lost. */
static enum db_result change_settle(struct change *change,
                                    enum sql_result (*body)(struct change *change), bool *lost)
{
    struct db_sql_tries tries = db_sql_tries_start();
    enum sql_result result;
    do {
        result = transact(change, body);
        *lost |= result == SQL_LOST;
        change->in_line = result == SQL_RETRY && !change->link; /* only deletions lock the same
                                                                 * rows */
    } while (result != SQL_OK && db_sql_again(&tries, result));
    return result == SQL_OK ? change->refusal : db_sql_result(result);
}

/* --- changing --- */

static enum sql_result update_row(struct change *change)
{
    const struct link *link = change->link;
    const struct target *target = &link->target;
    const struct sql_value params[] = {
        sql_uint(target->redirect_status),
        sql_uint(target->flags),
        sql_int(link->updated_at),
        db_sql_or_null(target->starts_at),
        db_sql_or_null(target->expires_at),
        target->max_clicks ? sql_uint(target->max_clicks) : sql_null(),
        db_sql_bytes_or_null(link->title),
        sql_bytes(target->long_url),
        sql_uint(change->link_id),
    };
    const struct sql_query query = {
        .id = STATEMENT_LINK_UPDATE,
        .params = params,
        .n_params = sizeof(params) / sizeof(*params),
    };
    return sql_run(change->db->sql, &query, NULL, change->err);
}

static enum sql_result run_expiry(struct change *change, enum statement_id id, int64_t expires_at)
{
    const struct sql_value params[] = { sql_int(expires_at), sql_uint(change->link_id) };
    const struct sql_query query = { .id = id, .params = params, .n_params = 2 };
    return expires_at ? sql_run(change->db->sql, &query, NULL, change->err) : SQL_OK;
}

/* Updates the link's row in link_expiry. */
static enum sql_result move_expiry(struct change *change, const struct db_sql_link_row *row)
{
    int64_t expires_at = change->link->target.expires_at;
    if (expires_at == row->expires_at)
        return SQL_OK;
    enum sql_result result = run_expiry(change, STATEMENT_LINK_EXPIRY_DELETE, row->expires_at);
    return result == SQL_OK ? run_expiry(change, STATEMENT_LINK_EXPIRY_ADD, expires_at) : result;
}

static enum sql_result replace_tags(struct change *change, const struct db_sql_link_row *row)
{
    const struct sql_value params[] = { sql_uint(change->link_id) };
    const struct sql_query query = { .id = STATEMENT_TAG_DELETE, .params = params, .n_params = 1 };
    enum sql_result result = sql_run(change->db->sql, &query, NULL, change->err);
    struct link tagged = *change->link;
    tagged.owner_id = row->owner_id;
    if (result == SQL_OK && tagged.n_tags > 0)
        result = db_sql_insert_tags(change->db, &tagged, change->arena, change->err);
    return result;
}

static enum sql_result change_add_limit(struct change *change)
{
    if (change->link->target.max_clicks == 0)
        return SQL_OK;
    const struct sql_value params[] = { sql_uint(change->link_id), sql_uint(0) };
    const struct sql_query query = { .id = STATEMENT_CLICK_LIMIT_ADD,
                                     .params = params,
                                     .n_params = 2 };
    return sql_run(change->db->sql, &query, NULL, change->err);
}

/* Whether a taken code is an alias of this link, or its first code if that was chosen. */
static enum sql_result alias_is_mine(struct change *change, const struct db_sql_link_row *row,
                                     bool *mine)
{
    uint64_t link_id = 0;
    const struct sql_value params[] = { sql_uint(DB_DOMAIN_DEFAULT), sql_bytes(change->new_alias) };
    const struct sql_query query = {
        .id = STATEMENT_CODE_FIND,
        .params = params,
        .n_params = 2,
        .row = db_sql_read_uint,
        .context = &link_id,
    };
    enum sql_result result = sql_run(change->db->sql, &query, NULL, change->err);
    bool generated = !change->link->code_is_alias && slice_eq(row->code, change->new_alias);
    *mine = link_id == change->link_id && !generated;
    return result;
}

static enum sql_result claim_code(struct change *change, const struct db_sql_link_row *row)
{
    const struct sql_value params[] = { sql_uint(DB_DOMAIN_DEFAULT), sql_bytes(change->new_alias),
                                        sql_uint(change->link_id) };
    const struct sql_query query = { .id = STATEMENT_CODE_INSERT, .params = params, .n_params = 3 };
    enum sql_result result = sql_run(change->db->sql, &query, NULL, change->err);
    if (result != SQL_DUPLICATE)
        return result;
    bool mine = false;
    result = alias_is_mine(change, row, &mine);
    if (result == SQL_OK && !mine)
        change->refusal = DB_TAKEN;
    return result;
}

static enum sql_result change_add_alias(struct change *change, const struct db_sql_link_row *row)
{
    if (change->new_alias.len == 0)
        return SQL_OK;
    enum sql_result result = claim_code(change, row);
    if (result != SQL_OK || change->refusal != DB_OK)
        return result;
    const struct sql_value params[] = { sql_uint(change->link_id), sql_bytes(change->new_alias),
                                        sql_uint(row->owner_id), sql_uint(change->link_id) };
    const struct sql_query query = { .id = STATEMENT_ALIAS_RENEW, .params = params, .n_params = 4 };
    return sql_run(change->db->sql, &query, NULL, change->err);
}

/* Must be called first: the rows written later have the new owner. */
static enum sql_result change_owner(struct change *change, struct db_sql_link_row *row)
{
    const struct db_sql_gift gift = {
        .links = row, .n = 1, .to = change->link->owner_id, .now = change->link->updated_at
    };
    if (row->owner_id == gift.to)
        return SQL_OK;
    enum sql_result result = db_sql_give(change->db, &gift, change->arena, change->err);
    row->owner_id = gift.to;
    return result;
}

static enum sql_result update_once(struct change *change)
{
    struct db_sql_link_row row = { 0 };
    enum sql_result result = change_lock(change, &row);
    if (result != SQL_OK || change->refusal != DB_OK)
        return result;
    result = change_owner(change, &row);
    if (result == SQL_OK)
        result = change_add_alias(change, &row);
    if (result != SQL_OK || change->refusal != DB_OK)
        return result;
    result = update_row(change);
    if (result == SQL_OK)
        result = move_expiry(change, &row);
    if (result == SQL_OK)
        result = replace_tags(change, &row);
    return result == SQL_OK ? change_add_limit(change) : result;
}

static bool change_same_tags(const struct link *a, const struct link *b)
{
    if (a->n_tags != b->n_tags)
        return false;
    for (unsigned i = 0; i < a->n_tags; i++) {
        bool found = false;
        for (unsigned j = 0; j < b->n_tags && !found; j++)
            found = slice_eq(a->tags[i], b->tags[j]);
        if (!found)
            return false;
    }
    return true;
}

/* Whether `stored` is the result of the change. */
static bool is_done(const struct change *change, const struct link *stored)
{
    const struct target *have = &stored->target;
    const struct target *want = &change->link->target;
    bool target = have->version == want->version + 1 && slice_eq(have->long_url, want->long_url) &&
                  have->redirect_status == want->redirect_status && have->flags == want->flags &&
                  have->starts_at == want->starts_at && have->expires_at == want->expires_at &&
                  have->max_clicks == want->max_clicks;
    bool alias = change->new_alias.len == 0 ||
                 (stored->n_aliases > 0 &&
                  slice_eq(stored->aliases[stored->n_aliases - 1], change->new_alias));
    return target && alias && stored->owner_id == change->link->owner_id &&
           slice_eq(stored->title, change->link->title) &&
           stored->updated_at == change->link->updated_at && change_same_tags(stored, change->link);
}

enum db_result db_link_update(struct db *db, const struct link *link, struct slice new_alias,
                              struct error *err)
{
    struct change change = {
        .db = db,
        .link_id = link->target.link_id,
        .version = link->target.version,
        .link = link,
        .new_alias = new_alias,
        .arena = arena_new(SCRATCH_MAX),
        .err = err,
    };
    if (!change.arena) {
        error_set(err, "no memory for the change");
        return DB_FAILED;
    }
    bool lost = false;
    enum db_result result = change_settle(&change, update_once, &lost);
    struct link stored;
    if (result == DB_STALE && lost &&
        db_link_find_id(db, change.link_id, change.arena, &stored, err) == DB_OK &&
        is_done(&change, &stored))
        result = DB_OK; /* stored by the try whose answer was lost */
    arena_free(&change.arena);
    return result;
}

/* --- deleting --- */

static enum sql_result delete_once(struct change *change)
{
    struct db_sql_link_row row = { 0 };
    enum sql_result result = change_lock(change, &row);
    if (result != SQL_OK || change->refusal != DB_OK)
        return result;
    return db_sql_remove(change->db, &row, 1, change->arena, change->err);
}

enum db_result db_link_delete(struct db *db, uint64_t link_id, uint32_t version, struct error *err)
{
    struct change change = {
        .db = db,
        .link_id = link_id,
        .version = version,
        .arena = arena_new(SCRATCH_MAX),
        .err = err,
    };
    if (!change.arena) {
        error_set(err, "no memory for the deletion");
        return DB_FAILED;
    }
    bool lost = false;
    enum db_result result = change_settle(&change, delete_once, &lost);
    arena_free(&change.arena);
    return result == DB_MISSING && lost ? DB_OK : result;
}

/* --- using --- */

enum db_result db_link_use(struct db *db, uint64_t link_id, uint64_t max_clicks, struct error *err)
{
    struct sql_done done = { 0 };
    enum db_result result = db_sql_write(
        db, SQL_WRITE(CLICK_LIMIT_USE, sql_uint(link_id), sql_uint(max_clicks)), &done, err);
    return result == DB_OK && done.affected == 0 ? DB_MISSING : result;
}
