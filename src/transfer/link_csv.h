/* SPDX-License-Identifier: MIT */
/* Links as CSV: a row of column names, then one record per link; a list has one item per line in
 * its field. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "link/link_fields.h"
#include "transfer/csv.h"

/* The field of each column. */
struct link_columns {
    enum link_field fields[LINK_FIELDS];
    unsigned n;
};

enum link_csv_form {
    LINK_CSV_PLAIN,       /* link_csv_read reads back what was written */
    LINK_CSV_SPREADSHEET, /* text that a spreadsheet would take for a formula begins with an
                             apostrophe, since any user chooses titles and tags */
};

/* Append a line and its CRLF. */
void link_csv_add_names(struct buf *out);
void link_csv_add(struct buf *out, const struct link *link, enum link_csv_form form);

/* Reads the row of column names, in any order; code and long_url must be among them. False with a
 * sentence in *err. */
bool link_csv_read_names(const struct csv_record *names, struct link_columns *out,
                         struct error *err);

/* Reads one link; its texts point into the record, its lists are in `arena`. */
bool link_csv_read(const struct csv_record *record, const struct link_columns *columns,
                   struct arena *arena, struct link *out, struct error *err);
