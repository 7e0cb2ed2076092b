/* SPDX-License-Identifier: MIT */
/* The steps of an import, for the files import*.c: check a row, add it to the batch, store the
 * batch. */
#pragma once

#include "transfer/import.h"

struct import_row {
    uint64_t line;
    uint64_t changes; /* IMPORT_CHANGE_BITs */
    bool has_code;    /* otherwise one is generated */
    uint64_t link_id; /* the link that has its code, or is the same without a code; 0: none */
    struct slice leads_to;
    struct slice taken; /* an alias that a link has; empty: none */
};

struct import_batch {
    struct arena *arena;
    unsigned n;
    struct link links[IMPORT_BATCH];
    struct import_row rows[IMPORT_BATCH];
    enum db_result results[IMPORT_BATCH];
};

/* Counts a row that is not taken, and calls on_problem. */
void import_refuse(struct import *import, enum import_refusal kind, const struct import_row *row,
                   struct slice code, const char *why);

/* Checks a record and completes its link, with texts in `arena`. DB_OK: it is to be stored.
 * DB_MISSING: it was refused. DB_UNAVAILABLE, DB_FAILED: the import ends. */
enum db_result import_check(struct import *import, struct link_record *record,
                            struct import_row *row, struct arena *arena, struct error *err);

/* Stores a link. DB_REPEATED: another call with the same import->once has stored it. */
enum db_result import_insert(struct import *import, const struct link *link,
                             const struct import_row *row, struct error *err);

/* Of the first `n` rows of the batch puts those with generated codes last, if import->once is set,
 * and stores them in one transaction, all or none; *keyless is the number of the others. Their
 * results are DB_OK, or DB_TAKEN: each of them has to be stored with import_insert. */
enum db_result import_insert_once(struct import *import, struct import_batch *batch, unsigned n,
                                  unsigned *keyless, struct error *err);

/* Stores the links of the batch, or finds out whether they would be, and empties it. */
enum db_result import_store(struct import *import, struct import_batch *batch, struct error *err);
