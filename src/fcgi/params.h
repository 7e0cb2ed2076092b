/* SPDX-License-Identifier: MIT */
/* FastCGI name-value pairs (specification 3.4). */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* Parses the next pair at the front of *rest and advances *rest. False when there is none, or it is
 * truncated; *rest is empty only in the first case. */
bool params_next(struct slice *rest, struct slice *name, struct slice *value);

/* Whether `params` consists of whole pairs that can become "NAME=value" strings: names neither
 * empty nor with '=', no NUL anywhere. */
bool params_are_sound(struct slice params);
