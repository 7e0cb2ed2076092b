/* SPDX-License-Identifier: MIT */
/* Resolving: finds a code's target in the link cache, the spool or the database, and decides
 * whether it is live. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "cache/link_cache.h"
#include "db/db.h"
#include "db/replicas.h"
#include "link/link.h"
#include "service/codes.h"
#include "service/outcome.h"
#include "spool/spool.h"

/* All borrowed. */
struct resolver {
    const struct link_cache *cache;
    struct spool *spool; /* links that are not yet in the database; NULL: none */
    struct db *db;
    struct replicas *replicas; /* NULL: none */
    struct codes *codes;       /* NULL: the letter case of aliases counts */
};

/* The code and the time; `jitter` is any random number. `takes` says whether the link takes the
 * request at all; otherwise it is OUTCOME_MISSING, as if there were no such code. `is_visit` is
 * asked of links with max_clicks alone: a visit uses up one of them, other requests learn whether
 * one is left. */
struct resolve_request {
    struct slice code;
    bool (*takes)(const void *visitor, const struct target *target); /* NULL: any link does */
    bool (*is_visit)(const void *visitor, const struct target *target);
    const void *visitor;
    int64_t now;
    int64_t now_ms; /* monotonic, for the local cache */
    uint32_t jitter;
    struct arena *arena;
};

struct resolution {
    struct target target; /* when OUTCOME_OK or OUTCOME_EXPIRED, or is_early */
    bool is_early;        /* when OUTCOME_MISSING: there is such a link, which has not started */
    bool was_visit;       /* OUTCOME_OK, and the link has no max_clicks or one was used up */
    struct slice title;   /* where a link with max_clicks was not visited; may be empty */
    enum cache_level level;
    bool cache_failed; /* memcached did not answer; `err` says why unless the database failed too */
};

/* Resolves `request->code`; where letter case does not count and no link has the code, the alias
 * that is its lower-case form. A malformed code is unknown and not looked up. An answer is stored
 * in the levels of the link cache above the one that gave it.
 *
 * The database is a replica first, and the primary for what no replica has. When it does not answer
 * either, a stale target of the local cache is used, never past its expiry.
 *
 * Redirects of a link with max_clicks are counted by the database, so that there are never more, on
 * any number of hosts; while the database is unavailable such a link is OUTCOME_UNAVAILABLE. */
enum outcome resolve(const struct resolver *resolver, const struct resolve_request *request,
                     struct resolution *out, struct error *err);

/* Where the link itself sends visitors whom it does not redirect: its not_started_url if it is
 * early, otherwise its expired_url. Only of links that have one of them a statement asks the
 * database, and where it has no answer the spool. Empty: nowhere, or neither of them says it. */
struct slice resolve_fallback(const struct resolver *resolver,
                              const struct resolve_request *request,
                              const struct resolution *found);

/* Whether there is a link with that code, in whatever state: OUTCOME_OK, OUTCOME_MISSING or
 * OUTCOME_UNAVAILABLE. Uses up none of its max_clicks; `takes`, `is_visit` and `visitor` are
 * ignored. */
enum outcome resolve_find(const struct resolver *resolver, const struct resolve_request *request,
                          struct error *err);
