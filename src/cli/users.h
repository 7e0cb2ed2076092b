/* SPDX-License-Identifier: MIT */
/* Users and times as people name them on the command line. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/db.h"

/* The user of that name; DB_MISSING with a sentence in *err when there is none. `arena` may be
 * NULL: memory is out. */
enum db_result cli_find_user(struct db *db, const char *name, struct arena *arena, struct user *out,
                             struct error *err);

/* A length of time ("30d"; whole seconds, more than 0), or "none", which is 0. False, after a
 * complaint, for anything else. */
bool cli_parse_life(const char *option, const char *text, int64_t *seconds);

/* A point in time as RFC 3339 spells it, or "none", which is 0. Likewise. */
bool cli_parse_time(const char *option, const char *text, int64_t *seconds);
