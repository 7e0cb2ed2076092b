/* SPDX-License-Identifier: MIT */
/* Storing links in SQL, one or many in a transaction: each exactly once, with all its rows. */
#include "db/db_sql_private.h"

#include <stdlib.h>

enum {
    SCRATCH_MAX = 1 << 20, /* bytes for the parameters of one link */
    IDEMPOTENCY_KEPT_S = 24 * 3600,
};

/* --- rows --- */

static bool is_among(struct slice code, const struct slice *codes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (slice_eq(codes[i], code))
            return true;
    }
    return false;
}

/* The codes of a link, each once: `code` first, then its other aliases and lower-case forms; NULL
 * when memory is out. */
static struct slice *insert_list_codes(const struct db_sql_tx *tx, const struct link *link,
                                       size_t *n)
{
    struct slice *codes =
        db_sql_tx_alloc(tx, link->n_aliases + link->n_lowered + 1, sizeof(*codes));
    if (!codes)
        return NULL;
    codes[0] = link->code;
    *n = 1;
    for (unsigned i = 0; i < link->n_aliases; i++) {
        if (!is_among(link->aliases[i], codes, *n))
            codes[(*n)++] = link->aliases[i];
    }
    for (unsigned i = 0; i < link->n_lowered; i++) {
        if (!is_among(link->lowered[i], codes, *n))
            codes[(*n)++] = link->lowered[i];
    }
    return codes;
}

static void add_link(struct db_sql_many *many, const struct link *link)
{
    const struct target *target = &link->target;
    db_sql_many_add(many, sql_uint(target->link_id), sql_uint(link->owner_id),
                    target->version == 1 ? sql_null() : sql_uint(target->version),
                    sql_uint(target->redirect_status), sql_uint(target->flags),
                    sql_int(link->created_at),
                    link->updated_at == link->created_at ? sql_null() : sql_int(link->updated_at),
                    db_sql_or_null(target->starts_at), db_sql_or_null(target->expires_at),
                    target->max_clicks ? sql_uint(target->max_clicks) : sql_null(),
                    sql_uint(link->code_is_alias), sql_bytes(link->code),
                    db_sql_bytes_or_null(link->title), db_sql_bytes_or_null(link->expired_url),
                    db_sql_bytes_or_null(link->not_started_url), sql_bytes(target->long_url));
}

static void add_alias(struct db_sql_many *many, const struct link *link, struct slice code,
                      unsigned number)
{
    db_sql_many_add(many, sql_uint(link->target.link_id), sql_bytes(code), sql_uint(number),
                    sql_uint(link->owner_id));
}

static void add_aliases(struct db_sql_many *many, const struct link *link)
{
    unsigned number = 0;
    if (link->code_is_alias && !is_among(link->code, link->aliases, link->n_aliases))
        add_alias(many, link, link->code, ++number);
    for (unsigned i = 0; i < link->n_aliases; i++)
        add_alias(many, link, link->aliases[i], ++number);
    for (unsigned i = 0; i < link->n_lowered; i++)
        add_alias(many, link, link->lowered[i], 0);
}

static void add_tags(struct db_sql_many *many, const struct link *link)
{
    for (unsigned i = 0; i < link->n_tags; i++)
        db_sql_many_add(many, sql_uint(link->target.link_id), sql_bytes(link->tags[i]),
                        sql_uint(link->owner_id));
}

static void add_expiry(struct db_sql_many *many, const struct link *link)
{
    if (link->target.expires_at)
        db_sql_many_add(many, sql_int(link->target.expires_at), sql_uint(link->target.link_id));
}

static void add_limit(struct db_sql_many *many, const struct link *link)
{
    if (link->target.max_clicks || link->used)
        db_sql_many_add(many, sql_uint(link->target.link_id), sql_uint(link->used));
}

/* Stores the clicks that an import brings with it. */
static void add_clicks(struct db_sql_many *many, const struct link *link)
{
    if (link->clicks)
        db_sql_many_add(many, sql_uint(link->target.link_id), sql_uint(link->clicks),
                        sql_uint(link->clicks));
}

