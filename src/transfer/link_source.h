/* SPDX-License-Identifier: MIT */
/* Reads a file of links one by one in constant memory. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "transfer/csv.h"
#include "transfer/import_change.h"
#include "transfer/link_columns.h"
#include "transfer/link_csv.h"

enum link_format {
    FORMAT_JSONL,
    FORMAT_CSV,
};

enum {
    SOURCE_LINE_MAX = CSV_RECORD_MAX, /* bytes of one link */
};

/* How a file is read in parts, each by a source of its own. The caller sets the members above
 * `head`; for the first part all but `more` are zero, for a later one they are what the part before
 * it ended with. */
struct source_part {
    bool more;           /* more of the file follows: a record is only read if its line has ended */
    bool resumes;        /* a later part. The text begins with the file's first `head` bytes */
    bool in_long_record; /* it begins within a record that is longer than a part, and was refused */
    bool cr_ends_lines;  /* of CSV */
    enum text_encoding encoding;
    uint64_t lines; /* line breaks of the file before `taken` */
    uint64_t head;  /* bytes up to the end of the names of columns; 0: the file has none */
    uint64_t taken; /* bytes of the text up to the end of the last whole record */
};

/* The caller sets `file`, `format` and `options`, and `part` or NULL; the rest is zero. */
struct link_source {
    FILE *file;
    enum link_format format;       /* with options.recognise what the file has, once it is read */
    struct source_options options; /* borrowed texts and zone */
    struct source_part *part;      /* NULL: the whole file is read */
    bool begun;
    uint64_t line;   /* line number, from 1, of the last link */
    uint64_t blanks; /* rows without any value, which were skipped */
    struct csv csv;
    struct link_columns columns;
};

/* The format `name`, "jsonl" or "csv"; false for any other. */
bool link_format_of(struct slice name, enum link_format *out);

/* The same. Without a name (NULL) it is that of the file: CSV if `path` ends in ".csv" in either
 * case, else JSON Lines. No path (NULL, or "-") is stdin or stdout. */
bool link_format_choose(const char *name, const char *path, enum link_format *out);

/* Reads the next link into `arena`. SOURCE_END also before a record that the end of a part has cut
 * off: source->part says from where the next part has to be. After SOURCE_REFUSED out->link.code is
 * the row's code, or empty if it is not known. SOURCE_FAILED also for a file that seems to be
 * something else, and for a first line whose columns are not known. */
enum source_result link_source_next(struct link_source *source, struct arena *arena,
                                    struct link_record *out, struct error *err);
