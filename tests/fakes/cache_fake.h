/* SPDX-License-Identifier: MIT */
/* A cache in memory, for tests: keeps the rules of cache.h, and fails when told to. */
#pragma once

#include "cache/cache.h"

struct cache *cache_fake_new(void);

/* From now on every call answers as a dead server would, until told otherwise. */
void cache_fake_set_down(struct cache *cache, bool down);

/* Lets `seconds` pass: what has lived its lifetime is gone. */
void cache_fake_advance(struct cache *cache, int64_t seconds);

/* How many gets it has answered, and how many entries it holds. */
unsigned cache_fake_gets(const struct cache *cache);
unsigned cache_fake_entries(const struct cache *cache);
