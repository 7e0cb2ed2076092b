/* SPDX-License-Identifier: MIT */
/* The shared cache and the local one as an author sees them: what is published goes to both. */
#pragma once

#include "store/cache.h"
#include "store/local_cache.h"

/* A cache whose publish goes to `remote` first and then to `local`: in this order no reader of this
 * host can fetch what was there before from `remote` and keep it in `local`. Everything else goes
 * to `remote` alone. Both are borrowed and closed by their owners. NULL when memory is out. */
struct cache *cache_pair_open(struct cache *remote, struct local_cache *local,
                              const struct local_policy *policy);
