/* SPDX-License-Identifier: MIT */
/* The data structure of a visitor sketch, shared by counting (visitors.c) and encoding
 * (visitors_record.c). */
#pragma once

#include <assert.h>

#include "click/visitors.h"

enum {
    VISITORS_REGISTERS = 1 << VISITORS_PRECISION,
    VISITORS_REST_BITS = 64 - VISITORS_PRECISION, /* bits of a hash after the register's index */
    VISITORS_RANK_MAX = VISITORS_REST_BITS + 1,   /* the rank when all rest bits are zero */
    VISITORS_CODES_MAX = 3000,                    /* codes of a sparse sketch */
};

struct visitors {
    struct arena *arena;
    uint32_t *table; /* hash table of codes; 0: a free slot. No code is 0, because no rank is 0 */
    uint32_t slots;  /* a power of two */
    uint32_t codes;
    uint8_t *registers; /* used instead of the table above VISITORS_CODES_MAX codes; otherwise
                         * NULL */
    uint32_t of[VISITORS_RANK_MAX + 1]; /* number of registers with this rank */
    double count;                       /* estimated visitors, once there are registers */
};

/* Parts of visitors_add that decoding also uses. False when the arena is full. */
bool visitors_add_code(struct visitors *visitors, uint32_t code);
bool visitors_make_registers(struct visitors *visitors);
void visitors_raise(struct visitors *visitors, uint32_t index, unsigned rank);

/* Whether a code can be that of a hash. */
bool visitors_code_is_sound(uint32_t code);
