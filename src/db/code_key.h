/* SPDX-License-Identifier: MIT */
/* The code key: the secret from which the bijection of ids and codes (link/bijection.h) and the
 * seals of cache entries are derived. It is made once, at the first migration, and stored in the
 * database (the setting CODES_KEY_SETTING); the host's segment has a copy. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "db/db.h"
#include "link/bijection.h"
#include "shm/segment.h"

#define CODES_KEY_SETTING "code_key"

/* Where the key is read from; both are borrowed. */
struct code_key_source {
    struct db *db;
    struct segment *segment; /* NULL: none */
};

/* Reads the key from the database and copies it to the segment; if the database is unavailable,
 * reads it from the segment. Use this when a replaced key must not be used. False with the reason
 * when neither has it. */
bool code_key_read(const struct code_key_source *source, unsigned char out[BIJECTION_KEY_BYTES],
                   struct error *err);

/* Reads the key from the segment, otherwise by code_key_read: usually without a query. */
bool code_key_get(const struct code_key_source *source, unsigned char out[BIJECTION_KEY_BYTES],
                  struct error *err);
