/* SPDX-License-Identifier: MIT */
/* Loads the configuration of a command and switches to the user that it runs as. */
#pragma once

#include "cli/command.h"
#include "cli/workers_user.h"
#include "clicklog/click_ring.h"

struct identity {
    struct workers_user user; /* the workers' user; known only for root */
    bool became;              /* the process has switched to that user */
    bool readable;            /* the current user may read the configuration */
};

/* Loads the configuration, and switches to the user of --as or, with COMMAND_AS_WORKERS, to the
 * workers' user. NULL with the reason; *status is the exit status for it. */
struct config *identity_load(const struct invocation *invocation, struct identity *out,
                             enum cli_status *status, struct error *err);

/* Prints to root, where there is no click ring, that the workers may run as another user. */
void identity_mind_ring(const struct click_ring *ring);
