/* SPDX-License-Identifier: MIT */
/* The shared segment: a file that every worker of a host maps, with the data that they share. It
 * has offsets, never pointers, so that it can be mapped at any address. The layout is drawn in
 * segment_layout.h. A worker may be killed at any instruction and leaves it consistent. The file
 * must be on a local file system (/dev/shm, /run), not on NFS.
 *
 * A struct segment is for one thread. Its locks exclude processes that have each opened the segment
 * themselves, not threads or forked processes that share one struct segment. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "link/id_range.h"
#include "os/private_file.h"

struct segment;

struct segment_options {
    const char *path;     /* the file; empty or NULL: no segment */
    uint64_t local_bytes; /* size of the local cache; 0: none */
    uint64_t labels; /* a number that changes when the meaning of the metrics' labels changes */
};

/* Opens the segment, and creates the file if there is none. A file of another layout, a truncated
 * one, or one from before the last boot is replaced, never read: workers that still map it keep the
 * old file until they unmap it. Each process opens the segment itself, after any fork. */
enum private_file_result segment_open(const struct segment_options *options, struct segment **out,
                                      struct error *err);

/* Opens an existing segment of any user for reading: nothing in it may be changed or locked.
 * PRIVATE_FILE_FAILED if there is none, or if it has another layout. */
enum private_file_result segment_open_to_read(const struct segment_options *options,
                                              struct segment **out, struct error *err);

/* Whether the file open at `fd` is a segment of this program's layout, created since the last
 * boot. */
bool segment_fits(const struct segment_options *options, int fd);

/* Whether the path now names another file, which segment_open would open without replacing it. May
 * be called by any thread. */
bool segment_was_replaced(const struct segment *segment, const struct segment_options *options);

/* Unmaps the segment; the file stays. Sets *segment to NULL; *segment may be NULL. */
void segment_close(struct segment **segment);

/* --- ids: blocks of the sequence that the host has taken and not yet used --- */

/* The following functions wait at most SEGMENT_PATIENCE_MS (segment_layout.h) for the lock of the
 * ids; after that they return as if there were no ids and no room, and the caller uses ids of its
 * own. */

/* Takes one id of sequence `name` from the host's blocks. False when none is left. *left is set to
 * the number of ids that remain. */
bool segment_id_take(struct segment *segment, const char *name, uint64_t *id, uint64_t *left);

/* Adds a block for all workers. False when there is no room: the caller then uses the block
 * itself. */
bool segment_id_put(struct segment *segment, const char *name, struct id_range range);

/* The ids that the host has of a sequence. */
struct segment_id_stock {
    uint64_t left; /* ids */
    unsigned room; /* room for so many more blocks that are not adjacent to an existing one */
};
struct segment_id_stock segment_id_stock(struct segment *segment, const char *name);

/* The end of the highest block that the host has ever had of a sequence: it has had no id from
 * there on. 0 when it has had none. Reads without the lock. */
uint64_t segment_id_end(const struct segment *segment, const char *name);

/* Drops the host's blocks of a sequence; their ids are never used. The end of the highest block
 * remains known. */
void segment_id_drop(struct segment *segment, const char *name);

/* Whether the caller should fetch the next block now: true for one process at a time, and for
 * another one if the first has not added a block within `patience_ms`. `now_ms` is monotonic. */
bool segment_id_fetch_begin(struct segment *segment, const char *name, int64_t now_ms,
                            int64_t patience_ms);
