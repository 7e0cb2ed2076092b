/* SPDX-License-Identifier: MIT */
/* What the files of db_sql share; nobody else includes it. */
#pragma once

#include "store/db_sql.h"

/* How often a call is tried again, and for how long. */
enum {
    DB_SQL_RETRIES_MAX = 5, /* after deadlocks and lock waits */
    DB_SQL_LOSSES_MAX = 2,  /* after lost connections */
    DB_SQL_PATIENCE_MS = 2500,
};

/* What is known of a sequence: neither changes but by an administrator's hand. */
struct sequence_facts {
    char name[DB_SEQUENCE_NAME_MAX + 1]; /* empty: nothing is known */
    uint64_t limit_id;
    uint32_t block_size;
};

struct db_sql {
    struct db db;
    struct sql *sql;
    struct sequence_facts sequence;
};

/* How often a call was tried in vain so far. */
struct db_sql_tries {
    unsigned retries;
    unsigned losses;
    int64_t end_ms; /* monotonic: from then on no more tries begin */
};

static inline struct db_sql *db_sql_of(struct db *db)
{
    return (struct db_sql *)db;
}

/* No tries yet; the time runs from now. */
struct db_sql_tries db_sql_tries_start(void);

/* Whether to try again after `result`; after a deadlock it first pauses for a moment that differs
 * from process to process. */
bool db_sql_again(struct db_sql_tries *tries, enum sql_result result);

enum db_result db_sql_result(enum sql_result result);

/* Runs `query` and asks for at most one row; DB_MISSING when there is none. */
enum db_result db_sql_find(struct db_sql *db, const struct sql_query *query, struct error *err);

/* The values of a column, NULL as 0 and as an empty slice. */
int64_t db_sql_int(const struct sql_value *value);
uint64_t db_sql_uint(const struct sql_value *value);
struct slice db_sql_bytes(const struct sql_value *value);

/* Parts of the interface, one use each a file. */
enum db_result db_sql_resolve(struct db *base, struct slice code, struct arena *arena,
                              struct target *out, struct error *err);
enum db_result db_sql_link_find(struct db *base, struct slice code, struct arena *arena,
                                struct link *out, struct error *err);
enum db_result db_sql_link_insert(struct db *base, const struct link *link,
                                  const struct idempotency *key, struct error *err);
enum db_result db_sql_range_take(struct db *base, const char *name, struct id_range *out,
                                 struct error *err);
enum db_result db_sql_key_find(struct db *base, uint32_t key_id, struct arena *arena,
                               struct api_key *out, struct error *err);
enum db_result db_sql_key_insert(struct db *base, struct api_key *key, struct error *err);
