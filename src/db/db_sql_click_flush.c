/* SPDX-License-Identifier: MIT */
/* Flushing a batch of clicks in SQL, in one transaction: the roll-ups of each link and day, the
 * totals of links and owners, the series of owners, and the batch and positions of the source. */
#include "db/db_sql_private.h"

#include <stdlib.h>

enum {
    OWNERS_AT_ONCE = 500, /* links per statement */
};

/* What a batch adds to one link and day; later, to one link; finally, to one owner. */
struct touched {
    uint64_t link_id;
    struct db_sql_sums sums; /* the increase; `links` is not used */
    uint64_t events;
    uint32_t rows;
    uint32_t owner_id;
    bool exists;
};

struct flushing {
    struct db_sql_tx tx;
    const struct click_flush *flush;
    const struct click_group *groups;
    size_t n_groups;
    struct db_sql_roll *rolls;        /* room for 2 * n_groups */
    const struct click_group **parts; /* likewise */
    struct touched *touched;
    size_t n;
    struct click_flushed done;
};

/* --- the roll-ups --- */

/* A roll-up for each link and day of the batch. */
static enum sql_result roll_links(struct flushing *flushing)
{
    struct db_sql_roll *rolls = flushing->rolls;
    for (size_t i = 0; i < flushing->n_groups; i++) {
        flushing->parts[i] = &flushing->groups[i];
        rolls[i] = (struct db_sql_roll){ .link_id = flushing->groups[i].link_id,
                                         .day = flushing->groups[i].day,
                                         .groups = { &flushing->parts[i], 1 } };
    }
    enum sql_result result = db_sql_roll_up(&flushing->tx, rolls, flushing->n_groups);
    flushing->n = flushing->n_groups;
    for (size_t i = 0; i < flushing->n; i++)
        flushing->touched[i] = (struct touched){ .link_id = rolls[i].link_id,
                                                 .sums = rolls[i].gained,
                                                 .events = rolls[i].groups.at[0]->n,
                                                 .rows = 1 };
    return result;
}

/* --- the totals --- */

static int by_link(const void *a, const void *b)
{
    uint64_t left = ((const struct touched *)a)->link_id;
    uint64_t right = ((const struct touched *)b)->link_id;
    return (left > right) - (left < right);
}

static void add_sums(struct touched *to, const struct touched *more)
{
    to->sums.clicks += more->sums.clicks;
    to->sums.visitors += more->sums.visitors;
    to->sums.bots += more->sums.bots;
    to->events += more->events;
    to->rows += more->rows;
}

/* Sorts by `order`, and adds up the elements that are equal by it. */
static void unite(struct flushing *flushing, int (*order)(const void *, const void *))
{
    struct touched *all = flushing->touched;
    qsort(all, flushing->n, sizeof(*all), order);
    size_t n = 0;
    for (size_t i = 0; i < flushing->n; i++) {
        if (n > 0 && order(&all[n - 1], &all[i]) == 0)
            add_sums(&all[n - 1], &all[i]);
        else
            all[n++] = all[i];
    }
    flushing->n = n;
}

static bool click_flush_read_owner(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    const struct flushing *flushing = context;
    struct touched key;
    READ_COLUMNS(LINK_OWNER_COLUMNS, &key, columns);
    struct touched *link =
        bsearch(&key, flushing->touched, flushing->n, sizeof(*flushing->touched), by_link);
    if (link) {
        link->exists = true;
        link->owner_id = key.owner_id;
    }
    return true;
}

/* Deletes the roll-ups just stored of links that do not exist. */
static enum sql_result forget(const struct flushing *flushing, struct sql_value *ids, unsigned n)
{
    const struct sql_query query = {
        .id = STATEMENT_CLICK_ROLLUP_DELETE, .params = ids, .n_params = n, .rows = n
    };
    return n > 0 ? db_sql_tx_run(&flushing->tx, &query) : SQL_OK;
}

/* Lists the links among `n` that no owner was found for; returns their number. */
static unsigned list_without_owner(const struct touched *links, unsigned n, struct sql_value *ids)
{
    unsigned found = 0;
    for (unsigned i = 0; i < n; i++) {
        if (!links[i].exists)
            ids[found++] = sql_uint(links[i].link_id);
    }
    return found;
}

/* Reads the owners of links in one of two tables. */
static enum sql_result read_owners(struct flushing *flushing, enum statement_id id,
                                   const struct sql_value *ids, unsigned n)
{
    const struct sql_query query = {
        .id = id,
        .params = ids,
        .n_params = n,
        .rows = n,
        .row = click_flush_read_owner,
        .context = flushing,
    };
    return n > 0 ? db_sql_tx_run(&flushing->tx, &query) : SQL_OK;
}

