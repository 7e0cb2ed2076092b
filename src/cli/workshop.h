/* SPDX-License-Identifier: MIT */
/* What the commands on links work with: the stores and the rules of the configuration. The shared
 * segment is left alone: made by the wrong user, it would lock the workers out. */
#pragma once

#include "base/arena.h"
#include "runtime/config.h"
#include "setup/shortening.h"

/* Its parts point at one another: it stays where it was opened. */
struct workshop {
    struct arena *arena; /* of the command */
    struct cache *cache;
    struct db *db;
    struct shortening shortening;
};

/* Opens everything; connects to nothing yet. On failure everything is closed again. */
bool workshop_open(struct workshop *workshop, const struct config *config, struct error *err);

/* Fine on a workshop that is all zero. */
void workshop_close(struct workshop *workshop);
