/* SPDX-License-Identifier: MIT */
/* sql.h over the C client library of MariaDB or of MySQL: the only file that knows it. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "db/sql.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <mysql.h>

#include "db/sql_errors.h"
#include "db/sql_servers.h"
#include "os/monotonic.h"

#ifndef HAVE_MY_BOOL /* Oracle's library has none since 8.0 */
typedef bool my_bool;
#endif

/* The session uses UTC, refuses values that do not fit, reads committed rows, and waits at most one
 * second for a lock. MariaDB ends the transaction of a stopped worker five seconds after its last
 * statement, and so releases its locks. */
#define INIT_SESSION                                                                          \
    "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'" \
    ", innodb_lock_wait_timeout = 1 /*M!100300 , idle_write_transaction_timeout = 5 */"
#define INIT_ISOLATION "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"

enum {
    FEW_PARAMS = 24,      /* maximum of parameters whose bindings are on the stack */
    CHAIN_LIFE_MS = 1000, /* a chained transaction is not used after this time */
};

/* The buffers of one column for the client library. */
struct cell {
    uint64_t number;
    unsigned long length;
    my_bool is_null;
    my_bool error;
};

struct prepared {
    MYSQL_STMT *handle; /* NULL: not prepared on this connection */
    unsigned rows;      /* the number of rows that it was expanded for */
    unsigned n_columns;
    enum sql_type types[SQL_COLUMNS_MAX];
    struct cell *cells; /* where its columns are received; they live as long as the handle */
};

struct sql {
    struct sql_options options;
    struct sql_servers servers; /* of a cluster; none: the options name the only server */
    unsigned server;            /* the one of them that the connection is to */
    MYSQL *mysql;               /* NULL: not connected */
    bool in_transaction;
    bool committed;       /* the last statement was a COMMIT */
    bool chains;          /* the transaction follows another directly, so it ends with COMMIT AND
                           * CHAIN */
    bool chained;         /* after COMMIT AND CHAIN: an empty transaction is open */
    bool connects;        /* the current call had to open a connection */
    bool answered;        /* the current call failed by an error of the server */
    unsigned connections; /* opened so far */
    int64_t used_ms;      /* time of the last statement (monotonic) */
    struct prepared prepared[STATEMENT_COUNT];
    struct prepared expanded[STATEMENT_COUNT]; /* statements for several rows */
};

/* --- life cycle --- */

struct sql *sql_new(const struct sql_options *options)
{
    struct sql *sql = calloc(1, sizeof(*sql));
    if (!sql)
        return NULL;
    sql->options = *options;
    if (!sql_servers_read(&sql->servers, options->servers, options->spread, options->breakers,
                          NULL)) /* the configuration was checked */
        sql_free(&sql);
    return sql;
}

static void forget(struct prepared *prepared)
{
    if (prepared->handle)
        mysql_stmt_close(prepared->handle);
    free(prepared->cells);
    prepared->handle = NULL;
    prepared->cells = NULL;
}

static void mysql_disconnect(struct sql *sql)
{
    /* The connection is closed first, so that its statements are freed without a message to the
     * server. */
    if (sql->mysql) {
        mysql_close(sql->mysql);
        metrics_count(sql->options.metrics, METRIC_DB_CONNECTIONS_CLOSED, 0);
        metrics_hold(sql->options.metrics, HOLDING_DB_CONNECTIONS, -1);
    }
    sql->mysql = NULL;
    sql->in_transaction = sql->committed = sql->chained = false;
    for (unsigned i = 0; i < STATEMENT_COUNT; i++) {
        forget(&sql->prepared[i]);
        forget(&sql->expanded[i]);
    }
}

void sql_free(struct sql **sql)
{
    if (!*sql)
        return;
    mysql_disconnect(*sql);
    free(*sql);
    *sql = NULL;
}

void sql_thread_end(void)
{
    mysql_thread_end();
}

bool sql_is_open(const struct sql *sql)
{
    return sql->mysql != NULL;
}

bool sql_in_transaction(const struct sql *sql)
{
    return sql->in_transaction;
}

