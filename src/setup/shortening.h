/* SPDX-License-Identifier: MIT */
/* All that making links takes besides the stores, as the configuration says: one setup for workers
 * and for the administrator's commands, so that both keep the same rules. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "runtime/config.h"
#include "service/codes.h"
#include "service/shorten.h"
#include "shm/segment.h"

enum {
    SHORTENING_SCHEMES_MAX = 16,
};

/* Borrowed, open for as long as the shortening. */
struct shortening_stores {
    struct db *db;
    struct cache *cache;
    struct segment *segment; /* NULL: the process draws ids of its own */
};

/* Its parts point at one another: it stays where it was opened. */
struct shortening {
    struct arena *arena; /* of the reserved words and the base URL */
    struct word_list reserved;
    struct slice schemes[SHORTENING_SCHEMES_MAX];
    struct blocked_file blocked;
    struct codes codes;
    struct shortener shortener;
};

/* Reads the file of reserved words, if there is one; asks no store anything yet. `config` is
 * borrowed. False with the reason, and everything closed again. */
bool shortening_open(struct shortening *shortening, const struct config *config,
                     const struct shortening_stores *stores, struct error *err);

/* Fine on one that is all zero. */
void shortening_close(struct shortening *shortening);
