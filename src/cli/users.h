/* SPDX-License-Identifier: MIT */
/* Looks up users, reads roles, and formats times. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli_context.h"
#include "text/rfc3339.h"

/* Finds the user; DB_MISSING with a sentence in *err when there is none. `arena` may be NULL, which
 * is reported as out of memory. */
enum db_result cli_find_user(struct db *db, const char *name, struct arena *arena, struct user *out,
                             struct error *err);

/* Finds the user whom an option of the command names; leaves *out as it is if that is not given. */
enum db_result cli_option_user(const struct invocation *invocation, struct cli_context *context,
                               const char *option, struct user *out, struct error *err);

/* Call it after a change of a user: makes the workers of this host ask the database again about
 * every key, if this user may write to their segment. */
void cli_forget_keys(const struct config *config);

/* Prints a message on standard error when no admin has a valid key. Resets the arena. */
void cli_mind_admins(struct db *db, struct arena *arena);

/* Parses a role; false when it is none. */
bool cli_parse_role(const char *text, enum user_role *role);

/* Parses the id of a key; false with a message. */
bool cli_parse_key_id(const char *text, uint32_t *id);

/* The time in RFC 3339 format, in `scratch`; empty for 0. */
struct slice cli_time_text(int64_t seconds, char scratch[RFC3339_SIZE]);

/* The same, in `arena`. */
struct slice cli_time_copy(int64_t seconds, struct arena *arena);
