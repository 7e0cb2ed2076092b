/* SPDX-License-Identifier: MIT */
/* Reads a query string pair by pair, decoding each once. */
#include "web/query.h"

#include "base/hex.h"
#include "base/number.h"
#include "text/suggest.h"
#include "text/utf8.h"

/* Decodes "%XX"; "+" becomes `plus`. */
static bool query_decode(struct slice text, char plus, struct arena *arena, struct slice *out)
{
    char *at = arena_alloc(arena, text.len + 1);
    size_t n = 0;
    for (size_t i = 0; at && i < text.len; i++) {
        char c = text.at[i] == '+' ? plus : text.at[i];
        if (c == '%') {
            if (!hex_unescape(slice_from(text, i), &c))
                return false;
            i += 2;
        }
        at[n++] = c;
    }
    *out = (struct slice){ at, n };
    return at != NULL;
}

bool form_decode(struct slice text, struct arena *arena, struct slice *out)
{
    return query_decode(text, ' ', arena, out);
}

bool path_decode(struct slice segment, struct arena *arena, struct slice *out)
{
    return query_decode(segment, '+', arena, out);
}

static int query_refuse_unknown(struct exchange *x, const char *const *names, size_t n,
                                struct slice name)
{
    struct suggestion suggestion = { .typed = name };
    for (size_t i = 0; i < n; i++)
        suggestion_consider(&suggestion, slice_of(names[i]), slice_of(names[i]));
    struct error detail;
    if (suggestion.best.len)
        error_set(&detail, "There is no such parameter; did you mean %.*s?",
                  SLICE_ARG(suggestion.best));
    else
        error_set(&detail, "There is no such parameter.");
    const char *copy = utf8_is_line(name) ? arena_copy(x->arena, name) : NULL;
    return refuse_field(x, PROBLEM_INVALID_FIELD, copy ? copy : "?", detail.text);
}

static int read_pair(struct exchange *x, struct slice pair, const char *const *names, size_t n,
                     struct slice *values)
{
    size_t equals = slice_find(pair, '=');
    struct slice name;
    struct slice value;
    if (!form_decode((struct slice){ pair.at, equals }, x->arena, &name))
        return refuse(x, PROBLEM_INVALID_FIELD, "The query string is not valid percent-encoding.");
    if (slice_eq(name, SLICE("_")))
        return 0;
    size_t i = 0;
    while (i < n && !slice_eq(name, slice_of(names[i])))
        i++;
    if (i == n)
        return query_refuse_unknown(x, names, n, name);
    if (!form_decode(slice_from(pair, equals + 1), x->arena, &value) || !utf8_is_line(value))
        return refuse_field(x, PROBLEM_INVALID_FIELD, names[i],
                            "This must be percent-encoded UTF-8 without control characters.");
    if (values[i].at)
        return refuse_field(x, PROBLEM_INVALID_FIELD, names[i], "This parameter is given twice.");
    if (value.len)
        values[i] = value;
    return 0;
}

int query_read(struct exchange *x, const char *const *names, size_t n, struct slice *values)
{
    for (size_t i = 0; i < n; i++)
        values[i] = (struct slice){ NULL, 0 };
    struct slice rest = x->request->query;
    while (rest.len) {
        struct slice pair = { rest.at, slice_find(rest, '&') };
        rest = slice_from(rest, pair.len + 1);
        int status = pair.len ? read_pair(x, pair, names, n, values) : 0;
        if (status)
            return status;
    }
    return 0;
}

int query_number(struct exchange *x, const char *name, struct slice value, unsigned max,
                 unsigned *out)
{
    if (!value.at)
        return 0;
    uint64_t number;
    if (number_parse(value, max, &number) && number > 0) {
        *out = (unsigned)number;
        return 0;
    }
    struct error detail;
    error_set(&detail, "This must be a whole number from 1 to %u.", max);
    return refuse_field(x, PROBLEM_INVALID_FIELD, name, detail.text);
}

int query_flag(struct exchange *x, const char *name, struct slice value, bool *out)
{
    if (!value.at)
        return 0;
    *out = slice_eq(value, SLICE("yes"));
    if (*out || slice_eq(value, SLICE("no")))
        return 0;
    return refuse_field(x, PROBLEM_INVALID_FIELD, name, "This must be yes or no.");
}

struct slice query_with_plus(const struct exchange *x, struct slice value)
{
    char *copy = arena_copy(x->arena, value);
    for (size_t i = 0; copy && i < value.len; i++) {
        if (copy[i] == ' ')
            copy[i] = '+';
    }
    return (struct slice){ copy, copy ? value.len : 0 };
}