/* Reads and locks the owners of the next links, also of deleted links that can be restored.
 * Existing links cannot be deleted until the end of the transaction, and deletions in progress are
 * waited for: so no roll-up remains without its link. */
static enum sql_result find_owners(struct flushing *flushing, size_t from, unsigned n)
{
    struct sql_value ids[OWNERS_AT_ONCE];
    for (unsigned i = 0; i < n; i++)
        ids[i] = sql_uint(flushing->touched[from + i].link_id);
    enum sql_result result = read_owners(flushing, STATEMENT_LINK_OWNERS, ids, n);
    const struct touched *links = &flushing->touched[from];
    unsigned n_deleted = list_without_owner(links, n, ids);
    if (result == SQL_OK)
        result = read_owners(flushing, STATEMENT_DELETED_OWNERS, ids, n_deleted);
    n_deleted = list_without_owner(links, n, ids);
    return result == SQL_OK ? forget(flushing, ids, n_deleted) : result;
}

static enum sql_result find_all_owners(struct flushing *flushing)
{
    enum sql_result result = SQL_OK;
    for (size_t at = 0; at < flushing->n && result == SQL_OK; at += OWNERS_AT_ONCE) {
        size_t left = flushing->n - at;
        result = find_owners(flushing, at, left < OWNERS_AT_ONCE ? (unsigned)left : OWNERS_AT_ONCE);
    }
    return result;
}

/* Removes the links that do not exist, and counts the events of the others. */
static void drop_deleted(struct flushing *flushing)
{
    struct click_flushed *done = &flushing->done;
    size_t n = 0;
    for (size_t i = 0; i < flushing->n; i++) {
        const struct touched *link = &flushing->touched[i];
        if (!link->exists) {
            done->dropped += link->events;
            continue;
        }
        done->clicks += (uint64_t)link->sums.clicks;
        done->bots += (uint64_t)link->sums.bots;
        done->rows += link->rows;
        flushing->touched[n++] = *link;
    }
    flushing->n = n;
}

static enum sql_result add_link_totals(struct flushing *flushing)
{
    const struct db_sql_tx *tx = &flushing->tx;
    struct db_sql_many many = db_sql_many_start(tx, STATEMENT_CLICK_TOTAL_ADD);
    for (size_t i = 0; i < flushing->n; i++) {
        const struct touched *link = &flushing->touched[i];
        db_sql_many_add(&many, sql_uint(link->link_id), sql_int(link->sums.clicks),
                        sql_int(link->sums.visitors), sql_int(link->sums.bots));
    }
    return db_sql_many_end(&many);
}

static int by_owner(const void *a, const void *b)
{
    uint32_t left = ((const struct touched *)a)->owner_id;
    uint32_t right = ((const struct touched *)b)->owner_id;
    return (left > right) - (left < right);
}

static enum sql_result add_owner_totals(struct flushing *flushing)
{
    const struct db_sql_tx *tx = &flushing->tx;
    struct db_sql_many many = db_sql_many_start(tx, STATEMENT_TOTAL_ADD);
    unite(flushing, by_owner);
    for (size_t i = 0; i < flushing->n; i++)
        db_sql_total_add(&many, flushing->touched[i].owner_id, DB_SQL_CLICK_SHARD,
                         &flushing->touched[i].sums);
    return db_sql_many_end(&many);
}

/* --- the series of owners --- */

/* Lists each group of an existing link for its owner's series, and for that of everybody. */
static size_t list_series(const struct flushing *flushing)
{
    size_t n = 0;
    for (size_t i = 0; i < flushing->n_groups; i++) {
        const struct touched key = { .link_id = flushing->groups[i].link_id };
        const struct touched *link =
            bsearch(&key, flushing->touched, flushing->n, sizeof(*flushing->touched), by_link);
        if (!link)
            continue;
        const struct db_sql_roll roll = { .link_id = click_series_id(DB_OWNER_ANY),
                                          .day = flushing->groups[i].day,
                                          .group = &flushing->groups[i] };
        flushing->rolls[n++] = roll;
        if (link->owner_id) {
            flushing->rolls[n] = roll;
            flushing->rolls[n++].link_id = click_series_id(link->owner_id);
        }
    }
    return n;
}

/* Unites the listed groups of one series and day to one roll-up each. */
static size_t unite_series(struct flushing *flushing, size_t n)
{
    struct db_sql_roll *rolls = flushing->rolls;
    size_t united = 0;
    qsort(rolls, n, sizeof(*rolls), db_sql_roll_order);
    for (size_t i = 0; i < n; i++) {
        flushing->parts[i] = rolls[i].group;
        if (united == 0 || db_sql_roll_order(&rolls[united - 1], &rolls[i]) != 0) {
            rolls[united] = rolls[i];
            rolls[united++].groups = (struct click_groups){ &flushing->parts[i], 0 };
        }
        rolls[united - 1].groups.n++;
    }
    return united;
}