static void add_words(struct db_sql_many *many, const struct link *link)
{
    const struct db_sql_title title = { link->target.link_id, link->owner_id, link->title };
    db_sql_words_add(many, &title);
}

/* A table, and the function that adds a link's rows to it. */
struct table_rows {
    enum statement_id id;
    void (*add)(struct db_sql_many *many, const struct link *link);
};

/* Stores all rows of links except their codes, keys and totals. */
static enum sql_result insert_links(const struct db_sql_tx *tx, const struct link *const *links,
                                    size_t n)
{
    static const struct table_rows tables[] = {
        { STATEMENT_LINK_INSERT, add_link },      { STATEMENT_LINK_EXPIRY_ADD, add_expiry },
        { STATEMENT_ALIAS_INSERT, add_aliases },  { STATEMENT_TAG_INSERT, add_tags },
        { STATEMENT_CLICK_LIMIT_ADD, add_limit }, { STATEMENT_CLICK_TOTAL_IMPORT, add_clicks },
        { STATEMENT_TITLE_WORD_ADD, add_words },
    };
    enum sql_result result = SQL_OK;
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables) && result == SQL_OK; i++) {
        struct db_sql_many many = db_sql_many_start(tx, tables[i].id);
        for (size_t at = 0; at < n; at++)
            tables[i].add(&many, links[at]);
        result = db_sql_many_end(&many);
    }
    /* The codes are inserted at this point: a duplicate is an id or a tag passed twice, which a
     * retry does not cure. */
    return result == SQL_DUPLICATE ? SQL_ERROR : result;
}

enum sql_result db_sql_insert_tags(const struct db_sql_tx *tx, const struct link *link)
{
    struct db_sql_many many = db_sql_many_start(tx, STATEMENT_TAG_INSERT);
    add_tags(&many, link);
    enum sql_result result = db_sql_many_end(&many);
    return result == SQL_DUPLICATE ? SQL_ERROR : result;
}

/* --- idempotency keys --- */

static struct slice hash_slice(const unsigned char *hash)
{
    return (struct slice){ (const char *)hash, DB_HASH_BYTES };
}

static bool insert_read_key(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct idempotency *key = context;
    READ_COLUMNS(IDEMPOTENCY_COLUMNS, key, columns);
    return false;
}

enum db_result db_idempotency_find(struct db *db, struct idempotency *key, int64_t since,
                                   struct error *err)
{
    struct arena *arena = arena_new(SCRATCH_MAX);
    if (!arena) {
        error_set(err, "no memory for the key");
        return DB_FAILED;
    }
    enum db_result result =
        db_sql_find_here(db,
                         SQL_READ(IDEMPOTENCY_FIND, insert_read_key, key, arena,
                                  sql_bytes(hash_slice(key->key_hash)), sql_int(since)),
                         err);
    arena_free(&arena);
    return result;
}

/* --- an insertion --- */

/* One link and its result. */
struct item {
    const struct link *link;
    size_t at; /* its index in the call; of several links with the same code the first gets it */
    const struct slice *codes;
    size_t n_codes;
    size_t n_owned; /* how many of its codes are its own; set by insert_find_owners */
    bool stored;    /* by an earlier try whose answer was lost */
    bool taken;     /* another link has one of its codes */
};

/* Links to be stored, and the results of a try that are not in the server's answer. */
struct insertion {
    struct db_sql_tx tx;
    const struct link *links;
    const struct idempotency *keys; /* one for each link; NULL: none */
    size_t n;
    bool skips_taken; /* links with a taken code are left out; otherwise nothing is stored */
    struct item *items;
    size_t n_codes; /* of all items */
    size_t n_found; /* how many codes are in use; set by insert_find_owners */
    bool key_in_use;
};

