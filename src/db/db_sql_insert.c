/* SPDX-License-Identifier: MIT */
/* Storing links in SQL: each exactly once, with all its rows. */
#include "db/db_sql_private.h"

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

struct slice *db_sql_codes(const struct link *link, struct arena *arena, size_t *n)
{
    struct slice *codes = arena_alloc(arena, sizeof(*codes) * (link->n_aliases + 1));
    if (!codes)
        return NULL;
    codes[0] = link->code;
    *n = 1;
    for (unsigned i = 0; i < link->n_aliases; i++) {
        if (!is_among(link->aliases[i], codes, *n))
            codes[(*n)++] = link->aliases[i];
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
                    db_sql_bytes_or_null(link->title), sql_bytes(target->long_url));
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
        db_sql_many_add(many, sql_uint(link->target.link_id), sql_uint(link->clicks), sql_int(0),
                        sql_int(0));
}

/* A table, and the function that adds a link's rows to it. */
struct table_rows {
    enum statement_id id;
    void (*add)(struct db_sql_many *many, const struct link *link);
};

enum sql_result db_sql_insert_links(const struct db_sql_tx *tx, const struct link *const *links,
                                    size_t n)
{
    static const struct table_rows tables[] = {
        { STATEMENT_LINK_INSERT, add_link },      { STATEMENT_LINK_EXPIRY_ADD, add_expiry },
        { STATEMENT_ALIAS_INSERT, add_aliases },  { STATEMENT_TAG_INSERT, add_tags },
        { STATEMENT_CLICK_LIMIT_ADD, add_limit }, { STATEMENT_CLICK_TOTAL_ADD, add_clicks },
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

/* SQL_DUPLICATE: the key is in use. */
static enum sql_result insert_key(const struct db_sql_tx *tx, uint64_t link_id,
                                  const struct idempotency *key)
{
    struct sql_value hash = sql_bytes(hash_slice(key->key_hash));
    enum sql_result result = db_sql_tx_run(
        tx, SQL_WRITE(IDEMPOTENCY_FORGET, hash, sql_int(key->created_at - IDEMPOTENCY_KEPT_S)));
    if (result != SQL_OK)
        return result;
    return db_sql_tx_run(tx, SQL_WRITE(IDEMPOTENCY_INSERT, hash,
                                       sql_bytes(hash_slice(key->fingerprint)), sql_uint(link_id),
                                       sql_int(key->created_at)));
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
        db_sql_find(db,
                    SQL_READ(IDEMPOTENCY_FIND, insert_read_key, key, arena,
                             sql_bytes(hash_slice(key->key_hash)), sql_int(since)),
                    err);
    arena_free(&arena);
    return result;
}

/* --- one link --- */

/* A link to be stored, and the results of a try that are not in the server's answer. */
struct insertion {
    struct db_sql_tx tx;
    const struct link *link;
    const struct idempotency *key; /* may be NULL */
    bool key_in_use;
};

static enum sql_result insert_codes(const struct insertion *insertion)
{
    struct db_sql_many many = db_sql_many_start(&insertion->tx, STATEMENT_CODE_INSERT);
    size_t n = 0;
    const struct slice *codes = db_sql_codes(insertion->link, insertion->tx.arena, &n);
    for (size_t i = 0; i < n; i++)
        db_sql_many_add(&many, sql_uint(DB_DOMAIN_DEFAULT), sql_bytes(codes[i]),
                        sql_uint(insertion->link->target.link_id));
    return codes ? db_sql_many_end(&many) : SQL_ERROR;
}

static enum sql_result add_total(const struct insertion *insertion)
{
    const struct link *link = insertion->link;
    struct db_sql_many many = db_sql_many_start(&insertion->tx, STATEMENT_TOTAL_ADD);
    db_sql_total_add(&many, link->owner_id, link->target.link_id % DB_SQL_SHARDS,
                     &(struct db_sql_sums){ .links = 1, .clicks = (int64_t)link->clicks });
    return db_sql_many_end(&many);
}

/* The idempotency key is inserted first, so that the second of two creates with the same key and
 * alias gets DB_REPEATED; then the code, so that nothing else was written if another link has it.
 * The total is last, because its row is shared with other creates. */
static enum sql_result insert_rows(void *context)
{
    struct insertion *insertion = context;
    enum sql_result result = SQL_OK;
    if (insertion->key)
        result = insert_key(&insertion->tx, insertion->link->target.link_id, insertion->key);
    insertion->key_in_use = result == SQL_DUPLICATE;
    if (result == SQL_OK)
        result = insert_codes(insertion);
    if (result == SQL_OK)
        result = db_sql_insert_links(&insertion->tx, &insertion->link, 1);
    if (result == SQL_OK)
        result = add_total(insertion);
    return result;
}

/* Which links have the codes. */
struct code_owners {
    uint64_t link_id; /* the link that is stored */
    bool mine;
    bool others;
};

static bool insert_read_owner(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct code_owners *owners = context;
    bool mine = db_sql_uint(&columns[0]) == owners->link_id;
    owners->mine |= mine;
    owners->others |= !mine;
    return true;
}

/* DB_OK when the codes are this link's, stored by an earlier try whose answer was lost; DB_TAKEN
 * when another link has one; DB_MISSING when the code was deleted meanwhile. */
static enum db_result look_up_taken(const struct insertion *insertion)
{
    size_t n = 0;
    const struct slice *codes = db_sql_codes(insertion->link, insertion->tx.arena, &n);
    struct sql_value *params = arena_alloc(insertion->tx.arena, sizeof(*params) * (n + 1));
    if (!codes || !params) {
        error_set(insertion->tx.err, "no memory for the codes");
        return DB_FAILED;
    }
    params[0] = sql_uint(DB_DOMAIN_DEFAULT);
    for (size_t i = 0; i < n; i++)
        params[i + 1] = sql_bytes(codes[i]);
    struct code_owners owners = { .link_id = insertion->link->target.link_id };
    const struct sql_query query = {
        .id = STATEMENT_CODE_FIND,
        .params = params,
        .n_params = (unsigned)n + 1,
        .rows = (unsigned)n,
        .row = insert_read_owner,
        .context = &owners,
    };
    enum db_result result = db_sql_find(insertion->tx.db, &query, insertion->tx.err);
    if (result != DB_OK)
        return result;
    return owners.mine ? DB_OK : DB_TAKEN;
}

/* The same for the idempotency key: DB_REPEATED when another create has used it. */
static enum db_result look_up_key(const struct insertion *insertion)
{
    struct idempotency used = *insertion->key;
    enum db_result result =
        db_idempotency_find(insertion->tx.db, &used, INT64_MIN, insertion->tx.err);
    if (result != DB_OK)
        return result;
    return used.link_id == insertion->link->target.link_id ? DB_OK : DB_REPEATED;
}

/* A try whose answer was lost may be committed, or may still be running on the server. A retry
 * finds out: its first insert waits for the earlier transaction to end, and then either succeeds or
 * finds that transaction's row. */
static enum db_result insert(struct insertion *insertion)
{
    enum db_result result;
    do {
        result = db_sql_transact(&insertion->tx, insert_rows, insertion);
        if (result == DB_TAKEN)
            result = insertion->key_in_use ? look_up_key(insertion) : look_up_taken(insertion);
    } while (result == DB_MISSING && db_sql_again(&insertion->tx.tries, SQL_RETRY));
    return result == DB_MISSING ? DB_UNAVAILABLE : result;
}

enum db_result db_link_insert(struct db *db, const struct link *link, const struct idempotency *key,
                              struct error *err)
{
    struct insertion insertion = { .tx = { .db = db, .err = err }, .link = link, .key = key };
    enum db_result result = insert(&insertion);
    arena_free(&insertion.tx.arena);
    return result;
}
