/* SPDX-License-Identifier: MIT */
/* Every statement the program runs, in one table: so that each can be explained by a test, counted
 * by a metric, and read in one sitting. Only the migrations and transaction control are elsewhere.
 */
#pragma once

#include <stdbool.h>

enum statement_id {
    STATEMENT_PING,
    STATEMENT_RESOLVE,
    STATEMENT_LINK_FIND,
    STATEMENT_CODE_FIND,
    STATEMENT_CODE_INSERT,
    STATEMENT_LINK_INSERT,
    STATEMENT_SEQUENCE_FIND,
    STATEMENT_SEQUENCE_TAKE,
    STATEMENT_USER_FIND,
    STATEMENT_USER_INSERT,
    STATEMENT_KEY_FIND,
    STATEMENT_KEY_FIND_HASH,
    STATEMENT_KEY_INSERT,
    STATEMENT_SETTING_GET,
    STATEMENT_SETTING_ADD,
    STATEMENT_MIGRATION_LIST,
    STATEMENT_MIGRATION_INSERT,
    STATEMENT_COUNT,
};

enum {
    STATEMENT_PARAMS_MAX = 16,
};

struct statement {
    const char *name; /* for metrics and error texts: [a-z_]+ */
    const char *text;
    bool reads; /* a SELECT that changes nothing: may run again after a lost connection */
    /* A value for each '?', as SQL literals, for whoever wants to EXPLAIN the text; NULL ends. */
    const char *examples[STATEMENT_PARAMS_MAX + 1];
};

/* Never NULL; `id` must be below STATEMENT_COUNT (asserted). */
const struct statement *statement_of(enum statement_id id);