unsigned sql_connections(const struct sql *sql)
{
    return sql->connections;
}

void sql_close_idle(struct sql *sql, int64_t now_ms)
{
    if (sql->mysql && sql->options.idle_close_ms > 0 &&
        now_ms - sql->used_ms > sql->options.idle_close_ms)
        mysql_disconnect(sql);
}

/* --- connecting --- */

static void set_timeout(MYSQL *mysql, enum mysql_option option, unsigned ms)
{
    unsigned seconds = ms / 1000 + (ms % 1000 > 0);
    if (seconds > 0)
        mysql_options(mysql, option, &seconds);
}

/* Both libraries have SSL_KEY, _CERT and _CA; their options to enforce TLS differ.
 * docs/databases.md describes the results with each. */
static void set_tls(MYSQL *mysql, const struct sql_options *o)
{
    /* Otherwise "localhost" means a Unix socket, for which Connector/C 3.4 does not check the
     * name. */
    static const unsigned tcp = MYSQL_PROTOCOL_TCP;
    if (o->tls == SQL_TLS_VERIFY && !(o->socket && *o->socket))
        mysql_options(mysql, MYSQL_OPT_PROTOCOL, &tcp);
#if HAVE_DECL_MYSQL_OPT_SSL_MODE
    static const unsigned modes[] = {
        [SQL_TLS_OFF] = SSL_MODE_DISABLED,
        [SQL_TLS_PREFERRED] = SSL_MODE_PREFERRED,
        [SQL_TLS_REQUIRED] = SSL_MODE_REQUIRED,
        [SQL_TLS_VERIFY] = SSL_MODE_VERIFY_IDENTITY,
    };
    mysql_options(mysql, MYSQL_OPT_SSL_MODE, &modes[o->tls]);
    /* Without TLS, caching_sha2_password encrypts the password with the server's RSA key, which
     * Connector/C requests by itself. */
    my_bool may_be_plain = o->tls <= SQL_TLS_PREFERRED;
    mysql_options(mysql, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &may_be_plain);
#else
    /* Connector/C 3.4 verifies the certificate by default. "Enforce" only tries TLS: sql_connect
     * checks whether the connection is encrypted. */
    my_bool wanted = o->tls != SQL_TLS_OFF;
    my_bool verify = o->tls == SQL_TLS_VERIFY;
    mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &wanted);
    mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
#endif
    if (o->tls == SQL_TLS_OFF)
        return;
    if (o->tls_ca)
        mysql_options(mysql, MYSQL_OPT_SSL_CA, o->tls_ca);
    if (o->tls_cert)
        mysql_options(mysql, MYSQL_OPT_SSL_CERT, o->tls_cert);
    if (o->tls_key)
        mysql_options(mysql, MYSQL_OPT_SSL_KEY, o->tls_key);
}

static void set_options(MYSQL *mysql, const struct sql_options *o)
{
    unsigned off = 0;
    mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &off);
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(mysql, MYSQL_INIT_COMMAND, INIT_SESSION);
    mysql_options(mysql, MYSQL_INIT_COMMAND, INIT_ISOLATION);
    set_timeout(mysql, MYSQL_OPT_CONNECT_TIMEOUT, o->connect_timeout_ms);
    set_timeout(mysql, MYSQL_OPT_READ_TIMEOUT, o->read_timeout_ms);
    set_timeout(mysql, MYSQL_OPT_WRITE_TIMEOUT, o->write_timeout_ms);
    set_tls(mysql, o);
}

static enum sql_result connect_failed(MYSQL *mysql, enum sql_result result, const char *why,
                                      struct error *err)
{
    error_set(err, "mysql: connect: %s", why);
    mysql_close(mysql);
    return result;
}

static void set_up_library(void)
{
    mysql_library_init(0, NULL, NULL); /* if it fails, mysql_init fails, too */
}

/* The library is initialised with the first connection, by the thread that makes it: it takes 2
 * MiB, most of it for TLS, which a worker that only answers from caches does not need. */
static MYSQL *new_connection(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_up_library);
    return mysql_init(NULL);
}

