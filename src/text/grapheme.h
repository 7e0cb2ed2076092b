/* SPDX-License-Identifier: MIT */
/* Cuts texts between what people see as characters: the extended grapheme clusters of Unicode
 * (UAX #29), which libunistring finds. */
#pragma once

#include <stddef.h>

#include "base/slice.h"

enum {
    GRAPHEME_CUT_MAX = 1024, /* bytes */
};

/* The beginning of `s`, which is well-formed UTF-8, of at most `max` bytes, and at most
 * GRAPHEME_CUT_MAX if it is longer: it ends between two clusters, or within the first one, between
 * two code points, if that alone is longer. */
struct slice grapheme_cut(struct slice s, size_t max);
