/* SPDX-License-Identifier: MIT */
/* Reads users, roles and times from the command line. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/db.h"
#include "runtime/config.h"
#include "text/rfc3339.h"

/* Finds the user; DB_MISSING with a sentence in *err when there is none. `arena` may be NULL, which
 * is reported as out of memory. */
enum db_result cli_find_user(struct db *db, const char *name, struct arena *arena, struct user *out,
                             struct error *err);

/* Call it after a change of a user: makes the workers of this host ask the database again about
 * every key, if this user may write to their segment. */
void cli_forget_keys(const struct config *config);

/* Prints a message on standard error when no admin has a valid key. Resets the arena. */
void cli_mind_admins(struct db *db, struct arena *arena);

/* Parses a role; false when it is none. */
bool cli_parse_role(const char *text, enum user_role *role);

/* The time in RFC 3339 format, in `scratch`; empty for 0. */
struct slice cli_time_text(int64_t seconds, char scratch[RFC3339_SIZE]);

/* Parses a duration ("30d"; whole seconds, more than 0), or "none", which is 0. False, with a
 * message, for any other text. */
bool cli_parse_life(const char *option, const char *text, int64_t *seconds);

/* Parses a time in RFC 3339 format, or "none", which is 0. False, with a message, for any other
 * text. */
bool cli_parse_time(const char *option, const char *text, int64_t *seconds);