/* Where a server is: `socket`, or, where that is NULL, host and port. */
struct sql_place {
    const char *host;
    unsigned port;
    const char *socket;
};

static enum sql_result connect_to(struct sql *sql, struct sql_place place, struct error *err)
{
    const struct sql_options *o = &sql->options;
    MYSQL *mysql = new_connection();
    if (!mysql) {
        error_set(err, "mysql: connect: out of memory");
        return SQL_LOST;
    }
    set_options(mysql, o);
    if (!mysql_real_connect(mysql, place.host, o->user, o->password, o->database, place.port,
                            place.socket, 0))
        return connect_failed(mysql, sql_error_class(mysql_errno(mysql)), mysql_error(mysql), err);
    if (o->tls >= SQL_TLS_REQUIRED && !mysql_get_ssl_cipher(mysql))
        return connect_failed(mysql, SQL_ERROR, "the server does not offer TLS", err);
    sql->mysql = mysql;
    sql->connections++;
    metrics_count(o->metrics, METRIC_DB_CONNECTIONS_OPENED, 0);
    metrics_hold(o->metrics, HOLDING_DB_CONNECTIONS, 1);
    return SQL_OK;
}

/* Connects to the first server of the cluster that does not refuse. */
static enum sql_result connect_to_cluster(struct sql *sql, struct error *err)
{
    enum sql_result result = SQL_LOST;
    error_set(err, "mysql: the circuit breakers of all servers are open");
    for (unsigned i = 0; i < sql->servers.n && result == SQL_LOST; i++) {
        const struct sql_server *server = &sql->servers.at[i];
        if (!breaker_allows(server->breaker, monotonic_ms()))
            continue;
        bool by_socket = server->address.port == 0;
        const struct sql_place place = {
            .host = by_socket ? NULL : server->address.host,
            .port = server->address.port,
            .socket = by_socket ? server->address.host : NULL,
        };
        result = connect_to(sql, place, err);
        sql->server = i;
        if (result == SQL_LOST)
            breaker_open(server->breaker, monotonic_ms());
        else
            breaker_report(server->breaker, true, monotonic_ms());
    }
    return result;
}

static enum sql_result sql_connect(struct sql *sql, struct error *err)
{
    const struct sql_options *o = &sql->options;
    bool by_socket = o->socket && *o->socket;
    sql->connects = true;
    sql->answered = false;
    if (sql->servers.n > 0)
        return connect_to_cluster(sql, err);
    const struct sql_place place = {
        .host = by_socket ? NULL : o->host,
        .port = by_socket ? 0 : o->port,
        .socket = by_socket ? o->socket : NULL,
    };
    return connect_to(sql, place, err);
}

/* Has all workers of the host use another server of the cluster than the current one. */
static void leave_server(const struct sql *sql)
{
    if (sql->servers.n > 0)
        breaker_open(sql->servers.at[sql->server].breaker, monotonic_ms());
}

/* Whether a server of the cluster can be used that is preferred to the current one. */
static bool has_better_server(const struct sql *sql, int64_t now_ms)
{
    for (unsigned i = 0; i < sql->servers.n && i < sql->server; i++) {
        if (breaker_state(sql->servers.at[i].breaker, now_ms) == BREAKER_CLOSED)
            return true;
    }
    return false;
}

/* Sets the error text, and closes the connection or rolls back as sql.h says. */
static enum sql_result failed(struct sql *sql, const char *what, unsigned number, const char *text,
                              struct error *err)
{
    enum sql_result result = sql_error_class(number);
    error_set(err, "mysql: %s: %s (%u)", what, text, number);
    sql->answered = !sql_error_is_silence(number);
    if (sql_error_is_unfit(number))
        leave_server(sql);
    if (result == SQL_LOST)
        mysql_disconnect(sql);
    else if (result == SQL_RETRY && sql->in_transaction)
        sql_rollback(sql); /* after a lock wait time-out the server has rolled back only the
                            * statement */
    return result;
}

/* --- the circuit breaker --- */

