/* SPDX-License-Identifier: MIT */
/* All SQL statements of the program, so that a test can EXPLAIN and a metric count each of them.
 * Only migrations, session settings and transaction control are elsewhere. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum statement_id {
#define READ(id, ...)  STATEMENT_##id,
#define WRITE(id, ...) STATEMENT_##id,
#include "db/statements.def"
#undef READ
#undef WRITE
    STATEMENT_COUNT,
};

enum {
    STATEMENT_PARAMS_MAX = 16,
    STATEMENT_ROWS_MAX = 2000, /* maximum repetitions of a part in braces */
};

/* One of statements.def. */
struct statement {
    const char *name;
    const char *text;
    bool reads;
    /* NULL-terminated. */
    const char *examples[STATEMENT_PARAMS_MAX + 1];
};

/* A hash of all names: it changes when the numbers of statements change their meaning. */
uint64_t statements_number(void);

/* Never NULL; `id` must be below STATEMENT_COUNT (asserted). */
const struct statement *statement_of(enum statement_id id);

/* Writes the text for `rows` rows (0 counts as 1) and a NUL to `out`, truncated to `size` bytes;
 * returns the length of the whole text. */
size_t statement_expand(enum statement_id id, unsigned rows, char *out, size_t size);
