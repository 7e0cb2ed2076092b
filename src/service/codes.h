/* SPDX-License-Identifier: MIT */
/* Allocates ids and the codes made from them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/code_key.h"
#include "db/db.h"
#include "db/sequence.h"
#include "link/alias.h"
#include "link/code.h"
#include "service/outcome.h"

/* `scheme` and `ready` start as zero: the key is read from the database with the first code. */
struct codes {
    struct db *db;
    struct sequence sequence;
    const struct word_list *reserved; /* may be NULL */
    unsigned length;                  /* of the codes, CODE_LENGTH_MIN..CODE_LENGTH_MAX */
    bool ready;
    struct code_scheme scheme;
};

/* The next id, for a link with an alias, which needs no code of its own. OUTCOME_OK,
 * OUTCOME_EXHAUSTED or OUTCOME_UNAVAILABLE: no id in this host, and the database is unavailable. */
enum outcome codes_next_id(struct codes *codes, uint64_t *id, struct error *err);

/* The next id whose code contains no reserved word, and that code (in `out`, with a NUL).
 * Outcomes as of codes_next_id; OUTCOME_UNAVAILABLE also without the key of the codes. */
enum outcome codes_next(struct codes *codes, uint64_t *id, char out[CODE_MAX + 1],
                        struct error *err);

/* Reads the code key from the database if that was not done yet; while the database is unavailable,
 * from the sequence's segment. */
bool codes_prepare(struct codes *codes, struct error *err);
