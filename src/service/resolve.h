/* SPDX-License-Identifier: MIT */
/* Resolving: from a code to the target a visitor is sent to, through the local cache, the shared
 * one and then the database. */
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
    RESOLVE_UNKNOWN,     /* no such code, or before its starts_at */
    RESOLVE_GONE,        /* expired or used up */
    RESOLVE_UNAVAILABLE, /* in no cache, and the database does not answer */
};

/* The layer that knew the answer. */
enum cache_level {
    LEVEL_NONE, /* nobody was asked, or nobody knew */
    LEVEL_LOCAL,
    LEVEL_MEMCACHED,
    LEVEL_DATABASE,
};

/* Lifetimes are the longest that the cache keeps something; cache_entry_lifetime shortens them. */
struct resolver {
    struct local_cache *local; /* NULL: none */
    struct local_policy local_policy;
    struct spool *spool; /* links that the database does not have yet; NULL: none */
    struct cache *cache;
    struct url_policy urls; /* what the cache may send visitors to */
    struct db *db;
    struct replicas *replicas; /* NULL: none */
    int64_t ttl_s;
    int64_t negative_ttl_s;
    int64_t replica_ttl_s; /* of what a replica said, which may be out of date already */
};

/* What is asked, at what time; `jitter` is any random number. Only a visit spends one of a link's
 * max_clicks; who does not visit learns whether there is one left. */
struct resolve_request {
    struct slice code;
    bool is_visit;
    int64_t now;
    int64_t now_ms; /* monotonic, for the local cache */
    uint32_t jitter;
    struct arena *arena;
};

struct resolution {
    struct target target; /* when live or gone */
    enum cache_level level;
    bool cache_failed; /* the cache did not answer; `err` says why unless the database failed too */
};

/* Resolves `request->code`. Redirects of a link with max_clicks are counted by the database, so
 * that there are never more on any number of hosts; without a database such a link is unavailable.
 * A malformed code is unknown without asking anybody. A target of the cache whose URL is none that
 * could be made a link of is passed over. What a layer says is left in
 * those above it for the next one who asks. The database is a replica first, and the primary for
 * what no replica knows; whatever is older than what the local cache remembers of the same link is
 * passed over, so that an author who asks the same host always sees the last change. Of the workers
 * of a host one asks for a hot code, the others wait for it a moment. When nobody can be asked a
 * stale target of the local cache serves, never past its expiry. */
enum resolve_outcome resolve(const struct resolver *resolver, const struct resolve_request *request,
                             struct resolution *out, struct error *err);

/* "local", "memcached", "database" or "none". */
const char *cache_level_name(enum cache_level level);
