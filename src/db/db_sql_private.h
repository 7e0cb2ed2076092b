/* SPDX-License-Identifier: MIT */
/* Private declarations shared by db_sql*.c. */
#pragma once

#include "db/click_rollup.h"
#include "db/columns.h"
#include "db/db.h"
#include "db/sql.h"

/* Limits of the retries of a call. After deadlocks, lock waits and conflicts with other nodes of a
 * cluster they are limited by time alone: on a row that all hosts change, many may fail in a row.
 */
enum {
    DB_SQL_LOSSES_MAX = 2, /* after lost connections */
    DB_SQL_PATIENCE_MS = 2500,
    DB_SQL_QUEUE_MS = 10000, /* the same for a transaction that changes roll-ups */
};

enum {
    DB_SQL_MANY_ROWS = 100, /* rows in one statement of db_sql_many */
    DB_SQL_SHARDS = 16,     /* rows of an owner's total; selected by the link's id */
    /* Clicks have a row of their own, so that creates do not wait for flushes. */
    DB_SQL_CLICK_SHARD = DB_SQL_SHARDS,
};

/* The properties of a sequence, which only an administrator changes. */
struct sequence_facts {
    char name[SEQUENCE_NAME_MAX + 1]; /* empty: unknown */
    uint64_t limit_id;
    uint32_t block_size;
};

/* How a server is asked to apply first what other nodes of its cluster have committed. */
enum db_cluster {
    CLUSTER_UNKNOWN,
    CLUSTER_NONE,
    CLUSTER_GALERA,
    CLUSTER_GROUP, /* MySQL group replication */
};

struct db {
    struct sql *sql;
    bool keeps_changes;
    enum db_cluster cluster;
    unsigned cluster_seen; /* sql_connections() when `cluster` was read */
    bool may_be_late;      /* sql_options */
    struct sequence_facts sequence;
};

/* --- retries --- */

/* The failed tries of a call so far. */
struct db_sql_tries {
    unsigned retries; /* after deadlocks */
    unsigned losses;
    int64_t end_ms; /* monotonic: no retry starts after this time */
};

/* No tries yet; sets end_ms to `patience_ms` from now. */
struct db_sql_tries db_sql_tries_start(int64_t patience_ms);

/* Whether to retry after `result`. After a deadlock it first sleeps for a random time. */
bool db_sql_again(struct db_sql_tries *tries, enum sql_result result);

enum db_result db_sql_result(enum sql_result result);

/* Runs a query for at most one row; DB_MISSING when there is none, also on no other node of a
 * cluster: a node applies commits of others some milliseconds late, so a miss is asked once more
 * after it has caught up. */
enum db_result db_sql_find(struct db *db, const struct sql_query *query, struct error *err);

/* The same without the second question: a miss may be late. */
enum db_result db_sql_find_here(struct db *db, const struct sql_query *query, struct error *err);

/* Runs a statement, outside a transaction, after the server has applied what the other nodes of its
 * cluster have committed. *ran is set to false, with SQL_OK, when it is no node of a cluster. */
enum sql_result db_sql_run_caught_up(struct db *db, const struct sql_query *query,
                                     struct sql_done *done, bool *ran, struct error *err);

/* Runs a query for any number of rows. */
enum db_result db_sql_read(struct db *db, const struct sql_query *query, struct error *err);

/* Runs a statement that may safely be executed twice; `done` may be NULL. */
enum db_result db_sql_write(struct db *db, const struct sql_query *query, struct sql_done *done,
                            struct error *err);

/* --- values --- */

/* A parameter; 0 or an empty slice is NULL. */
struct sql_value db_sql_or_null(int64_t value);
struct sql_value db_sql_bytes_or_null(struct slice bytes);

/* Passes the totals of an owner (links, clicks, visitors, bots), or those of all owners for
 * DB_OWNER_ANY, to `row` with `context`. */
enum db_result db_sql_read_owner_total(struct db *db, uint32_t owner_id, sql_row *row,
                                       void *context, struct error *err);

/* A sql_row that stores the first column in a uint64_t. */
bool db_sql_read_uint(void *context, const struct sql_value *columns, unsigned n);

/* A query of a READ with at least one parameter: `row` gets each row and `context_`, with values in
 * `arena_`. */
#define SQL_READ(statement, row_, context_, arena_, ...)                             \
    (&(const struct sql_query){ .id = STATEMENT_##statement,                         \
                                .params = (const struct sql_value[]){ __VA_ARGS__ }, \
                                .n_params = SQL_COUNT(__VA_ARGS__),                  \
                                .row = (row_),                                       \
                                .context = (context_),                               \
                                .arena = (arena_) })

