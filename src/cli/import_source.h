/* SPDX-License-Identifier: MIT */
/* The options of `curtctl import` that say how its file is to be read. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "cli/command.h"
#include "transfer/link_columns.h"

/* The texts of the options; NULL: not given. */
struct import_source_texts {
    const char *delimiter;
    const char *map;
    const char *time_zone;
    const char *date_order;
    bool skip_unknown;
    bool spreadsheet;
};

/* Reads them into *out; the zone is in `arena`. False with a message. */
bool import_source_choose(const struct invocation *invocation,
                          const struct import_source_texts *texts, struct arena *arena,
                          struct source_options *out);