static enum sql_result roll_series(struct flushing *flushing)
{
    size_t n = unite_series(flushing, list_series(flushing));
    return db_sql_roll_up(&flushing->tx, flushing->rolls, n);
}

/* Rows are locked in this order: roll-ups of links, links, totals of links, roll-ups of series,
 * totals of owners. The links are
 * locked late, so that changes of links do not wait for long. A deletion locks its link first and
 * then the roll-ups: if it deadlocks with a flush, the server rolls back the transaction that has
 * changed less, and the deletion then retries with the roll-up lock. */
static enum sql_result add_totals(struct flushing *flushing)
{
    arena_reset(flushing->tx.arena);
    unite(flushing, by_link);
    enum sql_result result = find_all_owners(flushing);
    if (result != SQL_OK)
        return result;
    drop_deleted(flushing);
    result = add_link_totals(flushing);
    if (result == SQL_OK)
        result = roll_series(flushing);
    return result == SQL_OK ? add_owner_totals(flushing) : result;
}

/* --- the source --- */

/* Refuses a batch that is not the source's next. */
static enum sql_result check_batch(struct flushing *flushing)
{
    const struct click_flush *flush = flushing->flush;
    struct db_sql_tx *tx = &flushing->tx;
    uint64_t last = 0;
    enum sql_result result = db_sql_tx_run(tx, SQL_READ(CLICK_SOURCE_FIND, db_sql_read_uint, &last,
                                                        tx->arena, sql_bytes(flush->source)));
    if (result != SQL_OK || last == flush->batch - 1)
        return result;
    error_set(tx->err, "the last batch of the click source is %llu, so this cannot be %llu",
              (unsigned long long)last, (unsigned long long)flush->batch);
    /* DB_REPEATED: it was stored by the try whose answer was lost. */
    return db_sql_refuse(tx, last == flush->batch && tx->lost ? DB_REPEATED : DB_STALE);
}

static enum sql_result store_source(const struct flushing *flushing)
{
    const struct click_flush *flush = flushing->flush;
    return db_sql_tx_run(&flushing->tx,
                         SQL_WRITE(CLICK_SOURCE_STORE, sql_bytes(flush->source),
                                   sql_uint(flush->batch), sql_bytes(flush->positions),
                                   sql_int(flush->now)));
}

/* --- the call --- */

static enum sql_result flush_batch(void *context)
{
    struct flushing *flushing = context;
    enum sql_result result = check_batch(flushing);
    if (result != SQL_OK)
        return result;
    flushing->done = (struct click_flushed){ 0 };
    result = roll_links(flushing);
    if (result == SQL_OK)
        result = add_totals(flushing);
    return result == SQL_OK ? store_source(flushing) : result;
}

static bool is_sound(const struct click_flush *flush)
{
    return flush->source.len == DB_SOURCE_BYTES && flush->batch > 0 && flush->n <= DB_CLICKS_MAX &&
           flush->positions.len <= DB_POSITIONS_MAX;
}

static bool click_flush_prepare(struct flushing *flushing)
{
    const struct click_flush *flush = flushing->flush;
    struct click_group *groups = NULL;
    if (!click_batch_group(flush->events, flush->n, flush->arena, &groups, &flushing->n_groups))
        return false;
    size_t n = flushing->n_groups;
    flushing->groups = groups;
    flushing->touched = arena_alloc(flush->arena, sizeof(*flushing->touched) * n);
    flushing->rolls = arena_alloc(flush->arena, sizeof(*flushing->rolls) * 2 * n);
    flushing->parts = arena_alloc(flush->arena, sizeof(void *) * 2 * n);
    return flushing->touched && flushing->rolls && flushing->parts;
}

enum db_result db_clicks_flush(struct db *db, const struct click_flush *click_flush,
                               struct click_flushed *out, struct error *err)
{
    *out = (struct click_flushed){ 0 };
    struct flushing flushing = {
        .tx = { .db = db, .err = err, .mode = TX_ROLLUP_LOCK },
        .flush = click_flush,
    };
    if (!is_sound(click_flush) || !click_flush_prepare(&flushing)) {
        error_set(err, "cannot store %zu clicks at once", click_flush->n);
        return DB_FAILED;
    }
    enum db_result result = db_sql_transact_once(&flushing.tx, flush_batch, &flushing);
    if (result == DB_REPEATED)
        result = DB_OK;
    if (result == DB_OK)
        *out = flushing.done;
    return result;
}
