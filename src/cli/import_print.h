/* SPDX-License-Identifier: MIT */
/* Prints what became of the rows of an import. */
#pragma once

#include <stdbool.h>

#include "transfer/import.h"

enum {
    /* Rows of each kind that are printed for people: a file with 100,000 bad rows must not hide
     * what else is wrong. All are counted, and --json prints all. */
    IMPORT_PRINT_ROWS = 20,
};

/* Prints a row that was not taken: to stderr, or as JSON to stdout. `n` is its number among those
 * of its kind, from 1. */
void import_print_problem(bool json, const struct import_problem *problem, uint64_t n);

/* Prints the report to stdout: whose file `source` was, the counts, then the kinds of changes and
 * refusals, each with its number of rows and the first of them; or all of it as one JSON object.
 * `arena` is scratch. */
void import_print_report(bool json, const struct import *import, const struct link_source *source,
                         struct arena *arena);
