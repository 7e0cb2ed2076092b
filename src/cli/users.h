/* SPDX-License-Identifier: MIT */
/* Users and times as people name them on the command line. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/db.h"
#include "runtime/config.h"
#include "text/rfc3339.h"

/* The user of that name; DB_MISSING with a sentence in *err when there is none. `arena` may be
 * NULL: memory is out. */
enum db_result cli_find_user(struct db *db, const char *name, struct arena *arena, struct user *out,
                             struct error *err);

/* A user has changed: the workers of this host, if their segment is ours to write, ask the database
 * again about every key. */
void cli_forget_keys(const struct config *config);

/* Says so on standard error when no admin has a valid key. Resets the arena. */
void cli_mind_admins(struct db *db, struct arena *arena);

/* "user" or "admin". */
const char *cli_role_name(enum user_role role);

/* The role of that name; false when there is none. */
bool cli_parse_role(const char *text, enum user_role *role);

/* The time as RFC 3339 spells it, in `scratch`; empty for 0. */
struct slice cli_time_text(int64_t seconds, char scratch[RFC3339_SIZE]);

/* A length of time ("30d"; whole seconds, more than 0), or "none", which is 0. False, after a
 * complaint, for anything else. */
bool cli_parse_life(const char *option, const char *text, int64_t *seconds);

/* Why no user can have this name: empty, longer than USER_NAME_MAX, no UTF-8 that can be shown
 * in one line. NULL: one can. */
const char *cli_user_name_fault(struct slice name);

/* A point in time as RFC 3339 spells it, or "none", which is 0. Likewise. */
bool cli_parse_time(const char *option, const char *text, int64_t *seconds);
