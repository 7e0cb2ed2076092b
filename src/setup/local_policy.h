/* SPDX-License-Identifier: MIT */
/* For how long the local cache keeps what, as the configuration says: one rule for the workers and
 * for the commands that write into their cache. */
#pragma once

#include "runtime/config.h"
#include "shm/local_cache.h"

struct local_policy local_policy_of(const struct config_cache *cache);
