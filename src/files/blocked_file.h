/* SPDX-License-Identifier: MIT */
/* The file of blocked domains (link/blocked.h): read when the first link is created, and again
 * after it has changed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "files/file_identity.h"
#include "link/blocked.h"

/* Initialise `path` (borrowed; NULL or empty: nothing is blocked), and the rest with zeros. */
struct blocked_file {
    const char *path;
    struct blocked_set set;
    struct file_identity identity;
    int64_t checked_at;
    unsigned loads;     /* the number of times that a list was read */
    size_t invalid;     /* invalid lines of the current list, which are ignored */
    struct error fault; /* why the current list is older than the file; empty when it is not */
};

/* Reads the file if it has changed, which is checked at most once per second of `now`. True when
 * there is a list: if the file later becomes missing or unreadable, the last list stays in use and
 * `fault` has the reason. False with the reason when no list was ever read. */
bool blocked_file_refresh(struct blocked_file *file, int64_t now, struct error *err);

/* Frees the list. */
void blocked_file_close(struct blocked_file *file);
