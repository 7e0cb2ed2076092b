/* SPDX-License-Identifier: MIT */
/* Appends what a pipe brings to a log that is rotated by rename: whole lines only, so that no line
 * is in two files, and each written to the file that has the path at that moment. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    LOG_APPEND_ROOM = 1 << 20, /* bytes that wait while the file cannot be written */
    LOG_APPEND_MODE = 0640,    /* of a file that is made; its group is that of its folder */
};

/* Only `lost` is for callers. */
struct log_append {
    uint64_t lost; /* bytes that were dropped, since the file could not be written for too long */
    const char *path;
    int fd;
    size_t len; /* of `room` */
    char *room;
};

/* Opens the file, or makes it. A half line at its end, which a killed writer has left, is ended.
 * `path` is borrowed. False with the reason. */
bool log_append_open(struct log_append *append, const char *path, struct error *err);

/* Where the next bytes are to be put, and how many there may be; never 0. */
char *log_append_room(const struct log_append *append, size_t *n);

/* Writes the lines that have become whole with `n` more bytes; at the end of the input whatever
 * there is. False with the reason when they cannot be written: they wait for the next call, or are
 * lost when there is no more room. */
bool log_append_write(struct log_append *append, size_t n, bool is_end, struct error *err);

/* Closes; does not write. */
void log_append_close(struct log_append *append);
