/* SPDX-License-Identifier: MIT */
/* The CLI context: the stores and rules that commands on links use, and the local cache of this
 * host where the command may write to it, so that this host's visitors see a change at once. It
 * never creates a segment, since one of another user would lock the workers out. */
#pragma once

#include "base/arena.h"
#include "db/code_key.h"
#include "runtime/config.h"
#include "setup/shortening.h"
#include "shm/invalidation_queue.h"
#include "shm/local_cache.h"

/* Its members point at one another: do not move it. */
struct cli_context {
    struct arena *arena; /* for the duration of the command */
    struct cache *remote;
    struct segment *segment; /* NULL: the workers have none, or this user may not write to it */
    struct local_cache *local;
    struct invalidation_queue *invalidations;
    struct link_cache cache; /* over both */
    struct db *db;
    struct code_key_source code_key;
    struct shortening shortening;
};

/* Opens everything without connecting yet. On failure everything is closed. */
bool cli_context_open(struct cli_context *context, const struct config *config, struct error *err);

/* Opens the workers' segment if there is one of this version that this user may write to; else
 * NULL. The caller closes it. */
struct segment *cli_context_open_segment(const struct config *config);

/* Whether workers of this host may use old entries for up to cache.local_ttl: they have a segment,
 * and it could not be written. */
bool cli_context_leaves_stale(const struct cli_context *context, const struct config *config);

/* If so, prints a message with that time. */
void cli_context_mind_stale(const struct cli_context *context, const struct config *config);

/* An all-zero context is allowed. */
void cli_context_close(struct cli_context *context);
