/* SPDX-License-Identifier: MIT */
/* Publishes a link's new state to the cache after a create, change or deletion. */
#pragma once

#include "link/link.h"
#include "service/create.h"

/* Publishes the link under each of its codes. A memcached server that does not answer keeps its old
 * entry until the invalidation queue is worked off (shm/invalidation_queue.h), or else until the
 * entry's lifetime ends. */
void publish_link(const struct shortener *shortener, const struct link *link, int64_t now);

/* Publishes the deletion of a link whose last version was link->target.version. */
void publish_end(const struct shortener *shortener, const struct link *link, int64_t now);
