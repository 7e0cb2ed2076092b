/* SPDX-License-Identifier: MIT */
/* The CLI context: an arena, and the parts of the app context that commands on links use: the local
 * cache of this host, too, where the command may write to it, so that this host's visitors see a
 * change at once. */
#pragma once

#include "base/arena.h"
#include "upkeep/app_context.h"

/* Its members point at one another: do not move it. */
struct cli_context {
    struct arena *arena; /* for the duration of the command */
    struct app_context app;
};

/* Opens everything without connecting yet. On failure everything is closed. */
bool cli_context_open(struct cli_context *context, const struct config *config, struct error *err);

/* Whether workers of this host may use old entries for up to cache.local_ttl: they have a segment,
 * and it could not be written. */
bool cli_context_leaves_stale(const struct cli_context *context, const struct config *config);

/* If so, prints a message with that time. */
void cli_context_mind_stale(const struct cli_context *context, const struct config *config);

/* An all-zero context is allowed. */
void cli_context_close(struct cli_context *context);
