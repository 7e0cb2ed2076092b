/* SPDX-License-Identifier: MIT */
/* Reading what a record of a MaxMind file says of the country (MaxMind DB File Format 2.0, "Output
 * Data Section"), in bounded time and without recursion: libmaxminddb before 1.13 (Debian 12 and
 * 13) runs out of stack where values are nested a million deep, and goes through as many members as
 * a record says that it has. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum {
    COUNTRY_VALUES_MAX = 4096, /* that are looked at of one record; real ones have some hundred */
    COUNTRY_DEPTH_MAX = 16,    /* maps and arrays one within the other */
    COUNTRY_METADATA_MAX = 128 * 1024, /* bytes at the end of a file, which have the metadata */
};

/* The code of two letters that the record at `offset` has, as country.iso_code, country_code or
 * country. False when it has none, or is broken, too deep or too large. */
bool country_record_code(struct slice data, size_t offset, char out[2]);

/* Whether the metadata, which `tail` ends with, can be given to libmaxminddb: it reads all values
 * that are in it, once more for each pointer to them, into memory. */
bool country_metadata_is_bounded(struct slice tail);
