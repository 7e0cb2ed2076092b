/* SPDX-License-Identifier: MIT */
/* The text of what went wrong. It travels up from where it happened and is logged once, at the top;
 * what to do about it is decided by the enums that functions return, never by this text. */
#pragma once

/* At most 255 bytes of text, cut where longer. Start it as `struct error err = { "" };`. */
struct error {
    char text[256];
};

/* Replaces the text. `err` may be NULL: then nobody wants to know. */
void error_set(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts `context` and ": " before what the text says, as in "open /x: Permission denied". */
void error_prefix(struct error *err, const char *context);
