/* SPDX-License-Identifier: MIT */
/* Changing and deleting links in SQL. Each transaction locks the link's row first, so that changes
 * of one link are serialised and do not deadlock. */
#include "db/db_sql_private.h"

#include "link/alias.h"
#include "link/link_fields.h"

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
    struct db_sql_tx tx;
    uint64_t link_id;
    uint32_t version;        /* the expected version; 0: any */
    const struct link *link; /* the new state; NULL: delete the link */
    struct slice new_alias;  /* to be added; empty: none */
    const struct author *by; /* of a change of the destination; NULL: it is not in the history */
    struct slice old_alias;  /* to be removed */
};

/* A change that makes the stored link equal to `link`, whose version it expects. */
static struct change change_of(struct db *db, const struct link *link, struct error *err)
{
    return (struct change){
        .tx = { .db = db, .err = err },
        .link_id = link->target.link_id,
        .version = link->target.version,
        .link = link,
    };
}

/* Locks the link's row. Refuses when the link does not exist or has another version. */
static enum sql_result change_lock(struct change *change, struct db_sql_link_row *out)
{
    bool found = false;
    enum sql_result result = db_sql_tx_find(
        &change->tx,
        SQL_READ(LINK_LOCK, db_sql_read_link_row, out, change->tx.arena, sql_uint(change->link_id)),
        &found);
    if (result == SQL_OK && !found)
        return db_sql_refuse(&change->tx, DB_MISSING);
    if (result == SQL_OK && change->version != 0 && out->version != change->version)
        return db_sql_refuse(&change->tx, DB_STALE);
    return result;
}

/* Locks the link's row, and keeps the change for caches in front. */
static enum sql_result change_begin(struct change *change, struct db_sql_link_row *out)
{
    enum sql_result result = change_lock(change, out);
    return result == SQL_OK ? db_sql_keep_change(&change->tx, out, 1) : result;
}

/* Runs the transaction. If the answer of a try was lost and the link has another version now, the
 * change was done by that try where `is_result` says that the stored link is its result. */
static enum db_result change_run(struct change *change, db_sql_body *body,
                                 bool (*is_result)(const struct change *, const struct link *))
{
    struct db_sql_tx *tx = &change->tx;
    enum db_result result = db_sql_transact(tx, body, change);
    struct link stored;
    if (result == DB_STALE && tx->lost &&
        db_link_find_id(tx->db, change->link_id, tx->arena, &stored, tx->err) == DB_OK &&
        is_result(change, &stored))
        result = DB_OK;
    arena_free(&tx->arena);
    return result;
}

/* --- changing --- */

/* Must be called before the row is updated. */
static enum sql_result add_history(struct change *change)
{
    const struct link *link = change->link;
    const struct sql_value new_url = sql_bytes(link->target.long_url);
    if (!change->by)
        return SQL_OK;
    return db_sql_tx_run(&change->tx,
                         SQL_WRITE(HISTORY_ADD, sql_uint(link->target.version + 1),
                                   sql_int(link->updated_at), sql_uint(change->by->key_id),
                                   sql_bytes(change->by->user), new_url, sql_uint(change->link_id),
                                   new_url));
}

static enum sql_result update_row(struct change *change)
{
    const struct link *link = change->link;
    const struct target *target = &link->target;
    return db_sql_tx_run(
        &change->tx,
        SQL_WRITE(LINK_UPDATE, sql_uint(target->redirect_status), sql_uint(target->flags),
                  sql_int(link->updated_at), db_sql_or_null(target->starts_at),
                  db_sql_or_null(target->expires_at),
                  target->max_clicks ? sql_uint(target->max_clicks) : sql_null(),
                  db_sql_bytes_or_null(link->title), db_sql_bytes_or_null(link->expired_url),
                  db_sql_bytes_or_null(link->not_started_url), sql_bytes(target->long_url),
                  sql_uint(change->link_id)));
}

