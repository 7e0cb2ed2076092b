/* SPDX-License-Identifier: MIT */
/* The tags of an owner's links: listing and renaming, in SQL. */
#include "db/db_sql_private.h"

/* --- listing --- */

static bool read_tag(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    *(struct slice *)context = db_sql_bytes(&columns[0]);
    return false;
}

/* Reads the owner's next tag after `after` with the number of its links; DB_MISSING: that was the
 * last. A tag that disappears meanwhile has 0 links. */
static enum db_result tag_next(struct db *db, const struct tag_query *query, struct arena *arena,
                               struct tag_count *out, struct error *err)
{
    struct sql_value owner = sql_uint(query->owner_id);
    enum db_result result = db_sql_find_here(
        db, SQL_READ(TAG_NEXT, read_tag, &out->tag, arena, owner, sql_bytes(query->after)), err);
    if (result != DB_OK)
        return result;
    struct sql_value tag = sql_bytes(out->tag);
    result = db_sql_find_here(db, SQL_WRITE(TAG_BEYOND, owner, tag, sql_uint(DB_TAG_LINKS_MAX - 1)),
                              err);
    if (result == DB_MISSING) /* fewer: count them */
        return db_sql_find_here(
            db, SQL_READ(TAG_COUNT, db_sql_read_uint, &out->links, NULL, owner, tag), err);
    out->links = DB_TAG_LINKS_MAX;
    return result;
}

/* Tag by tag, each by three look-ups: one statement would count millions of links. */
enum db_result db_tag_list(struct db *db, const struct tag_query *query, struct arena *arena,
                           struct tag_page *out, struct error *err)
{
    struct tag_query rest = *query;
    *out = (struct tag_page){ 0 };
    if (query->limit > 0 && query->limit <= DB_TAGS_MAX)
        out->tags = arena_alloc(arena, sizeof(*out->tags) * query->limit);
    if (!out->tags) {
        error_set(err, "cannot list %u tags on a page", query->limit);
        return DB_FAILED;
    }
    for (;;) {
        struct tag_count tag = { { NULL, 0 }, 0 };
        enum db_result result = tag_next(db, &rest, arena, &tag, err);
        if (result != DB_OK)
            return result == DB_MISSING ? DB_OK : result;
        out->more = out->n == query->limit;
        if (out->more)
            return DB_OK;
        if (tag.links)
            out->tags[out->n++] = tag;
        rest.after = tag.tag;
    }
}

/* --- renaming --- */

enum {
    TAG_LEAD_MAX = 3, /* parameters of a statement before the ids */
};

struct tag_batch {
    struct db_sql_tx tx;
    const struct tag_rename *rename;
    struct sql_value params[TAG_LEAD_MAX + DB_OWNED_MAX]; /* the last are the links' ids */
    unsigned n;
    bool more;
};

/* A sql_row that collects the first column, an id. */
static bool tag_read_id(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct tag_batch *batch = context;
    if (batch->n < DB_OWNED_MAX)
        batch->params[TAG_LEAD_MAX + batch->n++] = sql_uint(db_sql_uint(&columns[0]));
    return true;
}

/* Runs a statement with `lead` parameters before the ids. */
static enum sql_result tag_run(struct tag_batch *batch, enum statement_id id,
                               const struct sql_value *first, unsigned lead)
{
    struct sql_value *params = batch->params + TAG_LEAD_MAX - lead;
    memcpy(params, first, sizeof(*first) * lead);
    const struct sql_query query = {
        .id = id, .params = params, .n_params = lead + batch->n, .rows = batch->n
    };
    return db_sql_tx_run(&batch->tx, &query);
}

/* Locks the links of the batch; those that belong to another owner by now leave it. */
static enum sql_result tag_lock(struct tag_batch *batch)
{
    unsigned n = batch->n;
    struct sql_value *params = db_sql_tx_alloc(&batch->tx, n + 1, sizeof(*params));
    if (!params)
        return SQL_ERROR;
    params[0] = sql_uint(batch->rename->owner_id);
    memcpy(params + 1, batch->params + TAG_LEAD_MAX, n * sizeof(*params));
    batch->n = 0;
    const struct sql_query query = { .id = STATEMENT_LINK_LOCK_OWNED,
                                     .params = params,
                                     .n_params = n + 1,
                                     .rows = n,
                                     .row = tag_read_id,
                                     .context = batch,
                                     .arena = batch->tx.arena };
    return db_sql_tx_run(&batch->tx, &query);
}

static enum sql_result tag_rename_batch(void *context)
{
    struct tag_batch *batch = context;
    const struct tag_rename *rename = batch->rename;
    const struct sql_value owner = sql_uint(rename->owner_id);
    const struct sql_value both[] = { sql_bytes(rename->to), sql_bytes(rename->from) };
    const struct sql_value change[] = { owner, sql_uint(1), sql_int(rename->now) };
    batch->n = 0;
    enum sql_result result =
        db_sql_tx_run(&batch->tx, SQL_READ(TAG_LINKS, tag_read_id, batch, batch->tx.arena, owner,
                                           both[1], sql_uint(DB_OWNED_MAX)));
    batch->more = batch->n == DB_OWNED_MAX;
    if (result == SQL_OK && batch->n > 0)
        result = tag_lock(batch);
    if (result != SQL_OK || batch->n == 0)
        return result;
    result = tag_run(batch, STATEMENT_TAG_COPY, both, 2);
    if (result == SQL_OK)
        result = tag_run(batch, STATEMENT_TAG_DROP, both + 1, 1);
    return result == SQL_OK ? tag_run(batch, STATEMENT_LINK_GIVE, change, 3) : result;
}

enum db_result db_tag_rename(struct db *db, const struct tag_rename *rename,
                             struct tag_renamed *out, struct error *err)
{
    struct tag_batch batch = { .tx = { .db = db, .err = err }, .rename = rename };
    enum db_result result = db_sql_transact_once(&batch.tx, tag_rename_batch, &batch);
    *out = (struct tag_renamed){ result == DB_OK ? batch.n : 0, batch.more };
    return result;
}
