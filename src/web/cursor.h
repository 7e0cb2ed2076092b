/* SPDX-License-Identifier: MIT */
/* Cursors: a position in a list as text that is opaque to clients, base64url (RFC 4648, 5) without
 * padding. They have only data that the list has shown, so a forged one gains nothing; a damaged
 * one, or one of another list, is refused. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "db/link_position.h"

/* A number that identifies a list by its parameters: the FNV-1a hash of the texts. */
uint32_t cursor_list(const struct slice *texts, size_t n);

/* Writes the cursor of `position` in the list with that number; empty when the arena is full. */
struct slice cursor_write(const struct link_position *position, uint32_t list, struct arena *arena);

/* Reads a cursor of the same list; false for any other text. out->key is in the arena. */
bool cursor_read(struct slice text, uint32_t list, struct arena *arena, struct link_position *out);
