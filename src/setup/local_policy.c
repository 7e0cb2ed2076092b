/* SPDX-License-Identifier: MIT */
/* Computes the local cache's lifetimes from the configuration. */
#include "setup/local_policy.h"

struct local_policy local_policy_of(const struct config_cache *cache)
{
    unsigned negative_ms =
        cache->negative_ttl_ms < cache->local_ttl_ms ? cache->negative_ttl_ms : cache->local_ttl_ms;
    return (struct local_policy){
        .ttl_ms = cache->local_ttl_ms,
        .negative_ttl_ms = negative_ms,
        .stale_ms = cache->stale_ms,
    };
}
