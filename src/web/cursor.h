/* SPDX-License-Identifier: MIT */
/* Cursors: a place in a list as text that is opaque to clients, base64url (RFC 4648, 5) without
 * padding. They hold nothing but what the list has shown, so nobody gains by making one up; one
 * that was damaged, or that belongs to another list, is noticed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "db/link_position.h"

/* A number for what a list is made by, to tell lists apart: the hash (FNV-1a) of the texts. */
uint32_t cursor_list(const struct slice *texts, size_t n);

/* The cursor for `position` in the list with that number; empty when the arena is full. */
struct slice cursor_write(const struct link_position *position, uint32_t list, struct arena *arena);

/* Reads what cursor_write wrote for the same list; false for anything else. out->key lives in the
 * arena. */
bool cursor_read(struct slice text, uint32_t list, struct arena *arena, struct link_position *out);
