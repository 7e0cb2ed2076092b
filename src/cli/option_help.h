/* SPDX-License-Identifier: MIT */
/* What each option of each command means, in a line. */
#pragma once

#include "base/slice.h"

/* The line of `option` ("ttl") of the command with these words; NULL when nobody has written one,
 * which a test does not allow. */
const char *option_help(const char *words, struct slice option);
