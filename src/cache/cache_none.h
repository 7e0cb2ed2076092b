/* SPDX-License-Identifier: MIT */
/* The cache without entries, used when no memcached is configured. */
#pragma once

#include "cache/cache.h"

/* Never NULL; closing it does nothing. */
struct cache *cache_none(void);
