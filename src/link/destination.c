/* SPDX-License-Identifier: MIT */
/* The check for links that lead back to the shortener. */
#include "link/destination.h"

#include <string.h>

#include "base/hex.h"
#include "text/address.h"
#include "text/host.h"

/* Whether both are the same host: the same name, or addresses that are equal after
 * address_unwrap. */
static bool is_same_host(struct slice one, struct slice other)
{
    struct address a;
    struct address b;
    one = host_without_dot(one);
    other = host_without_dot(other);
    if (!address_parse_host(one, &a) || !address_parse_host(other, &b))
        return slice_eq_nocase(one, other);
    address_unwrap(&a);
    address_unwrap(&b);
    return memcmp(a.bytes, b.bytes, ADDRESS_BYTES) == 0;
}

static bool host_is_listed(struct slice host, struct slice list)
{
    while (list.len) {
        size_t end = 0;
        while (end < list.len && list.at[end] != ' ' && list.at[end] != ',')
            end++;
        if (end && is_same_host(host, (struct slice){ list.at, end }))
            return true;
        list = slice_from(list, end + 1);
    }
    return false;
}

/* Removes and returns the first byte of *text; %XX is decoded. */
static char destination_take_byte(struct slice *text)
{
    char c = text->at[0];
    *text = slice_from(*text, hex_unescape(*text, &c) ? 3 : 1);
    return c;
}

/* Whether the two segments are equal after %XX is decoded. */
static bool is_same_segment(struct slice one, struct slice other)
{
    while (one.len && other.len) {
        if (destination_take_byte(&one) != destination_take_byte(&other))
            return false;
    }
    return one.len == other.len;
}

/* Removes the last segment with its "/" from *path, which begins with a "/"; returns it without the
 * "/". */
static struct slice cut_last_segment(struct slice *path)
{
    size_t slash = path->len - 1;
    while (slash > 0 && path->at[slash] != '/')
        slash--;
    struct slice segment = slice_from(*path, slash + 1);
    path->len = slash;
    return segment;
}

/* Returns the last segment of *path after resolution of dot segments (RFC 3986, 5.2.4), and removes
 * it with everything after it; *above counts the ".." segments that have not yet removed a segment.
 * False when no segment remains. */
static bool cut_resolved(struct slice *path, unsigned *above, struct slice *out)
{
    while (path->len && path->at[0] == '/') {
        *out = cut_last_segment(path);
        if (is_same_segment(*out, SLICE("..")))
            ++*above;
        else if (is_same_segment(*out, SLICE(".")))
            continue;
        else if (*above)
            --*above;
        else
            return true;
    }
    return false;
}

static unsigned count_segments(struct slice path)
{
    unsigned n = 0;
    unsigned above = 0;
    struct slice segment;
    while (cut_resolved(&path, &above, &segment))
        n++;
    return n;
}

/* Whether `path` is `base` or lies below it, as browsers and web servers resolve paths: dot
 * segments are removed and %XX is decoded. Both are read from the end, so that a ".." is read
 * before the segment that it removes. */
static bool path_is_below(struct slice path, struct slice base)
{
    unsigned n = count_segments(path);
    unsigned n_base = count_segments(base);
    unsigned above = 0;
    unsigned above_base = 0;
    struct slice segment;
    struct slice wanted;
    for (; n > n_base; n--)
        cut_resolved(&path, &above, &segment);
    while (cut_resolved(&base, &above_base, &wanted)) {
        if (!cut_resolved(&path, &above, &segment) || !is_same_segment(segment, wanted))
            return false;
    }
    return true;
}

bool destination_is_own(const struct url *url, const struct own_site *own)
{
    if (host_is_listed(url->host, own->domains))
        return true;
    return is_same_host(url->host, own->host) && url->port == own->port &&
           path_is_below(url->path, own->path);
}
