/* SPDX-License-Identifier: MIT */
/* A database in memory, for tests: keeps the promises of db.h, and fails when told to. */
#pragma once

#include "db/db.h"

/* A database with the sequence "default" [1, limit) in blocks of `block_size`. */
struct db *db_fake_new(uint64_t limit, uint32_t block_size);

/* The next `n` calls answer `result` without doing anything; with `lost_answer` a write is done and
 * its answer lost. */
void db_fake_fail(struct db *db, unsigned n, enum db_result result, bool lost_answer);

void db_fake_set_setting(struct db *db, const char *name, struct slice value);

/* How many calls of any kind it has had, and how many links it holds. */
unsigned db_fake_calls(const struct db *db);
unsigned db_fake_links(const struct db *db);
