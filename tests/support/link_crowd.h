/* SPDX-License-Identifier: MIT */
/* Very many links that look like those of a real site: owners and hosts with many and with few
 * links, some with aliases, tags, expiry or a limit of clicks. The content of link `id` depends on
 * its id alone. */
#pragma once

#include "db/db.h"

enum {
    CROWD_OWNERS = 200, /* owner 1 has every second link */
    CROWD_HOSTS = 5000,
    CROWD_TAGS = 100,
    CROWD_NOW = 1763000000,
};

/* Link `id` (from 1 on), its texts in `arena`; NULL texts when memory is out. */
struct link crowd_link(uint64_t id, struct arena *arena);

/* Stores links [first, first + n) in bulk. */
enum db_result crowd_store(struct db *db, uint64_t first, uint64_t n, struct error *err);
