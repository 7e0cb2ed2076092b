/* SPDX-License-Identifier: MIT */
/* Identifies a version of a file, to notice that it was changed or replaced. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* All zeros: of no file. */
struct file_identity {
    dev_t device;
    ino_t inode;
    off_t size;
    int64_t modified_ns;
};

static inline struct file_identity file_identity_of(const struct stat *st)
{
    return (struct file_identity){
        .device = st->st_dev,
        .inode = st->st_ino,
        .size = st->st_size,
        .modified_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
    };
}

static inline bool file_identity_is(const struct file_identity *a, const struct file_identity *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->modified_ns == b->modified_ns;
}
