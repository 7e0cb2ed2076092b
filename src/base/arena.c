/* SPDX-License-Identifier: MIT */
/* The arena: a list of blocks, the newest first; a reset keeps the oldest. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_BLOCK = 16 * 1024,
};

struct block {
    struct block *older;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct block *newest;
    size_t max;
    size_t used;
};

static struct block *block_new(size_t size, struct block *older)
{
    struct block *block = malloc(sizeof(*block) + size);
    if (block)
        *block = (struct block){ .older = older, .size = size };
    return block;
}

struct arena *arena_new(size_t max)
{
    struct arena *arena = malloc(sizeof(*arena));
    struct block *first = block_new(max < FIRST_BLOCK ? max : FIRST_BLOCK, NULL);
    if (!arena || !first) {
        free(arena);
        free(first);
        return NULL;
    }
    *arena = (struct arena){ .newest = first, .max = max };
    return arena;
}

static void drop_all_but_first(struct arena *arena)
{
    while (arena->newest->older) {
        struct block *older = arena->newest->older;
        free(arena->newest);
        arena->newest = older;
    }
}

void arena_free(struct arena **arena)
{
    if (!*arena)
        return;
    drop_all_but_first(*arena);
    free((*arena)->newest);
    free(*arena);
    *arena = NULL;
}

void arena_reset(struct arena *arena)
{
    drop_all_but_first(arena);
    arena->newest->used = 0;
    arena->used = 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t unit = alignof(max_align_t);
    if (size > arena->max || size > SIZE_MAX / 2)
        return NULL; /* before padding or a block's header could overflow */
    size = size ? (size + unit - 1) / unit * unit : unit;
    if (size > arena->max - arena->used)
        return NULL;
    if (size > arena->newest->size - arena->newest->used) {
        size_t wanted = size > FIRST_BLOCK ? size : FIRST_BLOCK;
        struct block *block = block_new(wanted, arena->newest);
        if (!block)
            return NULL;
        arena->newest = block;
    }
    void *piece = arena->newest->bytes + arena->newest->used;
    arena->newest->used += size;
    arena->used += size;
    return memset(piece, 0, size);
}

char *arena_copy(struct arena *arena, struct slice s)
{
    char *copy = s.len < SIZE_MAX ? arena_alloc(arena, s.len + 1) : NULL;
    if (copy && s.len)
        memcpy(copy, s.at, s.len);
    return copy;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}
