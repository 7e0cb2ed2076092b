/* SPDX-License-Identifier: MIT */
/* Databases in MaxMind's format, as small as can be, for tests. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "text/address.h"

struct mmdb_entry {
    const char *network; /* "192.0.2.0/24" */
    const char *country; /* two letters */
};

/* Writes a database of up to 8 networks to `path` in one go, by renaming. `plain`: the country is
 * a text, not a map with an iso_code. */
bool mmdb_write(const char *path, const struct mmdb_entry *entries, size_t n, bool plain);
