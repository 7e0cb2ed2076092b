/* SPDX-License-Identifier: MIT */
/* Spill files: where clicks go that the ring has no room for. Each has one writer, a worker, and
 * one reader at a time, the flusher; a source of its own, as the ring is (click_ring.h). A worker
 * killed at any instruction leaves whole clicks, and at most a torn one behind them that nobody
 * reads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "click/event.h"
#include "clicklog/click_ring.h"

enum {
    CLICK_SPILL_PATH_MAX = 1100,
    CLICK_SPILL_STEP = 64 * 1024,            /* bytes that a writer may go on for unasked */
    CLICK_SPILL_FILE_MAX = 64 * 1024 * 1024, /* bytes; the writer begins another one after that, */
    CLICK_SPILL_SECONDS_MAX = 60,            /* and after so long */
};

/* --- writing --- */

/* One worker's. Begin with { .dir, .max_bytes, .fd = -1 }; the rest is click_spill_append's. */
struct click_spill {
    const char *dir;     /* has to exist; empty or NULL: nothing is spilled. Borrowed */
    uint64_t max_bytes;  /* of all spill files in it; 0: nothing is spilled */
    int fd;              /* -1: none is open */
    off_t end;           /* of the file, after the last whole click */
    off_t granted;       /* how long it may become before all files are looked at again */
    uint32_t begun_at;   /* seconds since the epoch, as the clicks have them */
    uint32_t last_at;    /* of the last click that was written */
    uint32_t refused_at; /* of the last click that there was no room for */
};

/* Appends a click with one write, to a new file where none is open. Looks at the sizes of all
 * files every CLICK_SPILL_STEP bytes, so that each worker may exceed max_bytes by that much. False,
 * with the reason, when the click is lost: there is no room (which is looked for again when a click
 * of another second comes), or writing fails. */
bool click_spill_append(struct click_spill *spill, const struct click_event *event,
                        struct error *err);

/* Lets go of the file, for the flusher to remove once it has read it. Fine when none is open. */
void click_spill_let_go(struct click_spill *spill);

/* --- reading --- */

struct click_spill_dir;

/* Looks through the files of a directory, once. NULL with the reason; a directory that does not
 * exist has no files. */
struct click_spill_dir *click_spill_dir_open(const char *path, struct error *err);

/* NULL is fine; sets *dir to NULL. */
void click_spill_dir_close(struct click_spill_dir **dir);

/* A spill file, open and locked against other readers. */
struct click_spill_file {
    char path[CLICK_SPILL_PATH_MAX];
    int fd;
    unsigned char source[CLICK_SOURCE_BYTES];
    uint64_t events; /* whole ones; of a file longer than any writer makes one, its first */
};

/* The next file that nobody else reads. What never got its header and has no writer is removed;
 * files that are not ours, or no spill files, are skipped. False at the end. */
bool click_spill_next(struct click_spill_dir *dir, struct click_spill_file *out);

/* Up to `max` clicks from number `from` on; *n of them are sound, *next is the number to go on
 * with. False when reading fails. */
struct click_spill_part {
    struct click_event *events; /* room for `max`; the caller's */
    size_t max;
    size_t n;
    uint64_t next;
};
bool click_spill_read(const struct click_spill_file *file, uint64_t from,
                      struct click_spill_part *part, struct error *err);

/* Removes a file that was read to number `read`. False when it has a writer still, or more clicks
 * by now. */
bool click_spill_remove(const struct click_spill_file *file, uint64_t read);

void click_spill_close(struct click_spill_file *file);

/* What all files of a directory hold, read or not. */
struct click_spill_size {
    uint64_t bytes;
    uint64_t events;
};
struct click_spill_size click_spill_measure(const char *path);
