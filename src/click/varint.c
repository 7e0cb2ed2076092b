/* SPDX-License-Identifier: MIT */
/* LEB128, shortest form only, so that encoding a decoded number gives the same bytes. */
#include "click/varint.h"

enum {
    BITS = 7,
    LOW = (1 << BITS) - 1,
    MORE = 1 << BITS,
    LAST_SHIFT = BITS * (VARINT_MAX - 1), /* of the tenth byte, which has one bit of the number */
};

void varint_put(struct buf *out, uint64_t value)
{
    for (; value > LOW; value >>= BITS)
        buf_add_byte(out, (char)((value & LOW) | MORE));
    buf_add_byte(out, (char)value);
}

bool varint_take(struct slice *rest, uint64_t *value)
{
    uint64_t sum = 0;
    for (unsigned shift = 0; rest->len > 0 && shift <= LAST_SHIFT; shift += BITS) {
        unsigned byte = (unsigned char)rest->at[0];
        *rest = slice_from(*rest, 1);
        if (shift == LAST_SHIFT && byte > 1)
            return false;
        sum |= (uint64_t)(byte & LOW) << shift;
        if (!(byte & MORE)) {
            *value = sum;
            return byte != 0 || shift == 0;
        }
    }
    return false;
}
