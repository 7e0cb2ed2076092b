/* SPDX-License-Identifier: MIT */
/* The links of codes that access logs name: a table of bounded size, filled from the database by
 * many codes at once. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "db/db.h"
#include "link/code.h"

enum {
    FOLLOW_CODES_MAX = 16384,  /* slots of the table; it is emptied when three quarters are used, */
    FOLLOW_CODES_SECONDS = 60, /* and after that time, since a code may get another link */
    FOLLOW_CODES_AT_ONCE = 1000, /* calls of follow_codes_find between two of follow_codes_begin */
    FOLLOW_CODE_NONE = -1,
};

struct follow_code {
    uint64_t link_id; /* 0: there is no link */
    bool is_asked;
    unsigned char len; /* 0: the slot is free */
    char code[CODE_MAX];
};

/* The caller sets the first two members; the rest starts as zero. */
struct follow_codes {
    struct slice base_path; /* of the site: "" or "/s"; borrowed */
    bool ignores_case;      /* links.alias_case = ignore */

    bool has_failed; /* slots of the last round may have no answer */
    int64_t began_at;
    unsigned used;
    unsigned n_wanted;
    int wanted[FOLLOW_CODES_AT_ONCE]; /* slots that the database has not been asked for */
    struct follow_code slots[FOLLOW_CODES_MAX];
};

/* Begins a round, which makes the slots of the round before invalid. `now` is monotonic, in
 * seconds. */
void follow_codes_begin(struct follow_codes *codes, int64_t now);

/* The slot of the code that a target ("/abc?x", with %XX of unreserved bytes, a trailing slash, a
 * path behind it, or bytes that no code has) names; FOLLOW_CODE_NONE where it names none. */
int follow_codes_find(struct follow_codes *codes, struct slice target);

/* Asks the database for the codes of the round that are not known yet, by a statement for every
 * DB_BULK_MAX of them; the arena is reset. On failure they stay unknown. */
enum db_result follow_codes_ask(struct follow_codes *codes, struct db *db, struct arena *arena,
                                struct error *err);

/* The link of a slot; 0: there is none. */
static inline uint64_t follow_codes_link(const struct follow_codes *codes, int slot)
{
    return slot == FOLLOW_CODE_NONE ? 0 : codes->slots[slot].link_id;
}
