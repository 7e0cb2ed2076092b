/* SPDX-License-Identifier: MIT */
/* The hash that finds an owner's link to the same long URL again. */
#pragma once

#include <stdint.h>

#include "base/slice.h"

/* FNV-1a (RFC 9923) of 64 bits over the owner's id (four bytes, lowest first) and the URL, folded
 * to
 * 32. The owner is in it so that the index on it stays narrow. It only narrows a search down: who
 * finds a row by it compares both. Stored in the database, so it never changes. */
uint32_t url_hash(uint32_t owner_id, struct slice long_url);
