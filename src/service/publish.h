/* SPDX-License-Identifier: MIT */
/* Telling the cache what its author has just made true of a link. */
#pragma once

#include "link/link.h"
#include "service/shorten.h"

/* Publishes the link under each of its codes. A cache that is away may keep what it had until it is
 * told later (shm/invalidation_queue.h), or else until its lifetime is over. */
void publish_link(const struct shortener *shortener, const struct link *link, int64_t now);

/* Publishes the end of a link whose last version was link->target.version. */
void publish_end(const struct shortener *shortener, const struct link *link, int64_t now);