/* Updates the link's row in link_expiry. */
static enum sql_result move_expiry(struct change *change, const struct db_sql_link_row *row)
{
    struct sql_value id = sql_uint(change->link_id);
    int64_t expires_at = change->link->target.expires_at;
    enum sql_result result = SQL_OK;
    if (expires_at == row->expires_at)
        return SQL_OK;
    if (row->expires_at)
        result =
            db_sql_tx_run(&change->tx, SQL_WRITE(LINK_EXPIRY_DELETE, sql_int(row->expires_at), id));
    if (result == SQL_OK && expires_at)
        result = db_sql_tx_run(&change->tx, SQL_WRITE(LINK_EXPIRY_ADD, sql_int(expires_at), id));
    return result;
}

/* Replaces the words of the title. */
static enum sql_result replace_words(struct change *change, const struct db_sql_link_row *row)
{
    struct db_sql_title title = db_sql_title_of(row);
    if (slice_eq(title.text, change->link->title))
        return SQL_OK;
    enum sql_result result = db_sql_words_delete(&change->tx, &title);
    title.text = change->link->title;
    return result == SQL_OK ? db_sql_words_insert(&change->tx, &title) : result;
}

static enum sql_result replace_tags(struct change *change, const struct db_sql_link_row *row)
{
    enum sql_result result =
        db_sql_tx_run(&change->tx, SQL_WRITE(TAG_DELETE, sql_uint(change->link_id)));
    struct link tagged = *change->link;
    tagged.owner_id = row->owner_id;
    if (result == SQL_OK && tagged.n_tags > 0)
        result = db_sql_insert_tags(&change->tx, &tagged);
    return result;
}

static enum sql_result change_add_limit(struct change *change)
{
    if (change->link->target.max_clicks == 0)
        return SQL_OK;
    return db_sql_tx_run(&change->tx,
                         SQL_WRITE(CLICK_LIMIT_ADD, sql_uint(change->link_id), sql_uint(0)));
}

/* Whether a taken code is an alias of this link, or its first code if that was chosen. */
static enum sql_result alias_is_mine(struct change *change, const struct db_sql_link_row *row,
                                     struct slice code, bool *mine)
{
    uint64_t link_id = 0;
    enum sql_result result =
        db_sql_tx_run(&change->tx, SQL_READ(CODE_FIND, db_sql_read_uint, &link_id, NULL,
                                            sql_uint(DB_DOMAIN_DEFAULT), sql_bytes(code)));
    bool generated = !change->link->code_is_alias && slice_eq(row->code, code);
    *mine = link_id == change->link_id && !generated;
    return result;
}

static enum sql_result change_insert_code(struct change *change, const struct db_sql_link_row *row,
                                          struct slice code)
{
    enum sql_result result =
        db_sql_tx_run(&change->tx, SQL_WRITE(CODE_INSERT, sql_uint(DB_DOMAIN_DEFAULT),
                                             sql_bytes(code), sql_uint(change->link_id)));
    if (result != SQL_DUPLICATE)
        return result;
    bool mine = false;
    result = alias_is_mine(change, row, code, &mine);
    return result == SQL_OK && !mine ? db_sql_refuse(&change->tx, DB_TAKEN) : result;
}

static enum sql_result change_add_lowered(struct change *change, const struct db_sql_link_row *row,
                                          struct slice lower)
{
    enum sql_result result = change_insert_code(change, row, lower);
    if (result != SQL_OK)
        return result;
    return db_sql_tx_run(&change->tx, SQL_WRITE(ALIAS_LOWER, sql_uint(change->link_id),
                                                sql_bytes(lower), sql_uint(row->owner_id)));
}

static enum sql_result change_add_alias(struct change *change, const struct db_sql_link_row *row)
{
    if (change->new_alias.len == 0)
        return SQL_OK;
    enum sql_result result = change_insert_code(change, row, change->new_alias);
    if (result != SQL_OK)
        return result;
    result = db_sql_tx_run(
        &change->tx, SQL_WRITE(ALIAS_RENEW, sql_uint(change->link_id), sql_bytes(change->new_alias),
                               sql_uint(row->owner_id), sql_uint(change->link_id)));
    struct slice lower = alias_lower(change->new_alias, change->tx.arena);
    if (result != SQL_OK || !lower.at || !link_has_lowered(change->link, lower))
        return lower.at ? result : SQL_ERROR;
    return change_add_lowered(change, row, lower);
}

