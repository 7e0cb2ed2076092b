/* SPDX-License-Identifier: MIT */
/* The visitor sketch. For few visitors it is a set of 32-bit codes in a hash table; above that,
 * 2^14 registers, each with the highest rank of the hashes that belong to it. A code contains the
 * register and the rank of its hash, so that converting codes to registers loses nothing. */
#include "click/visitors.h"

#include "click/visitors_private.h"

enum {
    FIELD_BITS = 32 - VISITORS_PRECISION, /* bits of a code after the register's index */
    PLAIN_BITS = 12, /* a field that starts with so many zeros holds a rank instead of bits of the
                      * hash */
    RANK_BITS = FIELD_BITS - PLAIN_BITS,
    FIRST_SLOTS = 16, /* initial size of the table, which is at most half full */
};

static_assert(VISITORS_RANK_MAX - PLAIN_BITS < 1 << RANK_BITS, "what is left of a rank fits");

struct visitors *visitors_new(struct arena *arena)
{
    struct visitors *visitors = arena_alloc(arena, sizeof(*visitors));
    uint32_t *table = arena_alloc(arena, FIRST_SLOTS * sizeof(*table));
    if (!visitors || !table)
        return NULL;
    *visitors = (struct visitors){ .arena = arena, .table = table, .slots = FIRST_SLOTS };
    return visitors;
}

/* The rank: 1 + the number of leading zeros in the lowest `bits` bits of `rest`. */
static unsigned rank_of(uint64_t rest, unsigned bits)
{
    return rest ? (unsigned)__builtin_clzll(rest) - (64 - bits) + 1 : bits + 1;
}

static uint32_t code_of(uint64_t hash)
{
    uint64_t rest = hash & ((UINT64_C(1) << VISITORS_REST_BITS) - 1);
    unsigned rank = rank_of(rest, VISITORS_REST_BITS);
    uint32_t index = (uint32_t)(hash >> VISITORS_REST_BITS) << FIELD_BITS;
    if (rank <= PLAIN_BITS)
        return index | (uint32_t)(rest >> (VISITORS_REST_BITS - FIELD_BITS));
    return index | (rank - PLAIN_BITS);
}

static unsigned code_rank(uint32_t code)
{
    uint32_t field = code & ((1U << FIELD_BITS) - 1);
    uint32_t plain = field >> RANK_BITS;
    return plain ? rank_of(plain, PLAIN_BITS) : PLAIN_BITS + field;
}

bool visitors_code_is_sound(uint32_t code)
{
    uint32_t field = code & ((1U << FIELD_BITS) - 1);
    return field >> RANK_BITS || (field > 0 && field <= VISITORS_RANK_MAX - PLAIN_BITS);
}

/* The slot of the code, or the free slot where it would be inserted. */
static uint32_t visitors_slot_of(const uint32_t *table, uint32_t slots, uint32_t code)
{
    uint32_t at = (uint32_t)((code * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (slots - 1);
    while (table[at] && table[at] != code)
        at = (at + 1) & (slots - 1);
    return at;
}

static bool grow_table(struct visitors *visitors)
{
    uint32_t slots = visitors->slots * 2;
    uint32_t *table = arena_alloc(visitors->arena, slots * sizeof(*table));
    if (!table)
        return false;
    for (uint32_t i = 0; i < visitors->slots; i++)
        if (visitors->table[i])
            table[visitors_slot_of(table, slots, visitors->table[i])] = visitors->table[i];
    visitors->table = table;
    visitors->slots = slots;
    return true;
}

void visitors_raise(struct visitors *visitors, uint32_t index, unsigned rank)
{
    uint8_t *at = &visitors->registers[index];
    if (rank <= *at)
        return;
    visitors->of[*at]--;
    visitors->of[rank]++;
    *at = (uint8_t)rank;
}

bool visitors_make_registers(struct visitors *visitors)
{
    visitors->registers = arena_alloc(visitors->arena, VISITORS_REGISTERS);
    visitors->of[0] = VISITORS_REGISTERS;
    return visitors->registers != NULL;
}

/* The probability that the hash of a new visitor raises a register. */
static double chance_to_raise(const struct visitors *visitors)
{
    double sum = 0;
    for (unsigned rank = VISITORS_RANK_MAX - 1; rank > 0; rank--)
        sum = (sum + visitors->of[rank]) / 2;
    return (sum + visitors->of[0]) / VISITORS_REGISTERS;
}

/* Adds to the count the inverse of the probability: where one visitor in ten raises a register, one
 * that does counts as ten. */
static void add_to_registers(struct visitors *visitors, uint32_t index, unsigned rank)
{
    if (rank <= visitors->registers[index])
        return;
    visitors->count += 1 / chance_to_raise(visitors);
    if (visitors->count > (double)VISITORS_COUNT_MAX)
        visitors->count = (double)VISITORS_COUNT_MAX;
    visitors_raise(visitors, index, rank);
}

static bool make_dense(struct visitors *visitors, uint32_t last)
{
    if (!visitors_make_registers(visitors))
        return false;
    for (uint32_t i = 0; i < visitors->slots; i++) {
        uint32_t code = visitors->table[i];
        if (code)
            visitors_raise(visitors, code >> FIELD_BITS, code_rank(code));
    }
    visitors->count = visitors->codes;
    add_to_registers(visitors, last >> FIELD_BITS, code_rank(last));
    return true;
}

bool visitors_add_code(struct visitors *visitors, uint32_t code)
{
    uint32_t at = visitors_slot_of(visitors->table, visitors->slots, code);
    if (visitors->table[at])
        return true;
    if (visitors->codes == VISITORS_CODES_MAX)
        return make_dense(visitors, code);
    if ((visitors->codes + 1) * 2 > visitors->slots) {
        if (!grow_table(visitors))
            return false;
        at = visitors_slot_of(visitors->table, visitors->slots, code);
    }
    visitors->table[at] = code;
    visitors->codes++;
    return true;
}

bool visitors_add(struct visitors *visitors, uint64_t hash)
{
    if (!visitors->registers)
        return visitors_add_code(visitors, code_of(hash));
    uint64_t rest = hash & ((UINT64_C(1) << VISITORS_REST_BITS) - 1);
    add_to_registers(visitors, (uint32_t)(hash >> VISITORS_REST_BITS),
                     rank_of(rest, VISITORS_REST_BITS));
    return true;
}

uint64_t visitors_count(const struct visitors *visitors)
{
    return visitors->registers ? (uint64_t)(visitors->count + 0.5) : visitors->codes;
}
