/* SPDX-License-Identifier: MIT */
/* Little-endian numbers of 1 to 8 bytes, the same on every machine. */
#pragma once

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Writes the `bytes` low bytes of `value`; returns the address after them. */
static inline unsigned char *le_put(unsigned char *at, uint64_t value, unsigned bytes)
{
    const uint64_t little = htole64(value);
    memcpy(at, &little, bytes);
    return at + bytes;
}

/* Reads a number of `bytes` bytes and advances *at. */
static inline uint64_t le_get(const unsigned char **at, unsigned bytes)
{
    uint64_t little = 0;
    memcpy(&little, *at, bytes);
    *at += bytes;
    return le64toh(little);
}
