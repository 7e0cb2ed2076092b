/* SPDX-License-Identifier: MIT */
/* The offensive words that no code of ours shall spell. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* Whether `code` contains a word of the built-in list, letters compared without regard to ASCII
 * case and with the digits 0 1 3 4 5 read as o i e a s. The list is kept short on purpose: a word
 * that stands within many innocent ones (as in "Scunthorpe") is not on it; sites add their own
 * words to their list file, which is matched as whole words. */
bool offensive_found(struct slice code);
