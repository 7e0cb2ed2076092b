/* SPDX-License-Identifier: MIT */
/* The offensive words that no code may contain. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* Both functions look for the words of the built-in list, compared ASCII case-insensitively and
 * with the digits 0 1 3 4 5 read as o i e a s. The list is short on purpose. Sites add their own
 * words to their list file, which is matched by whole words. */

/* Whether a generated code contains a word of the list anywhere. */
bool offensive_found(struct slice code);

/* Whether an alias, which somebody has chosen, contains a word of the list. A word that is part of
 * harmless words and names ("pussycat", "Matsushita", "Nattaporn", "beslut", "snigger") counts only
 * as a word of its own, with or without a plural's s: between other characters than letters, or
 * where the case of the letters changes, as in "my-shit", "HolyShit" and "holySHITxx". */
bool offensive_found_in_alias(struct slice alias);
