/* SPDX-License-Identifier: MIT */
/* Variable-length unsigned integers: seven bits per byte, the lowest first (LEB128, DWARF 5,
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

/* Removes a number from the front of `rest`. False when it is truncated, does not fit into 64 bits,
 * or is not the shortest encoding; `rest` is then undefined. */
bool varint_take(struct slice *rest, uint64_t *value);
