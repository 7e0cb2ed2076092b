/* SPDX-License-Identifier: MIT */
/* Appending to logs. */
#include "follow/log_append.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Ends the half line that a killed writer has left. */
static void end_half_line(int fd)
{
    struct stat status;
    char last = '\n';
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
        pread(fd, &last, 1, status.st_size - 1) == 1 && last != '\n') {
        ssize_t written = write(fd, "\n", 1);
        (void)written; /* where it cannot be written, nothing else can */
    }
}

/* Gives a new file the group of its folder, which may read logs; root may, and members of it. */
static void take_group(int fd, const char *path)
{
    char folder[PATH_MAX];
    struct stat status;
    const char *slash = strrchr(path, '/');
    int len = slash ? (int)(slash - path) + 1 : 1;
    (void)snprintf(folder, sizeof(folder), "%.*s", len, slash ? path : ".");
    if (stat(folder, &status) != 0 || fchown(fd, (uid_t)-1, status.st_gid) != 0)
        return; /* it keeps that of the process */
}

static int open_file(const char *path, struct error *err)
{
    const int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOCTTY;
    int fd = open(path, flags | O_CREAT | O_EXCL, LOG_APPEND_MODE);
    if (fd >= 0)
        take_group(fd, path);
    else if (errno == EEXIST)
        fd = open(path, flags);
    if (fd < 0)
        error_set(err, "%s: %s", path, strerror(errno));
    else
        end_half_line(fd);
    return fd;
}

bool log_append_open(struct log_append *append, const char *path, struct error *err)
{
    *append = (struct log_append){ .path = path, .fd = -1, .room = malloc(LOG_APPEND_ROOM) };
    if (!append->room)
        error_set(err, "out of memory");
    else
        append->fd = open_file(path, err);
    if (append->fd >= 0)
        return true;
    log_append_close(append);
    return false;
}

void log_append_close(struct log_append *append)
{
    if (append->fd >= 0)
        close(append->fd);
    append->fd = -1;
    free(append->room);
    append->room = NULL;
}

char *log_append_room(const struct log_append *append, size_t *n)
{
    *n = LOG_APPEND_ROOM - append->len;
    return append->room + append->len;
}

/* Whether the open file still has the path. */
static bool has_path(const struct log_append *append)
{
    struct stat ours, theirs;
    return fstat(append->fd, &ours) == 0 && stat(append->path, &theirs) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* After a rotation, opens the new file. Where that fails, the old one is good enough. */
static void follow_path(struct log_append *append)
{
    struct error unheard;
    int fd = has_path(append) ? -1 : open_file(append->path, &unheard);
    if (fd < 0)
        return;
    close(append->fd);
    append->fd = fd;
}

/* The bytes up to the end of the last line. */
static size_t whole_lines(const struct log_append *append)
{
    const char *last = append->len ? memrchr(append->room, '\n', append->len) : NULL;
    return last ? (size_t)(last - append->room) + 1 : 0;
}

/* Makes room where the file could not be written; a line that fills all of it is lost, too. */
static void drop_lines(struct log_append *append)
{
    size_t n = whole_lines(append);
    if (append->len < LOG_APPEND_ROOM)
        return;
    if (n == 0)
        n = append->len;
    append->lost += n;
    append->len -= n;
    memmove(append->room, append->room + n, append->len);
}

bool log_append_write(struct log_append *append, size_t n, bool is_end, struct error *err)
{
    append->len += n;
    follow_path(append);
    if (is_end && append->len && append->len < LOG_APPEND_ROOM &&
        append->room[append->len - 1] != '\n')
        append->room[append->len++] = '\n';
    size_t whole = whole_lines(append), done = 0;
    ssize_t written = 0;
    while (done < whole && written >= 0) {
        written = write(append->fd, append->room + done, whole - done);
        if (written < 0 && errno == EINTR)
            written = 0;
        done += written > 0 ? (size_t)written : 0;
    }
    if (written < 0)
        error_set(err, "%s: %s", append->path, strerror(errno));
    append->len -= done;
    memmove(append->room, append->room + done, append->len);
    drop_lines(append);
    return written >= 0;
}
