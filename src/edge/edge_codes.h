/* SPDX-License-Identifier: MIT */
/* Codes as caches in front name their entries: by the path of a request, in any spelling that a
 * worker answers as it answers the code itself. */
#pragma once

#include <stdint.h>

#include "base/slice.h"
#include "link/code.h"

enum {
    EDGE_CODES_MAX = 100, /* codes that a cache is told of at once */
};

/* Codes that have changed. */
struct edge_codes {
    struct slice at[EDGE_CODES_MAX];
    size_t n;
};

/* A hash of the code, the same for all spellings of its letters in upper and lower case: where case
 * does not count, each of them is answered alike. Never 0. */
uint64_t edge_code_hash(struct slice code);

/* The hash of the code that a request's path names below `base_path` ("" or "/s"): with %XX, a
 * query, a slash, a path or other bytes behind it. 0 where it names none. */
uint64_t edge_path_hash(struct slice path, struct slice base_path);
