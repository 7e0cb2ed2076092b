/* SPDX-License-Identifier: MIT */
/* The shared segment: a file that every worker of a host maps, however it was spawned. It holds
 * what the workers of a host share; offsets, never pointers, so that it may lie at any address. The
 * layout is drawn in segment_layout.h. A worker may be killed at any instruction and leaves it
 * sound. The file has to be on a file system of the host itself (/dev/shm, /run), not on NFS.
 *
 * A struct segment is for one thread: its locks keep processes apart that opened the segment each
 * for itself, not threads or forked processes that share one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "link/id_range.h"

struct segment;

struct segment_options {
    const char *path;     /* the file; empty or NULL: no segment */
    uint64_t local_bytes; /* of the local cache; 0: none */
    uint64_t labels; /* a number that differs when the labels of metrics stand for something else */
};

enum segment_result {
    SEGMENT_OK,
    SEGMENT_REFUSED, /* exists, but is another user's, open to others, no regular file (a symbolic
                      * link), or not ours to write */
    SEGMENT_FAILED,  /* could not be made or mapped */
};

/* Opens the segment, making it first where there is none. A file of another layout, cut short, or
 * from before the last boot is replaced, never read: workers that still map it keep their copy
 * until they end. Each process opens its own after any fork. */
enum segment_result segment_open(const struct segment_options *options, struct segment **out,
                                 struct error *err);

/* Opens a segment that is there, of whatever user, to look at: nothing of it may be changed or
 * locked. SEGMENT_FAILED where there is none, or one of another layout. */
enum segment_result segment_open_to_read(const struct segment_options *options,
                                         struct segment **out, struct error *err);

/* Whether the file open at `fd` to read is a segment of this program's layout, and of this boot. */
bool segment_fits(const struct segment_options *options, int fd);

/* Whether the path names another file by now, which segment_open would take as it is. Any thread.
 */
bool segment_was_replaced(const struct segment *segment, const struct segment_options *options);

/* Unmaps; the file stays. NULL is fine; sets *segment to NULL. */
void segment_close(struct segment **segment);

/* --- ids: blocks of the sequence that the host has taken and not yet used -----------------------
 *
 * None of these waits for long for a worker that stands still with the ids' lock: they answer then
 * as if there were no ids and no room, and the caller makes do with ids of its own. */

/* Takes one id of sequence `name` out of the host's blocks. False when none is left. `left` is how
 * many ids the host has after that. */
bool segment_id_take(struct segment *segment, const char *name, uint64_t *id, uint64_t *left);

/* Adds a block for all workers. False when there is no room: the caller keeps it for itself. */
bool segment_id_put(struct segment *segment, const char *name, struct id_range range);

/* What the host has of a sequence. */
struct segment_id_stock {
    uint64_t left; /* ids */
    unsigned room; /* for how many more blocks that do not follow one which is there */
};
struct segment_id_stock segment_id_stock(struct segment *segment, const char *name);

/* Where the last of the blocks ends that the host holds of a sequence: no id from there on was
 * handed out to it; 0 when it holds none. For who only looks: reads without the lock. */
uint64_t segment_id_end(const struct segment *segment, const char *name);

/* Whether the caller should fetch the next block now: true for one process at a time, and again for
 * another one when the first has not put a block within `patience_ms`. `now_ms` is monotonic. */
bool segment_id_fetch_begin(struct segment *segment, const char *name, int64_t now_ms,
                            int64_t patience_ms);
