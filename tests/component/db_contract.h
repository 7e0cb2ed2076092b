/* SPDX-License-Identifier: MIT */
/* What db.h promises, as cases that run over any implementation. */
#pragma once

#include <stddef.h>

#include "db/db.h"

enum {
    CONTRACT_BLOCK = 10,
    CONTRACT_LIMIT = 26, /* two blocks and a half */
};

struct CMUnitTest;

/* The state of the group: how the implementation under test makes databases. */
struct db_world {
    /* An empty database with the sequence "default" [1, CONTRACT_LIMIT) in blocks of CONTRACT_BLOCK
     * and the setting "colour" = "r\0d". */
    struct db *(*open)(struct db_world *world);
    void *context;
    struct db *db;
    struct arena *arena;
};

/* Runs all cases as one cmocka group; returns how many failed. */
int db_contract_run(const char *group, struct db_world *world);

/* The cases by what they are about. */
const struct CMUnitTest *db_contract_change(size_t *n);
const struct CMUnitTest *db_contract_bulk(size_t *n);
const struct CMUnitTest *db_contract_list(size_t *n);
const struct CMUnitTest *db_contract_key(size_t *n);
const struct CMUnitTest *db_contract_owner(size_t *n);
const struct CMUnitTest *db_contract_clicks(size_t *n);
const struct CMUnitTest *db_contract_session(size_t *n);
const struct CMUnitTest *db_contract_tag(size_t *n);
const struct CMUnitTest *db_contract_deleted(size_t *n);
const struct CMUnitTest *db_contract_edge(size_t *n);

/* An empty database for a case, and its end. */
int db_world_set_up(void **state);
int db_world_tear_down(void **state);
#define DB_CASE(function) \
    cmocka_unit_test_setup_teardown(function, db_world_set_up, db_world_tear_down)

struct db *db_in(void **state);
struct arena *arena_in(void **state);

void assert_slice(struct slice got, struct slice wanted);

#define assert_result(call, wanted)                                          \
    do {                                                                     \
        struct error err = { "" };                                           \
        enum db_result got_ = (call);                                        \
        if (got_ != (wanted))                                                \
            fail_msg("%s: %d, not %d: %s", #call, got_, (wanted), err.text); \
    } while (0)

/* A link with everything set, made from its id and code. */
struct link sample_link(uint64_t id, const char *code);
