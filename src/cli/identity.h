/* SPDX-License-Identifier: MIT */
/* The configuration of a command, and as whom the command works with it. */
#pragma once

#include "cli/command.h"
#include "cli/workers_user.h"
#include "clicklog/click_ring.h"

struct identity {
    struct workers_user user; /* of the workers; known for root alone */
    bool became;              /* the process is that user now, and no longer root */
    bool readable;            /* as whom it works now may read the configuration */
};

/* Loads the configuration, and becomes whom --as names or, with COMMAND_AS_WORKERS, as whom the
 * workers run. NULL with the reason; *status is the exit status for it. */
struct config *identity_load(const struct invocation *invocation, struct identity *out,
                             enum cli_status *status, struct error *err);

/* Tells root, where it found no click ring, that the workers' may be another user's. */
void identity_mind_ring(const struct click_ring *ring);
