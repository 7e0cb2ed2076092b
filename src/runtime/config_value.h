/* SPDX-License-Identifier: MIT */
/* Parses the text of a configuration value and stores the result. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "runtime/config_table.h"

/* Checks `text` and stores its value in the key's member. A string value keeps pointing to `text`.
 * False, with what was expected in *err, when it is invalid. */
bool config_value_set(struct config *config, const struct config_key *key, const char *text,
                      struct error *err);
