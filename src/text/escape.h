/* SPDX-License-Identifier: MIT */
/* Text made safe for the place it is put in: HTML, a logfmt log line, a JSON string, a CSV field.
 * Each appends to a buffer, takes any bytes whatever, and leaves errors to the buffer's own
 * `failed`. */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

/* For HTML text and for attribute values in double or single quotes: & < > " ' become references.
 * All other bytes pass as they are. */
void escape_html(struct buf *b, struct slice s);

/* One logfmt value. Plain when it is made of visible ASCII without '=', '"' and '\', else within
 * double quotes (the empty value too) and escaped as in JSON: \" \\ \n \r \t, \u00XX for other
 * control characters, \uXXXX for non-ASCII characters (surrogate pairs past U+FFFF), \ufffd for a
 * byte that is no UTF-8. So what is appended is visible ASCII and spaces, and can never end the
 * line or the value. */
void escape_logfmt(struct buf *b, struct slice s);

/* The inside of a JSON string (RFC 8259, 7), without the quotes around it: " and \ escaped, control
 * characters (U+007F too) as \u00XX, each byte that is no UTF-8 replaced by U+FFFD, all other
 * characters as they are. */
void escape_json(struct buf *b, struct slice s);

/* The inside of a quoted CSV field (RFC 4180), without the quotes around it: each " twice. */
void escape_csv(struct buf *b, struct slice s);

/* The same for a file that is opened in a spreadsheet: text that it would take for a formula,
 * because it begins with = + - @ or a TAB, CR or LF, begins with an apostrophe. */
void escape_spreadsheet(struct buf *b, struct slice s);
