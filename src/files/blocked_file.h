/* SPDX-License-Identifier: MIT */
/* The file of blocked domains: read when the first link is made, and again when it has changed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "link/blocked.h"

/* What tells one state of a file from another. */
struct file_identity {
    dev_t device;
    ino_t inode;
    off_t size;
    int64_t modified_ns;
};

/* Starts with `path` set (borrowed; NULL or empty: nothing is blocked) and the rest zero. */
struct blocked_file {
    const char *path;
    struct blocked_set set;
    struct file_identity identity;
    int64_t checked_at;
    unsigned loads;     /* how often a list was read */
    size_t invalid;     /* lines of the list in use that name nothing; they are passed over */
    struct error fault; /* why the list in use is older than the file; empty when it is not */
};

/* Reads the file if it has changed, which is looked at once a second at most. True when there is a
 * list to go by: once one was read, a file that is missing or unreadable later leaves it in use,
 * and `fault` says so. False with the reason when there never was one. */
bool blocked_file_refresh(struct blocked_file *file, int64_t now, struct error *err);

/* Forgets the list. */
void blocked_file_close(struct blocked_file *file);
