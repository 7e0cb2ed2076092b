/* SPDX-License-Identifier: MIT */
/* Little-endian numbers of 1 to 8 bytes, the same on every machine. */
#pragma once

#include <stdint.h>

/* Writes the `bytes` low bytes of `value`; returns the address after them. */
static inline unsigned char *le_put(unsigned char *at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        *at++ = (unsigned char)(value >> (8 * i));
    return at;
}

/* Reads a number of `bytes` bytes and advances *at. */
static inline uint64_t le_get(const unsigned char **at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t) * (*at)++ << (8 * i);
    return value;
}