/* Whether the server may be used for a call; always true inside a transaction. */
static bool mysql_may_use(struct sql *sql, int64_t now_ms, struct error *err)
{
    sql->connects = false;
    sql->answered = false;
    if (sql->in_transaction)
        return true;
    bool allowed = breaker_allows(sql->options.breaker, now_ms);
    if (sql->mysql && (!allowed || has_better_server(sql, now_ms)))
        mysql_disconnect(sql);
    if (allowed)
        return true;
    return error_set(err, "mysql: circuit breaker open after repeated failures");
}

/* The same for a call that writes, or begins to. */
static bool mysql_may_write(const struct sql *sql, int64_t now_ms, struct error *err)
{
    if (sql->in_transaction || breaker_allows(sql->options.writes, now_ms))
        return true;
    return error_set(err, "mysql: circuit breaker of writes open after a COMMIT without an answer");
}

static bool took_too_long(const struct sql *sql, int64_t start_ms, int64_t now_ms)
{
    unsigned limit_ms = sql->options.read_timeout_ms;
    return limit_ms > 0 && now_ms - start_ms >= limit_ms;
}

/* Reports the result of a call to the circuit breaker. The loss of a connection that was open
 * before is not reported, because the server may only have been restarted, unless the call took the
 * whole read time-out or the breaker is not closed; the next connection shows whether the server
 * works. */
static void mysql_report_to_breaker(const struct sql *sql, enum sql_result result, int64_t start_ms)
{
    struct breaker breaker = sql->options.breaker;
    if (!breaker.all)
        return;
    int64_t now_ms = monotonic_ms();
    bool good = result != SQL_LOST || sql->answered;
    if (good || sql->connects || took_too_long(sql, start_ms, now_ms) ||
        breaker_state(breaker, now_ms) != BREAKER_CLOSED)
        breaker_report(breaker, good, now_ms);
}

/* Reports the result of a COMMIT, or of a statement that commits by itself, to the circuit breaker
 * of writes. A COMMIT, or a wait for other nodes, opens it at once; a statement may have waited for
 * a row. */
static void mysql_report_write(const struct sql *sql, enum sql_result result, int64_t start_ms,
                               bool opens_at_once)
{
    struct breaker writes = sql->options.writes;
    int64_t now_ms = monotonic_ms();
    if (!writes.all)
        return;
    if (result != SQL_LOST || sql->answered)
        breaker_report(writes, true, now_ms);
    else if (opens_at_once && took_too_long(sql, start_ms, now_ms))
        breaker_open(writes, now_ms);
    else if (took_too_long(sql, start_ms, now_ms) ||
             breaker_state(writes, now_ms) != BREAKER_CLOSED)
        breaker_report(writes, false, now_ms);
}

/* Counts errors in the metrics. A duplicate is not an error. */
static enum sql_result counted(const struct sql *sql, enum sql_result result)
{
    if (result != SQL_OK && result != SQL_DUPLICATE)
        metrics_count(sql->options.metrics, METRIC_DB_ERRORS, (uint8_t)result);
    return result;
}

/* --- chained transactions --- */

/* Consecutive transactions save the round trip of START TRANSACTION: from the second on they end
 * with COMMIT AND CHAIN, which also begins the next. That transaction is empty and holds no locks;
 * this function ends it before a statement outside a transaction. */
static enum sql_result leave_chain(struct sql *sql, struct error *err)
{
    bool chained = sql->chained;
    sql->committed = sql->chained = false;
    if (chained && mysql_query(sql->mysql, "ROLLBACK") != 0)
        return failed(sql, "query", mysql_errno(sql->mysql), mysql_error(sql->mysql), err);
    return SQL_OK;
}

/* Whether a chained transaction is open and can be used. */
static bool enter_chain(struct sql *sql)
{
    int64_t now_ms = monotonic_ms();
    bool usable = sql->chained && now_ms - sql->used_ms < CHAIN_LIFE_MS;
    sql->chains = sql->committed;
    sql->chained = false; /* otherwise START TRANSACTION ends the empty transaction */
    sql->in_transaction = usable && mysql_may_use(sql, now_ms, NULL);
    return sql->in_transaction;
}

/* --- statements as text --- */

