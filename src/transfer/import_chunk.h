/* SPDX-License-Identifier: MIT */
/* Imports a file of links in chunks, each by a call of its own that needs nothing of those before
 * but what its caller was told: which part of the file comes next, and how it is to be read. */
#pragma once

#include "transfer/import.h"

enum {
    IMPORT_CHUNK_MAX = 100 * 1024,       /* bytes of a chunk, with the beginning of the file */
    IMPORT_CHUNK_ROWS = 1000,            /* rows that are read of it */
    IMPORT_HEAD_MAX = 32 * 1024,         /* bytes of the names of columns */
    IMPORT_CHUNK_RECORD_MAX = 64 * 1024, /* a record that is longer may be refused */
    IMPORT_NEXT_MAX = 64,                /* bytes of the text of a position */
};

/* Where the next chunk is, and how it is read. All zero: at the beginning. */
struct import_position {
    bool is_set;
    enum link_format format;
    struct source_part part;
};

/* Writes a position as text, and reads it; false for any other text. It has only what the file has:
 * a forged one gains nothing. */
void import_position_write(const struct import_position *position, char out[IMPORT_NEXT_MAX]);
bool import_position_read(struct slice text, struct import_position *out);

/* A chunk. */
struct import_chunk {
    struct slice text; /* after the first: the first part.head bytes of the file, then the chunk */
    bool more;         /* the file has more than this */
    struct source_options options;
    enum link_format format;         /* of the first chunk, unless options.recognise */
    struct import_position position; /* of this chunk; afterwards of the next one */
    size_t consumed;                 /* bytes of the chunk that were read, without the beginning */
    bool is_done;                    /* the file was read to its end */
    struct link_source source;       /* what is known of the file */
};

/* How many rows import_chunk_run would read, IMPORT_CHUNK_ROWS at most. */
size_t import_chunk_rows(const struct import_chunk *chunk);

/* Imports the rows of a chunk as import_run does. Nothing is consumed where no record ends in a
 * text shorter than IMPORT_CHUNK_RECORD_MAX: then the chunk must have more of the file. DB_FAILED
 * with import->file_failed: an error of the file. */
enum db_result import_chunk_run(struct import *import, struct import_chunk *chunk,
                                struct error *err);
