/* SPDX-License-Identifier: MIT */
/* The text of a configuration value made into what the program uses. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "runtime/config_table.h"

/* Checks `text` and puts it where `key` says. `text` is kept by strings. False, with what was
 * expected in *err, when it is not what the key takes. */
bool config_value_set(struct config *config, const struct config_key *key, const char *text,
                      struct error *err);
