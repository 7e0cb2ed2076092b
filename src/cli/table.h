/* SPDX-License-Identifier: MIT */
/* Prints tables: aligned columns on a terminal, tab-separated values otherwise. */
#pragma once

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

enum {
    TABLE_COLUMNS_MAX = 12,
    TABLE_ROWS_MAX = 1000,
};

struct table_row {
    struct slice cells[TABLE_COLUMNS_MAX];
};

/* The caller sets n_columns and the titles; the rest is zero. Cells are borrowed until the table is
 * printed. */
struct table {
    const char *titles[TABLE_COLUMNS_MAX];
    unsigned n_columns;
    unsigned n_rows;
    struct table_row *rows;
};

/* Adds a row with empty cells; NULL when there are TABLE_ROWS_MAX or the arena is full. */
struct table_row *table_add(struct table *table, struct arena *arena);

/* Renders the table into `out`. With a width of 0: one line of titles and one per row, cells
 * separated by tabs; tab, LF, CR and backslash are written \t, \n, \r, \\. Otherwise columns are
 * aligned, and no line takes more than `width` terminal columns unless the minimal columns do not
 * fit: the widest column is truncated first, with an ellipsis. Characters that control a terminal
 * or change the text's direction are replaced by '?'. */
void table_render(const struct table *table, unsigned width, struct buf *out);

/* Prints the table to stdout, aligned if that is a terminal. False when memory is exhausted. */
bool table_print(const struct table *table, struct arena *arena);

/* The number of terminal columns of `text`: 2 for wide characters, 0 for combining ones, 1 for a
 * byte that is not UTF-8. */
unsigned table_text_width(struct slice text);

/* The width of the terminal of `file`, 0 when it is not one. */
unsigned table_terminal_width(FILE *file);