static void text_rows(MYSQL_RES *rows, sql_row *row, void *context)
{
    struct sql_value columns[SQL_COLUMNS_MAX];
    unsigned n = mysql_num_fields(rows);
    if (n > SQL_COLUMNS_MAX)
        n = SQL_COLUMNS_MAX;
    for (MYSQL_ROW cells; (cells = mysql_fetch_row(rows));) {
        const unsigned long *lengths = mysql_fetch_lengths(rows);
        for (unsigned i = 0; i < n; i++)
            columns[i] = cells[i] ? sql_bytes((struct slice){ cells[i], lengths[i] }) : sql_null();
        if (!row(context, columns, n))
            break;
    }
}

static enum sql_result text_once(struct sql *sql, struct slice text, sql_row *row, void *context,
                                 struct error *err)
{
    if (!sql->mysql) {
        enum sql_result result = sql_connect(sql, err);
        if (result != SQL_OK)
            return result;
    }
    enum sql_result left = leave_chain(sql, err);
    if (left != SQL_OK)
        return left;
    sql->used_ms = monotonic_ms();
    if (mysql_real_query(sql->mysql, text.at, text.len) != 0)
        return failed(sql, "query", mysql_errno(sql->mysql), mysql_error(sql->mysql), err);
    MYSQL_RES *rows = mysql_store_result(sql->mysql);
    if (!rows && mysql_errno(sql->mysql) != 0)
        return failed(sql, "query", mysql_errno(sql->mysql), mysql_error(sql->mysql), err);
    if (rows && row)
        text_rows(rows, row, context);
    mysql_free_result(rows);
    return SQL_OK;
}

enum sql_result sql_text(struct sql *sql, struct slice text, sql_row *row, void *context,
                         struct error *err)
{
    int64_t start_ms = monotonic_ms();
    if (!mysql_may_use(sql, start_ms, err))
        return SQL_LOST;
    metrics_hold(sql->options.metrics, HOLDING_DB_STATEMENTS, 1);
    enum sql_result result = text_once(sql, text, row, context, err);
    metrics_hold(sql->options.metrics, HOLDING_DB_STATEMENTS, -1);
    mysql_report_to_breaker(sql, result, start_ms);
    return counted(sql, result);
}

/* --- transactions --- */

enum sql_result sql_begin(struct sql *sql, struct error *err)
{
    if (!mysql_may_write(sql, monotonic_ms(), err))
        return SQL_LOST;
    if (enter_chain(sql))
        return SQL_OK;
    bool was_open = sql_is_open(sql);
    enum sql_result result = sql_text(sql, SLICE("START TRANSACTION"), NULL, NULL, err);
    if (result == SQL_LOST && was_open) /* the idle connection was closed: safe to retry */
        result = sql_text(sql, SLICE("START TRANSACTION"), NULL, NULL, err);
    sql->in_transaction = result == SQL_OK;
    return result;
}

enum sql_result sql_commit(struct sql *sql, struct error *err)
{
    if (!sql->in_transaction) {
        error_set(err, "mysql: commit: the transaction was lost");
        return SQL_LOST;
    }
    struct slice text = sql->chains ? SLICE("COMMIT AND CHAIN") : SLICE("COMMIT");
    int64_t start_ms = monotonic_ms();
    enum sql_result result = sql_text(sql, text, NULL, NULL, err);
    mysql_report_write(sql, result, start_ms, true);
    if (result != SQL_OK)
        sql_rollback(sql);
    sql->in_transaction = false;
    sql->committed = result == SQL_OK;
    sql->chained = sql->committed && sql->chains;
    return result;
}

void sql_rollback(struct sql *sql)
{
    sql->in_transaction = false;
    if (sql->mysql && sql_text(sql, SLICE("ROLLBACK"), NULL, NULL, NULL) != SQL_OK)
        mysql_disconnect(sql);
}

/* --- prepared statements --- */

static bool is_integer(enum enum_field_types type)
{
    switch (type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR:
        return true;
    default:
        return false;
    }
}