/* A query whose rows, if there are any, are not read. */
#define SQL_WRITE(statement, ...) SQL_READ(statement, NULL, NULL, NULL, __VA_ARGS__)

#define SQL_COUNT(...) (sizeof((struct sql_value[]){ __VA_ARGS__ }) / sizeof(struct sql_value))

/* --- transactions --- */

enum db_sql_tx_mode {
    TX_PLAIN,
    /* The server ends the connection, and with it the transaction, after 30 s without a statement:
     * if this host fails, others do not wait longer for its row locks. */
    TX_IDLE_TIMEOUT,
    /* Changes roll-ups. All such transactions, on all hosts, are serialised by a lock on the row of
     * the table click_gate, which they take first. Includes TX_IDLE_TIMEOUT. */
    TX_ROLLUP_LOCK,
    /* The same, but only for a retry after a deadlock, which a roll-up transaction caused. */
    TX_ROLLUP_LOCK_AFTER_DEADLOCK,
};

struct db_sql_tx {
    struct db *db;
    struct error *err;
    enum db_sql_tx_mode mode;
    struct arena *arena;       /* temporary memory; is reset before each try */
    enum db_result refusal;    /* of db_sql_refuse */
    bool lost;                 /* the answer of a try was lost: it may have been committed */
    struct db_sql_tries tries; /* all zero: none yet */
};

/* Does the work of a transaction between its begin and its commit. */
typedef enum sql_result db_sql_body(void *context);

/* What a body returns to roll back, although no statement failed; the transaction returns
 * `refusal`. */
static inline enum sql_result db_sql_refuse(struct db_sql_tx *tx, enum db_result refusal)
{
    tx->refusal = refusal;
    return SQL_REFUSED;
}

/* Runs `body` in a transaction: commits if it returns SQL_OK, otherwise rolls back; retries as
 * db_sql_again says. Returns the refusal, or the class of the last failure. The
 * caller frees tx->arena; db_sql_transact_once does so itself. */
enum db_result db_sql_transact(struct db_sql_tx *tx, db_sql_body *body, void *context);
enum db_result db_sql_transact_once(struct db_sql_tx *tx, db_sql_body *body, void *context);

/* Runs a statement of the transaction; *found is set to whether it returned or changed a row. */
enum sql_result db_sql_tx_run(const struct db_sql_tx *tx, const struct sql_query *query);
enum sql_result db_sql_tx_find(const struct db_sql_tx *tx, const struct sql_query *query,
                               bool *found);

/* Temporary memory for `n` elements; NULL, with tx->err set, when there is none. */
void *db_sql_tx_alloc(const struct db_sql_tx *tx, size_t n, size_t size);

/* --- many rows in few statements --- */

/* Collects rows and runs a statement for every DB_SQL_MANY_ROWS of them. After a failure further
 * rows are ignored. */
struct db_sql_many {
    const struct db_sql_tx *tx;
    enum statement_id id;
    unsigned width; /* values of one row */
    unsigned n;     /* rows collected */
    unsigned room;  /* capacity of `values` in rows */
    struct sql_value *values;
    uint64_t affected;
    enum sql_result result;
};

struct db_sql_many db_sql_many_start(const struct db_sql_tx *tx, enum statement_id id);

/* Adds a row: as many values as the part in braces has '?'. */
void db_sql_many_add_row(struct db_sql_many *many, const struct sql_value *row);
#define db_sql_many_add(many, ...) \
    db_sql_many_add_row((many), (const struct sql_value[]){ __VA_ARGS__ })

/* Runs the statement for the remaining rows; returns the first failure, or SQL_OK. */
enum sql_result db_sql_many_end(struct db_sql_many *many);

/* --- totals --- */

/* The amounts that are added to a total; negative ones are subtracted. */
struct db_sql_sums {
    int64_t links;
    int64_t clicks;
    int64_t visitors;
    int64_t bots;
};

/* A sql_row for TOTAL_COLUMNS; the context is a struct db_sql_sums. */
bool db_sql_read_sums(void *context, const struct sql_value *columns, unsigned n);

/* Adds a row to a db_sql_many of STATEMENT_TOTAL_ADD. */
void db_sql_total_add(struct db_sql_many *many, uint32_t owner_id, uint64_t shard,
                      const struct db_sql_sums *sums);

/* A transfer of locked links of one owner to another. */
struct db_sql_transfer {
    const struct db_sql_link_row *links;
    size_t n; /* at most DB_OWNED_MAX */
    uint32_t to;
    unsigned versions; /* added to each link's version: 1, or 0 if the caller increases it */
    int64_t now;
};

/* Transfers the links to transfer->to, with their aliases, tags and part of the totals. */
enum sql_result db_sql_transfer(const struct db_sql_tx *tx, const struct db_sql_transfer *transfer);

/* --- links --- */

