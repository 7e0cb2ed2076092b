/* SPDX-License-Identifier: MIT */
/* The spool: creates that were accepted while the database was unavailable, stored on disk until
 * the maintenance thread replays them, that is, stores them in the database. A directory with one
 * file for each worker that has spooled creates, so that no worker waits for another.
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
 * Entries are on disk (fdatasync) before spool_append returns. `done` is the offset up to which a
 * file was replayed; it only saves work, because replaying an entry again changes nothing. Entries
 * after a damaged one are not read. */
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
    const char *path;   /* the directory; empty or NULL: there is no spool */
    uint64_t max_bytes; /* maximum of all files of the host; may be exceeded by a few entries with
                         * concurrent writers */
    bool look_only;     /* opens any user's spool; creates nothing, and nothing may be written */
};

/* Opens the directory, and creates it if its parent exists. NULL with the reason when it cannot be
 * created, belongs to another user, or is accessible to others. Each process, after any fork, and
 * each thread opens the spool itself. */
struct spool *spool_open(const struct spool_options *options, struct error *err);

/* Closes the spool and its file. Sets *spool to NULL; *spool may be NULL. */
void spool_close(struct spool **spool);

/* --- accepting creates --- */

/* Stores `n` creates, all or none; they are on disk when this returns true. False,
 * and nothing is stored: max_bytes would be exceeded, the disk is full or fails, or memory is out;
 * `err` says which. */
bool spool_append(struct spool *spool, const struct spool_entry *entries, size_t n,
                  struct error *err);

/* Closes this process's file, so that it can be removed once it is replayed; called when the
 * database is available again. Fast when there is none. */
void spool_let_go(struct spool *spool);

/* Whether the directory has no spool files. A file may have no entries left to replay. */
bool spool_is_empty(struct spool *spool);

/* Finds the create of `code` that has not been replayed, in `arena`. Reads all files. Call this
 * first and then the database: in the other order a create that is replayed in between would be
 * missed. */
bool spool_find_code(struct spool *spool, struct slice code, struct arena *arena,
                     struct spool_entry *out);

/* The same by the hash of the create's idempotency key. */
bool spool_find_key(struct spool *spool, const unsigned char key_hash[DB_HASH_BYTES],
                    struct arena *arena, struct spool_entry *out);

/* --- replaying, by one process at a time --- */

enum {
    SPOOL_NAME_MAX = 64, /* bytes of a file name, with its NUL */
};

/* Consecutive creates of one file. */
struct spool_batch {
    char name[SPOOL_NAME_MAX];
    uint64_t end; /* the offset of their end in the file */
    struct spool_entry *entries;
    size_t n;
};

/* Reads the next creates of the oldest file that has any, at most `max`, in `arena`. False when
 * there are none. Removes files that are replayed and closed by their writers; renames files with
 * unreadable entries to *.torn, and then `err` has a text. */
bool spool_next(struct spool *spool, size_t max, struct arena *arena, struct spool_batch *out,
                struct error *err);

/* Marks a batch as replayed. On failure it will be returned again. */
bool spool_done(struct spool *spool, const struct spool_batch *batch, struct error *err);

/* Writes a create that the database refused to rejected.tsv, for an administrator. */
bool spool_reject(struct spool *spool, const struct link *link, const char *why, struct error *err);

/* --- state, for display --- */

struct spool_state {
    uint64_t files;
    uint64_t entries;  /* not yet replayed */
    uint64_t bytes;    /* of all .spool files */
    uint64_t rejected; /* lines of rejected.tsv */
    uint64_t torn;     /* *.torn files */
};

/* Counts; reads all files. */
void spool_look(struct spool *spool, struct spool_state *out);
