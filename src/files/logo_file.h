/* SPDX-License-Identifier: MIT */
/* Reads the picture that the operator puts into QR codes. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

/* Reads the whole file, of at most `max` bytes, into the arena. False, with the reason, when it is
 * longer, is not a regular file, or cannot be read. */
bool logo_file_read(const char *path, size_t max, struct arena *arena, struct slice *out,
                    struct error *err);