static void mysql_read_columns(struct prepared *prepared)
{
    MYSQL_RES *meta = mysql_stmt_result_metadata(prepared->handle);
    prepared->n_columns = meta ? mysql_num_fields(meta) : 0;
    if (prepared->n_columns > SQL_COLUMNS_MAX)
        prepared->n_columns = SQL_COLUMNS_MAX;
    for (unsigned i = 0; i < prepared->n_columns; i++) {
        const MYSQL_FIELD *field = mysql_fetch_field_direct(meta, i);
        prepared->types[i] = !is_integer(field->type)         ? SQL_BYTES
                             : (field->flags & UNSIGNED_FLAG) ? SQL_UINT
                                                              : SQL_INT;
    }
    if (meta)
        mysql_free_result(meta);
}

static struct prepared *slot(struct sql *sql, const struct sql_query *query)
{
    return query->rows > 1 ? &sql->expanded[query->id] : &sql->prepared[query->id];
}

/* Prepares the text; 0 or an error number. */
static int prepare_text(MYSQL_STMT *handle, const struct sql_query *query)
{
    char small[2048];
    size_t len = statement_expand(query->id, query->rows, small, sizeof(small));
    if (len < sizeof(small))
        return mysql_stmt_prepare(handle, small, len);
    char *text = malloc(len + 1);
    if (!text)
        return 1;
    statement_expand(query->id, query->rows, text, len + 1);
    int failure = mysql_stmt_prepare(handle, text, len);
    free(text);
    return failure;
}

static enum sql_result mysql_prepare(struct sql *sql, const struct sql_query *query,
                                     struct error *err)
{
    struct prepared *prepared = slot(sql, query);
    if (prepared->handle && (query->rows <= 1 || prepared->rows == query->rows))
        return SQL_OK;
    forget(prepared);
    const char *name = statement_of(query->id)->name;
    MYSQL_STMT *handle = mysql_stmt_init(sql->mysql);
    if (!handle)
        return failed(sql, name, mysql_errno(sql->mysql), mysql_error(sql->mysql), err);
    if (prepare_text(handle, query) != 0) {
        enum sql_result result =
            failed(sql, name, mysql_stmt_errno(handle), mysql_stmt_error(handle), err);
        mysql_stmt_close(handle);
        return result;
    }
    prepared->handle = handle;
    prepared->rows = query->rows;
    mysql_read_columns(prepared);
    prepared->cells = calloc(prepared->n_columns + 1, sizeof(*prepared->cells));
    if (prepared->cells)
        return SQL_OK;
    forget(prepared);
    error_set(err, "mysql: %s: out of memory", name);
    return SQL_ERROR;
}

static void bind_params(MYSQL_BIND *binds, const struct sql_query *query)
{
    memset(binds, 0, sizeof(*binds) * query->n_params);
    for (unsigned i = 0; i < query->n_params; i++) {
        const struct sql_value *value = &query->params[i];
        switch (value->type) {
        case SQL_NULL:
            binds[i].buffer_type = MYSQL_TYPE_NULL;
            break;
        case SQL_INT:
        case SQL_UINT:
            binds[i].buffer_type = MYSQL_TYPE_LONGLONG;
            binds[i].buffer = (void *)&value->u;
            binds[i].is_unsigned = value->type == SQL_UINT;
            break;
        case SQL_BYTES: /* a BLOB, which has no character set */
            binds[i].buffer_type = MYSQL_TYPE_BLOB;
            binds[i].buffer = (void *)(value->bytes.len ? value->bytes.at : "");
            binds[i].buffer_length = value->bytes.len;
            break;
        }
    }
}

static int execute_bound(MYSQL_STMT *handle, const struct sql_query *query, MYSQL_BIND *binds)
{
    bind_params(binds, query);
    if (query->n_params > 0 && mysql_stmt_bind_param(handle, binds) != 0)
        return 1;
    return mysql_stmt_execute(handle);
}

static int execute_once(MYSQL_STMT *handle, const struct sql_query *query)
{
    MYSQL_BIND few[FEW_PARAMS];
    if (query->n_params <= FEW_PARAMS)
        return execute_bound(handle, query, few);
    MYSQL_BIND *many = malloc(sizeof(*many) * query->n_params);
    int failure = many ? execute_bound(handle, query, many) : 1;
    free(many);
    return failure;
}

