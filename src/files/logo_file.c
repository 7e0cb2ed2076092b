/* SPDX-License-Identifier: MIT */
/* Opens and reads the file; a pipe or a device in its place is refused without waiting. */
#include "files/logo_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool logo_file_read_bytes(int fd, char *at, size_t size, struct error *err)
{
    size_t len = 0;
    while (len < size) {
        ssize_t n = read(fd, at + len, size - len);
        if (n <= 0 && !(n < 0 && errno == EINTR))
            return error_set(err, "%s", n < 0 ? strerror(errno) : "it changed while it was read");
        len += n > 0 ? (size_t)n : 0;
    }
    return true;
}

bool logo_file_read(const char *path, size_t max, struct arena *arena, struct slice *out,
                    struct error *err)
{
    struct stat st;
    char *at = NULL;
    bool good = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0)
        error_set(err, "%s", strerror(errno));
    else if (!S_ISREG(st.st_mode))
        error_set(err, "is not a regular file");
    else if ((uint64_t)st.st_size > max)
        error_set(err, "has more than %zu bytes", max);
    else if (!(at = arena_alloc(arena, (size_t)st.st_size)))
        error_set(err, "out of memory");
    else
        good = logo_file_read_bytes(fd, at, (size_t)st.st_size, err);
    if (fd >= 0)
        close(fd);
    if (good)
        *out = (struct slice){ at, (size_t)st.st_size };
    else
        error_prefix(err, path);
    return good;
}
