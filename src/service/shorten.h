/* SPDX-License-Identifier: MIT */
/* Shortening: from a long URL and its wishes to a stored link. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "cache/cache.h"
#include "db/db.h"
#include "files/blocked_file.h"
#include "link/alias.h"
#include "link/destination.h"
#include "link/link.h"
#include "service/auth.h"
#include "service/codes.h"
#include "shm/local_cache.h"
#include "shm/metrics.h"
#include "spool/spool.h"
#include "text/url.h"

enum shorten_outcome {
    SHORTEN_MADE,
    SHORTEN_REUSED,       /* the owner had such a link: here it is */
    SHORTEN_SPOOLED,      /* the database is away: the link redirects on this host and waits */
    SHORTEN_REPEATED,     /* the idempotency key was used for this before: the first answer again */
    SHORTEN_KEY_CONFLICT, /* the idempotency key was used for something else */
    SHORTEN_INVALID_URL,
    SHORTEN_UNSUPPORTED_SCHEME,
    SHORTEN_URL_TOO_LONG,
    SHORTEN_URL_IS_SHORT_URL,
    SHORTEN_BLOCKED_DESTINATION,
    SHORTEN_INVALID_ALIAS,
    SHORTEN_RESERVED_ALIAS,
    SHORTEN_ALIAS_TAKEN,
    SHORTEN_TOO_MANY_ALIASES,
    SHORTEN_INVALID_TIME,
    SHORTEN_INVALID_START,
    SHORTEN_INVALID_MAX_CLICKS,
    SHORTEN_INVALID_STATUS,
    SHORTEN_INVALID_TITLE,
    SHORTEN_INVALID_TAGS,
    SHORTEN_EXHAUSTED, /* no ids left; needs an admin */
    SHORTEN_UNAVAILABLE,
    SHORTEN_AWAY, /* between the files that make links: the database is away; never an outcome */
};

enum {
    MAX_CLICKS_MAX_BITS = 53,          /* what every JSON reader keeps exactly */
    IDEMPOTENCY_KEY_MAX = 255,         /* bytes */
    IDEMPOTENCY_LIFE_S = 24 * 60 * 60, /* how long an idempotency key is remembered */
};

/* What links are made and changed by. */
struct shortener {
    struct cache *cache;
    struct db *db;
    struct codes *codes;
    struct url_policy urls;
    struct alias_policy aliases;
    struct own_site own;
    struct blocked_file *blocked; /* NULL: no domain is blocked */
    unsigned default_status;
    int64_t max_lifetime_s;
    int64_t default_ttl_s;     /* of a link that names no end; 0: for ever */
    int64_t max_ttl_s;         /* the longest life a link may be given; 0: any */
    int64_t ttl_s;             /* of links in the cache */
    struct spool *spool;       /* NULL: nothing is made while the database is away */
    struct local_cache *local; /* for what is spooled; not NULL where `spool` is not */
    struct local_policy local_policy;
    struct metrics *metrics; /* may be NULL */
};

/* The things that can be wished for. */
enum wish {
    WISH_URL = 1 << 0,
    WISH_ALIAS = 1 << 1,
    WISH_EXPIRY = 1 << 2,
    WISH_START = 1 << 3,
    WISH_MAX_CLICKS = 1 << 4,
    WISH_STATUS = 1 << 5,
    WISH_FORWARD_QUERY = 1 << 6,
    WISH_TITLE = 1 << 7,
    WISH_TAGS = 1 << 8,
    WISH_REUSE = 1 << 9,  /* of a create alone */
    WISH_OWNER = 1 << 10, /* of a change alone, and an admin's */
};

/* What is wished for. Absent wishes are 0, an absent alias has an `at` of NULL. `given` is for
 * changes: only the wishes named there change something, and one that is 0 takes away what the link
 * had. A create takes all as they are. */
struct wishes {
    unsigned given; /* set of enum wish */
    struct slice long_url;
    struct slice custom_alias;
    int64_t expires_at;
    int64_t starts_at;
    int64_t max_clicks;
    int64_t redirect_status;
    bool forward_query;
    bool reuse; /* an existing link that is the same will do */
    struct slice title;
    const struct slice *tags;
    unsigned n_tags;
    uint32_t owner_id;  /* of a user who was looked up; */
    struct slice owner; /* the user's name */
};

/* `idempotency_key`, if not empty, makes a create that is repeated with the same `body` within
 * IDEMPOTENCY_LIFE_S answer the first link again; `body` is any spelling of what is asked for. */
struct shorten_request {
    struct wishes wishes;
    struct slice idempotency_key;
    struct slice body;
    struct caller caller;
    int64_t now;
    struct arena *arena;
};

/* Checks every wish before the database is asked anything, then stores the link and publishes it to
 * the cache. The id is fixed before the first INSERT, so that a retry after a lost connection never
 * makes a second link. While the database is away links with generated codes and without max_clicks
 * are spooled (service/spooling.h). MADE, REUSED, SPOOLED and REPEATED give a link. On failure
 * `err` is a sentence: for the caller when a wish was refused, for the log when something is
 * unavailable. */
enum shorten_outcome shorten(struct shortener *shortener, const struct shorten_request *request,
                             struct link *out, struct error *err);