/* Prepares the statement if necessary and executes it; prepares it once more when the server
 * requires it. */
static enum sql_result execute(struct sql *sql, const struct sql_query *query, struct error *err)
{
    const char *name = statement_of(query->id)->name;
    struct prepared *prepared = slot(sql, query);
    for (unsigned tries = 0;; tries++) {
        enum sql_result result = mysql_prepare(sql, query, err);
        if (result != SQL_OK)
            return result;
        MYSQL_STMT *handle = prepared->handle;
        if (mysql_stmt_param_count(handle) != query->n_params || query->n_params > SQL_PARAMS_MAX) {
            error_set(err, "mysql: %s: wrong number of parameters", name);
            return SQL_ERROR;
        }
        if (execute_once(handle, query) == 0)
            return SQL_OK;
        unsigned number = mysql_stmt_errno(handle);
        if (!sql_error_wants_prepare(number) || tries > 0)
            return failed(sql, name, number, mysql_stmt_error(handle), err);
        forget(prepared);
    }
}

/* --- results --- */

/* libmysqlclient keeps the addresses: it writes a length to each number's at the next
 * mysql_stmt_execute, long before anything is fetched. So they are the statement's own. */
static void bind_cells(const struct prepared *prepared, MYSQL_BIND *binds)
{
    struct cell *cells = prepared->cells;
    memset(binds, 0, sizeof(*binds) * SQL_COLUMNS_MAX);
    for (unsigned i = 0; i < prepared->n_columns; i++) {
        bool bytes = prepared->types[i] == SQL_BYTES;
        cells[i] = (struct cell){ 0 };
        binds[i].buffer_type = bytes ? MYSQL_TYPE_BLOB : MYSQL_TYPE_LONGLONG;
        binds[i].buffer = &cells[i].number;
        /* Of bytes only the length is fetched first; then memory is allocated for them. */
        binds[i].buffer_length = bytes ? 0 : sizeof(cells[i].number);
        binds[i].is_unsigned = prepared->types[i] == SQL_UINT;
        binds[i].length = &cells[i].length;
        binds[i].is_null = &cells[i].is_null;
        binds[i].error = &cells[i].error;
    }
}

static bool fetch_bytes(MYSQL_STMT *handle, unsigned column, unsigned long length,
                        struct arena *arena, struct sql_value *out)
{
    char *at = arena ? arena_alloc(arena, length + 1) : NULL;
    if (!at)
        return false;
    unsigned long got = 0;
    my_bool is_null = 0;
    my_bool error = 0;
    MYSQL_BIND bind = {
        .buffer_type = MYSQL_TYPE_BLOB,
        .buffer = at,
        .buffer_length = length,
        .length = &got,
        .is_null = &is_null,
        .error = &error,
    };
    if (length > 0 && mysql_stmt_fetch_column(handle, &bind, column, 0) != 0)
        return false;
    *out = sql_bytes((struct slice){ at, length });
    return true;
}

static bool mysql_read_row(const struct prepared *prepared, struct arena *arena,
                           struct sql_value *columns)
{
    const struct cell *cells = prepared->cells;
    for (unsigned i = 0; i < prepared->n_columns; i++) {
        if (cells[i].is_null)
            columns[i] = sql_null();
        else if (prepared->types[i] != SQL_BYTES)
            columns[i] = (struct sql_value){ .type = prepared->types[i], .u = cells[i].number };
        else if (!fetch_bytes(prepared->handle, i, cells[i].length, arena, &columns[i]))
            return false;
    }
    return true;
}

/* Passes the rows to query->row. All of them have been received, so the connection cannot be lost
 * meanwhile. */
