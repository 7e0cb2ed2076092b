/* SPDX-License-Identifier: MIT */
/* The options of `curtctl import` that say how its file is to be read. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "cli/command.h"
#include "transfer/link_columns.h"

/* Reads them into *out; the zone is in `arena`. False with a message. */
bool import_source_choose(const struct invocation *invocation, struct arena *arena,
                          struct source_options *out);
