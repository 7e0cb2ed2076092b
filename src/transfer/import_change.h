/* SPDX-License-Identifier: MIT */
/* The kinds of changes that an import makes to a row: the reader of the file makes some, the checks
 * of the link others. Each is counted, so that nothing is lost without a word. */
#pragma once

#include <stdint.h>

#include "link/link.h"

enum import_change {
#define IMPORT_CHANGE(id, name, text) IMPORT_CHANGE_##id,
#include "transfer/import_change.def"
#undef IMPORT_CHANGE
    IMPORT_CHANGES, /* at most 64 */
};

/* The bit of a kind in a set of kinds. */
#define IMPORT_CHANGE_BIT(change) (UINT64_C(1) << (change))

struct import_change_row {
    const char *name; /* for scripts: "code_trimmed" */
    const char *text; /* for people: "blanks around the code dropped" */
};

extern const struct import_change_row import_change_rows[IMPORT_CHANGES];

/* A link as it was read, and the set of changes that were made to its row. */
struct link_record {
    struct link link;
    uint64_t changes; /* IMPORT_CHANGE_BITs */
};
