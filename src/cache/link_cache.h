/* SPDX-License-Identifier: MIT */
/* The two-level cache of a host, for writers: publishing stores in the remote cache and in the
 * local one. */
#pragma once

#include "cache/cache.h"
#include "shm/invalidation_queue.h"
#include "shm/local_cache.h"

/* The parts of a link cache; borrowed, closed by their owners. */
struct link_cache_parts {
    struct cache *remote;
    struct local_cache *local; /* NULL: none */
    struct local_policy policy;
    struct invalidation_queue *invalidations; /* gets the codes whose publishing to `remote` failed;
                                               * NULL: none */
};

/* A cache whose publish stores in `remote` first and then in `local`: in this order no reader of
 * this host can fetch the old entry from `remote` and keep it in `local`. Its get and fill use
 * `remote` alone; get is a miss for codes in the invalidation queue. NULL when memory is out. */
struct cache *link_cache_open(const struct link_cache_parts *parts);
