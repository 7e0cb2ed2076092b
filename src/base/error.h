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
 * that fail return: `return error_set(err, "…");`. */
bool error_set(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Inserts `context` and ": " before the text, as in "open /x: Permission denied". */
void error_prefix(struct error *err, const char *context);
