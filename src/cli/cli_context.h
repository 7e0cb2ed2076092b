/* SPDX-License-Identifier: MIT */
/* What the commands on links work with: the stores and the rules of the configuration, and the
 * local cache of this host where the command may write into it, so that the host's visitors see a
 * change at once. No segment is made: of the wrong user, it would lock the workers out. */
#pragma once

#include "base/arena.h"
#include "db/code_key.h"
#include "runtime/config.h"
#include "setup/shortening.h"
#include "shm/invalidation_queue.h"
#include "shm/local_cache.h"

/* Its parts point at one another: it stays where it was opened. */
struct cli_context {
    struct arena *arena; /* of the command */
    struct cache *remote;
    struct segment
        *segment; /* NULL: the workers of this host have none, or it is not ours to write */
    struct local_cache *local;
    struct invalidation_queue *invalidations;
    struct cache *cache; /* all of them */
    struct db *db;
    struct code_key_source code_key;
    struct shortening shortening;
};

/* Opens everything; connects to nothing yet. On failure everything is closed again. */
bool cli_context_open(struct cli_context *context, const struct config *config, struct error *err);

/* The segment of the workers, when there is one, of this version, and ours to write; else NULL. The
 * caller closes it. */
struct segment *cli_context_open_segment(const struct config *config);

/* Whether workers of this host may go on with what was before for cache.local_ttl: they have a
 * segment, and it could not be written. */
bool cli_context_leaves_stale(const struct cli_context *context, const struct config *config);

/* Where that is so, says for how long. */
void cli_context_mind_stale(const struct cli_context *context, const struct config *config);

/* Fine on a workshop that is all zero. */
void cli_context_close(struct cli_context *context);
