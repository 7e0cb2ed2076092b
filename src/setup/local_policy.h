/* SPDX-License-Identifier: MIT */
/* The local cache's lifetimes as configured, for the workers and for curtctl, which writes into
 * their cache. */
#pragma once

#include "runtime/config.h"
#include "shm/local_cache.h"

struct local_policy local_policy_of(const struct config_cache *cache);
