/* SPDX-License-Identifier: MIT */
/* Escaping for HTML, logfmt, JSON, CSV and URLs. A run of bytes that need no escape is appended
 * with one call. */
#include "text/escape.h"

#include <string.h>

#include "base/ascii.h"
#include "text/utf8.h"

static const char *html_reference(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void escape_html(struct buf *b, struct slice s)
{
    size_t run = 0;
    for (size_t i = 0; i < s.len; i++) {
        const char *reference = html_reference(s.at[i]);
        if (reference == NULL)
            continue;
        buf_add(b, (struct slice){ s.at + run, i - run });
        buf_add_text(b, reference);
        run = i + 1;
    }
    buf_add(b, slice_from(s, run));
}

/* \uXXXX, or the surrogate pair for a code point past U+FFFF. */
static void add_u_escape(struct buf *b, uint32_t code_point)
{
    if (code_point <= 0xFFFF) {
        buf_printf(b, "\\u%04x", (unsigned)code_point);
        return;
    }
    code_point -= 0x10000;
    buf_printf(b, "\\u%04x\\u%04x", (unsigned)(0xD800 + (code_point >> 10)),
               (unsigned)(0xDC00 + (code_point & 0x3FF)));
}

static bool is_plain(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x20 && u < 0x7F && c != '"' && c != '\\';
}

/* Appends an ASCII character that needs an escape. */
static void add_ascii_escape(struct buf *b, char c)
{
    switch (c) {
    case '"':
        buf_add_text(b, "\\\"");
        break;
    case '\\':
        buf_add_text(b, "\\\\");
        break;
    case '\n':
        buf_add_text(b, "\\n");
        break;
    case '\r':
        buf_add_text(b, "\\r");
        break;
    case '\t':
        buf_add_text(b, "\\t");
        break;
    default:
        add_u_escape(b, (unsigned char)c);
    }
}

/* The prefix of `s` that needs no escapes. */
static struct slice plain_run(struct slice s)
{
    size_t n = 0;
    while (n < s.len && is_plain(s.at[n]))
        n++;
    return (struct slice){ s.at, n };
}

/* The inside of a JSON string; non-ASCII characters as they are, or as \uXXXX for `ascii_only`. */
static void add_json(struct buf *b, struct slice s, bool ascii_only)
{
    while (s.len > 0 && !b->failed) {
        struct slice run = plain_run(s);
        buf_add(b, run);
        s = slice_from(s, run.len);
        uint32_t code_point = 0xFFFD;
        size_t length = utf8_first(s, &code_point);
        if (s.len == 0)
            return;
        if (length == 1)
            add_ascii_escape(b, s.at[0]);
        else if (ascii_only)
            add_u_escape(b, code_point);
        else if (length == 0)
            buf_add_text(b, UTF8_REPLACEMENT);
        else
            buf_add(b, (struct slice){ s.at, length });
        s = slice_from(s, length == 0 ? 1 : length);
    }
}

void escape_json(struct buf *b, struct slice s)
{
    add_json(b, s, false);
}

static bool needs_quotes(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_plain(s.at[i]) || s.at[i] == ' ' || s.at[i] == '=')
            return true;
    }
    return s.len == 0;
}

void escape_logfmt(struct buf *b, struct slice s)
{
    if (!needs_quotes(s)) {
        buf_add(b, s);
        return;
    }
    buf_add_byte(b, '"');
    add_json(b, s, true);
    buf_add_byte(b, '"');
}

void escape_csv(struct buf *b, struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '"')
            buf_add_byte(b, '"');
        buf_add_byte(b, s.at[i]);
    }
}

void escape_spreadsheet(struct buf *b, struct slice s)
{
    if (s.len && s.at[0] && strchr("=+-@'\t\r\n", s.at[0]))
        buf_add_byte(b, '\'');
    escape_csv(b, s);
}

void escape_url(struct buf *b, struct slice s, const char *also)
{
    size_t run = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (ascii_is_letter(s.at[i]) || ascii_is_digit(s.at[i]))
            continue; /* nearly all of a URL */
        if (c > ' ' && c < 0x7F && !strchr(also, c))
            continue;
        buf_add(b, (struct slice){ s.at + run, i - run });
        buf_printf(b, "%%%02X", c);
        run = i + 1;
    }
    buf_add(b, slice_from(s, run));
}
