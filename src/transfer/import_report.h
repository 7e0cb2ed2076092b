/* SPDX-License-Identifier: MIT */
/* What became of the rows of a file: how many were taken, changed and refused, by kind, with the
 * first row of each kind. A dry run and an import make the same report. */
#pragma once

#include <stdint.h>

#include "link/code.h"
#include "transfer/import_change.h"

/* Why a row was not taken. The last ones are conflicts. */
enum import_refusal {
#define IMPORT_REFUSAL(id, name, text) IMPORT_REFUSAL_##id,
#include "transfer/import_refusal.def"
#undef IMPORT_REFUSAL
    IMPORT_REFUSALS,
};

struct import_refusal_row {
    const char *name; /* for scripts: "url_invalid" */
    const char *text; /* for people */
};

extern const struct import_refusal_row import_refusal_rows[IMPORT_REFUSALS];

/* Whether another link, or an earlier row, has the code. */
static inline bool import_refusal_is_conflict(enum import_refusal refusal)
{
    return refusal >= IMPORT_REFUSAL_CODE_TWICE;
}

/* How many rows are of a kind, and the first of them. */
struct import_tally {
    uint64_t n;
    uint64_t line;           /* from 1 */
    char code[CODE_MAX + 1]; /* "": it has none. One line of UTF-8; cut if it is longer */
};

struct import_report {
    uint64_t imported;  /* by a dry run: would be */
    uint64_t changed;   /* of these: not as they are in the file */
    uint64_t present;   /* skipped: there with the same long URL */
    uint64_t conflicts; /* another link has one of the codes */
    uint64_t refused;   /* invalid, or not allowed */
    struct import_tally changes[IMPORT_CHANGES];
    struct import_tally refusals[IMPORT_REFUSALS];
};

/* The rows so far. */
static inline uint64_t import_report_rows(const struct import_report *report)
{
    return report->imported + report->present + report->conflicts + report->refused;
}

/* Counts an imported row with a set of IMPORT_CHANGE_BITs. */
void import_report_take(struct import_report *report, uint64_t line, const struct link *link,
                        uint64_t changes);

/* Counts a row that was not taken. Rows may come in any order. */
void import_report_refuse(struct import_report *report, enum import_refusal why, uint64_t line,
                          struct slice code);
