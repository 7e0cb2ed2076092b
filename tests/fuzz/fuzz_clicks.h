/* SPDX-License-Identifier: MIT */
/* Flushes what a target has written into a ring or spill files, as root's `curtctl flush` does. */
#pragma once

#include "fuzz_site.h"
#include "service/flush.h"

enum {
    FUZZ_NOW = 1800000000,
};

/* Flushes until nothing is left to do, in at most `steps` steps. False when reading failed. The
 * site has the links, and its answers about their clicks are checked. */
bool fuzz_flush(struct fuzz_site *site, struct flusher *flusher, unsigned steps,
                struct flush_total *total);
