/* SPDX-License-Identifier: MIT */
/* Durations as they are written in the configuration. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Parses an unsigned decimal integer and a unit without a space between them: `500ms`, `5s`, `10m`,
 * `24h`, `7d`, `2w`; without a unit the number is in seconds. False, and *ms unchanged, for
 * anything else (signs, fractions, spaces, upper-case units) and for more than INT64_MAX
 * milliseconds. */
bool duration_parse(struct slice text, int64_t *ms);
