/* SPDX-License-Identifier: MIT */
/* The CLI context: an arena, and the parts of the app context that a command needs. Commands on
 * links use the local cache of this host, too, where they may write to it, so that this host's
 * visitors see a change at once. */
#pragma once

#include "base/arena.h"
#include "cli/command.h"
#include "upkeep/app_context.h"

/* Its members point at one another: do not move it. */
struct cli_context {
    struct arena *arena;    /* for the duration of the command */
    struct app_context app; /* what the command opens of it */
};

/* Opens the parts that the command opens, without connecting yet, runs it, and closes them. If they
 * cannot be opened prints the reason and returns CLI_CONFIG, or CLI_FAILED where only memory can
 * have been short. */
enum cli_status cli_context_run(const struct invocation *invocation);

/* Prints for how long workers of this host may use old entries, up to cache.local_ttl, where they
 * have a segment that could not be written. */
void cli_context_mind_stale(const struct cli_context *context, const struct config *config);