/* Must be called first: the rows written later have the new owner. */
static enum sql_result change_owner(struct change *change, struct db_sql_link_row *row)
{
    const struct db_sql_transfer transfer = {
        .links = row, .n = 1, .to = change->link->owner_id, .now = change->link->updated_at
    };
    if (row->owner_id == transfer.to)
        return SQL_OK;
    enum sql_result result = db_sql_transfer(&change->tx, &transfer);
    row->owner_id = transfer.to;
    return result;
}

static enum sql_result change_update(void *context)
{
    struct change *change = context;
    struct db_sql_link_row row = { 0 };
    enum sql_result result = change_begin(change, &row);
    if (result == SQL_OK)
        result = change_owner(change, &row);
    if (result == SQL_OK)
        result = change_add_alias(change, &row);
    if (result == SQL_OK)
        result = add_history(change);
    if (result == SQL_OK)
        result = update_row(change);
    if (result == SQL_OK)
        result = move_expiry(change, &row);
    if (result == SQL_OK)
        result = replace_words(change, &row);
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
    const struct link *want = change->link;
    bool alias = change->new_alias.len == 0 ||
                 (stored->n_aliases > 0 &&
                  slice_eq(stored->aliases[stored->n_aliases - 1], change->new_alias));
    bool done = alias && stored->target.version == want->target.version + 1 &&
                stored->owner_id == want->owner_id && stored->updated_at == want->updated_at &&
                change_same_tags(stored, want);
    for (unsigned i = 0; i < LINK_FIELDS && done; i++) {
        if (link_field_rows[i].is_settable && i != FIELD_TAGS)
            done = link_field_equal(stored, want, (enum link_field)i);
    }
    return done;
}

enum db_result db_link_update(struct db *db, const struct link *link, struct slice new_alias,
                              const struct author *by, struct error *err)
{
    struct change change = change_of(db, link, err);
    change.new_alias = new_alias;
    change.by = by;
    return change_run(&change, change_update, is_done);
}

/* --- history --- */

struct history_read {
    struct history_page *page;
    unsigned limit;
};

static bool read_next_change(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct history_read *read = context;
    struct history_page *page = read->page;
    page->more = page->n == read->limit;
    if (page->more)
        return false;
    struct destination_change *change = &page->changes[page->n++];
    *change = (struct destination_change){ .version = 0 };
    READ_COLUMNS(HISTORY_COLUMNS, change, columns);
    return true;
}

enum db_result db_history_list(struct db *db, const struct history_query *query,
                               struct arena *arena, struct history_page *out, struct error *err)
{
    *out = (struct history_page){ 0 };
    if (query->limit > 0 && query->limit <= DB_HISTORY_MAX)
        out->changes = arena_alloc(arena, sizeof(*out->changes) * query->limit);
    if (!out->changes) {
        error_set(err, "cannot list %u changes on a page", query->limit);
        return DB_FAILED;
    }
    struct history_read read = { .page = out, .limit = query->limit };
    const uint64_t below = query->below_version ? query->below_version : UINT64_MAX;
    return db_sql_read(db,
                       SQL_READ(HISTORY_LIST, read_next_change, &read, arena,
                                sql_uint(query->link_id), sql_uint(below),
                                sql_uint(query->limit + 1)),
                       err);
}

/* --- removing an alias --- */

static enum sql_result change_drop_code(struct change *change, struct slice code)
{
    return db_sql_tx_run(&change->tx, SQL_WRITE(CODE_RETURN, sql_uint(DB_DOMAIN_DEFAULT),
                                                sql_bytes(code), sql_uint(change->link_id)));
}

/* Removes the code of the removed alias, and its lower-case form, unless the link still has them.
 */
