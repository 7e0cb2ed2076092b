/* SPDX-License-Identifier: MIT */
/* Slice comparisons and trimming that are too long to inline. */
#include "base/slice.h"

#include "base/ascii.h"

bool slice_eq_nocase(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (ascii_to_lower(a.at[i]) != ascii_to_lower(b.at[i]))
            return false;
    }
    return true;
}

bool slice_is_graph(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] <= ' ' || s.at[i] > '~')
            return false;
    }
    return true;
}

static bool is_ows(char c)
{
    return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice s)
{
    while (s.len > 0 && is_ows(s.at[0]))
        s = slice_from(s, 1);
    while (s.len > 0 && is_ows(s.at[s.len - 1]))
        s.len--;
    return s;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct slice slice_strip(struct slice s)
{
    while (s.len > 0 && is_space(s.at[0]))
        s = slice_from(s, 1);
    while (s.len > 0 && is_space(s.at[s.len - 1]))
        s.len--;
    return s;
}
