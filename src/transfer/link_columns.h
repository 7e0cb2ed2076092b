/* SPDX-License-Identifier: MIT */
/* The columns of a file of links: those of Curt's own export, those of other shorteners, which are
 * known by their names (transfer/peer_columns.def), and what the caller says they are. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "link/link_fields.h"
#include "transfer/csv.h"
#include "transfer/import_change.h"
#include "transfer/time_text.h"

enum {
    COLUMNS_SKIPPED_MAX = 512, /* bytes of the list of skipped columns, which ends in "..." if there
                                * is no room for all of them */
};

/* What is made of a column. */
enum column_use {
    COLUMN_FIELD,     /* the value of a field; a list has one item a line */
    COLUMN_TAGS,      /* tags separated by the first of line break, `|` and `,` that is there */
    COLUMN_SHORT_URL, /* the code is the path of a URL */
    COLUMN_END,       /* expires_at, or a duration from the link's creation on */
    COLUMN_LOST,      /* a property that links do not have; a value counts as `change` */
    COLUMN_BANNED,    /* if true the row is refused: the link must not redirect */
    COLUMN_SKIPPED,   /* an unknown column; a value counts as IMPORT_CHANGE_COLUMN_SKIPPED */
    COLUMN_UNNAMED,   /* its name is empty, and so should its values be */
    COLUMN_PASSED,    /* says nothing that other columns do not say */
};

struct link_column {
    enum column_use use;
    enum link_field field;     /* of COLUMN_FIELD, COLUMN_TAGS, COLUMN_SHORT_URL, COLUMN_END */
    enum import_change change; /* of COLUMN_LOST */
};

/* How a file is read. All zero is the default. */
struct source_options {
    char delimiter;         /* 0: by the header line */
    bool recognise;         /* the format, CSV or JSON Lines, by the first bytes */
    bool skip_unknown;      /* unknown columns of Curt's own files are no error */
    bool from_spreadsheet;  /* texts have the apostrophes of `export --spreadsheet` */
    const char *map;        /* "theirs=ours,…", see link_columns_read; NULL: none */
    struct time_rules time; /* of times without an offset */
    int64_t now;            /* from which durations count where the creation is not known */
};

struct link_columns {
    struct link_column at[CSV_FIELDS_MAX];
    unsigned n;
    const char *format; /* whose file it is: "YOURLS"; NULL: Curt's, or one that a map explains */
    bool is_foreign;    /* not Curt's own */
    bool has_nulls;     /* NULL and \N are no values */
    char skipped[COLUMNS_SKIPPED_MAX]; /* the names of the unknown columns, "a, b"; empty: none */
};

/* Recognises the columns by their names, of which letter case, blanks, '_', '-' and '.' do not
 * count. Curt's own files have long_url and code; the others are recognised by the columns that
 * their format always has. options->map says what columns are, before all else: "theirs=ours"
 * pairs separated by commas, where `ours` is the name of a field, `short_url` (the code is its
 * path), or empty: the column is passed over. Unknown columns are listed in out->skipped; in a file
 * of Curt's own they are an error unless options->skip_unknown. False with a sentence in *err. */
bool link_columns_read(const struct csv_record *names, const struct source_options *options,
                       struct link_columns *out, struct error *err);