static bool insert_prepare(struct insertion *insertion)
{
    insertion->key_in_use = false;
    insertion->n_codes = 0;
    insertion->items = db_sql_tx_alloc(&insertion->tx, insertion->n, sizeof(*insertion->items));
    for (size_t i = 0; i < insertion->n && insertion->items; i++) {
        struct item *item = &insertion->items[i];
        *item = (struct item){ .link = &insertion->links[i], .at = i };
        item->codes = insert_list_codes(&insertion->tx, item->link, &item->n_codes);
        if (!item->codes)
            return false;
        insertion->n_codes += item->n_codes;
    }
    return insertion->items != NULL;
}

/* SQL_DUPLICATE: a key is in use. Of a single link, a key that is no longer valid is deleted; of
 * many, it is left to the caller's calls for each. */
static enum sql_result insert_keys(struct insertion *insertion)
{
    const struct idempotency *keys = insertion->keys;
    if (!keys)
        return SQL_OK;
    enum sql_result result = SQL_OK;
    if (insertion->n == 1)
        result = db_sql_tx_run(&insertion->tx,
                               SQL_WRITE(IDEMPOTENCY_FORGET, sql_bytes(hash_slice(keys->key_hash)),
                                         sql_int(keys->created_at - IDEMPOTENCY_KEPT_S)));
    if (result != SQL_OK)
        return result;
    struct db_sql_many many = db_sql_many_start(&insertion->tx, STATEMENT_IDEMPOTENCY_INSERT);
    for (size_t i = 0; i < insertion->n; i++)
        db_sql_many_add(&many, sql_bytes(hash_slice(keys[i].key_hash)),
                        sql_bytes(hash_slice(keys[i].fingerprint)),
                        sql_uint(insertion->links[i].target.link_id), sql_int(keys[i].created_at));
    result = db_sql_many_end(&many);
    insertion->key_in_use = result == SQL_DUPLICATE;
    return result;
}

/* Inserts the codes, if taken ones are skipped those that are free; *all is set to whether all of
 * them were. SQL_DUPLICATE: one was taken. */
static enum sql_result insert_codes(const struct insertion *insertion, bool *all)
{
    struct db_sql_many many = db_sql_many_start(
        &insertion->tx, insertion->skips_taken ? STATEMENT_CODE_ADD : STATEMENT_CODE_INSERT);
    for (size_t i = 0; i < insertion->n; i++) {
        const struct item *item = &insertion->items[i];
        for (size_t c = 0; c < item->n_codes; c++)
            db_sql_many_add(&many, sql_uint(DB_DOMAIN_DEFAULT), sql_bytes(item->codes[c]),
                            sql_uint(item->link->target.link_id));
    }
    enum sql_result result = db_sql_many_end(&many);
    *all = many.affected == insertion->n_codes;
    return result;
}

/* --- taken codes --- */

static int by_id(const void *a, const void *b)
{
    uint64_t left = ((const struct item *)a)->link->target.link_id;
    uint64_t right = ((const struct item *)b)->link->target.link_id;
    return (left > right) - (left < right);
}

static bool insert_read_state(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct insertion *insertion = context;
    struct {
        uint64_t link_id;
        uint64_t stored_id;
    } code;
    READ_COLUMNS(CODE_STATE_COLUMNS, &code, columns);
    const struct link link = { .target = { .link_id = code.link_id } };
    const struct item key = { .link = &link };
    struct item *item = bsearch(&key, insertion->items, insertion->n, sizeof(key), by_id);
    insertion->n_found++;
    if (item) {
        item->n_owned++;
        item->stored |= code.stored_id != 0;
    }
    return true;
}

/* Reads which links have the next codes, from item *from on. */
static enum sql_result insert_find_some(struct insertion *insertion, struct sql_value *params,
                                        size_t *from)
{
    unsigned n = 0;
    params[n++] = sql_uint(DB_DOMAIN_DEFAULT);
    while (*from < insertion->n &&
           (n == 1 || n + insertion->items[*from].n_codes < STATEMENT_ROWS_MAX)) {
        const struct item *item = &insertion->items[(*from)++];
        for (size_t c = 0; c < item->n_codes; c++)
            params[n++] = sql_bytes(item->codes[c]);
    }
    const struct sql_query query = {
        .id = STATEMENT_CODE_STATE,
        .params = params,
        .n_params = n,
        .rows = n - 1,
        .row = insert_read_state,
        .context = insertion,
    };
    return db_sql_tx_run(&insertion->tx, &query);
}

