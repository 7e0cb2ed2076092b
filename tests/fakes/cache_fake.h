/* SPDX-License-Identifier: MIT */
/* A cache in memory, for tests: it follows the rules of cache.h, and fails on request. */
#pragma once

#include "cache/cache.h"

struct cache *cache_fake_new(void);

/* While `down` is set, every call fails as with an unreachable server. */
void cache_fake_set_down(struct cache *cache, bool down);

/* Advances the clock by `seconds`; entries whose lifetime has ended are removed. */
void cache_fake_advance(struct cache *cache, int64_t seconds);

/* The number of gets so far, and the number of entries. */
unsigned cache_fake_gets(const struct cache *cache);
unsigned cache_fake_entries(const struct cache *cache);
