/* SPDX-License-Identifier: MIT */
/* The files of a host for one test: a folder of their own, and the segment, the click ring and the
 * spool in it. A function that opens one of them ends the process with the error's text and the
 * status 1 if it cannot, so that child processes may call it, too. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "clicklog/click_ring.h"
#include "shm/segment.h"
#include "spool/spool.h"

struct host_files {
    char dir[32];
    char path[64]; /* of the file that is named in host_files_make */
};

/* Makes an empty folder in /tmp, and sets `path` to that of a file in it, which is not made. */
bool host_files_make(struct host_files *files, const char *name);

/* Removes the file, if there is one, and the folder. False when anything else is in the folder. */
bool host_files_remove(const struct host_files *files);

/* Removes the files in a folder, if there is such a folder; returns their number. */
int host_files_clear(const char *dir);

/* `local_bytes`: of the local cache, as in struct segment_options. */
struct segment *host_segment_open(const char *path, uint64_t local_bytes);

struct click_ring *host_ring_open(const char *path);

struct spool *host_spool_open(const char *path, uint64_t max_bytes);
