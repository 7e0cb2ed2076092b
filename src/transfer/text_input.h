/* SPDX-License-Identifier: MIT */
/* The text of a file as UTF-8, whichever encoding of Unicode the file has: UTF-8 with or without a
 * byte order mark, or UTF-16 in either byte order, as spreadsheets save it. Constant memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/slice.h"

enum {
    TEXT_INPUT_CHUNK = 16 * 1024, /* bytes of the file that are read at a time */
};

enum text_encoding {
    TEXT_UTF8,
    TEXT_UTF16_LE,
    TEXT_UTF16_BE,
};

/* The caller sets `file`, the rest is zero. UTF-16 without a byte order mark is recognised by its
 * first two characters, if these are ASCII. */
struct text_input {
    FILE *file;
    bool begun; /* if set by the caller: `encoding` is that of the file, which has no mark */
    bool ended; /* bytes were wanted after the last one */
    enum text_encoding encoding;
    uint64_t n_read; /* bytes of the file that were read */
    size_t n_cut;    /* bytes at the end of the file that are no whole character, read as one */
    size_t n_held;   /* bytes at the end of what was read that are no whole character yet */
    char held[4];
    size_t at, len;                   /* the bytes that are not taken yet */
    char bytes[2 * TEXT_INPUT_CHUNK]; /* UTF-16 needs up to 3 bytes for each 2 */
};

/* The bytes that are there and not taken yet, at least one; reads more if there are none. Empty at
 * the end of the file, and after an error (ferror(input->file)). A unit of UTF-16 that is half of
 * a pair, or cut off, is the byte 0xFF, which UTF-8 does not have. Valid until the next call. */
struct slice text_input_window(struct text_input *input);

/* How many bytes of the file have been taken, its byte order mark included. Counts the characters
 * of a window in UTF-16. */
uint64_t text_input_offset(const struct text_input *input);

/* Takes the first `n` bytes of the window. */
static inline void text_input_take(struct text_input *input, size_t n)
{
    input->at += n;
}

/* The next byte, or EOF. text_input_next takes it. */
static inline int text_input_peek(struct text_input *input)
{
    if (input->at == input->len && text_input_window(input).len == 0)
        return EOF;
    return (unsigned char)input->bytes[input->at];
}

static inline int text_input_next(struct text_input *input)
{
    int byte = text_input_peek(input);
    input->at += byte != EOF;
    return byte;
}
