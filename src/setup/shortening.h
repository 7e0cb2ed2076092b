/* SPDX-License-Identifier: MIT */
/* Sets up a shortener from the configuration, for workers and for curtctl, so that both apply the
 * same rules. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "runtime/config.h"
#include "service/codes.h"
#include "service/create.h"
#include "shm/segment.h"

enum {
    SHORTENING_SCHEMES_MAX = 16,
};

/* Borrowed; must outlive the shortening. */
struct shortening_stores {
    struct db *db;
    const struct link_cache *cache;
    struct segment *segment; /* NULL: the process fetches ids for itself */
};

/* Its members point at one another: do not move it. */
struct shortening {
    struct arena *arena; /* of the reserved words and the base URL */
    struct word_list reserved;
    struct slice schemes[SHORTENING_SCHEMES_MAX];
    struct blocked_file blocked;
    struct codes codes;
    struct shortener shortener;
};

/* Reads the file of reserved words, if there is one; does not use the stores yet. `config` is
 * borrowed. On failure returns false with the reason and everything closed. */
bool shortening_open(struct shortening *shortening, const struct config *config,
                     const struct shortening_stores *stores, struct error *err);

/* An all-zero one is allowed. */
void shortening_close(struct shortening *shortening);
