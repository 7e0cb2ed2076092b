/* SPDX-License-Identifier: MIT */
/* JSON as ASCII with "\/", and XML in one line: what clients of YOURLS are used to. */
#include "yourls/yourls_out.h"

#include "base/hex.h"
#include "text/utf8.h"

enum yourls_format yourls_format_of(const struct yourls_parameters *parameters)
{
    const struct slice format = parameters->values[YOURLS_FORMAT];
    if (!format.at || slice_eq(format, SLICE("xml")))
        return YOURLS_FORMAT_XML;
    if (slice_eq(format, SLICE("json")))
        return YOURLS_FORMAT_JSON;
    return slice_eq(format, SLICE("jsonp")) ? YOURLS_FORMAT_JSONP : YOURLS_FORMAT_SIMPLE;
}

/* --- texts --- */

static void json_unit(struct buf *b, unsigned unit)
{
    const unsigned char bytes[] = { (unsigned char)(unit >> 8), (unsigned char)unit };
    char digits[4];
    hex_put(digits, bytes, sizeof(bytes));
    buf_add_text(b, "\\u");
    buf_add(b, (struct slice){ digits, sizeof(digits) });
}

static void json_character(struct buf *b, uint32_t c)
{
    static const char escaped[] = "\b\f\n\r\t\"\\/";
    static const char letters[] = "bfnrt\"\\/";
    const char *at = c && c < 0x80 ? strchr(escaped, (int)c) : NULL;
    if (at) {
        buf_add_byte(b, '\\');
        buf_add_byte(b, letters[at - escaped]);
    } else if (c >= 0x10000) {
        json_unit(b, 0xD800 + ((c - 0x10000) >> 10));
        json_unit(b, 0xDC00 + ((c - 0x10000) & 0x3FF));
    } else if (c < 0x20 || c >= 0x80) {
        json_unit(b, c);
    } else {
        buf_add_byte(b, (char)c);
    }
}

/* Controls other than white space cannot be in XML 1.0 (2.2). */
static void xml_character(struct buf *b, uint32_t c, struct slice bytes)
{
    if (c == '&')
        buf_add_text(b, "&amp;");
    else if (c == '<')
        buf_add_text(b, "&lt;");
    else if (c == '>')
        buf_add_text(b, "&gt;");
    else if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0xFFFE || c == 0xFFFF)
        buf_add_text(b, UTF8_REPLACEMENT);
    else
        buf_add(b, bytes);
}

static void add_text(struct yourls_out *out, struct slice text)
{
    while (text.len) {
        uint32_t c = 0xFFFD;
        const size_t n = utf8_first(text, &c);
        if (out->format == YOURLS_FORMAT_XML)
            xml_character(&out->b, c, n ? (struct slice){ text.at, n } : SLICE(UTF8_REPLACEMENT));
        else
            json_character(&out->b, c);
        text = slice_from(text, n ? n : 1);
    }
}

/* --- members --- */

static void add_tag(struct yourls_out *out, const char *begin, const char *name)
{
    buf_add_text(&out->b, begin);
    buf_add_text(&out->b, name);
    buf_add_byte(&out->b, '>');
}

/* Writes what comes before the value of a member. */
static void add_name(struct yourls_out *out, const char *name)
{
    if (out->format == YOURLS_FORMAT_XML) {
        add_tag(out, "<", name);
        return;
    }
    buf_add_text(&out->b, out->is_first ? "\"" : ",\"");
    buf_add_text(&out->b, name);
    buf_add_text(&out->b, "\":");
    out->is_first = false;
}

void yourls_out_text(struct yourls_out *out, const char *name, struct slice text)
{
    const char *quote = out->format == YOURLS_FORMAT_XML ? "" : "\"";
    if (out->format == YOURLS_FORMAT_SIMPLE)
        return;
    add_name(out, name);
    buf_add_text(&out->b, quote);
    add_text(out, text);
    buf_add_text(&out->b, quote);
    if (out->format == YOURLS_FORMAT_XML)
        add_tag(out, "</", name);
}

void yourls_out_number(struct yourls_out *out, const char *name, uint64_t number)
{
    if (out->format == YOURLS_FORMAT_SIMPLE)
        return;
    add_name(out, name);
    buf_add_uint(&out->b, number);
    if (out->format == YOURLS_FORMAT_XML)
        add_tag(out, "</", name);
}

void yourls_out_open(struct yourls_out *out, const char *name)
{
    if (out->format == YOURLS_FORMAT_SIMPLE)
        return;
    add_name(out, name);
    if (out->format != YOURLS_FORMAT_XML)
        buf_add_byte(&out->b, '{');
    out->is_first = true;
}

void yourls_out_close(struct yourls_out *out, const char *name)
{
    if (out->format == YOURLS_FORMAT_SIMPLE)
        return;
    if (out->format == YOURLS_FORMAT_XML)
        add_tag(out, "</", name);
    else
        buf_add_byte(&out->b, '}');
    out->is_first = false;
}

/* --- the whole --- */

struct yourls_out yourls_out_begin(const struct yourls_parameters *parameters, struct arena *arena)
{
    struct yourls_out out = {
        .format = yourls_format_of(parameters),
        .callback = yourls_callback(parameters),
        .b = buf_in(arena, YOURLS_OUT_MAX),
        .is_first = true,
    };
    if (out.format == YOURLS_FORMAT_XML)
        buf_add_text(&out.b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root>");
    if (out.format == YOURLS_FORMAT_JSONP) {
        buf_add(&out.b, out.callback);
        buf_add_byte(&out.b, '(');
    }
    if (out.format == YOURLS_FORMAT_JSON || out.format == YOURLS_FORMAT_JSONP)
        buf_add_byte(&out.b, '{');
    return out;
}

struct yourls_answer yourls_out_end(struct yourls_out *out, int status)
{
    static const char *const types[] = {
        [YOURLS_FORMAT_XML] = "application/xml; charset=utf-8",
        [YOURLS_FORMAT_JSON] = "application/json; charset=utf-8",
        [YOURLS_FORMAT_JSONP] = "application/javascript; charset=utf-8",
        [YOURLS_FORMAT_SIMPLE] = "text/plain; charset=utf-8",
    };
    static const char *const ends[] = {
        [YOURLS_FORMAT_XML] = "</root>\n",
        [YOURLS_FORMAT_JSON] = "}",
        [YOURLS_FORMAT_JSONP] = "})",
        [YOURLS_FORMAT_SIMPLE] = "",
    };
    if (out->callback.len)
        yourls_out_text(out, "callback", out->callback);
    if (out->format == YOURLS_FORMAT_SIMPLE)
        buf_add(&out->b, out->simple);
    buf_add_text(&out->b, ends[out->format]);
    return (struct yourls_answer){ out->b.failed ? 503 : status, types[out->format],
                                   buf_slice(&out->b) };
}
