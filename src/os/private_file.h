/* SPDX-License-Identifier: MIT */
/* Files that several processes of one user open at the same time: the checks of their owner and
 * mode, and locks on their bytes. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct private_file {
    const char *path;
    const char *noun; /* what the file is, for error texts: "click ring" */
    bool root_may;    /* root may open another user's file, too: for an administrator's commands */
};

enum private_file_result {
    PRIVATE_FILE_OK,
    PRIVATE_FILE_REFUSED, /* exists, but belongs to another user, is accessible to others, is not a
                           * regular file (a symbolic link), has more than one hard link, or is not
                           * writable */
    PRIVATE_FILE_FAILED,  /* could not be created or opened */
};

/* Opens the file for reading and writing and checks it; `flags` are added to open(2)'s (O_CREAT,
 * O_EXCL), and a new file gets the mode 0600. *fd is open only after PRIVATE_FILE_OK. */
enum private_file_result private_file_open(const struct private_file *file, int flags, int *fd,
                                           struct error *err);

/* Sets *err to "WHAT NOUN PATH: strerror(number)" and returns PRIVATE_FILE_FAILED. */
enum private_file_result private_file_fail(const struct private_file *file, const char *what,
                                           int number, struct error *err);

/* Whether `path` still names the file open at `fd`; another process may have replaced it. */
bool private_file_is_at(const char *path, int fd);

/* Acquires or releases a lock of the open file description on one byte, which may lie beyond the
 * end of the file; does not wait. The kernel releases it when the last process that has the
 * description open ends. False with errno on failure. */
bool private_file_lock(int fd, off_t byte);
bool private_file_unlock(int fd, off_t byte);

/* Whether another open file description has a lock on any of `len` bytes, 0: on any up to the end
 * of the file, however far it grows. False on failure, too. */
bool private_file_is_locked(int fd, off_t byte, off_t len);

/* Acquires the lock on one byte, waiting at most `patience_ms`; 0 tries once. False with errno on
 * failure, ETIMEDOUT when another process holds the lock. For locks that a stopped process
 * (SIGSTOP, a debugger) may hold for any length of time. */
bool private_file_lock_within(int fd, off_t byte, int patience_ms);
