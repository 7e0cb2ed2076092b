/* SPDX-License-Identifier: MIT */
/* The list of logs to be read, and the files that each has: rotated and compressed ones, too. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "follow/log_line.h"

enum {
    LOG_PLACES_MAX = 16,   /* of `edge.logs` */
    LOG_FILES_MAX = 10000, /* files of one log; of more, the newest are read */
    LOG_PATH_MAX = 1023,   /* bytes of a path */
};

/* An element of `edge.logs`. */
struct log_place {
    enum log_kind kind;
    struct slice path;
};

/* Takes the next "kind:/path" off a list that blanks or commas separate. False at the end with an
 * empty reason, and with the reason for an unknown kind, or a path that is not absolute or too
 * long. */
bool log_place_next(struct slice *list, struct log_place *out, struct error *err);

/* The files of a log, those changed first coming first. `path` names a file, which stands for its
 * rotated ones, too ("curt.log", "curt.log.1", "curt.log.2.gz", "curt.log-20261130"); a folder with
 * a slash at its end, for all files in it; or a pattern with '*'. NUL-terminated, in `arena`. False
 * with the reason when the folder cannot be read or the arena is full; no files are no failure. */
bool log_names_list(struct slice path, struct arena *arena, const char *const **out, size_t *n,
                    struct error *err);
