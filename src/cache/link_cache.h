/* SPDX-License-Identifier: MIT */
/* The shared cache and the local one as an author sees them: what is published goes to both. */
#pragma once

#include "cache/cache.h"
#include "shm/invalidation_queue.h"
#include "shm/local_cache.h"

/* What a pair is made of; borrowed and closed by their owners. */
struct link_cache_parts {
    struct cache *remote;
    struct local_cache *local; /* NULL: none */
    struct local_policy policy;
    struct invalidation_queue *invalidations; /* where codes are noted that `remote` could not be
                                               * told; NULL: nowhere */
};

/* A cache whose publish goes to `remote` first and then to `local`: in this order no reader of this
 * host can fetch what was there before from `remote` and keep it in `local`. Everything else goes
 * to `remote` alone. NULL when memory is out. */
struct cache *link_cache_open(const struct link_cache_parts *parts);
