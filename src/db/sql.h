/* SPDX-License-Identifier: MIT */
/* One connection to MySQL or MariaDB: opened when it is needed, with statements that are prepared
 * once, closed when idle. Only mysql.c uses the vendor's library. */
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
    SQL_TLS_PREFERRED, /* if the server offers it; the server is not verified */
    SQL_TLS_REQUIRED,  /* otherwise no connection; the server is not verified */
    SQL_TLS_VERIFY,    /* required; the server's certificate and name are verified if tls_ca and a
                        * name are set (runtime/config_tls.h) */
};

/* Strings are borrowed for as long as the connection lives; NULL means not set. The client
 * libraries count time-outs in whole seconds: milliseconds are rounded up. */
struct sql_options {
    const char *host;
    unsigned port;
    const char *socket; /* used instead of host and port */
    /* The servers of a cluster, in order of preference (sql_servers.h), used instead of host, port
     * and socket: the first that answers and takes writes. */
    const char *servers;
    bool spread;               /* each process prefers another one */
    struct breakers *breakers; /* has those of `servers`; NULL: none */
    const char *user;
    const char *password;
    const char *database;
    unsigned connect_timeout_ms;
    unsigned read_timeout_ms;
    unsigned write_timeout_ms;
    unsigned idle_close_ms; /* 0: never */
    enum sql_tls tls;
    const char *tls_ca; /* only for SQL_TLS_VERIFY */
    const char *tls_cert;
    const char *tls_key;
    bool keeps_changes;      /* changes of links are kept for caches in front (db_edge_changes) */
    struct breaker breaker;  /* the server's circuit breaker; all zero: none */
    struct breaker writes;   /* that of its writes: a server of a cluster that lost its majority may
                              * answer reads at once and a COMMIT not at all; all zero: none */
    bool may_be_late;        /* the caller asks another server for what this one does not have */
    struct metrics *metrics; /* counts statements and connections; NULL: not counted */
};

enum sql_result {
    SQL_OK,
    SQL_DUPLICATE, /* a unique index refused a row (1062) */
    SQL_RETRY,   /* deadlock or lock wait time-out: the transaction was rolled back (1213, 1205) */
    SQL_LOST,    /* no connection, or lost while the statement ran: it may or may not have been
                  * executed */
    SQL_ERROR,   /* any other error of the server */
    SQL_REFUSED, /* of the body of a transaction alone (db_sql_refuse): no statement failed */
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
    SQL_PARAMS_MAX = 65535, /* parameters of one statement, for all its rows */
    SQL_COLUMNS_MAX = 24,
};

struct sql;

/* The effect of a statement. */
struct sql_done {
    uint64_t affected;  /* rows changed; rows read by a SELECT */
    uint64_t insert_id; /* the AUTO_INCREMENT value, or the argument of LAST_INSERT_ID(expr) */
};

/* A connection object, not yet connected; NULL when memory is out. Each is for one thread. */
struct sql *sql_new(const struct sql_options *options);

/* Closes the connection if there is one, and frees; sets *sql to NULL. *sql may be NULL. */
void sql_free(struct sql **sql);

/* Frees what the client library has allocated for the calling thread. Every thread but the first
 * that has used a connection calls it before it ends, after it has freed its connections. */
void sql_thread_end(void);

/* Runs statement `id` with its parameters (as many as its text has '?', expanded for `rows`).
 * Connects and prepares if necessary; of the expanded texts of a statement only the last one stays
 * prepared. `row` is called for each row of a SELECT; its values are in `arena`; when it returns
 * false, the remaining rows are discarded. `row` and `arena` may be NULL for statements without
 * rows; `done` and `err` may be NULL. After SQL_LOST the connection is closed and an open
 * transaction is lost; the next call opens a new connection. While the circuit breaker is open,
 * every call outside a transaction returns SQL_LOST immediately; while that of writes is open,
 * every statement that does not only read, and sql_begin. A COMMIT that takes the whole read
 * time-out opens it at once, as does a query that waits for other nodes. */
typedef bool sql_row(void *context, const struct sql_value *columns, unsigned n);
struct sql_query {
    enum statement_id id;
    const struct sql_value *params;
    unsigned n_params;
    unsigned rows; /* repetitions of the part in braces; 0 counts as 1 */
    bool
        waits_for_nodes; /* the server waits for other nodes of its cluster first, as in a COMMIT */
    sql_row *row;
    void *context;
    struct arena *arena;
};
enum sql_result sql_run(struct sql *sql, const struct sql_query *query, struct sql_done *done,
                        struct error *err);

/* Runs one statement text without parameters (transactions, schema changes). `row` is called for
 * each row of a result set, with columns of SQL_BYTES or SQL_NULL, which are valid during the
 * call. */
enum sql_result sql_text(struct sql *sql, struct slice text, sql_row *row, void *context,
                         struct error *err);

enum sql_result sql_begin(struct sql *sql, struct error *err);
enum sql_result sql_commit(struct sql *sql, struct error *err);
/* Rolls back; closes the connection if that fails. */
void sql_rollback(struct sql *sql);

/* Whether a connection is open now. */
bool sql_is_open(const struct sql *sql);

/* Whether a transaction is open now. */
bool sql_in_transaction(const struct sql *sql);

/* The number of connections that were opened so far: it changes when another server may answer. */
unsigned sql_connections(const struct sql *sql);

/* Closes the connection if its last use was more than idle_close_ms before `now_ms` (monotonic). */
void sql_close_idle(struct sql *sql, int64_t now_ms);
