/* SPDX-License-Identifier: MIT */
/* Links as CSV: a row of column names, then one record per link; a list has one item per line in
 * its field. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "link/link_fields.h"
#include "transfer/csv.h"
#include "transfer/link_columns.h"

enum link_csv_form {
    LINK_CSV_PLAIN,       /* link_csv_read reads back what was written */
    LINK_CSV_SPREADSHEET, /* text that a spreadsheet would take for a formula begins with an
                             apostrophe, since any user chooses titles and tags */
};

/* Append a line and its CRLF. */
void link_csv_add_names(struct buf *out);
void link_csv_add(struct buf *out, const struct link *link, enum link_csv_form form);

/* How a record is read. */
struct link_csv_reading {
    const struct link_columns *columns;
    const struct source_options *options;
    struct arena *arena;
    bool is_cut_off; /* the record is the file's end, without a line break */
};

/* Reads one link, and what was changed; its texts point into the record, its lists are in the
 * arena. A record may lack its last fields, which are empty then, and have more if they are empty.
 * False with a sentence in *err; out->link.code is the row's code if that is known. */
bool link_csv_read(const struct csv_record *record, const struct link_csv_reading *reading,
                   struct link_record *out, struct error *err);
