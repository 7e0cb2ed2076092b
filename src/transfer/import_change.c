/* SPDX-License-Identifier: MIT */
/* The table of the kinds of changes. */
#include "transfer/import_change.h"

const struct import_change_row import_change_rows[IMPORT_CHANGES] = {
#define IMPORT_CHANGE(id, its_name, its_text) [IMPORT_CHANGE_##id] = { its_name, its_text },
#include "transfer/import_change.def"
#undef IMPORT_CHANGE
};
