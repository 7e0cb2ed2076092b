/* SPDX-License-Identifier: MIT */
/* Spill files, for clicks that the ring has no room for. Each file has one writer, a worker, and
 * one reader at a time, the flusher. Like the ring (click_ring.h), each is a source of clicks with
 * an id of its own. A worker killed at any instruction leaves complete clicks, and at most one
 * incomplete click at the end, which is ignored. */
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
    CLICK_SPILL_STEP = 64 * 1024,            /* bytes that a writer may append before it checks the
                                              * size of all files again */
    CLICK_SPILL_FILE_MAX = 64 * 1024 * 1024, /* bytes, after which the writer starts another
                                              * file, */
    CLICK_SPILL_SECONDS_MAX = 60,            /* and seconds, likewise */
};

/* --- writing --- */

/* The writer of one worker. Initialise it with { .dir, .max_bytes, .fd = -1 }; the other members
 * are private. */
struct click_spill {
    const char *dir;     /* created if only the last component is missing; empty or NULL: nothing is
                          * spilled. Borrowed */
    uint64_t max_bytes;  /* maximum of all spill files in the directory; 0: nothing is spilled */
    int fd;              /* -1: none is open */
    off_t end;           /* offset after the last complete click */
    off_t granted;       /* size up to which the file may grow before the size of all files is
                          * checked again */
    uint32_t begun_at;   /* seconds since the epoch, as the clicks have them */
    uint32_t last_at;    /* time of the last click that was written */
    uint32_t refused_at; /* time of the last click that was lost for lack of space */
};

/* Appends a click with one write, to a new file if none is open. Checks the size of all files every
 * CLICK_SPILL_STEP bytes, so that each worker may exceed max_bytes by that much. False, with the
 * reason, when the click is lost: there is no space (which is checked again for a click of another
 * second), or writing fails. */
bool click_spill_append(struct click_spill *spill, const struct click_event *event,
                        struct error *err);

/* Closes the file, which the flusher removes after reading it. May be called when none is open. */
void click_spill_let_go(struct click_spill *spill);

/* --- reading --- */

struct click_spill_dir;

/* Starts one pass over the files of a directory. NULL with the reason on failure; a directory that
 * does not exist has no files. */
struct click_spill_dir *click_spill_dir_open(const char *path, struct error *err);

/* Ends the pass; sets *dir to NULL. *dir may be NULL. */
void click_spill_dir_close(struct click_spill_dir **dir);

/* A spill file, open and locked against other readers. */
struct click_spill_file {
    char path[CLICK_SPILL_PATH_MAX];
    int fd;
    unsigned char source[CLICK_SOURCE_BYTES];
    uint64_t events; /* complete clicks; limited to the maximum that a writer stores in one file */
};

/* Opens the next file that no other process reads. A file without a header and without a writer is
 * removed; files of other users and files that are not spill files are skipped. False at the
 * end. */
bool click_spill_next(struct click_spill_dir *dir, struct click_spill_file *out);

/* Reads up to `max` clicks from number `from` on. `n` is the number of valid ones in `events`;
 * `next` is the number of the click to continue with. False when reading fails. */
struct click_spill_part {
    struct click_event *events; /* the caller's array of `max` elements */
    size_t max;
    size_t n;
    uint64_t next;
};
bool click_spill_read(const struct click_spill_file *file, uint64_t from,
                      struct click_spill_part *part, struct error *err);

/* Removes a file of which `read` clicks were read. False when it still has a writer, or more
 * clicks. */
bool click_spill_remove(const struct click_spill_file *file, uint64_t read);

void click_spill_close(struct click_spill_file *file);

/* The size of all spill files of a directory. */
struct click_spill_size {
    uint64_t bytes;
    uint64_t events;
};
struct click_spill_size click_spill_measure(const char *path);
