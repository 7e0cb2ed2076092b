/* SPDX-License-Identifier: MIT */
/* The key of the codes, as a process gets to know it. It is made once, at the first migration, and
 * kept in the database (the setting CODES_KEY_SETTING); the host's segment remembers it. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "db/db.h"
#include "link/bijection.h"
#include "shm/segment.h"

#define CODES_KEY_SETTING "code_key"

/* Where it is read; both are borrowed. */
struct code_key_source {
    struct db *db;
    struct segment *segment; /* NULL: none */
};

/* Asks the database and has the segment remember the answer; where the database does not answer,
 * what the segment remembers. For what must not be made with a key that has been replaced. False,
 * and why, when neither has it. */
bool code_key_read(const struct code_key_source *source, unsigned char out[BIJECTION_KEY_BYTES],
                   struct error *err);

/* What the segment remembers, else code_key_read: as a rule the database is not asked. */
bool code_key_recall(const struct code_key_source *source, unsigned char out[BIJECTION_KEY_BYTES],
                     struct error *err);
