/* SPDX-License-Identifier: MIT */
/* Reading what a record of a MaxMind file says of the country (MaxMind DB File Format 2.0, "Output
 * Data Section"), in bounded time and without recursion: libmaxminddb before 1.13, which Debian 12
 * has, runs out of stack where values are nested a million deep, goes through as many members as a
 * record says that it has, and reads beyond the file where the metadata says that its tree is
 * large. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    COUNTRY_VALUES_MAX = 4096, /* that are looked at of one record; real ones have some hundred */
    COUNTRY_DEPTH_MAX = 16,    /* maps and arrays one within the other */
    COUNTRY_METADATA_MAX = 128 * 1024, /* bytes at the end of a file, which have the metadata */
};

/* The code of two letters that the record at `offset` has, as country.iso_code, country_code or
 * country. False when it has none, or is broken, too deep or too large. */
bool country_record_code(struct slice data, size_t offset, char out[2]);

/* Whether a file of `file_size` bytes that ends with `tail` can be given to libmaxminddb: its
 * metadata has bounds, since all values that are in it are read into memory, once more for each
 * pointer to them; and the search tree of which it tells, whose size is computed there in 32 bits,
 * fits into the file. */
bool country_metadata_is_sound(struct slice tail, uint64_t file_size);
