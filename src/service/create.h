/* SPDX-License-Identifier: MIT */
/* Creates a link from a long URL and the other fields of a request. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "cache/link_cache.h"
#include "db/db.h"
#include "files/blocked_file.h"
#include "link/alias.h"
#include "link/destination.h"
#include "link/link_fields.h"
#include "service/auth.h"
#include "service/codes.h"
#include "service/outcome.h"
#include "shm/metrics.h"
#include "spool/spool.h"
#include "text/url.h"

enum {
    MAX_CLICKS_MAX_BITS = 53,          /* what every JSON reader represents exactly */
    IDEMPOTENCY_KEY_MAX = 255,         /* bytes */
    IDEMPOTENCY_LIFE_S = 24 * 60 * 60, /* how long an idempotency key is kept, in seconds */
};

/* What creates and changes links. All pointers are borrowed. */
struct shortener {
    const struct link_cache *cache;
    struct db *db;
    struct codes *codes;
    struct url_policy urls;
    struct alias_policy aliases;
    struct own_site own;
    struct blocked_file *blocked; /* NULL: no domain is blocked */
    unsigned default_status;
    int64_t max_lifetime_s;
    int64_t default_ttl_s;    /* of a link without expires_at; 0: for ever */
    int64_t max_ttl_s;        /* longest lifetime of a link; 0: any */
    int64_t restore_window_s; /* how long a deleted link can be restored; 0: not at all */
    struct spool *spool;      /* NULL: no link is created while the database is unavailable. Where
                               * it is not, `cache` has a local cache, for spooled links */
    struct metrics *metrics;  /* may be NULL */
};

/* With a non-empty `idempotency_key`, a create that is repeated with the same `body` within
 * IDEMPOTENCY_LIFE_S returns the first link again; `body` is any unambiguous text of the
 * request. */
struct create_request {
    struct link_fields fields;
    struct slice idempotency_key;
    struct slice body;
    struct caller caller;
    int64_t now;
    struct arena *arena;
    bool force; /* an admin's: words that only a list reserves, aliases of any length, and blocked
                 * destinations are taken */
    enum link_field *refused; /* set to the field that the outcome is about; may be NULL */
};

/* Checks every field before the database is asked, then stores the link and publishes it to the
 * cache. The id is allocated before the first INSERT, so that a retry after a lost connection never
 * creates a second link. While the database is unavailable, links with generated codes and without
 * max_clicks are spooled (service/create_offline.h). OUTCOME_OK, OUTCOME_REUSED, OUTCOME_SPOOLED
 * and OUTCOME_REPEATED return a link. On failure `err` is a sentence: for the caller when a field
 * was refused, for the log when something is unavailable. */
enum outcome create_link(struct shortener *shortener, const struct create_request *request,
                         struct link *out, struct error *err);
