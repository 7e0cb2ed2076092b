/* SPDX-License-Identifier: MIT */
/* Which log a file is, and how far it was read: both told by its content, so that a file is the
 * same after it was renamed, compressed, copied or delivered again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    LOG_SOURCE_BYTES = 16, /* of a source's id */
    LOG_PRINT_BYTES = 16,  /* of a hash of content */
    LOG_HEAD_MAX = 8192,   /* bytes at the beginning of a file in which its first line is sought */
    LOG_FIRST_MAX = 4096,  /* bytes of the first line that are hashed */
    LOG_TAIL_MAX = 256,    /* bytes before the position that are hashed */
    LOG_CHAIN_MAX = 8,     /* files with the same first line that are told apart */
    LOG_POSITION_BYTES = 1 + 8 + 8 + 2 * (2 + LOG_PRINT_BYTES),
};

struct log_position {
    uint64_t offset;      /* bytes that were read, of the uncompressed file; whole lines */
    uint64_t packed_size; /* size of the compressed file that was read to its end; 0: none */
    uint16_t head_len;    /* the hash of the first bytes, at most LOG_FIRST_MAX, */
    uint16_t tail_len;    /* and of those before the offset, at most LOG_TAIL_MAX */
    unsigned char head[LOG_PRINT_BYTES];
    unsigned char tail[LOG_PRINT_BYTES];
};

/* The id of the file that begins with `head`: a hash of the first line that is a request's, that
 * is, not empty and not begun by '#'. `chain` is 0, or the number of other files with that line.
 * False while the line is neither whole nor LOG_FIRST_MAX bytes long. */
bool log_source_of(struct slice head, unsigned chain, unsigned char out[LOG_SOURCE_BYTES]);

/* The hash of any bytes. */
void log_print(struct slice bytes, unsigned char out[LOG_PRINT_BYTES]);

/* Sets head and tail: `head` is at least the first LOG_FIRST_MAX bytes of the file or all of it up
 * to the offset, `tail` likewise what is before the offset. */
void log_position_set(struct log_position *position, struct slice head, struct slice tail);

bool log_position_head_is(const struct log_position *position, struct slice head);
bool log_position_tail_is(const struct log_position *position, struct slice tail);

void log_position_encode(const struct log_position *position,
                         unsigned char out[LOG_POSITION_BYTES]);

/* False for anything that is not such an encoding. */
bool log_position_decode(struct slice bytes, struct log_position *out);
