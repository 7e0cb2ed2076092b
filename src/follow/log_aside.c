/* SPDX-License-Identifier: MIT */
/* Keeping unreadable lines. */
#include "follow/log_aside.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ASIDE_PATH_MAX = 1100,
};

static bool log_aside_path(const char *folder, char path[ASIDE_PATH_MAX])
{
    if (!folder || !*folder)
        return false;
    int len = snprintf(path, ASIDE_PATH_MAX, "%s/unreadable-log-lines", folder);
    return len > 0 && len < ASIDE_PATH_MAX;
}

void log_aside_keep(const char *folder, enum log_kind kind, struct slice line)
{
    char path[ASIDE_PATH_MAX], text[LOG_ASIDE_LINE_MAX + 32];
    struct stat status;
    if (!log_aside_path(folder, path))
        return;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return;
    if (line.len > LOG_ASIDE_LINE_MAX)
        line.len = LOG_ASIDE_LINE_MAX;
    int len = snprintf(text, sizeof(text), "%s: %.*s\n", log_kind_name(kind), SLICE_ARG(line));
    if (fstat(fd, &status) == 0 && status.st_size + len <= LOG_ASIDE_BYTES_MAX) {
        ssize_t written = write(fd, text, (size_t)len);
        (void)written; /* the line is counted, whether it can be kept or not */
    }
    close(fd);
}

int64_t log_aside_size(const char *folder)
{
    char path[ASIDE_PATH_MAX];
    struct stat status;
    return log_aside_path(folder, path) && stat(path, &status) == 0 ? status.st_size : 0;
}
