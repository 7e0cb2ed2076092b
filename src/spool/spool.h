/* SPDX-License-Identifier: MIT */
/* The spool: creates that were accepted while the database was away, on disk, until the housekeeper
 * has replayed them. A directory with one file for each worker that had something to keep, so that
 * no worker ever waits for another, whatever that one is doing.
 *
 *   SPOOL/                    mode 0700, of the workers' user
 *     0193…-5f3a….spool       of one worker, who holds a lock of the kernel on it while it appends
 *     0193…-77c1….torn        what was found unreadable in one; kept for an administrator
 *     rejected.tsv            creates that the database would not take, one a line
 *
 *   a .spool file:  ┌ head, 64 bytes ─────────┬ entry ┬ entry ┬ …
 *                   │ magic │ key │ done │ 0… │ spool_entry.h
 *                   └─────────────────────────┴───────┴───────┴
 *
 * What was appended is on the disk (fdatasync) before anybody hears of it. `done` says up to where
 * a file was replayed; it is a hint that saves work: replaying an entry once more changes nothing.
 * Only what comes before the first damaged entry counts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "spool/spool_entry.h"

struct spool;

struct spool_options {
    const char *path;   /* the directory; empty or NULL: none */
    uint64_t max_bytes; /* of all files of the host; a few entries more if many write at once */
    bool look_only;     /* whoever's it is; nothing is made, nothing may be written */
};

enum spool_result {
    SPOOL_OK,
    SPOOL_FULL,   /* max_bytes are reached */
    SPOOL_FAILED, /* the disk is full, or fails; nothing was kept */
};

/* Opens the directory, making it where its parent is there. NULL with the reason: it cannot be
 * made, is another user's, or open to others. Each process opens its own, after any fork, and each
 * thread. */
struct spool *spool_open(const struct spool_options *options, struct error *err);

/* Lets go of the file that was written to, too. NULL is fine; sets *spool to NULL. */
void spool_close(struct spool **spool);

/* --- for those who take creates
 * ---------------------------------------------------------------------------------------- */

/* Keeps `n` creates, all or none; they are on the disk when this returns SPOOL_OK. */
enum spool_result spool_append(struct spool *spool, const struct spool_entry *entries, size_t n,
                               struct error *err);

/* Lets go of the file that was written to: the database is back. Cheap when there is none. */
void spool_let_go(struct spool *spool);

/* Whether nothing waits, as far as a look at the directory tells: it may hold files that are
 * replayed. */
bool spool_is_empty(struct spool *spool);

/* The create of `code` that has not been replayed, in `arena`. Reads the files from end to end. Who
 * looks here and does not find it, and then asks the database, misses nothing; the other way round
 * it could. */
bool spool_find_code(struct spool *spool, struct slice code, struct arena *arena,
                     struct spool_entry *out);

/* The same by the hash of its idempotency key. */
bool spool_find_key(struct spool *spool, const unsigned char key_hash[DB_HASH_BYTES],
                    struct arena *arena, struct spool_entry *out);

/* --- for the one who replays
 * ------------------------------------------------------------------------------------------- */

enum {
    SPOOL_NAME_MAX = 64, /* of a file, with its NUL */
};

/* Some creates of one file, in their order. */
struct spool_batch {
    char name[SPOOL_NAME_MAX];
    uint64_t end; /* where they end in the file */
    struct spool_entry *entries;
    size_t n;
};

/* The next creates of the oldest file that has any, at most `max`, in `arena`. False when nothing
 * waits. Removes files that are replayed and whose writers have let go, and puts aside what is
 * unreadable: `err` has a text then. */
bool spool_next(struct spool *spool, size_t max, struct arena *arena, struct spool_batch *out,
                struct error *err);

/* The batch is replayed: none of it is seen again. A failure means that it will be. */
bool spool_done(struct spool *spool, const struct spool_batch *batch, struct error *err);

/* Writes a create that the database will not take where an administrator finds it. */
bool spool_reject(struct spool *spool, const struct link *link, const char *why, struct error *err);

/* --- for those who look
 * ------------------------------------------------------------------------------------------------
 */

struct spool_state {
    uint64_t files;
    uint64_t entries;  /* that wait */
    uint64_t bytes;    /* of all .spool files */
    uint64_t rejected; /* lines of rejected.tsv */
    uint64_t torn;     /* files put aside */
};

/* Counts; reads the files from end to end. */
void spool_look(struct spool *spool, struct spool_state *out);
