/* SPDX-License-Identifier: MIT */
/* Appending a visitor's query to the long URL. */
#include "link/forward.h"

#include <stdbool.h>

#include "base/buf.h"
#include "text/escape.h"
#include "text/url.h"

struct slice forward_query(struct slice long_url, struct slice query, struct arena *arena)
{
    if (query.len == 0)
        return long_url;
    struct buf added = buf_in(arena, FORWARD_QUERY_MAX);
    struct slice before = { long_url.at, slice_find(long_url, '#') };
    if (slice_find(before, '?') == before.len)
        buf_add_byte(&added, '?');
    else if (before.at[before.len - 1] != '?' && before.at[before.len - 1] != '&')
        buf_add_byte(&added, '&');
    escape_url(&added, query, "#" URL_QUERY_ENCODED);
    size_t size = long_url.len + FORWARD_QUERY_MAX;
    struct buf out = buf_in(arena, size < FORWARD_URL_MAX ? size : FORWARD_URL_MAX);
    buf_add(&out, before);
    buf_add(&out, buf_slice(&added));
    buf_add(&out, slice_from(long_url, before.len));
    return added.failed || out.failed ? long_url : buf_slice(&out);
}
