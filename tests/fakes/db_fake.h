/* SPDX-License-Identifier: MIT */
/* A database in memory, for tests: it implements the contracts of db.h, and fails on request. */
#pragma once

#include "db/db.h"

/* A database with the sequence "default" [1, limit) in blocks of `block_size`. */
struct db *db_fake_new(uint64_t limit, uint32_t block_size);

/* The next `n` calls return `result` without doing anything; with `lost_answer` a write is
 * executed, but its result is replaced by `result`. */
void db_fake_fail(struct db *db, unsigned n, enum db_result result, bool lost_answer);

/* What a test does around some calls; each may be NULL. */
struct db_fake_hooks {
    void *context;
    /* Before a link is changed or deleted. */
    void (*link_changes)(void *context, struct db *db, uint64_t link_id);
    /* Before and after clicks are read; the rows may be changed. */
    void (*clicks_read_begins)(void *context);
    void (*clicks_read_ends)(void *context, struct click_rows *rows);
    /* After a batch was compacted; the result may be changed. */
    void (*compacted)(void *context, const struct click_compact *compact,
                      struct click_compact_done *done);
};
void db_fake_set_hooks(struct db *db, const struct db_fake_hooks *hooks);

void db_fake_set_setting(struct db *db, const char *name, struct slice value);

/* While it holds them, the change of a link is not there yet, although later ones are: its
 * transaction has not ended. Releasing makes the one that was held appear. */
void db_fake_hold_change(struct db *db, bool holds);
void db_fake_release_changes(struct db *db);

/* The number of calls of any kind so far, and the number of links. */
unsigned db_fake_calls(const struct db *db);
unsigned db_fake_links(const struct db *db);
