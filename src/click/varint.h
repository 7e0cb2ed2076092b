/* SPDX-License-Identifier: MIT */
/* Numbers of as many bytes as they need: seven bits a byte, the lowest first (LEB128, DWARF 5,
 * section 7.6). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

enum {
    VARINT_MAX = 10, /* bytes of the largest number */
};

void varint_put(struct buf *out, uint64_t value);

/* Takes a number off the front of `rest`. False, and `rest` is of no use any more, when it is cut
 * off, does not fit into 64 bits, or has more bytes than it needs. */
bool varint_take(struct slice *rest, uint64_t *value);
