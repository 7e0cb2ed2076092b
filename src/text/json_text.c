/* SPDX-License-Identifier: MIT */
/* A recursive descent parser of RFC 8259's grammar with a bounded depth. `at` is the offset of the
 * next byte. */
#include "text/json_text.h"

#include "base/ascii.h"
#include "base/number.h"
#include "text/json_string.h"
#include "text/utf8.h"

struct scan {
    struct slice text;
    size_t at;
    unsigned depth;
    size_t values;
    const struct json_text_limits *limits;
    enum json_text_result result; /* after an error */
    struct error *why;
};

static bool scan_value(struct scan *s);

/* The next byte; -1 at the end. */
static int next_byte(const struct scan *s)
{
    return s->at < s->text.len ? (unsigned char)s->text.at[s->at] : -1;
}

static bool refuse_at(struct scan *s, size_t at, const char *reason)
{
    s->result = JSON_TEXT_BROKEN;
    return error_set(s->why, "%s, at byte %zu", reason, at + 1);
}

static bool refuse_limit(struct scan *s, const char *what, size_t most)
{
    s->result = JSON_TEXT_BROKEN;
    return error_set(s->why, "%s %zu, at byte %zu", what, most, s->at + 1);
}

/* Sets the error: what was expected and what was found. */
static bool refuse_next(struct scan *s, const char *expected)
{
    int c = next_byte(s);
    s->result = JSON_TEXT_BROKEN;
    if (c < 0)
        error_set(s->why, "the text ends too early: expected %s, at byte %zu", expected, s->at + 1);
    else if (c == '/')
        error_set(s->why, "a comment: expected %s, at byte %zu", expected, s->at + 1);
    else if (c > ' ' && c < 0x7F)
        error_set(s->why, "expected %s, found %c, at byte %zu", expected, c, s->at + 1);
    else
        error_set(s->why, "expected %s, found 0x%02X, at byte %zu", expected, (unsigned)c,
                  s->at + 1);
    return false;
}

static void pass_space(struct scan *s)
{
    int c = next_byte(s);
    while (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
        s->at++;
        c = next_byte(s);
    }
}

/* Consumes `byte` if it is next after white space. */
static bool pass_byte(struct scan *s, char byte)
{
    pass_space(s);
    if (next_byte(s) != (unsigned char)byte)
        return false;
    s->at++;
    return true;
}

/* Reads the string at s->at; *content is set to the bytes between its quotes, escapes not
 * decoded. */
static bool scan_string(struct scan *s, struct slice *content)
{
    const char *reason = NULL;
    struct slice rest = slice_from(s->text, s->at + 1);
    size_t len = json_string_length(rest, &reason);
    if (reason)
        return refuse_at(s, s->at + 1 + len, reason);
    *content = (struct slice){ rest.at, len };
    s->at += len + 2;
    return true;
}

static size_t pass_digits(struct scan *s)
{
    size_t n = number_digits(slice_from(s->text, s->at));
    s->at += n;
    return n;
}

static bool scan_number(struct scan *s)
{
    s->at += next_byte(s) == '-';
    size_t from = s->at;
    size_t n = pass_digits(s);
    if (n == 0)
        return refuse_next(s, "a digit");
    if (n > 1 && s->text.at[from] == '0')
        return refuse_at(s, from, "a number with a leading zero");
    if (next_byte(s) == '.') {
        s->at++;
        if (pass_digits(s) == 0)
            return refuse_next(s, "a digit after the point");
    }
    if (next_byte(s) == 'e' || next_byte(s) == 'E') {
        s->at++;
        s->at += next_byte(s) == '+' || next_byte(s) == '-';
        if (pass_digits(s) == 0)
            return refuse_next(s, "a digit of the exponent");
    }
    return true;
}

static bool scan_literal(struct scan *s)
{
    static const struct slice words[] = { { "true", 4 }, { "false", 5 }, { "null", 4 } };
    struct slice rest = slice_from(s->text, s->at);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!slice_starts_with(rest, words[i]))
            continue;
        s->at += words[i].len;
        return true;
    }
    return refuse_next(s, "a value");
}

/* Reads the next name and its colon. `names` has the hashes of the `n` names before it. */
static bool scan_name(struct scan *s, uint64_t *names, size_t n)
{
    size_t from = s->at;
    struct slice name;
    bool has_nul = false;
    if (next_byte(s) != '"')
        return refuse_next(s, "a name in double quotes");
    if (n == JSON_TEXT_MEMBERS_MAX)
        return refuse_limit(s, "an object has more members than", n);
    if (!scan_string(s, &name))
        return false;
    names[n] = json_string_hash(name, &has_nul);
    if (has_nul)
        return refuse_at(s, from, "the name of a member has a NUL in it");
    for (size_t i = 0; i < n; i++) {
        if (names[i] == names[n])
            return refuse_at(s, from, "an object has two members of the same name");
    }
    return pass_byte(s, ':') || refuse_next(s, "a colon");
}

static bool scan_members(struct scan *s)
{
    uint64_t names[JSON_TEXT_MEMBERS_MAX] = { 0 };
    size_t n = 0;
    if (pass_byte(s, '}'))
        return true;
    do {
        pass_space(s);
        if (!scan_name(s, names, n++) || !scan_value(s))
            return false;
    } while (pass_byte(s, ','));
    return pass_byte(s, '}') || refuse_next(s, "a comma or }");
}

static bool scan_items(struct scan *s)
{
    size_t n = 0;
    if (pass_byte(s, ']'))
        return true;
    do {
        if (n++ == s->limits->items) {
            refuse_limit(s, "an array has more items than", s->limits->items);
            s->result = s->depth == 2 ? JSON_TEXT_LONG_ARRAY : JSON_TEXT_BROKEN;
            return false;
        }
        if (!scan_value(s))
            return false;
    } while (pass_byte(s, ','));
    return pass_byte(s, ']') || refuse_next(s, "a comma or ]");
}

/* Reads the object or array at s->at. */
static bool scan_container(struct scan *s)
{
    if (s->depth == JSON_TEXT_DEPTH_MAX)
        return refuse_limit(s, "objects and arrays are nested deeper than", s->depth);
    s->depth++;
    bool sound = s->text.at[s->at++] == '{' ? scan_members(s) : scan_items(s);
    s->depth--;
    return sound;
}

static bool scan_value(struct scan *s)
{
    struct slice ignored;
    pass_space(s);
    int c = next_byte(s);
    if (c >= 0 && s->values++ == s->limits->values)
        return refuse_limit(s, "the text has more values than", s->limits->values);
    if (c == '"')
        return scan_string(s, &ignored);
    if (c == '{' || c == '[')
        return scan_container(s);
    return c == '-' || (c >= 0 && ascii_is_digit((char)c)) ? scan_number(s) : scan_literal(s);
}

enum json_text_result json_text_check(struct slice *text, const struct json_text_limits *limits,
                                      struct error *why)
{
    struct slice mark = SLICE(UTF8_BYTE_ORDER_MARK);
    struct scan s = { .text = *text, .limits = limits, .why = why };
    if (slice_starts_with(*text, mark))
        s.at = mark.len;
    pass_space(&s);
    size_t from = s.at;
    if (!scan_value(&s))
        return s.result;
    size_t end = s.at;
    pass_space(&s);
    if (next_byte(&s) >= 0) {
        refuse_next(&s, "the end of the text");
        return s.result;
    }
    *text = (struct slice){ text->at + from, end - from };
    return JSON_TEXT_SOUND;
}
