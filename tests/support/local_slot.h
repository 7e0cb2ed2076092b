/* SPDX-License-Identifier: MIT */
/* The slots of the local cache, for tests that damage an entry or leave one half written. */
#pragma once

#include "shm/local_cache.h"
#include "shm/local_layout.h"

/* The slot of an entry that is in the cache and in its class of the smallest slots. */
static inline struct local_slot *local_slot_of(const struct local_cache *cache, struct slice code)
{
    const struct local_class *class = &cache->layout.classes[0];
    const struct local_set *sets = (void *)(cache->base + class->sets_at);
    uint64_t hash = local_hash(cache, code);
    size_t way = 0;
    while (sets[way / LOCAL_WAYS].tags[way % LOCAL_WAYS] != hash)
        way++;
    return (void *)(cache->base + class->slots_at + way * class->slot_bytes);
}
