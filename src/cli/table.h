/* SPDX-License-Identifier: MIT */
/* Tables for people: aligned columns on a terminal, tab-separated values anywhere else. */
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

/* The first `n_columns` titles are set by the caller, the rest starts as zero. Cells are borrowed
 * until the table is printed. */
struct table {
    const char *titles[TABLE_COLUMNS_MAX];
    unsigned n_columns;
    unsigned n_rows;
    struct table_row *rows;
};

/* The next row, its cells empty, or NULL when TABLE_ROWS_MAX or the arena is used up. */
struct table_row *table_add(struct table *table, struct arena *arena);

/* Appends the table. With a width of 0: one line of titles and one a row, cells separated by tabs;
 * tab, LF, CR and backslash are written \t, \n, \r, \\. Otherwise columns are aligned, and no line
 * takes more than `width` columns of a terminal unless there are more titles than fit: the widest
 * column is cut first, and ends with an ellipsis where it was. What a terminal would take as a
 * command, or as a change of direction, is shown as '?'. */
void table_render(const struct table *table, unsigned width, struct buf *out);

/* Prints it to stdout, for a terminal when that is one. False when memory is out. */
bool table_print(const struct table *table, struct arena *arena);

/* How many columns of a terminal `text` takes: 2 for wide characters, 0 for combining ones, 1 for a
 * byte that is no UTF-8. */
unsigned table_text_width(struct slice text);

/* The width of the terminal behind `file`, 0 when it is none. */
unsigned table_terminal_width(FILE *file);