/* Reads which links have the codes; sorts the items. */
static enum sql_result insert_find_owners(struct insertion *insertion)
{
    struct sql_value *params =
        db_sql_tx_alloc(&insertion->tx, insertion->n_codes + 1, sizeof(*params));
    if (!params)
        return SQL_ERROR;
    insertion->n_found = 0;
    qsort(insertion->items, insertion->n, sizeof(*insertion->items), by_id);
    enum sql_result result = SQL_OK;
    for (size_t from = 0; from < insertion->n && result == SQL_OK;)
        result = insert_find_some(insertion, params, &from);
    return result;
}

/* Deletes the codes that a link got although another of its codes was taken. */
static enum sql_result insert_delete_codes(const struct insertion *insertion,
                                           const struct item *item)
{
    enum sql_result result = SQL_OK;
    for (size_t c = 0; c < item->n_codes && result == SQL_OK; c++)
        result = db_sql_tx_run(&insertion->tx, SQL_WRITE(CODE_RETURN, sql_uint(DB_DOMAIN_DEFAULT),
                                                         sql_bytes(item->codes[c]),
                                                         sql_uint(item->link->target.link_id)));
    return result;
}

/* Marks the links that did not get all of their codes, and deletes those that they got. */
static enum sql_result insert_skip_taken(struct insertion *insertion)
{
    enum sql_result result = insert_find_owners(insertion);
    for (size_t i = 0; i < insertion->n && result == SQL_OK; i++) {
        struct item *item = &insertion->items[i];
        item->taken = !item->stored && item->n_owned < item->n_codes;
        if (item->taken && item->n_owned > 0)
            result = insert_delete_codes(insertion, item);
    }
    return result;
}

/* --- rows --- */

static int by_owner(const void *a, const void *b)
{
    uint32_t left = (*(const struct link *const *)a)->owner_id;
    uint32_t right = (*(const struct link *const *)b)->owner_id;
    return (left > right) - (left < right);
}

/* Adds the links to their owners' totals; sorts them by owner. One row per owner, in the order of
 * the owners, so that transactions do not deadlock. */
static enum sql_result insert_totals(const struct db_sql_tx *tx, const struct link **links,
                                     size_t n)
{
    struct db_sql_many many = db_sql_many_start(tx, STATEMENT_TOTAL_ADD);
    if (n > 0)
        qsort(links, n, sizeof(links[0]), by_owner); // NOLINT(bugprone-sizeof-expression): pointers
    for (size_t i = 0, next; i < n; i = next) {
        struct db_sql_sums sums = { 0 };
        for (next = i; next < n && links[next]->owner_id == links[i]->owner_id; next++) {
            sums.links++;
            sums.clicks += (int64_t)links[next]->clicks;
        }
        db_sql_total_add(&many, links[i]->owner_id, links[i]->target.link_id % DB_SQL_SHARDS,
                         &sums);
    }
    return db_sql_many_end(&many);
}

static enum sql_result insert_items(const struct insertion *insertion)
{
    const struct db_sql_tx *tx = &insertion->tx;
    const struct link **links = db_sql_tx_alloc(
        tx, insertion->n, sizeof(links[0])); // NOLINT(bugprone-sizeof-expression): pointers
    size_t n = 0;
    for (size_t i = 0; i < insertion->n && links; i++) {
        if (!insertion->items[i].taken && !insertion->items[i].stored)
            links[n++] = insertion->items[i].link;
    }
    enum sql_result result = links ? insert_links(tx, links, n) : SQL_ERROR;
    return result == SQL_OK ? insert_totals(tx, links, n) : result;
}

