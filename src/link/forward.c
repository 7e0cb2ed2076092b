/* SPDX-License-Identifier: MIT */
/* Appending a visitor's path and query to the long URL. */
#include "link/forward.h"

#include "base/buf.h"
#include "base/hex.h"
#include "text/escape.h"
#include "text/url.h"

bool forward_path_has_dots(struct slice path)
{
    size_t dots = 0; /* of the segment, if it has nothing else; otherwise more than two */
    while (path.len > 0) {
        char byte = path.at[0];
        size_t size = hex_unescape(path, &byte) ? 3 : 1;
        path = slice_from(path, size);
        bool ends = byte == '/' || byte == '\\';
        if (!ends)
            dots += byte == '.' ? 1 : 3;
        if ((ends || path.len == 0) && (dots == 1 || dots == 2))
            return true;
        dots = ends ? 0 : dots;
    }
    return false;
}

/* The length of the part of a URL before its query and fragment; 0 when it has no host. */
static size_t forward_path_end(struct slice long_url)
{
    struct slice after = slice_from(long_url, slice_find(long_url, ':'));
    size_t query = slice_find(long_url, '?');
    size_t fragment = slice_find(long_url, '#');
    if (!slice_starts_with(after, SLICE("://")))
        return 0;
    return query < fragment ? query : fragment;
}

struct slice forward_path(struct slice long_url, struct slice extra, size_t max,
                          struct arena *arena)
{
    struct slice before = { long_url.at, forward_path_end(long_url) };
    if (before.len == 0)
        return before;
    struct buf added = buf_in(arena, FORWARD_PATH_MAX);
    escape_url(&added, extra, "?#" URL_PATH_ENCODED);
    struct buf out = buf_in(arena, max);
    buf_add(&out, before);
    if (before.at[before.len - 1] != '/')
        buf_add_byte(&out, '/');
    buf_add(&out, buf_slice(&added));
    buf_add(&out, slice_from(long_url, before.len));
    return added.failed || out.failed ? (struct slice){ NULL, 0 } : buf_slice(&out);
}

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
