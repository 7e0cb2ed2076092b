/* SPDX-License-Identifier: MIT */
/* Reads and writes CSV (RFC 4180), one record at a time: fields separated by commas, quoted where
 * they contain a comma, a quote or a line break, with quotes doubled. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"

enum {
    CSV_FIELDS_MAX = 64,
    CSV_RECORD_MAX = 256 * 1024, /* bytes of all fields of a record */
};

/* What reading one record, or one link, has come to. */
enum source_result {
    SOURCE_RECORD,
    SOURCE_REFUSED, /* an invalid one, `err` says why; reading can continue with the next line */
    SOURCE_END,
    SOURCE_FAILED, /* the file cannot be read, or memory is exhausted; `err` says why */
};

/* The caller sets `file`, the rest is zero. */
struct csv {
    FILE *file;
    uint64_t line;   /* line number, from 1, of the last record */
    uint64_t breaks; /* line breaks read so far */
};

/* The fields of one record. */
struct csv_record {
    struct slice fields[CSV_FIELDS_MAX];
    unsigned n;
};

/* Reads the next record, its fields into `arena`. Lines end with LF, CRLF or the end of the file;
 * empty lines, and a byte order mark at the start of the file, are skipped. */
enum source_result csv_read(struct csv *csv, struct arena *arena, struct csv_record *out,
                            struct error *err);

/* Appends one field, quoted if needed. */
void csv_add_field(struct buf *out, struct slice field);
