/* SPDX-License-Identifier: MIT */
/* A temporary folder of the target, for inputs that are the content of files. */
#pragma once

#include <sys/types.h>

#include "base/slice.h"

enum {
    FUZZ_DIR_MAX = 200,
    FUZZ_PATH_MAX = 300,
};

struct fuzz_dir {
    char path[FUZZ_DIR_MAX];
};

/* Makes it, below $TMPDIR or /tmp. */
struct fuzz_dir fuzz_dir_make(void);

/* Removes it and the files in it. */
void fuzz_dir_remove(const struct fuzz_dir *dir);

/* The path of a file in it. */
void fuzz_dir_path(const struct fuzz_dir *dir, const char *name, char out[FUZZ_PATH_MAX]);

/* Makes an empty file that only its owner may open, `size` bytes long and all of them a hole; open
 * to read and write. */
int fuzz_file_make(const char *path, off_t size);

/* Writes all of `bytes` at `at`. */
void fuzz_file_put(int fd, struct slice bytes, off_t at);
