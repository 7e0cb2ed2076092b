/* SPDX-License-Identifier: MIT */
/* CSV as RFC 4180 has it, one record at a time: fields separated by commas, quoted where they hold
 * a comma, a quote or a line break, quotes doubled. */
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

enum csv_result {
    CSV_RECORD,
    CSV_BROKEN, /* not a record, `err` says why; the next line is where reading goes on */
    CSV_END,
    CSV_FAILED, /* the file could not be read, or memory is out */
};

/* Start it with `file` set and the rest zero. */
struct csv {
    FILE *file;
    uint64_t line;   /* where the last record begins, from 1 */
    uint64_t breaks; /* line breaks read so far */
};

/* The fields of one record. */
struct csv_record {
    struct slice fields[CSV_FIELDS_MAX];
    unsigned n;
};

/* Reads the next record, its fields into `arena`. Lines end with LF, CRLF or the file; empty lines
 * are passed over, and so is a byte order mark at the start of the file. */
enum csv_result csv_read(struct csv *csv, struct arena *arena, struct csv_record *out,
                         struct error *err);

/* Appends one field, quoted if need be. */
void csv_add_field(struct buf *out, struct slice field);
