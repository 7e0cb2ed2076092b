/* SPDX-License-Identifier: MIT */
/* What a sketch of visitors is made of, for its two halves: counting (visitors.c) and bytes
 * (visitors_record.c). */
#pragma once

#include <assert.h>

#include "click/visitors.h"

enum {
    VISITORS_REGISTERS = 1 << VISITORS_PRECISION,
    VISITORS_REST_BITS = 64 - VISITORS_PRECISION, /* of a hash, beside the register's number */
    VISITORS_RANK_MAX = VISITORS_REST_BITS + 1,   /* of a rest that is all zero */
    VISITORS_CODES_MAX = 3000,                    /* while it is sparse */
};

struct visitors {
    struct arena *arena;
    uint32_t *table; /* of codes; 0: a free slot. No code is 0: its rank is not */
    uint32_t slots;  /* a power of two */
    uint32_t codes;
    uint8_t *registers; /* once there are too many codes; the table is not used then */
    uint32_t of[VISITORS_RANK_MAX + 1]; /* how many registers have this rank */
    double count;                       /* of visitors, once there are registers */
};

/* The parts of visitors_add, which decoding needs too. False when the arena is full. */
bool visitors_add_code(struct visitors *visitors, uint32_t code);
bool visitors_make_registers(struct visitors *visitors);
void visitors_raise(struct visitors *visitors, uint32_t index, unsigned rank);

/* Whether a hash can have such a code. */
bool visitors_code_is_sound(uint32_t code);
