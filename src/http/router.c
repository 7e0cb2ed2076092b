/* SPDX-License-Identifier: MIT */
/* Path patterns, compared byte by byte: most routes differ from a path in its first letters. */
#include "http/router.h"

/* Whether a byte before the first `{}` or `*` rules the pattern out, as one of the first does for
 * most rows of a table. */
static inline bool differs_at_once(const char *pattern, struct slice path)
{
    size_t i = 0;
    while (i < path.len && pattern[i] == path.at[i] && pattern[i] != '{')
        i++;
    return pattern[i] && pattern[i] != '{' && pattern[i] != '*';
}

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

bool route_matches(const char *pattern, struct slice path, struct route_match *match)
{
    if (differs_at_once(pattern, path))
        return false;
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
