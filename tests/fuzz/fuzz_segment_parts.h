/* SPDX-License-Identifier: MIT */
/* What reads a shared segment that another process has damaged. Each of these does what the parts
 * of the segment are for, chosen by the input, and checks what it is told: numbers within their
 * limits, texts within what was copied. What the damage makes of an answer is nobody's business: a
 * host's workers trust each other. */
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
