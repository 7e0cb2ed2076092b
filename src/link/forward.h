/* SPDX-License-Identifier: MIT */
/* Handing a visitor's query on to the destination. */
#pragma once

#include "base/arena.h"
#include "base/slice.h"

enum {
    FORWARD_QUERY_MAX = 4096, /* bytes that a visitor may add to a long URL */
    FORWARD_URL_MAX = 8179,   /* bytes of the outcome: of a line of 8,192 and more, its end
                                 included, Apache makes a 500 */
};

/* `long_url` with `query` (without its '?') at the end of its own query, before the fragment, in
 * `arena`. The bytes of the query stay as they came, but what is not visible ASCII becomes %XX and
 * '#' %23. An empty query, one that would add more than FORWARD_QUERY_MAX bytes or make the URL
 * longer than FORWARD_URL_MAX, and one that the arena has no room for leave the URL as it is. */
struct slice forward_query(struct slice long_url, struct slice query, struct arena *arena);
