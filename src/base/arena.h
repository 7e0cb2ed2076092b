/* SPDX-License-Identifier: MIT */
/* An arena: memory for one request, allocated in pieces and released all at once. */
#pragma once

#include <stddef.h>

#include "base/slice.h"

struct arena;

/* A new arena that holds at most `max` bytes (block headers not counted), or NULL when memory is
 * out. It keeps a first block of 16 KiB (or `max`, if smaller) for its whole life. */
struct arena *arena_new(size_t max);

/* Frees the arena and everything allocated from it, and sets *arena to NULL. *arena may be NULL. */
void arena_free(struct arena **arena);

/* Releases everything allocated so far; keeps the first block and frees the others. */
void arena_reset(struct arena *arena);

/* `size` bytes, zeroed, aligned for any type, valid until the next reset; NULL when the arena's
 * maximum would be exceeded or memory is out. A size of 0 returns a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);

/* A NUL-terminated copy of `s` (NULs inside `s` included), or NULL as arena_alloc. */
char *arena_copy(struct arena *arena, struct slice s);

/* Bytes allocated since the last reset, padding included. */
size_t arena_used(const struct arena *arena);
