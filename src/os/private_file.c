/* SPDX-License-Identifier: MIT */
/* Opening, checking and locking private files with fcntl(2). */
#include "os/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/monotonic.h"

enum {
    YIELDS = 8, /* tries before the first sleep: a lock held for a few stores is soon released */
    LOOK_AGAIN_US = 50,
};

static bool private_file_set_lock(int fd, off_t byte, short type)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
    int result;
    do
        result = fcntl(fd, F_OFD_SETLK, &lock);
    while (result < 0 && errno == EINTR);
    return result == 0;
}

bool private_file_lock(int fd, off_t byte)
{
    return private_file_set_lock(fd, byte, F_WRLCK);
}

bool private_file_unlock(int fd, off_t byte)
{
    return private_file_set_lock(fd, byte, F_UNLCK);
}

bool private_file_is_locked(int fd, off_t byte, off_t len)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = len };
    return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

bool private_file_lock_within(int fd, off_t byte, int patience_ms)
{
    int64_t end_us = patience_ms > 0 ? monotonic_us() + (int64_t)patience_ms * 1000 : 0;
    for (unsigned tries = 0; !private_file_lock(fd, byte); tries++) {
        if (errno != EAGAIN && errno != EACCES)
            return false;
        if (end_us == 0 || monotonic_us() >= end_us) {
            errno = ETIMEDOUT;
            return false;
        }
        if (tries < YIELDS)
            sched_yield();
        else
            monotonic_sleep_us(LOOK_AGAIN_US);
    }
    return true;
}

static enum private_file_result private_file_refuse(const struct private_file *file,
                                                    const char *why, struct error *err)
{
    error_set(err, "%s %s: %s", file->noun, file->path, why);
    return PRIVATE_FILE_REFUSED;
}

enum private_file_result private_file_fail(const struct private_file *file, const char *what,
                                           int number, struct error *err)
{
    error_set(err, "%s %s %s: %s", what, file->noun, file->path, strerror(number));
    return PRIVATE_FILE_FAILED;
}

/* The result and the error text for an errno of open(2). */
static enum private_file_result refuse_open(const struct private_file *file, int number,
                                            struct error *err)
{
    struct stat st;
    switch (number) {
    case ELOOP:
        return private_file_refuse(file, "is a symbolic link", err);
    case EISDIR:
        return private_file_refuse(file, "is a directory", err);
    case ENOENT:
        return private_file_fail(file, "the directory of the", number, err);
    case EACCES:
    case EPERM:
        if (lstat(file->path, &st) == 0)
            return private_file_refuse(file, "exists and is not writable", err);
        break;
    default:
        break;
    }
    return private_file_fail(file, "open", number, err);
}

static enum private_file_result private_file_check(const struct private_file *file, int fd,
                                                   struct error *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return private_file_fail(file, "stat", errno, err);
    if (!S_ISREG(st.st_mode))
        return private_file_refuse(file, "is not a regular file", err);
    if (st.st_uid != geteuid() && !(file->root_may && geteuid() == 0))
        return private_file_refuse(file, "belongs to another user", err);
    if (st.st_nlink > 1)
        return private_file_refuse(file, "has another name, too", err);
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return private_file_refuse(file, "is open to other users (its mode should be 0600)", err);
    return PRIVATE_FILE_OK;
}

enum private_file_result private_file_open(const struct private_file *file, int flags, int *fd,
                                           struct error *err)
{
    *fd = open(file->path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags, S_IRUSR | S_IWUSR);
    if (*fd < 0)
        return refuse_open(file, errno, err);
    enum private_file_result result = private_file_check(file, *fd, err);
    if (result != PRIVATE_FILE_OK) {
        close(*fd);
        *fd = -1;
    }
    return result;
}

bool private_file_is_at(const char *path, int fd)
{
    struct stat there;
    struct stat here;
    return lstat(path, &there) == 0 && fstat(fd, &here) == 0 && there.st_dev == here.st_dev &&
           there.st_ino == here.st_ino;
}