/* The idempotency keys are inserted first, so that the second of two creates with the same key and
 * alias gets DB_REPEATED; then the codes, so that nothing else was written if another link has one.
 * The totals are last, because their rows are shared with other creates. */
static enum sql_result insert_all(void *context)
{
    struct insertion *insertion = context;
    bool all = true;
    enum sql_result result = insert_prepare(insertion) ? insert_keys(insertion) : SQL_ERROR;
    if (result == SQL_OK)
        result = insert_codes(insertion, &all);
    if (result == SQL_OK && insertion->skips_taken && !all)
        result = insert_skip_taken(insertion);
    return result == SQL_OK ? insert_items(insertion) : result;
}

/* --- one link --- */

/* After a duplicate of a code: DB_OK when the codes are this link's, stored by an earlier try whose
 * answer was lost; DB_TAKEN when another link has one; DB_MISSING when the code was deleted
 * meanwhile. After a duplicate of the idempotency key the same, but DB_REPEATED when another create
 * has used it. */
static enum db_result insert_explain(struct insertion *insertion)
{
    if (insertion->key_in_use) {
        struct idempotency used = *insertion->keys;
        enum db_result result =
            db_idempotency_find(insertion->tx.db, &used, INT64_MIN, insertion->tx.err);
        bool other = used.link_id != insertion->links->target.link_id;
        return result == DB_OK && other ? DB_REPEATED : result;
    }
    enum sql_result result = insert_find_owners(insertion);
    if (result != SQL_OK)
        return db_sql_result(result);
    if (insertion->n_found == 0)
        return DB_MISSING;
    return insertion->items->n_owned > 0 ? DB_OK : DB_TAKEN;
}

/* A try whose answer was lost may be committed, or may still be running on the server. A retry
 * finds out: its first insert waits for the earlier transaction to end, and then either succeeds or
 * finds that transaction's row. */
enum db_result db_link_insert(struct db *db, const struct link *link, const struct idempotency *key,
                              struct error *err)
{
    struct insertion insertion = {
        .tx = { .db = db, .err = err }, .links = link, .keys = key, .n = 1
    };
    enum db_result result;
    do {
        result = db_sql_transact(&insertion.tx, insert_all, &insertion);
        if (result == DB_TAKEN)
            result = insert_explain(&insertion);
    } while (result == DB_MISSING && db_sql_again(&insertion.tx.tries, SQL_RETRY));
    arena_free(&insertion.tx.arena);
    return result == DB_MISSING ? DB_UNAVAILABLE : result;
}

/* --- many links --- */

static enum db_result insert_many(struct insertion *insertion)
{
    if (insertion->n <= DB_BULK_MAX)
        return db_sql_transact(&insertion->tx, insert_all, insertion);
    error_set(insertion->tx.err, "cannot store %zu links at once", insertion->n);
    return DB_FAILED;
}

enum db_result db_links_insert_many(struct db *db, const struct link *links, size_t n,
                                    enum db_result *results, struct error *err)
{
    struct insertion insertion = {
        .tx = { .db = db, .err = err }, .links = links, .n = n, .skips_taken = true
    };
    enum db_result result = n > 0 ? insert_many(&insertion) : DB_OK;
    for (size_t i = 0; i < n && result == DB_OK; i++)
        results[insertion.items[i].at] = insertion.items[i].taken ? DB_TAKEN : DB_OK;
    arena_free(&insertion.tx.arena);
    return result;
}

/* A duplicate may be from an earlier try of this call, whose answer was lost. */
enum db_result db_links_insert_once(struct db *db, const struct link *links,
                                    const struct idempotency *keys, size_t n, struct error *err)
{
    struct insertion insertion = { .tx = { .db = db, .err = err, .mode = TX_IDLE_TIMEOUT },
                                   .links = links,
                                   .keys = keys,
                                   .n = n };
    enum db_result result = n > 0 ? insert_many(&insertion) : DB_OK;
    arena_free(&insertion.tx.arena);
    return result;
}
