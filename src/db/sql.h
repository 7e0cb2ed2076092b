/* SPDX-License-Identifier: MIT */
/* One connection to MySQL or MariaDB: opened when first needed, its statements prepared once, given
 * back when idle. mysql.c is the only file that knows the vendor's library. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "db/statements.h"
#include "shm/breaker.h"
#include "shm/metrics.h"

/* How the connection is protected (docs: curt.conf, [mysql] tls). */
enum sql_tls {
    SQL_TLS_OFF,
    SQL_TLS_PREFERRED, /* when the server offers it; nobody is checked */
    SQL_TLS_REQUIRED,  /* or no connection; nobody is checked */
    SQL_TLS_VERIFY,    /* required, and the server's certificate and name are checked, if there are
                        * tls_ca and a name (runtime/config_tls.h) */
};

/* Strings are borrowed for as long as the connection lives; NULL means not set. The client
 * libraries count time-outs in whole seconds: milliseconds are rounded up. */
struct sql_options {
    const char *host;
    unsigned port;
    const char *socket; /* wins over host and port */
    const char *user;
    const char *password;
    const char *database;
    unsigned connect_timeout_ms;
    unsigned read_timeout_ms;
    unsigned write_timeout_ms;
    unsigned idle_close_ms; /* 0: never */
    enum sql_tls tls;
    const char *tls_ca; /* for SQL_TLS_VERIFY alone */
    const char *tls_cert;
    const char *tls_key;
    struct breaker breaker;  /* who says when to leave the server alone; all zero: nobody */
    struct metrics *metrics; /* where statements and connections are counted; NULL: nowhere */
};

enum sql_result {
    SQL_OK,
    SQL_DUPLICATE, /* a unique index refused a row (1062) */
    SQL_RETRY, /* deadlock or lock wait time-out: the transaction was rolled back (1213, 1205) */
    SQL_LOST,  /* no connection, or lost while the statement ran: it may or may not have happened */
    SQL_ERROR, /* any other error of the server */
};

/* A value that goes into or comes out of a statement. */
enum sql_type {
    SQL_NULL,
    SQL_INT,  /* signed 64 bit */
    SQL_UINT, /* unsigned 64 bit */
    SQL_BYTES,
};

struct sql_value {
    enum sql_type type;
    union {
        int64_t i;
        uint64_t u;
        struct slice bytes;
    };
};

static inline struct sql_value sql_null(void)
{
    return (struct sql_value){ .type = SQL_NULL };
}

static inline struct sql_value sql_int(int64_t i)
{
    return (struct sql_value){ .type = SQL_INT, .i = i };
}

static inline struct sql_value sql_uint(uint64_t u)
{
    return (struct sql_value){ .type = SQL_UINT, .u = u };
}

static inline struct sql_value sql_bytes(struct slice bytes)
{
    return (struct sql_value){ .type = SQL_BYTES, .bytes = bytes };
}

enum {
    SQL_PARAMS_MAX = 65535, /* of one statement, all its rows together */
    SQL_COLUMNS_MAX = 24,
};

struct sql;

/* What a statement did. */
struct sql_done {
    uint64_t affected;  /* rows changed; for a SELECT rows read */
    uint64_t insert_id; /* AUTO_INCREMENT, or what LAST_INSERT_ID(expr) was given */
};

/* A connection object, not yet connected; NULL when memory is out. Each is for one thread. */
struct sql *sql_new(const struct sql_options *options);

/* Closes the connection if there is one, frees, sets *sql to NULL. NULL is fine. */
void sql_free(struct sql **sql);

/* Called by a thread other than the first that has used connections, when it ends and has freed
 * them. */
void sql_thread_end(void);

/* Runs statement `id` with its parameters (as many as its text has '?', expanded for `rows`).
 * Connects and prepares when needed; of the expanded texts only the last one stays prepared. Rows
 * of a SELECT are handed to `row` one by one: its values are in `arena`; a `row` that returns false
 * stops the reading (the rest is discarded). `row` and `arena` may be NULL for statements without
 * rows, `done` and `err` when nobody asks. After SQL_LOST the connection is closed, and the next
 * call opens a new one; a transaction that was open is gone. While the breaker is open every call
 * outside a transaction is SQL_LOST at once. */
typedef bool sql_row(void *context, const struct sql_value *columns, unsigned n);
struct sql_query {
    enum statement_id id;
    const struct sql_value *params;
    unsigned n_params;
    unsigned rows; /* how often the part in braces stands there; 0 counts as 1 */
    sql_row *row;
    void *context;
    struct arena *arena;
};
enum sql_result sql_run(struct sql *sql, const struct sql_query *query, struct sql_done *done,
                        struct error *err);

/* Runs one statement text without parameters (transactions, schema changes). A result set is handed
 * to `row` as SQL_BYTES or SQL_NULL columns, which are valid during the call of `row`. */
enum sql_result sql_text(struct sql *sql, struct slice text, sql_row *row, void *context,
                         struct error *err);

enum sql_result sql_begin(struct sql *sql, struct error *err);
enum sql_result sql_commit(struct sql *sql, struct error *err);
/* Rolls back, and closes the connection when even that fails. */
void sql_rollback(struct sql *sql);

/* Whether a connection is open now. */
bool sql_is_open(const struct sql *sql);

/* Closes the connection when it was last used longer than idle_close_ms before `now_ms`
 * (monotonic). */
void sql_close_idle(struct sql *sql, int64_t now_ms);
