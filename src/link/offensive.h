/* SPDX-License-Identifier: MIT */
/* The offensive words that no code may contain. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* Whether `code` contains a word of the built-in list, compared ASCII case-insensitively and with
 * the digits 0 1 3 4 5 read as o i e a s. The list is short on purpose: it has no word that is part
 * of many harmless words (as in "Scunthorpe"). Sites add their own words to their list file, which
 * is matched by whole words. */
bool offensive_found(struct slice code);
