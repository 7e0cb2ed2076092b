/* SPDX-License-Identifier: MIT */
/* Resolving: finds a code's target in the local cache, memcached or the database, in this order. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "cache/cache.h"
#include "db/db.h"
#include "db/replicas.h"
#include "link/link.h"
#include "shm/local_cache.h"
#include "spool/spool.h"
#include "text/url.h"

enum resolve_outcome {
    RESOLVE_LIVE,        /* redirect */
    RESOLVE_UNKNOWN,     /* no such code, or its starts_at is in the future */
    RESOLVE_GONE,        /* expired, or its max_clicks are used up */
    RESOLVE_UNAVAILABLE, /* not cached, and the database does not answer */
};

/* The layer that had the answer. */
enum cache_level {
    LEVEL_NONE, /* none was asked, or none had it */
    LEVEL_LOCAL,
    LEVEL_MEMCACHED,
    LEVEL_DATABASE,
};

/* Lifetimes are upper bounds in seconds; cache_entry_lifetime shortens them. */
struct resolver {
    struct local_cache *local; /* NULL: none */
    struct local_policy local_policy;
    struct spool *spool; /* links that are not yet in the database; NULL: none */
    struct cache *cache;
    struct url_policy urls; /* rules for targets read from memcached */
    struct db *db;
    struct replicas *replicas; /* NULL: none */
    int64_t ttl_s;
    int64_t negative_ttl_s;
    int64_t replica_ttl_s; /* of a replica's answer, which may be out of date */
};

/* The code and the time; `jitter` is any random number. Only a visit uses up one of a link's
 * max_clicks; other requests learn whether one is left. */
struct resolve_request {
    struct slice code;
    bool is_visit;
    int64_t now;
    int64_t now_ms; /* monotonic, for the local cache */
    uint32_t jitter;
    struct arena *arena;
};

struct resolution {
    struct target target; /* when RESOLVE_LIVE or RESOLVE_GONE */
    enum cache_level level;
    bool cache_failed; /* memcached did not answer; `err` says why unless the database failed too */
};

/* Resolves `request->code`. A malformed code is unknown and not looked up. An answer is stored in
 * the layers above the one that gave it.
 *
 * The database is a replica first, and the primary for what no replica has. An answer that is older
 * than what the local cache has of the same link is ignored, so that an author who asks the same
 * host always sees the last change. A target from memcached is ignored when its URL could not have
 * been shortened here.
 *
 * Of the workers of a host one refreshes a popular code while the others wait a moment. When no
 * layer below answers, a stale target of the local cache is used, never past its expiry.
 *
 * Redirects of a link with max_clicks are counted by the database, so that there are never more, on
 * any number of hosts; while the database is unavailable such a link is RESOLVE_UNAVAILABLE. */
enum resolve_outcome resolve(const struct resolver *resolver, const struct resolve_request *request,
                             struct resolution *out, struct error *err);

/* "local", "memcached", "database" or "none". */
const char *cache_level_name(enum cache_level level);
