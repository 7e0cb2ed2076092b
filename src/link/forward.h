/* SPDX-License-Identifier: MIT */
/* Appending a visitor's query to the long URL. */
#pragma once

#include "base/arena.h"
#include "base/slice.h"

enum {
    FORWARD_QUERY_MAX = 4096, /* bytes that a visitor may add to a long URL */
    FORWARD_URL_MAX = 8179,   /* bytes of the result: Apache answers 500 for a header line of 8,192
                               * bytes or more, line end included */
};

/* `long_url` with `query` (without its '?') at the end of its own query, before the fragment, in
 * `arena`. The query is appended unchanged, except that bytes that are not visible ASCII, '#'
 * and URL_QUERY_ENCODED become %XX. The URL is returned without the query if the query is empty, if
 * it would add more than FORWARD_QUERY_MAX bytes or make the URL longer than FORWARD_URL_MAX, or if
 * the arena is full. */
struct slice forward_query(struct slice long_url, struct slice query, struct arena *arena);
