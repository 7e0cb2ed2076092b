/* SPDX-License-Identifier: MIT */
/* The file in which lines are kept that could not be read, for whoever mends the format. It has
 * addresses of visitors, so only its owner may read it. */
#pragma once

#include "follow/log_line.h"

enum {
    LOG_ASIDE_BYTES_MAX = 64 * 1024, /* of the file; further lines are not kept */
    LOG_ASIDE_LINE_MAX = 2048,       /* bytes of a line; the rest is cut off */
};

/* Appends a line to the file "unreadable-log-lines" of the folder, which is made; does nothing when
 * it is full or cannot be written, or the folder is NULL or empty. */
void log_aside_keep(const char *folder, enum log_kind kind, struct slice line);

/* The size of that file; 0: there is none. */
int64_t log_aside_size(const char *folder);
