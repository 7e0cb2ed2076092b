/* SPDX-License-Identifier: MIT */
/* Path patterns, compared byte by byte. */
#include "http/router.h"

struct slice route_below(struct slice path, struct slice folder)
{
    const struct slice nowhere = { NULL, 0 };
    if (!slice_starts_with(path, folder))
        return nowhere;
    struct slice rest = slice_from(path, folder.len);
    if (rest.len == 0)
        return SLICE("/");
    return rest.at[0] == '/' ? rest : nowhere;
}

bool route_compare(const char *pattern, struct slice path, struct route_match *match)
{
    const struct slice whole = path;
    *match = (struct route_match){ .n = 0 };
    if (path.len > 1 && path.at[path.len - 1] == '/')
        path.len--;
    const size_t len = path.len;
    for (; *pattern; pattern++) {
        if (*pattern == '{') {
            struct slice segment = { path.at, slice_find(path, '/') };
            if (segment.len == 0 || match->n == ROUTE_CAPTURES)
                return false;
            match->captures[match->n++] = segment;
            path = slice_from(path, segment.len);
            pattern++; /* the '}' */
        } else if (*pattern == '*') {
            match->rest = slice_from(whole, len - path.len);
            return match->rest.len > 0;
        } else if (path.len == 0 || path.at[0] != *pattern) {
            return false;
        } else {
            path = slice_from(path, 1);
        }
    }
    return path.len == 0;
}
