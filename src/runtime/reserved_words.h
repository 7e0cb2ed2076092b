/* SPDX-License-Identifier: MIT */
/* Reads the site's own list of reserved words from its file. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "link/alias.h"

enum {
    RESERVED_WORDS_MAX = 4 * 1024 * 1024, /* bytes of the file, as read into memory */
};

/* Reads the list; an empty path gives an empty list. False for a file that cannot be read, or has
 * more than RESERVED_WORDS_MAX bytes. */
bool reserved_words_load(const char *path, struct arena *arena, struct word_list *out,
                         struct error *err);
