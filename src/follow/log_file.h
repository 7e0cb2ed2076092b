/* SPDX-License-Identifier: MIT */
/* A log file, plain or compressed by gzip, read from the beginning or from a position. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "follow/log_position.h"

struct log_unpacker;

/* A file, and its state at some moment. */
struct log_identity {
    dev_t device;
    ino_t inode;
    int64_t size;
    int64_t changed_ns;
};

/* The identity of the file at `path`; false if there is none. */
bool log_identity_find(const char *path, struct log_identity *out);

/* Callers may read only `identity`, as it was at opening, and `is_end`. */
struct log_file {
    struct log_identity identity;
    bool is_end; /* a compressed file was read to its end, which is the end of the log */
    int fd;
    uint64_t offset;               /* of the next byte, uncompressed */
    struct log_unpacker *unpacker; /* NULL: a plain file */
    size_t head_len;
    char head[LOG_HEAD_MAX];
};

/* Opens the file and reads its head. False with the reason where it cannot be read, or is neither a
 * log nor compressed by gzip; a missing file too, with an empty reason. */
bool log_file_open(struct log_file *file, const char *path, struct error *err);

/* Reads up to `room` bytes; *n = 0 when there are no more now: a log that is still being written
 * may have more later. False with the reason when reading fails, or the compressed data is damaged.
 */
bool log_file_read(struct log_file *file, char *out, size_t room, size_t *n, struct error *err);

enum log_match {
    LOG_MATCH,     /* the file has been read up to the position, where it is now */
    LOG_NO_MORE,   /* the file ends at or before the position */
    LOG_OTHER,     /* it is another file with the same first line */
    LOG_NO_ANSWER, /* reading failed */
};

/* Compares a file that was just opened with a position, and continues from it. *tail is set to the
 * LOG_TAIL_MAX bytes (fewer near the beginning) before the position. */
enum log_match log_file_continue(struct log_file *file, const struct log_position *position,
                                 char tail[LOG_TAIL_MAX], struct error *err);

/* Goes back to the beginning. */
bool log_file_rewind(struct log_file *file, struct error *err);

/* The first bytes of the file, at least those that log_position_set needs for its offset. */
struct slice log_file_head(struct log_file *file);

void log_file_close(struct log_file *file);
