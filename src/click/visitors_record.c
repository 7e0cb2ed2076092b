/* SPDX-License-Identifier: MIT */
/* The encoding of the visitor sketch, little-endian. The first byte is the kind: sparse, followed
 * by the codes in ascending order; or dense, followed by the count, an IEEE 754 double, and the
 * registers, four in three bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/le.h"
#include "click/visitors_private.h"

enum {
    KIND_SPARSE = 0,
    KIND_DENSE = 1,

    CODE_BYTES = 4,
    PACKED_BITS = 6, /* bits of a register */
    COUNT_BYTES = 8,
    DENSE_BYTES = COUNT_BYTES + VISITORS_REGISTERS / 8 * PACKED_BITS,
};

static_assert(sizeof(double) == COUNT_BYTES, "a double is what IEEE 754 says");

static_assert(VISITORS_RANK_MAX < 1 << PACKED_BITS, "a rank fits into its bits");
static_assert(VISITORS_CODES_MAX * CODE_BYTES <= DENSE_BYTES, "sparse is never larger than dense");
static_assert(1 + DENSE_BYTES <= VISITORS_BYTES_MAX, "a sketch is as small as it promises");

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static struct slice encode_sparse(const struct visitors *visitors, struct arena *arena)
{
    size_t size = 1 + (size_t)visitors->codes * CODE_BYTES;
    unsigned char *bytes = arena_alloc(arena, size);
    uint32_t *codes = arena_alloc(arena, visitors->codes * sizeof(*codes));
    if (!bytes || !codes)
        return (struct slice){ NULL, 0 };
    size_t n = 0;
    for (uint32_t i = 0; i < visitors->slots; i++)
        if (visitors->table[i])
            codes[n++] = visitors->table[i];
    qsort(codes, n, sizeof(*codes), ascending);
    unsigned char *at = bytes;
    *at++ = KIND_SPARSE;
    for (size_t i = 0; i < n; i++)
        at = le_put(at, codes[i], CODE_BYTES);
    return (struct slice){ (const char *)bytes, size };
}

static struct slice encode_dense(const struct visitors *visitors, struct arena *arena)
{
    unsigned char *bytes = arena_alloc(arena, 1 + DENSE_BYTES);
    if (!bytes)
        return (struct slice){ NULL, 0 };
    uint64_t count = 0;
    memcpy(&count, &visitors->count, sizeof(count));
    unsigned char *at = bytes;
    *at++ = KIND_DENSE;
    at = le_put(at, count, COUNT_BYTES);
    for (const uint8_t *r = visitors->registers; r < visitors->registers + VISITORS_REGISTERS;
         r += 4)
        at =
            le_put(at, r[0] | (uint32_t)r[1] << 6 | (uint32_t)r[2] << 12 | (uint32_t)r[3] << 18, 3);
    return (struct slice){ (const char *)bytes, 1 + DENSE_BYTES };
}

struct slice visitors_encode(const struct visitors *visitors, struct arena *arena)
{
    return visitors->registers ? encode_dense(visitors, arena) : encode_sparse(visitors, arena);
}

static bool decode_sparse(struct slice bytes, struct visitors *visitors)
{
    if (bytes.len % CODE_BYTES != 0 || bytes.len / CODE_BYTES > VISITORS_CODES_MAX)
        return false;
    const unsigned char *at = (const unsigned char *)bytes.at;
    uint32_t before = 0;
    for (size_t n = bytes.len / CODE_BYTES; n > 0; n--) {
        uint32_t code = (uint32_t)le_get(&at, CODE_BYTES);
        if (code <= before || !visitors_code_is_sound(code) || !visitors_add_code(visitors, code))
            return false;
        before = code;
    }
    return true;
}

static bool decode_dense(struct slice bytes, struct visitors *visitors)
{
    if (bytes.len != DENSE_BYTES || !visitors_make_registers(visitors))
        return false;
    const unsigned char *at = (const unsigned char *)bytes.at;
    uint64_t count = le_get(&at, COUNT_BYTES);
    memcpy(&visitors->count, &count, sizeof(count));
    if (!(visitors->count >= 0 && visitors->count <= (double)VISITORS_COUNT_MAX))
        return false;
    for (uint32_t index = 0; index < VISITORS_REGISTERS; index += 4) {
        uint32_t four = (uint32_t)le_get(&at, 3);
        for (uint32_t k = 0; k < 4; k++, four >>= PACKED_BITS) {
            unsigned rank = four & ((1U << PACKED_BITS) - 1);
            if (rank > VISITORS_RANK_MAX)
                return false;
            visitors_raise(visitors, index + k, rank);
        }
    }
    return true;
}

bool visitors_decode(struct slice bytes, struct arena *arena, struct visitors **out)
{
    struct visitors *visitors = bytes.len ? visitors_new(arena) : NULL;
    if (!visitors)
        return false;
    *out = visitors;
    switch (bytes.at[0]) {
    case KIND_SPARSE:
        return decode_sparse(slice_from(bytes, 1), visitors);
    case KIND_DENSE:
        return decode_dense(slice_from(bytes, 1), visitors);
    default:
        return false;
    }
}
