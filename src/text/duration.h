/* SPDX-License-Identifier: MIT */
/* Lengths of time as the configuration spells them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Reads a whole decimal number and a unit without space between them: `500ms`, `5s`, `10m`, `24h`,
 * `7d`, `2w`; without a unit the number is seconds. False, and *ms untouched, for anything else
 * (signs, fractions, spaces, upper-case units) and for more than INT64_MAX milliseconds. */
bool duration_parse(struct slice text, int64_t *ms);
