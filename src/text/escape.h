/* SPDX-License-Identifier: MIT */
/* Escaping for HTML, logfmt, JSON strings, CSV fields and URLs. Each function appends to a buffer,
 * accepts any bytes, and reports errors by the buffer's `failed`. */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

/* For HTML text and for attribute values in double or single quotes: & < > " ' become character
 * references. All other bytes are unchanged. */
void escape_html(struct buf *b, struct slice s);

/* One logfmt value: unquoted when it consists of visible ASCII without '=', '"' and '\', otherwise
 * in double quotes (the empty value too) and escaped as in JSON: \" \\ \n \r \t, \u00XX for other
 * control characters, \uXXXX for non-ASCII characters (surrogate pairs past U+FFFF), \ufffd for a
 * byte that is not UTF-8. The output is visible ASCII and spaces, and cannot end the line or the
 * value. */
void escape_logfmt(struct buf *b, struct slice s);

/* The inside of a JSON string (RFC 8259, 7), without the quotes around it: " and \ escaped, control
 * characters (U+007F too) as \u00XX, each byte that is not UTF-8 replaced by U+FFFD, all other
 * characters unchanged. */
void escape_json(struct buf *b, struct slice s);

/* The inside of a quoted CSV field (RFC 4180), without the quotes around it: each " is doubled. */
void escape_csv(struct buf *b, struct slice s);

/* The same for a file that is opened in a spreadsheet: an apostrophe is put before text that a
 * spreadsheet would read as a formula, that is, before a leading = + - @, TAB, CR or LF, and before
 * a leading apostrophe, which some spreadsheets take for such an escape and drop. */
void escape_spreadsheet(struct buf *b, struct slice s);

/* A part of a URL: the bytes that are not allowed in URLs (controls, spaces, non-ASCII), and those
 * in `also` (no letters or digits), become %XX. All other bytes, "%" too, are unchanged. */
void escape_url(struct buf *b, struct slice s, const char *also);
