/* SPDX-License-Identifier: MIT */
/* Files that all processes of one user and host open at once: whose they must be, and locks on
 * their bytes. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct private_file {
    const char *path;
    const char *noun; /* what it is, for the texts of errors: "click ring" */
    bool root_may;    /* root opens another user's, too: for an administrator by hand */
};

enum private_file_result {
    PRIVATE_FILE_OK,
    PRIVATE_FILE_REFUSED, /* exists, but is another user's, open to others, no regular file (a
                           * symbolic link), of more than one name, or not ours to write */
    PRIVATE_FILE_FAILED,  /* could not be made or opened */
};

/* Opens the file to read and write and checks it; `flags` are added (O_CREAT, O_EXCL) and a file
 * that is made has the mode 0600. *fd is open only when it is PRIVATE_FILE_OK. */
enum private_file_result private_file_open(const struct private_file *file, int flags, int *fd,
                                           struct error *err);

/* Sets "WHAT NOUN PATH: strerror(number)"; PRIVATE_FILE_FAILED. */
enum private_file_result private_file_fail(const struct private_file *file, const char *what,
                                           int number, struct error *err);

/* Whether `path` still names the file open at `fd`: somebody else may have replaced it. */
bool private_file_is_at(const char *path, int fd);

/* Changes the lock of the open file description on one byte, which need not exist. The kernel frees
 * it when the last process that has the description ends. `command` is F_OFD_SETLK, which does not
 * wait, or F_OFD_SETLKW; `type` is F_WRLCK or F_UNLCK. */
bool private_file_lock(int fd, int command, off_t byte, short type);

/* Takes the lock on one byte, waiting at most `patience_ms`; 0 tries once. False with errno when it
 * could not be had: ETIMEDOUT when somebody else has it. For locks that a process which stands
 * still (SIGSTOP, a debugger) may hold for as long as it does. */
bool private_file_lock_within(int fd, off_t byte, int patience_ms);
