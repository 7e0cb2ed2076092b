/* SPDX-License-Identifier: MIT */
/* Every statement the program runs, in one table: so that each can be explained by a test, counted
 * by a metric, and read in one sitting. Only the migrations and transaction control are elsewhere.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum statement_id {
    STATEMENT_PING,
    STATEMENT_RESOLVE,
    STATEMENT_RESOLVE_MANY,
    STATEMENT_LINK_FIND,
    STATEMENT_LINK_FIND_ID,
    STATEMENT_LINK_FIND_IDS,
    STATEMENT_LINK_SAME_URL,
    STATEMENT_ALIAS_FIND,
    STATEMENT_TAG_FIND,
    STATEMENT_CODE_FIND,
    STATEMENT_CODE_INSERT,
    STATEMENT_CODE_ADD,
    STATEMENT_CODE_STATE,
    STATEMENT_CODE_DELETE,
    STATEMENT_CODE_RETURN,
    STATEMENT_LINK_INSERT,
    STATEMENT_LINK_LOCK,
    STATEMENT_LINK_LOCK_OWNED,
    STATEMENT_LINK_OF_OWNER,
    STATEMENT_LINK_GIVE,
    STATEMENT_LINK_UPDATE,
    STATEMENT_LINK_DELETE,
    STATEMENT_LINK_EXPIRY_ADD,
    STATEMENT_LINK_EXPIRY_DELETE,
    STATEMENT_ALIAS_INSERT,
    STATEMENT_ALIAS_RENEW,
    STATEMENT_ALIAS_GIVE,
    STATEMENT_ALIAS_DELETE,
    STATEMENT_TAG_INSERT,
    STATEMENT_TAG_GIVE,
    STATEMENT_TAG_DELETE,
    STATEMENT_CLICK_LIMIT_ADD,
    STATEMENT_CLICK_LIMIT_USE,
    STATEMENT_CLICK_LIMIT_DELETE,
    STATEMENT_CLICK_GATE,
    STATEMENT_CLICK_GATE_FIND,
    STATEMENT_CLICK_SOURCE_FIND,
    STATEMENT_CLICK_SOURCE_STORE,
    STATEMENT_CLICK_SOURCE_DROP,
    STATEMENT_CLICK_ROLLUP_LOCK,
    STATEMENT_CLICK_ROLLUP_STORE,
    STATEMENT_CLICK_ROLLUP_READ,
    STATEMENT_CLICK_ROLLUP_STAGE,
    STATEMENT_CLICK_ROLLUP_COUNT,
    STATEMENT_CLICK_ROLLUP_DELETE,
    STATEMENT_CLICK_DAY_DELETE,
    STATEMENT_CLICK_TOTAL_ADD,
    STATEMENT_CLICK_TOTAL_SUM,
    STATEMENT_CLICK_TOTAL_DELETE,
    STATEMENT_LINK_OWNERS,
    STATEMENT_TOTAL_ADD,
    STATEMENT_TOTAL_DELETE,
    STATEMENT_TOTAL_OWNER,
    STATEMENT_TOTAL_ALL,
    STATEMENT_TOTAL_OWNERS,
    STATEMENT_IDEMPOTENCY_FIND,
    STATEMENT_IDEMPOTENCY_FORGET,
    STATEMENT_IDEMPOTENCY_INSERT,
    STATEMENT_IDEMPOTENCY_PURGE,
    STATEMENT_LINK_EXPIRED,
    STATEMENT_LIST_NEWEST,
    STATEMENT_LIST_OLDEST,
    STATEMENT_LIST_OWNER_NEWEST,
    STATEMENT_LIST_OWNER_OLDEST,
    STATEMENT_LIST_TAG_NEWEST,
    STATEMENT_LIST_TAG_OLDEST,
    STATEMENT_LIST_OWNER_TAG_NEWEST,
    STATEMENT_LIST_OWNER_TAG_OLDEST,
    STATEMENT_LIST_ALIASES,
    STATEMENT_LIST_OWNER_ALIASES,
    STATEMENT_LIST_HOSTS,
    STATEMENT_LIST_OWNER_HOSTS,
    STATEMENT_SEQUENCE_FIND,
    STATEMENT_SEQUENCE_TAKE,
    STATEMENT_USER_FIND,
    STATEMENT_USER_FIND_ID,
    STATEMENT_USER_INSERT,
    STATEMENT_USER_SET_POLICY,
    STATEMENT_USER_LIST,
    STATEMENT_USER_LOCK_ADMINS,
    STATEMENT_USER_SET_ROLE,
    STATEMENT_USER_DELETE,
    STATEMENT_KEY_FIND,
    STATEMENT_KEY_FIND_HASH,
    STATEMENT_KEY_LIST,
    STATEMENT_KEY_LIST_USER,
    STATEMENT_KEY_COUNT,
    STATEMENT_KEY_INSERT,
    STATEMENT_KEY_REVOKE,
    STATEMENT_KEY_TOUCH,
    STATEMENT_KEY_DELETE_USER,
    STATEMENT_SETTING_GET,
    STATEMENT_SETTING_ADD,
    STATEMENT_HEARTBEAT_WRITE,
    STATEMENT_HEARTBEAT_READ,
    STATEMENT_MIGRATION_LIST,
    STATEMENT_MIGRATION_INSERT,
    STATEMENT_COUNT,
};

enum {
    STATEMENT_PARAMS_MAX = 16,
    STATEMENT_ROWS_MAX = 2000, /* how often a part in braces is repeated */
};

/* What stands in braces, in one place of the text, is repeated as often as a call has rows, with a
 * comma between: "VALUES {(?, ?)}", "IN ({?})". */
struct statement {
    const char *name; /* for metrics and error texts: [a-z_]+ */
    const char *text;
    bool reads; /* a SELECT that changes nothing: may run again after a lost connection */
    /* A value for each '?', as SQL literals, for whoever wants to EXPLAIN the text; NULL ends. */
    const char *examples[STATEMENT_PARAMS_MAX + 1];
};

/* A number that differs when the list of names does: what numbers of statements stand for. */
uint64_t statements_number(void);

/* Never NULL; `id` must be below STATEMENT_COUNT (asserted). */
const struct statement *statement_of(enum statement_id id);

/* Writes the text for `rows` rows (0 counts as 1) and a NUL to `out`, or as much of it as fits in
 * `size` bytes; returns the length that the whole text has. */
size_t statement_expand(enum statement_id id, unsigned rows, char *out, size_t size);
