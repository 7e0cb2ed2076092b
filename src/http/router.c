/* SPDX-License-Identifier: MIT */
/* Path patterns, segment by segment. */
#include "http/router.h"

/* Takes one segment off the front of `*path`, up to '/' or the end. */
static struct slice take_segment(struct slice *path)
{
    struct slice segment = { path->at, slice_find(*path, '/') };
    *path = slice_from(*path, segment.len);
    return segment;
}

bool route_matches(const char *pattern, struct slice path, struct route_match *match)
{
    *match = (struct route_match){ .n = 0 };
    struct slice rest = slice_of(pattern);
    if (path.len > 1 && path.at[path.len - 1] == '/')
        path.len--;
    while (rest.len && path.len) {
        if (rest.at[0] != '/' || path.at[0] != '/')
            return false;
        rest = slice_from(rest, 1);
        path = slice_from(path, 1);
        struct slice wanted = take_segment(&rest);
        struct slice given = take_segment(&path);
        if (!slice_eq(wanted, SLICE("{}"))) {
            if (!slice_eq(wanted, given))
                return false;
        } else {
            if (given.len == 0 || match->n == ROUTE_CAPTURES)
                return false;
            match->captures[match->n++] = given;
        }
    }
    return rest.len == 0 && path.len == 0;
}
