/* SPDX-License-Identifier: MIT */
/* The hash of a long URL that finds an owner's link to the same URL again. */
#pragma once

#include <stdint.h>

#include "base/slice.h"

/* FNV-1a, 64 bits (RFC 9923). It only narrows a search down: who finds a row by it compares the
 * URLs. Stored in the database, so it never changes. */
uint64_t url_hash(struct slice long_url);
