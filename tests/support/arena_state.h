/* SPDX-License-Identifier: MIT */
/* An arena as the state of a test: for set-up and tear-down functions of cmocka. */
#pragma once

#include "base/arena.h"

/* Makes an arena of `max` bytes the state; returns what a set-up function must return. */
static inline int arena_state_make(void **state, size_t max)
{
    *state = arena_new(max);
    return *state ? 0 : -1;
}

static inline int arena_state_free(void **state)
{
    struct arena *arena = *state;
    arena_free(&arena);
    return 0;
}