static enum sql_result change_drop_codes(struct change *change, const struct db_sql_link_row *row)
{
    const struct link *link = change->link;
    struct slice lower = alias_lower(change->old_alias, change->tx.arena);
    enum sql_result result = link_has_lowered(link, change->old_alias)
                                 ? change_add_lowered(change, row, change->old_alias)
                                 : change_drop_code(change, change->old_alias);
    if (!lower.at || result != SQL_OK)
        return lower.at ? result : SQL_ERROR;
    if (slice_eq(lower, change->old_alias) || slice_eq(lower, link->code) ||
        link_has_alias(link, lower) || link_has_lowered(link, lower))
        return SQL_OK;
    result = db_sql_tx_run(&change->tx,
                           SQL_WRITE(ALIAS_REMOVE, sql_uint(change->link_id), sql_bytes(lower)));
    return result == SQL_OK ? change_drop_code(change, lower) : result;
}

static enum sql_result change_remove_alias(void *context)
{
    struct change *change = context;
    const struct link *link = change->link;
    struct db_sql_link_row row = { 0 };
    bool found = false;
    enum sql_result result = change_begin(change, &row);
    if (result != SQL_OK)
        return result;
    result = db_sql_tx_find(
        &change->tx,
        SQL_WRITE(ALIAS_REMOVE, sql_uint(change->link_id), sql_bytes(change->old_alias)), &found);
    if (result == SQL_OK)
        result = found ? change_drop_codes(change, &row) : db_sql_refuse(&change->tx, DB_MISSING);
    if (result != SQL_OK)
        return result;
    return db_sql_tx_run(&change->tx, SQL_WRITE(LINK_RECODE, sql_int(link->updated_at),
                                                sql_bytes(link->code), sql_uint(change->link_id)));
}

static bool alias_is_gone(const struct change *change, const struct link *stored)
{
    return stored->target.version == change->version + 1 &&
           !link_has_alias(stored, change->old_alias);
}

enum db_result db_alias_delete(struct db *db, const struct link *link, struct slice alias,
                               struct error *err)
{
    struct change change = change_of(db, link, err);
    change.old_alias = alias;
    return change_run(&change, change_remove_alias, alias_is_gone);
}

/* --- lower-case forms --- */

static enum sql_result change_lower_alias(void *context)
{
    struct change *change = context;
    struct db_sql_link_row row = { 0 };
    enum sql_result result = change_lock(change, &row);
    return result == SQL_OK ? change_add_lowered(change, &row, change->new_alias) : result;
}

enum db_result db_alias_lower(struct db *db, const struct link *link, struct slice lower,
                              struct error *err)
{
    struct change change = change_of(db, link, err);
    change.new_alias = lower;
    return db_sql_transact_once(&change.tx, change_lower_alias, &change);
}

/* --- deleting --- */

static enum sql_result change_delete(void *context)
{
    struct change *change = context;
    struct db_sql_link_row row = { 0 };
    enum sql_result result = change_begin(change, &row);
    return result == SQL_OK ? db_sql_remove(&change->tx, &row, 1) : result;
}

enum db_result db_link_delete(struct db *db, uint64_t link_id, uint32_t version, struct error *err)
{
    struct change change = {
        .tx = { .db = db, .err = err, .mode = TX_ROLLUP_LOCK_AFTER_DEADLOCK },
        .link_id = link_id,
        .version = version,
    };
    enum db_result result = db_sql_transact_once(&change.tx, change_delete, &change);
    return result == DB_MISSING && change.tx.lost ? DB_OK : result;
}

/* --- using --- */

enum db_result db_link_use(struct db *db, uint64_t link_id, uint64_t max_clicks, struct error *err)
{
    const struct sql_query *use =
        SQL_WRITE(CLICK_LIMIT_USE, sql_uint(link_id), sql_uint(max_clicks));
    struct sql_done done = { 0 };
    bool ran = false;
    enum db_result result = db_sql_write(db, use, &done, err);
    if (result == DB_OK && done.affected == 0) /* the link may be new, made on another node */
        result = db_sql_result(db_sql_run_caught_up(db, use, &done, &ran, err));
    return result == DB_OK && done.affected == 0 ? DB_MISSING : result;
}