/* Stores the tags of one link; inside a transaction. */
enum sql_result db_sql_insert_tags(const struct db_sql_tx *tx, const struct link *link);

/* The title of a link, whose words searches find; empty: none. */
struct db_sql_title {
    uint64_t link_id;
    uint32_t owner_id;
    struct slice text;
};

/* Adds the words of a title to a db_sql_many of STATEMENT_TITLE_WORD_ADD; stores or deletes them;
 * gives those of all links of the transfer to the new owner. */
void db_sql_words_add(struct db_sql_many *many, const struct db_sql_title *title);
enum sql_result db_sql_words_insert(const struct db_sql_tx *tx, const struct db_sql_title *title);
enum sql_result db_sql_words_delete(const struct db_sql_tx *tx, const struct db_sql_title *title);
enum sql_result db_sql_words_move(const struct db_sql_tx *tx,
                                  const struct db_sql_transfer *transfer);

/* A row of ALIAS_FIND or TAG_FIND. */
struct db_sql_alias {
    uint64_t link_id;
    struct slice text;
    uint64_t number;
};

struct link_ids {
    const uint64_t *at;
    size_t n;
};

/* Reads at most `room` whole links, with the columns of WHOLE_LINK, and of deleted links those of
 * DELETED_COLUMNS after them. */
enum db_result db_sql_read_links(struct db *db, const struct sql_query *query, size_t room,
                                 struct link_page *out, struct error *err);

/* Reads the whole links `ids`, in that order; ids that do not exist are skipped. */
enum db_result db_sql_links_by_id(struct db *db, struct link_ids ids, struct arena *arena,
                                  struct link_page *out, struct error *err);

/* The locked row of a link. */
struct db_sql_link_row {
    uint64_t link_id;
    uint32_t owner_id;
    uint32_t version;
    int64_t expires_at;
    struct slice code;
    struct slice title;
};

static inline struct db_sql_title db_sql_title_of(const struct db_sql_link_row *row)
{
    return (struct db_sql_title){ row->link_id, row->owner_id, row->title };
}

/* A sql_row for the columns of STATEMENT_LINK_LOCK; the context is a struct db_sql_link_row. */
bool db_sql_read_link_row(void *context, const struct sql_value *columns, unsigned n);

/* Adds `step` to the totals for each of the links. */
enum sql_result db_sql_count_links(const struct db_sql_tx *tx, const struct db_sql_link_row *row,
                                   size_t n, int step);

/* Brings the rows of deleted links back, which the transaction has locked, except their tags. */
enum sql_result db_sql_unhide(const struct db_sql_tx *tx, const struct db_sql_link_row *rows,
                              size_t n);

/* Keeps for caches in front that the links, which the transaction has locked, will change: a row
 * for each of their codes, as they are now. Does nothing without keeps_changes. */
enum sql_result db_sql_keep_change(const struct db_sql_tx *tx, const struct db_sql_link_row *rows,
                                   size_t n);

/* Deletes links that the transaction has locked, with all their rows. */
enum sql_result db_sql_remove(const struct db_sql_tx *tx, const struct db_sql_link_row *row,
                              size_t n);

/* --- clicks --- */

/* Reads a row of ROLLUP_COLUMNS. */
struct click_rollup db_sql_read_rollup(const struct sql_value *columns);

/* Locks and reads the stored roll-ups among `rows`, which all have the same unit and `at`, are
 * sorted by link, and are at most DB_SQL_MANY_ROWS. The others are unchanged. */
enum sql_result db_sql_roll_lock(const struct db_sql_tx *tx, struct click_rollup *rows, unsigned n);

/* What is added to the roll-up of one link, or of one series, and day. */
struct db_sql_roll {
    uint64_t link_id;
    uint32_t day;
    struct click_groups groups;
    const struct click_group *group; /* of the caller, who may use it before it sets `groups` */
    struct db_sql_sums gained;       /* is set to the increase; `links` is not used */
};

/* Sorts by day, then by link. */
int db_sql_roll_order(const void *a, const void *b);

/* Adds to all roll-ups, in this order, into which it sorts `rolls`; resets tx->arena. */
enum sql_result db_sql_roll_up(const struct db_sql_tx *tx, struct db_sql_roll *rolls, size_t n);

/* Adds a row to a db_sql_many of STATEMENT_CLICK_ROLLUP_STORE. */
void db_sql_roll_store(struct db_sql_many *many, const struct click_rollup *row);

/* --- keys --- */

/* Sql_rows for the rows of STATEMENT_KEY_FIND and of STATEMENT_USER_FIND (not its name). */
bool db_sql_read_key(void *context, const struct sql_value *columns, unsigned n);
bool db_sql_read_user(void *context, const struct sql_value *columns, unsigned n);
