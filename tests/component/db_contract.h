/* SPDX-License-Identifier: MIT */
/* What db.h promises, as cases that run over any implementation. */
#pragma once

#include <stddef.h>

#include "store/db.h"

enum {
    CONTRACT_BLOCK = 10,
    CONTRACT_LIMIT = 26, /* two blocks and a half */
};

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

/* A link with everything set, made from its id and code. */
struct link sample_link(uint64_t id, const char *code);
