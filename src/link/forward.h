/* SPDX-License-Identifier: MIT */
/* Appending a visitor's path and query to the long URL. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

enum {
    FORWARD_QUERY_MAX = 4096, /* bytes that a visitor may add to a long URL */
    FORWARD_URL_MAX = 8179,   /* bytes of the result: Apache answers 500 for a header line of 8,192
                               * bytes or more, line end included */
    FORWARD_PATH_MAX = 4096,  /* bytes of a path that a visitor may add, as it is sent on */
};

/* Whether `path` has a dot segment ("." or ".."; RFC 3986, 5.2.4), percent-encoded or not, between
 * slashes or backslashes, percent-encoded or not: it would lead out of what it is appended to. */
bool forward_path_has_dots(struct slice path);

/* `long_url` with `extra` at the end of its path, before query and fragment, in `arena`, with one
 * slash between the two. `extra` is appended unchanged, except that bytes that are not visible
 * ASCII, '?', '#' and URL_PATH_ENCODED become %XX. Empty if the long URL has no host ("mailto:"),
 * if `extra` is longer than FORWARD_PATH_MAX bytes then, if the result is longer than `max` bytes,
 * or if the arena is full. */
struct slice forward_path(struct slice long_url, struct slice extra, size_t max,
                          struct arena *arena);

/* `long_url` with `query` (without its '?') at the end of its own query, before the fragment, in
 * `arena`. The query is appended unchanged, except that bytes that are not visible ASCII, '#'
 * and URL_QUERY_ENCODED become %XX. The URL is returned without the query if the query is empty, if
 * it would add more than FORWARD_QUERY_MAX bytes or make the URL longer than FORWARD_URL_MAX, or if
 * the arena is full. */
struct slice forward_query(struct slice long_url, struct slice query, struct arena *arena);
