/* SPDX-License-Identifier: MIT */
/* A database in memory, for tests: it implements the contracts of db.h, and fails on request. */
#pragma once

#include "db/db.h"

/* A database with the sequence "default" [1, limit) in blocks of `block_size`. */
struct db *db_fake_new(uint64_t limit, uint32_t block_size);

/* The next `n` calls return `result` without doing anything; with `lost_answer` a write is
 * executed, but its result is replaced by `result`. */
void db_fake_fail(struct db *db, unsigned n, enum db_result result, bool lost_answer);

void db_fake_set_setting(struct db *db, const char *name, struct slice value);

/* The number of calls of any kind so far, and the number of links. */
unsigned db_fake_calls(const struct db *db);
unsigned db_fake_links(const struct db *db);
