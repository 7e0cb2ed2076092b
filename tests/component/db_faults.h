/* SPDX-License-Identifier: MIT */
/* A real database under bad conditions: many processes at once, and a connection that is cut at any
 * point. */
#pragma once

#include "db/db.h"
#include "db_contract.h"
#include "support/lossy_proxy.h"
#include "support/mariadb_server.h"

enum {
    PROCESSES_MAX = 64,
    CUTS_MAX = 200,
    N_TRIALS = 4,
};

struct faults {
    struct mariadb_server server;
    struct lossy_proxy proxy;
    char name[16];
    struct sql_options options;
    struct db *db;
    struct arena *arena;
};

/* Group and case: an empty database with the schema, `db` not yet connected. */
int faults_start(void **state);
int faults_stop(void **state);
int faults_set_up(void **state);
int faults_tear_down(void **state);
#define FAULTS_CASE(function) \
    cmocka_unit_test_setup_teardown(function, faults_set_up, faults_tear_down)

/* Runs `work` in `n` processes at once, each with a database object of its own, and hands back what
 * they return. */
void faults_in_processes(struct faults *f, int n, int (*work)(struct db *, int, void *),
                         void *context, int *results);

/* How a connection is cut. */
struct trial {
    bool connected; /* before the connection is cut */
    bool answered;
};
extern const struct trial faults_trials[N_TRIALS];

/* Calls `call` with the connection cut at its first request, then at its second, … until nothing is
 * left to cut; `n` is another number each time. Returns how many cuts there were. */
int faults_cut_everywhere(struct faults *f, struct trial trial,
                          void (*call)(struct faults *, struct db *, unsigned n));
