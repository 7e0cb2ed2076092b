/* SPDX-License-Identifier: MIT */
/* An error text. It is set where the error occurs, passed up the call chain and logged once, at the
 * top. Callers decide by the enums that functions return, never by this text. */
#pragma once

#include <stdbool.h>

/* At most 255 bytes of text; longer text is truncated. Start it as `struct error err = { "" };`. */
struct error {
    char text[256];
};

/* Replaces the text. Does nothing when `err` is NULL. Returns false, which is what most functions
 * that fail return: `return error_set(err, "…");`. A macro, so that compilers and analyzers see
 * what it returns. */
#define error_set(err, ...) (error_write((err), __VA_ARGS__), error_is_false())

void error_write(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline bool error_is_false(void)
{
    return false;
}

/* Inserts `context` and ": " before the text, as in "open /x: Permission denied". */
void error_prefix(struct error *err, const char *context);
