/* SPDX-License-Identifier: MIT */
/* Child processes of a test, and a database connection through the proxy. */
#include "db_faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/db.h"
#include "db/migrate.h"

int faults_start(void **state)
{
    static struct faults faults;
    mariadb_start(&faults.server);
    char path[80];
    snprintf(path, sizeof(path), "%s/proxy", faults.server.dir);
    lossy_proxy_start(&faults.proxy, path, faults.server.socket);
    *state = &faults;
    return 0;
}

int faults_stop(void **state)
{
    struct faults *f = *state;
    lossy_proxy_stop(&f->proxy);
    mariadb_stop(&f->server);
    return 0;
}

int faults_set_up(void **state)
{
    struct faults *f = *state;
    mariadb_database(&f->server, f->name);
    f->options = mariadb_options(&f->server, f->name);
    const struct migrate_request request = { .sql = &f->options, .dir = schema_dir() };
    f->db = db_open(&f->options);
    f->arena = arena_new(1 << 20);
    return migrate_run(&request, NULL) == MIGRATE_OK ? 0 : -1;
}

int faults_tear_down(void **state)
{
    struct faults *f = *state;
    db_close(&f->db);
    arena_free(&f->arena);
    mariadb_kill_connections(&f->server, f->name);
    mariadb_run(&f->server, "DROP DATABASE %s", f->name);
    return 0;
}

/* A process of faults_in_processes: says when it is connected, and waits for the gate to open. */
static void be_ready(struct db *db, int ready, int gate)
{
    char byte = 0;
    while (db_ping(db, NULL) != DB_OK)
        ; /* so many connect at once that one may be refused */
    if (write(ready, &byte, 1) != 1 || read(gate, &byte, 1) != 0)
        _exit(255);
}

void faults_in_processes(struct faults *f, int n, int (*work)(struct db *, int, void *),
                         void *context, int *results)
{
    pid_t pids[PROCESSES_MAX];
    int gate[2];
    int ready[2];
    assert_true(n <= PROCESSES_MAX && pipe(gate) == 0 && pipe(ready) == 0);
    for (int i = 0; i < n; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            close(gate[1]);
            close(ready[0]);
            struct db *db = db_open(&f->options);
            be_ready(db, ready[1], gate[0]);
            _exit(work(db, i, context));
        }
    }
    close(gate[0]);
    close(ready[1]);
    char byte;
    for (int i = 0; i < n; i++)
        assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(gate[1]);
    for (int i = 0; i < n; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status));
        results[i] = WEXITSTATUS(status);
    }
}

const struct trial faults_trials[N_TRIALS] = {
    { true, false }, { true, true }, { false, false }, { false, true }
};
int faults_cut_everywhere(struct faults *f, struct trial trial,
                          void (*call)(struct faults *, struct db *, unsigned n))
{
    static unsigned n;
    struct sql_options options = f->options;
    options.socket = f->proxy.socket;
    for (int at = 1; at < CUTS_MAX; at++) {
        lossy_proxy_plan(&f->proxy, 0, false, false);
        struct db *db = db_open(&options);
        if (trial.connected)
            assert_result(db_ping(db, &err), DB_OK);
        lossy_proxy_plan(&f->proxy, at, trial.answered, false);
        call(f, db, ++n);
        db_close(&db);
        if (f->proxy.plan->cuts == 0)
            return at - 1;
    }
    fail_msg("the call never ends");
    return 0;
}
