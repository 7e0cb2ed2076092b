/* SPDX-License-Identifier: MIT */
/* Reads and writes CSV (RFC 4180), one record at a time: fields separated by a delimiter, quoted
 * where they contain the delimiter, a quote or a line break, with quotes doubled. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"
#include "transfer/text_input.h"

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

/* The caller sets `input.file`, the delimiter and the line's end, the rest is zero. */
struct csv {
    struct text_input input;
    char delimiter;     /* 0: a comma */
    bool cr_ends_lines; /* a CR without an LF ends a line, too; otherwise it is text */
    bool is_cut_off;    /* the last record had no line break: the file ended */
    uint64_t line;      /* line number, from 1, of the last record */
    uint64_t breaks;    /* line breaks read so far */
};

/* The fields of one record. */
struct csv_record {
    struct slice fields[CSV_FIELDS_MAX];
    unsigned n;
};

/* The delimiter and the line's end by the first line of a file, of which `head` is the beginning:
 * the one of `,` `;` TAB `|` that is there most often outside of quotes. A CR ends lines if there
 * is no LF. */
void csv_recognise(struct csv *csv, struct slice head);

/* Reads the next record, its fields into `arena`. Lines end with LF, CRLF or the end of the file;
 * empty lines are skipped. A record that is not UTF-8 is refused, and so is a quote within a field
 * that is not quoted; with the delimiter TAB, for which many programs quote nothing, it is text. */
enum source_result csv_read(struct csv *csv, struct arena *arena, struct csv_record *out,
                            struct error *err);

/* Skips the rest of the line; whether the line has an end. */
bool csv_skip_line(struct csv *csv);

/* Appends one field, quoted if needed; for the delimiter `,`. */
void csv_add_field(struct buf *out, struct slice field);
