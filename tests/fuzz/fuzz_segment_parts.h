/* SPDX-License-Identifier: MIT */
/* What reads a shared segment that another process has damaged. Each function does what that part
 * of the segment is for, chosen by the input, and checks the results: numbers are within their
 * limits, texts within what was copied. Which values the damage leads to is not checked: the
 * workers of a host trust each other. */
#pragma once

#include "base/arena.h"
#include "base/slice.h"
#include "shm/local_cache.h"
#include "shm/segment.h"

enum {
    FUZZ_NOW_MS = 1000000000,
};

/* The segment open to read and write, and what is needed beside it. */
struct fuzz_segment {
    struct segment *segment;
    struct arena *arena;
    struct local_cache *local;
};

typedef void fuzz_segment_part(struct fuzz_segment *s, struct slice *input);

fuzz_segment_part fuzz_segment_ids, fuzz_segment_buckets, fuzz_segment_metrics,
    fuzz_segment_breakers, fuzz_segment_keys, fuzz_segment_replicas, fuzz_segment_unpublished,
    fuzz_segment_local;

/* A slot of the local cache with a checksum that is right, whatever is in it: the input's. */
fuzz_segment_part fuzz_segment_put_slot;

/* Reads as who may not write does (curtctl doctor), through a mapping that cannot be written to. */
void fuzz_segment_look(struct segment *segment);
