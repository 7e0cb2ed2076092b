/* SPDX-License-Identifier: MIT */
/* The help line of each option of each command. */
#pragma once

#include "base/slice.h"

/* The help line of `option` ("ttl") of the command with these words; NULL when there is none, which
 * a test forbids. */
const char *option_help(const char *words, struct slice option);
