/* SPDX-License-Identifier: MIT */
/* Small databases in MaxMind's format, for tests. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "text/address.h"

struct mmdb_entry {
    const char *network; /* "192.0.2.0/24" */
    const char *country; /* two letters */
};

/* Where a record has the country. */
enum country_form {
    COUNTRY_ISO_CODE, /* {"country": {"iso_code": "DE"}} */
    COUNTRY_TEXT,     /* {"country": "DE"} */
    COUNTRY_FLAT,     /* {"country_code": "DE"} */
    COUNTRY_NAMED,    /* {"country": "A name", "country_code": "DE"} */
    COUNTRY_NOWHERE,  /* {"network": "DE"} */
    COUNTRY_FORMS,
};

/* Writes a database of up to 8 networks to `path` in one go, by renaming. */
bool mmdb_write(const char *path, const struct mmdb_entry *entries, size_t n,
                enum country_form form);
