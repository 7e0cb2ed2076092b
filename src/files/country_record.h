/* SPDX-License-Identifier: MIT */
/* Reads the country from a record of a MaxMind file (MaxMind DB File Format 2.0, "Output Data
 * Section"), in bounded time and without recursion. It replaces functions of libmaxminddb, because
 * versions before 1.13 (Debian 12) overflow the stack for deeply nested values, read as many
 * members as a record claims to have, and read beyond the end of the file when the metadata claims
 * a large search tree. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    COUNTRY_VALUES_MAX = 4096,         /* values of one record that are read; real records have some
                                        * hundred */
    COUNTRY_DEPTH_MAX = 16,            /* nested maps and arrays */
    COUNTRY_METADATA_MAX = 128 * 1024, /* bytes at the end of a file that are searched for the
                                        * metadata */
};

/* Reads the two-letter code of the record at `offset`: its country.iso_code, country_code or
 * country. False when it has none, or is malformed, nested too deeply or too large. */
bool country_record_code(struct slice data, size_t offset, char out[2]);

/* Whether a file of `file_size` bytes that ends with `tail` can be opened by libmaxminddb safely:
 * its metadata is within the limits above, because libmaxminddb reads all of it into memory, once
 * more for each pointer to a value; and the search tree, whose size libmaxminddb computes in 32
 * bits, fits into the file. */
bool country_metadata_is_sound(struct slice tail, uint64_t file_size);
