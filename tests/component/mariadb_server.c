/* SPDX-License-Identifier: MIT */
/* Starting, asking and ending a private MariaDB. */
#include "mariadb_server.h"

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

static bool find_program(const char *name, char out[256])
{
    static const char *const folders[] = { "/usr/sbin", "/usr/bin", "/usr/local/sbin",
                                           "/usr/local/bin" };
    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        snprintf(out, 256, "%s/%s", folders[i], name);
        if (access(out, X_OK) == 0)
            return true;
    }
    return false;
}

const char *mariadb_missing(void)
{
    char path[256];
    if (!find_program("mariadbd", path))
        return "mariadbd is not installed";
    return find_program("mariadb-install-db", path) ? NULL : "mariadb-install-db is not installed";
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
    char program[256];
    char data[96];
    char tmp[96];
    find_program("mariadb-install-db", program);
    snprintf(data, sizeof(data), "--datadir=%s/data", server->dir);
    /* A server that starts removes what it takes for its own leftovers from its folder for
     * temporary tables: two may not share one. */
    snprintf(tmp, sizeof(tmp), "--tmpdir=%s", server->dir);
    const char *const argv[] = { program,
                                 "--no-defaults",
                                 data,
                                 tmp,
                                 "--auth-root-authentication-method=normal",
                                 "--skip-test-db",
                                 geteuid() == 0 ? "--user=root" : NULL,
                                 NULL };
    int status = 0;
    pid_t pid = spawn(server, argv);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        give_up("mariadb-install-db failed", server->dir);
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

void mariadb_up(struct mariadb_server *server)
{
    char program[256];
    char data[96];
    char tmp[96];
    char socket[128];
    find_program("mariadbd", program);
    snprintf(data, sizeof(data), "--datadir=%s/data", server->dir);
    snprintf(tmp, sizeof(tmp), "--tmpdir=%s", server->dir);
    snprintf(socket, sizeof(socket), "--socket=%s", server->socket);
    const char *const argv[] = { program,
                                 "--no-defaults",
                                 data,
                                 tmp,
                                 socket,
                                 "--skip-networking",
                                 "--innodb-buffer-pool-size=64M",
                                 "--innodb-log-file-size=32M",
                                 "--innodb-flush-log-at-trx-commit=0",
                                 geteuid() == 0 ? "--user=root" : NULL,
                                 NULL };
    server->pid = spawn(server, argv);
    if (server->pid < 0)
        give_up("fork", strerror(errno));
    wait_until_ready(server);
}

void mariadb_start(struct mariadb_server *server)
{
    memset(server, 0, sizeof(*server));
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
    mariadb_down(server, SIGKILL); /* nobody needs the data any more */
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

void mariadb_wait(struct mariadb_server *server, long wanted, const char *query)
{
    for (int i = 0; i < READY_TRIES / 2; i++) {
        if (mariadb_number(server, "%s", query) == wanted)
            return;
        poll(NULL, 0, READY_PAUSE_MS);
    }
    give_up("waited in vain", query);
}

void mariadb_kill_connections(struct mariadb_server *server, const char *name)
{
    /* Not the ones that replace those. */
    long last = mariadb_number(server, "SELECT MAX(id) FROM information_schema.processlist");
    for (;;) {
        long id = mariadb_number(server,
                                 "SELECT id FROM information_schema.processlist WHERE db = '%s'"
                                 " AND id <> CONNECTION_ID() AND command <> 'Killed'"
                                 " AND id <= %ld LIMIT 1",
                                 name, last);
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
