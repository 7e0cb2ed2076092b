/* SPDX-License-Identifier: MIT */
/* Replaces memcached.c in the build for shared hosting, a smaller program for a single host. It
 * refuses a configuration with servers, because other hosts' changes would not reach it. */
#include "cache/memcached.h"

struct cache *memcached_open(const struct memcached_options *options, struct error *err)
{
    (void)options;
    error_set(err, "this program has no memcached: leave servers of [memcached] empty");
    return NULL;
}

// NOLINTNEXTLINE(readability-non-const-parameter): as memcached.c has it
void memcached_prepare(struct cache *cache)
{
    (void)cache;
}

size_t memcached_servers(const struct cache *cache)
{
    (void)cache;
    return 0;
}

// NOLINTNEXTLINE(readability-non-const-parameter): as memcached.c has it
bool memcached_remove(struct cache *cache, struct slice code, uint64_t *silent)
{
    (void)cache;
    (void)code;
    (void)silent;
    return true;
}

enum memcached_probe memcached_probe(struct cache *cache, size_t i, int64_t now_ms)
{
    (void)cache;
    (void)i;
    (void)now_ms;
    return MEMCACHED_IN_USE;
}