static enum sql_result each_row(const struct prepared *prepared, const struct sql_query *query,
                                struct error *err)
{
    for (;;) {
        int status = mysql_stmt_fetch(prepared->handle);
        if (status == MYSQL_NO_DATA)
            return SQL_OK;
        struct sql_value columns[SQL_COLUMNS_MAX];
        if ((status != 0 && status != MYSQL_DATA_TRUNCATED) ||
            !mysql_read_row(prepared, query->arena, columns)) {
            error_set(err, "mysql: %s: no memory for the row", statement_of(query->id)->name);
            return SQL_ERROR;
        }
        if (query->row && !query->row(query->context, columns, prepared->n_columns))
            return SQL_OK;
    }
}

static enum sql_result read_rows(struct sql *sql, const struct sql_query *query, struct error *err)
{
    const struct prepared *prepared = slot(sql, query);
    MYSQL_STMT *handle = prepared->handle;
    MYSQL_BIND binds[SQL_COLUMNS_MAX];
    bind_cells(prepared, binds);
    if (mysql_stmt_bind_result(handle, binds) != 0 || mysql_stmt_store_result(handle) != 0)
        return failed(sql, statement_of(query->id)->name, mysql_stmt_errno(handle),
                      mysql_stmt_error(handle), err);
    return each_row(prepared, query, err);
}

static enum sql_result run_once(struct sql *sql, const struct sql_query *query,
                                struct sql_done *done, struct error *err)
{
    if (!sql->mysql) {
        enum sql_result result = sql_connect(sql, err);
        if (result != SQL_OK)
            return result;
    }
    enum sql_result result = leave_chain(sql, err);
    if (result != SQL_OK)
        return result;
    sql->used_ms = monotonic_ms();
    result = execute(sql, query, err);
    if (result != SQL_OK)
        return result;
    MYSQL_STMT *handle = slot(sql, query)->handle;
    bool has_rows = slot(sql, query)->n_columns > 0;
    if (has_rows)
        result = read_rows(sql, query, err);
    if (!sql->mysql)
        return result;
    if (done)
        *done = (struct sql_done){
            .affected = has_rows ? mysql_stmt_num_rows(handle) : mysql_stmt_affected_rows(handle),
            .insert_id = mysql_stmt_insert_id(handle),
        };
    if (has_rows)
        mysql_stmt_free_result(handle);
    return result;
}

/* If an idle connection was lost, a read outside a transaction is run once more on a new
 * connection, unless the first try took as long as a time-out. */
static enum sql_result mysql_run(struct sql *sql, const struct sql_query *query,
                                 struct sql_done *done, struct error *err)
{
    bool again = sql_is_open(sql) && !sql->in_transaction && !query->waits_for_nodes &&
                 statement_of(query->id)->reads;
    int64_t start_ms = monotonic_ms();
    enum sql_result result = run_once(sql, query, done, err);
    if (result != SQL_LOST || !again || took_too_long(sql, start_ms, monotonic_ms()))
        return result;
    return run_once(sql, query, done, err);
}

enum sql_result sql_run(struct sql *sql, const struct sql_query *query, struct sql_done *done,
                        struct error *err)
{
    static_assert(STATEMENT_COUNT <= UINT8_MAX, "a label holds a statement");
    int64_t start_us = monotonic_us();
    bool commits =
        !sql->in_transaction && (query->waits_for_nodes || !statement_of(query->id)->reads);
    if (!mysql_may_use(sql, start_us / 1000, err) ||
        (commits && !mysql_may_write(sql, start_us / 1000, err)))
        return SQL_LOST;
    metrics_hold(sql->options.metrics, HOLDING_DB_STATEMENTS, 1);
    enum sql_result result = mysql_run(sql, query, done, err);
    metrics_hold(sql->options.metrics, HOLDING_DB_STATEMENTS, -1);
    mysql_report_to_breaker(sql, result, start_us / 1000);
    if (!commits && result == SQL_LOST && !sql->answered && !sql->in_transaction &&
        took_too_long(sql, start_us / 1000, monotonic_ms()))
        leave_server(sql);
    if (commits)
        mysql_report_write(sql, result, start_us / 1000, query->waits_for_nodes);
    metrics_observe_us(sql->options.metrics, METRIC_DB_QUERY_DURATION,
                       (struct metric_labels){ .a = (uint8_t)query->id },
                       monotonic_us() - start_us);
    return counted(sql, result);
}
