/* SPDX-License-Identifier: MIT */
/* Shortening: from a long URL and its wishes to a stored link. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "link/alias.h"
#include "link/destination.h"
#include "link/link.h"
#include "service/auth.h"
#include "service/codes.h"
#include "store/cache.h"
#include "store/db.h"
#include "text/url.h"

enum shorten_outcome {
    SHORTEN_MADE,
    SHORTEN_INVALID_URL,
    SHORTEN_UNSUPPORTED_SCHEME,
    SHORTEN_URL_TOO_LONG,
    SHORTEN_URL_IS_SHORT_URL,
    SHORTEN_INVALID_ALIAS,
    SHORTEN_RESERVED_ALIAS,
    SHORTEN_ALIAS_TAKEN,
    SHORTEN_INVALID_TIME,
    SHORTEN_INVALID_STATUS,
    SHORTEN_EXHAUSTED, /* no ids left; needs an admin */
    SHORTEN_UNAVAILABLE,
};

struct shortener {
    struct cache *cache;
    struct db *db;
    struct codes *codes;
    struct url_policy urls;
    struct alias_policy aliases;
    struct own_site own;
    unsigned default_status;
    int64_t max_lifetime_s;
    int64_t ttl_s; /* of links in the cache */
};

/* What is wished for. Absent wishes: an alias whose `at` is NULL, a time or status of 0. */
struct wishes {
    struct slice long_url;
    struct slice custom_alias;
    int64_t expires_at;
    int64_t redirect_status;
};

struct shorten_request {
    struct wishes wishes;
    struct caller caller;
    int64_t now;
    struct arena *arena;
};

/* Checks every wish before the database is asked anything, then stores the link and publishes it to
 * the cache. The id is fixed before the first INSERT, so that a retry after a lost connection never
 * makes a second link. On failure `err` is a sentence: for the caller when a wish was refused, for
 * the log when something is unavailable. */
enum shorten_outcome shorten(struct shortener *shortener, const struct shorten_request *request,
                             struct link *out, struct error *err);
