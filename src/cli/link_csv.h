/* SPDX-License-Identifier: MIT */
/* Links in CSV: a row of names, then one record a link; a list has one item a line in its field. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "cli/csv.h"
#include "cli/link_fields.h"

/* Which field each column holds. */
struct link_columns {
    enum link_field fields[LINK_FIELDS];
    unsigned n;
};

enum link_csv_form {
    LINK_CSV_PLAIN,       /* link_csv_read gets back what was written */
    LINK_CSV_SPREADSHEET, /* what a spreadsheet would take for a formula begins with an apostrophe:
                           * any user chooses titles and tags */
};

/* Append a line with its CRLF. */
void link_csv_add_names(struct buf *out);
void link_csv_add(struct buf *out, const struct link *link, enum link_csv_form form);

/* Reads the row of names, in any order; code and long_url must be among them. False with a sentence
 * in *err. */
bool link_csv_read_names(const struct csv_record *names, struct link_columns *out,
                         struct error *err);

/* Reads one link; its texts are those of the record, its lists in `arena`. */
bool link_csv_read(const struct csv_record *record, const struct link_columns *columns,
                   struct arena *arena, struct link *out, struct error *err);
