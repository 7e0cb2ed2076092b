/* SPDX-License-Identifier: MIT */
/* JSON lines (RFC 8259, one object a line), scanned without building values. Only what is needed to
 * find the members is checked: a line is trusted no further than its values are. */
#include "base/ascii.h"
#include "follow/log_format_private.h"

struct log_json {
    struct log_reading *reading;
    struct slice rest;
    unsigned depth;
    struct slice parent; /* the name of the member whose object is read, at depth 2 */
};

static void skip_blanks(struct log_json *json)
{
    size_t n = 0;
    while (n < json->rest.len && (json->rest.at[n] == ' ' || json->rest.at[n] == '\t'))
        n++;
    json->rest = slice_from(json->rest, n);
}

static bool take_byte(struct log_json *json, char byte)
{
    skip_blanks(json);
    if (json->rest.len == 0 || json->rest.at[0] != byte)
        return false;
    json->rest = slice_from(json->rest, 1);
    return true;
}

/* The content of a string, with its escapes. */
static bool log_json_string(struct log_json *json, struct slice *out)
{
    if (!take_byte(json, '"'))
        return false;
    struct slice rest = json->rest;
    size_t at = 0;
    while (at < rest.len && rest.at[at] != '"')
        at += rest.at[at] == '\\' ? 2 : 1;
    if (at >= rest.len)
        return false;
    *out = (struct slice){ rest.at, at };
    json->rest = slice_from(rest, at + 1);
    return true;
}

/* A number, true, false or null. */
static bool log_json_word(struct log_json *json, struct slice *out)
{
    size_t n = 0;
    while (n < json->rest.len &&
           (ascii_is_letter(json->rest.at[n]) || ascii_is_digit(json->rest.at[n]) ||
            json->rest.at[n] == '-' || json->rest.at[n] == '+' || json->rest.at[n] == '.'))
        n++;
    *out = (struct slice){ json->rest.at, n };
    json->rest = slice_from(json->rest, n);
    if (slice_eq(*out, SLICE("null")))
        out->len = 0;
    return n > 0;
}

/* Whether the part's name is "name", or "parent.name" for a member of an object. */
static bool is_named(const struct log_json *json, struct slice wanted, struct slice name)
{
    if (json->depth == 1)
        return slice_eq(wanted, name);
    return json->depth == 2 && wanted.len == json->parent.len + 1 + name.len &&
           slice_starts_with(wanted, json->parent) && wanted.at[json->parent.len] == '.' &&
           slice_eq(slice_from(wanted, json->parent.len + 1), name);
}

static void take_member(struct log_json *json, struct slice name, struct slice value)
{
    const struct line_format *format = json->reading->format;
    for (unsigned i = 0; i < format->n; i++) {
        if (is_named(json, format->parts[i].after, name)) {
            log_take(json->reading, format->parts[i].field, value);
            return;
        }
    }
}

static bool read_nested(struct log_json *json, struct slice name);

/* A member's value, or an element of an array, which has no name. */
static bool read_value(struct log_json *json, struct slice name)
{
    struct slice value = { NULL, 0 };
    skip_blanks(json);
    if (json->rest.len == 0)
        return false;
    char first = json->rest.at[0];
    if (first == '{' || first == '[')
        return read_nested(json, name);
    if (first == '"' ? !log_json_string(json, &value) : !log_json_word(json, &value))
        return false;
    if (name.len)
        take_member(json, name, value);
    return true;
}

static bool read_elements(struct log_json *json, bool is_object)
{
    char end = is_object ? '}' : ']';
    if (take_byte(json, end))
        return true;
    do {
        struct slice name = { NULL, 0 };
        if (is_object && (!log_json_string(json, &name) || !take_byte(json, ':')))
            return false;
        if (!read_value(json, name))
            return false;
    } while (take_byte(json, ','));
    return take_byte(json, end);
}

static bool read_nested(struct log_json *json, struct slice name)
{
    bool is_object = json->rest.at[0] == '{';
    if (json->depth == LOG_JSON_DEPTH_MAX)
        return false;
    if (json->depth == 1)
        json->parent = name;
    json->depth++;
    json->rest = slice_from(json->rest, 1);
    bool is_read = read_elements(json, is_object);
    json->depth--;
    return is_read;
}

bool log_read_json(struct log_reading *reading, struct slice line)
{
    struct log_json json = { .reading = reading, .rest = line };
    skip_blanks(&json);
    if (json.rest.len == 0 || json.rest.at[0] != '{' ||
        !read_nested(&json, (struct slice){ NULL, 0 }))
        return false;
    skip_blanks(&json);
    return json.rest.len == 0;
}
