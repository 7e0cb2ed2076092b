/* SPDX-License-Identifier: MIT */
/* Memory of one request: allocated piece by piece, given back all at once. */
#pragma once

#include <stddef.h>

#include "base/slice.h"

struct arena;

/* A new arena that will hold at most `max` bytes (block headers not counted), or NULL when memory
 * is out. It keeps a first block of 16 KiB (or `max`, if smaller) for its whole life. */
struct arena *arena_new(size_t max);

/* Frees the arena and all that came from it, and sets *arena to NULL. NULL is fine. */
void arena_free(struct arena **arena);

/* Takes back everything allocated so far; keeps the first block, frees the others. */
void arena_reset(struct arena *arena);

/* `size` bytes, zeroed, aligned for any type, valid until the next reset; NULL when the arena's
 * maximum would be passed or memory is out. A size of 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);

/* A NUL-terminated copy of `s` (its own NULs included), or NULL as arena_alloc. */
char *arena_copy(struct arena *arena, struct slice s);

/* Bytes handed out since the last reset, padding included. */
size_t arena_used(const struct arena *arena);
