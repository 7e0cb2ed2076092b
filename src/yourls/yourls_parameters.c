/* SPDX-License-Identifier: MIT */
/* Reads parameters as leniently as YOURLS does. */
#include "yourls/yourls_parameters.h"

#include "base/ascii.h"
#include "base/hex.h"
#include "base/number.h"

static const struct slice NAMES[YOURLS_PARAMETERS] = {
    [YOURLS_ACTION] = { "action", 6 },
    [YOURLS_FORMAT] = { "format", 6 },
    [YOURLS_CALLBACK] = { "callback", 8 },
    [YOURLS_JSONP] = { "jsonp", 5 },
    [YOURLS_SIGNATURE] = { "signature", 9 },
    [YOURLS_TIMESTAMP] = { "timestamp", 9 },
    [YOURLS_USERNAME] = { "username", 8 },
    [YOURLS_PASSWORD] = { "password", 8 },
    [YOURLS_URL] = { "url", 3 },
    [YOURLS_KEYWORD] = { "keyword", 7 },
    [YOURLS_TITLE] = { "title", 5 },
    [YOURLS_SHORTURL] = { "shorturl", 8 },
    [YOURLS_FILTER] = { "filter", 6 },
    [YOURLS_LIMIT] = { "limit", 5 },
    [YOURLS_START] = { "start", 5 },
    [YOURLS_DB] = { "db", 2 },
};

/* Decodes "%XX", and "+" for a space; `at` is NULL when the arena is full. */
static struct slice decode(struct slice text, struct arena *arena)
{
    char *at = arena_alloc(arena, text.len + 1);
    size_t n = 0;
    for (size_t i = 0; at && i < text.len; i++) {
        char c = text.at[i] == '+' ? ' ' : text.at[i];
        if (hex_unescape(slice_from(text, i), &c))
            i += 2;
        at[n++] = c;
    }
    return (struct slice){ at, n };
}

static bool add_pair(struct slice pair, struct arena *arena, struct yourls_parameters *out)
{
    const size_t equals = slice_find(pair, '=');
    const struct slice name = decode((struct slice){ pair.at, equals }, arena);
    if (!name.at)
        return false;
    for (size_t i = 0; i < YOURLS_PARAMETERS; i++) {
        if (slice_eq(name, NAMES[i])) {
            out->values[i] = decode(slice_from(pair, equals + 1), arena);
            return out->values[i].at != NULL;
        }
    }
    return true;
}

bool yourls_parameters_add(struct slice text, struct arena *arena, struct yourls_parameters *out)
{
    while (text.len) {
        const struct slice pair = { text.at, slice_find(text, '&') };
        text = slice_from(text, pair.len + 1);
        if (!add_pair(pair, arena, out))
            return false;
    }
    return true;
}

struct slice yourls_credential(const struct yourls_parameters *parameters)
{
    const struct slice *values = parameters->values;
    const struct slice none = { NULL, 0 };
    if (values[YOURLS_SIGNATURE].len)
        return values[YOURLS_TIMESTAMP].at ? none : values[YOURLS_SIGNATURE];
    return values[YOURLS_USERNAME].len ? values[YOURLS_PASSWORD] : none;
}

/* The bytes of the part of a callback's name at the start of `rest`; 0: it may not be in one. */
static size_t callback_part(struct slice rest)
{
    if (rest.at[0] == '[') {
        const size_t digits = number_digits(slice_from(rest, 1));
        return digits && rest.len > digits + 1 && rest.at[digits + 1] == ']' ? digits + 2 : 0;
    }
    return ascii_is_letter(rest.at[0]) || ascii_is_digit(rest.at[0]) || rest.at[0] == '_' ||
           rest.at[0] == '$' || rest.at[0] == '.';
}

struct slice yourls_callback(const struct yourls_parameters *parameters)
{
    struct slice name = parameters->values[YOURLS_CALLBACK];
    if (!name.at)
        name = parameters->values[YOURLS_JSONP];
    size_t at = 0;
    while (at < name.len && name.len <= YOURLS_CALLBACK_MAX) {
        const size_t part = callback_part(slice_from(name, at));
        if (part == 0)
            return (struct slice){ NULL, 0 };
        at += part;
    }
    return (struct slice){ name.at, at };
}
