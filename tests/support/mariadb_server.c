/* SPDX-License-Identifier: MIT */
/* Starting, asking and ending a private MariaDB or MySQL. */
#include "support/mariadb_server.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    READY_TRIES = 4000, /* of 5 ms each */
    READY_PAUSE_MS = 5,
};

static _Noreturn void give_up(const char *what, const char *why)
{
    printf("Bail out! %s: %s\n", what, why);
    exit(1);
}

const char *mariadb_missing(void)
{
    struct database_program program;
    return database_program_find(&program);
}

/* Starts a program that ends with this one; its output goes to DIR/log. */
static pid_t spawn(const struct mariadb_server *server, const char *const argv[])
{
    char log[80];
    snprintf(log, sizeof(log), "%s/log", server->dir);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (getppid() != parent || fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
        _exit(126);
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void install(struct mariadb_server *server)
{
    char data[96];
    char tmp[96];
    const struct database_program *program = &server->program;
    snprintf(data, sizeof(data), "--datadir=%s/data", server->dir);
    /* A server that starts removes what it takes for its own leftovers from its folder for
     * temporary tables: two may not share one. */
    snprintf(tmp, sizeof(tmp), "--tmpdir=%s", server->dir);
    const char *argv[12] = { program->is_mysql ? program->server : program->install,
                             "--no-defaults", data, tmp };
    size_t n = 4;
    if (program->is_mysql) {
        argv[n++] = "--initialize-insecure"; /* root without a password */
    } else {
        argv[n++] = "--auth-root-authentication-method=normal";
        argv[n++] = "--skip-test-db";
    }
    if (program->base[0])
        argv[n++] = program->base;
    if (geteuid() == 0)
        argv[n++] = "--user=root";
    int status = 0;
    pid_t pid = spawn(server, argv);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        give_up("a data directory cannot be made; see the log in", server->dir);
}

static void wait_until_ready(struct mariadb_server *server)
{
    struct error err = { "" };
    for (int i = 0; i < READY_TRIES; i++) {
        if (sql_text(server->admin, SLICE("DO 0"), NULL, NULL, &err) == SQL_OK)
            return;
        if (waitpid(server->pid, NULL, WNOHANG) == server->pid)
            break;
        poll(NULL, 0, READY_PAUSE_MS);
    }
    give_up("the server does not come up", err.text);
}

/* What the two servers have under other names, or only one of them has. */
static size_t own_options(const struct mariadb_server *server, const char *argv[])
{
    static const char *const mariadb[] = { "--innodb-log-file-size=32M" };
    static const char *const mysql[] = { "--innodb-redo-log-capacity=64M", "--skip-log-bin",
                                         "--mysqlx=OFF" };
    bool is_mysql = server->program.is_mysql;
    size_t n = is_mysql ? sizeof(mysql) / sizeof(*mysql) : sizeof(mariadb) / sizeof(*mariadb);
    memcpy(argv, is_mysql ? mysql : mariadb, n * sizeof(*argv));
    if (!server->tls)
        argv[n++] = is_mysql ? "--tls-version=" : "--skip-ssl";
    return n;
}

void mariadb_up(struct mariadb_server *server)
{
    char data[96];
    char tmp[96];
    char socket[128];
    char pid_file[96];
    snprintf(data, sizeof(data), "--datadir=%s/data", server->dir);
    snprintf(tmp, sizeof(tmp), "--tmpdir=%s", server->dir);
    snprintf(socket, sizeof(socket), "--socket=%s", server->socket);
    snprintf(pid_file, sizeof(pid_file), "--pid-file=%s/pid", server->dir);
    const char *argv[24 + MARIADB_OPTIONS_MAX] = { server->program.server,
                                                   "--no-defaults",
                                                   data,
                                                   tmp,
                                                   socket,
                                                   pid_file,
                                                   "--skip-networking",
                                                   "--innodb-buffer-pool-size=64M",
                                                   "--innodb-flush-log-at-trx-commit=0" };
    size_t n = 9;
    n += own_options(server, argv + n);
    if (server->program.base[0])
        argv[n++] = server->program.base;
    if (geteuid() == 0)
        argv[n++] = "--user=root";
    for (size_t i = 0; i < MARIADB_OPTIONS_MAX && server->options[i]; i++)
        argv[n++] = server->options[i];
    server->pid = spawn(server, argv);
    if (server->pid < 0)
        give_up("fork", strerror(errno));
    wait_until_ready(server);
}

void mariadb_start(struct mariadb_server *server)
{
    memset(server, 0, sizeof(*server));
    mariadb_start_with(server);
}

void mariadb_start_with(struct mariadb_server *server)
{
    const char *missing = database_program_find(&server->program);
    if (missing)
        give_up("no database server", missing);
    snprintf(server->dir, sizeof(server->dir), "/tmp/curt-mariadb-XXXXXX");
    if (!mkdtemp(server->dir))
        give_up("mkdtemp", strerror(errno));
    snprintf(server->socket, sizeof(server->socket), "%s/socket", server->dir);
    struct sql_options options = mariadb_options(server, NULL);
    options.read_timeout_ms = 20000;
    server->admin = sql_new(&options);
    install(server);
    mariadb_up(server);
}

void mariadb_down(struct mariadb_server *server, int signal)
{
    if (server->pid == 0)
        return;
    kill(server->pid, signal);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void mariadb_stop(struct mariadb_server *server)
{
    sql_free(&server->admin);
    mariadb_down(server, SIGKILL); /* the data are not needed any more */
    nftw(server->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

struct sql_options mariadb_options(const struct mariadb_server *server, const char *name)
{
    return (struct sql_options){
        .socket = server->socket,
        .user = "root",
        .database = name,
        .connect_timeout_ms = 2000,
        .read_timeout_ms = 5000,
        .write_timeout_ms = 5000,
    };
}

void mariadb_database(struct mariadb_server *server, char name[16])
{
    snprintf(name, 16, "t%u", server->n_databases++);
    mariadb_run(server, "CREATE DATABASE %s", name);
}

static bool read_number(void *context, const struct sql_value *columns, unsigned n)
{
    if (n > 0 && columns[0].type == SQL_BYTES) {
        char digits[24];
        snprintf(digits, sizeof(digits), "%.*s", SLICE_ARG(columns[0].bytes));
        *(long *)context = strtol(digits, NULL, 10);
    }
    return false;
}

static long ask(struct mariadb_server *server, const char *format, va_list args)
{
    char text[2048];
    int len = vsnprintf(text, sizeof(text), format, args);
    struct error err = { "" };
    long number = 0;
    if (sql_text(server->admin, (struct slice){ text, (size_t)len }, read_number, &number, &err) !=
        SQL_OK)
        give_up(text, err.text);
    return number;
}

void mariadb_run(struct mariadb_server *server, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ask(server, format, args);
    va_end(args);
}

long mariadb_number(struct mariadb_server *server, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    long number = ask(server, format, args);
    va_end(args);
    return number;
}

static bool add_status(void *context, const struct sql_value *columns, unsigned n)
{
    assert(n == 2);
    long number = 0;
    read_number(&number, columns + 1, 1);
    *(long *)context += number;
    return true;
}

long mariadb_status(struct mariadb_server *server, const char *names)
{
    char text[512];
    int len = snprintf(text, sizeof(text), "SHOW GLOBAL STATUS WHERE Variable_name IN (%s)", names);
    struct error err = { "" };
    long sum = 0;
    if (sql_text(server->admin, (struct slice){ text, (size_t)len }, add_status, &sum, &err) !=
        SQL_OK)
        give_up(text, err.text);
    return sum;
}

void mariadb_sequence(struct mariadb_server *server, unsigned last)
{
    if (!server->program.is_mysql)
        return;
    mariadb_run(server, "SET SESSION cte_max_recursion_depth = %u", last);
    mariadb_run(server,
                "CREATE TABLE IF NOT EXISTS seq_1_to_%u (seq INT UNSIGNED PRIMARY KEY) WITH"
                " RECURSIVE n (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < %u)"
                " SELECT seq FROM n",
                last, last);
}

bool mariadb_lacks(const struct mariadb_server *server, const char *what)
{
    if (server->program.is_mysql)
        printf("# skipped: MySQL has no %s\n", what);
    return server->program.is_mysql;
}

void mariadb_wait(struct mariadb_server *server, long wanted, const char *query)
{
    for (int i = 0; i < READY_TRIES / 2; i++) {
        if (mariadb_number(server, "%s", query) == wanted)
            return;
        poll(NULL, 0, READY_PAUSE_MS);
    }
    give_up("waited in vain", query);
}

const char *mariadb_processlist(const struct mariadb_server *server)
{
    return server->program.is_mysql ? "performance_schema.processlist"
                                    : "information_schema.processlist";
}

void mariadb_kill_connections(struct mariadb_server *server, const char *name)
{
    /* Not the ones that replace those. */
    const char *connections = mariadb_processlist(server);
    long last = mariadb_number(server, "SELECT MAX(id) FROM %s", connections);
    for (;;) {
        long id = mariadb_number(server,
                                 "SELECT id FROM %s WHERE db = '%s' AND id <> CONNECTION_ID()"
                                 " AND command <> 'Killed' AND id <= %ld LIMIT 1",
                                 connections, name, last);
        if (id == 0)
            return;
        char text[64];
        int len = snprintf(text, sizeof(text), "KILL %ld", id);
        /* It may be gone by itself by now. */
        sql_text(server->admin, (struct slice){ text, (size_t)len }, NULL, NULL, NULL);
    }
}

const char *schema_dir(void)
{
    static char dir[4096];
    const char *source = getenv("CURT_SRCDIR");
    snprintf(dir, sizeof(dir), "%s/schema", source ? source : ".");
    return dir;
}
