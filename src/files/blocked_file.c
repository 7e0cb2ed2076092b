/* SPDX-License-Identifier: MIT */
/* Reads the file twice, first to count its lines, so that the list is not larger than necessary.
 * The file is never in memory as a whole. */
#include "files/blocked_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CHUNK = 64 * 1024,
    SCRATCH_MAX = 64 * 1024,
};

static bool blocked_file_count_lines(int fd, size_t *lines)
{
    char chunk[CHUNK];
    off_t at = 0;
    ssize_t n;
    *lines = 1; /* the last line may have no line end */
    while ((n = pread(fd, chunk, sizeof(chunk), at)) > 0) {
        for (struct slice rest = { chunk, (size_t)n }; rest.len; ++*lines) {
            size_t end = slice_find(rest, '\n');
            if (end == rest.len)
                break;
            rest = slice_from(rest, end + 1);
        }
        at += n;
    }
    return n == 0;
}

/* Adds every line of the file; false when it has more lines than the set has room for, because it
 * grew meanwhile, or when it cannot be read. */
static bool read_lines(FILE *file, struct blocked_set *set, size_t *invalid, struct error *err)
{
    struct arena *scratch = arena_new(SCRATCH_MAX);
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    bool good = scratch != NULL;
    errno = good ? 0 : ENOMEM;
    while (good && (len = getline(&line, &size, file)) >= 0) {
        enum blocked_line added =
            blocked_set_add_line(set, (struct slice){ line, (size_t)len }, scratch);
        *invalid += added == BLOCKED_INVALID;
        good = added != BLOCKED_FULL;
        arena_reset(scratch);
    }
    if (!good && scratch)
        error_set(err, "it changed while it was read");
    else if (!scratch || !feof(file))
        error_set(err, "%s", strerror(errno));
    good = good && feof(file);
    free(line);
    arena_free(&scratch);
    return good;
}

static bool read_set(FILE *file, struct blocked_set *set, size_t *invalid, struct error *err)
{
    size_t lines;
    if (!blocked_file_count_lines(fileno(file), &lines))
        return error_set(err, "%s", strerror(errno));
    if (!blocked_set_open(set, lines))
        return error_set(err, "out of memory");
    if (!read_lines(file, set, invalid, err)) {
        blocked_set_close(set);
        return false;
    }
    blocked_set_sort(set);
    return true;
}

/* Opens the file and sets *identity; NULL with the reason. */
static FILE *blocked_file_open_file(const char *path, struct file_identity *identity,
                                    struct error *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0) {
        error_set(err, "%s", strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        error_set(err, "is not a regular file");
    } else {
        *identity = file_identity_of(&st);
        FILE *file = fdopen(fd, "r");
        if (file)
            return file;
        error_set(err, "%s", strerror(errno));
    }
    if (fd >= 0)
        close(fd);
    return NULL;
}

static bool blocked_file_load(struct blocked_file *file, struct error *err)
{
    struct blocked_set set = { 0 };
    struct file_identity identity;
    size_t invalid = 0;
    FILE *stream = blocked_file_open_file(file->path, &identity, err);
    if (!stream)
        return false;
    bool good = read_set(stream, &set, &invalid, err);
    fclose(stream);
    if (!good)
        return false;
    blocked_set_close(&file->set);
    file->set = set;
    file->identity = identity;
    file->invalid = invalid;
    file->loads++;
    return true;
}

static bool has_changed(const struct blocked_file *file)
{
    struct stat st;
    if (file->loads == 0 || stat(file->path, &st) < 0)
        return true;
    struct file_identity identity = file_identity_of(&st);
    return !file_identity_is(&file->identity, &identity);
}

bool blocked_file_refresh(struct blocked_file *file, int64_t now, struct error *err)
{
    if (!file->path || !*file->path)
        return true;
    if (file->checked_at == now && file->loads)
        return true;
    file->checked_at = now;
    struct error fault = { "" };
    if (has_changed(file) && !blocked_file_load(file, &fault))
        error_prefix(&fault, file->path);
    file->fault = fault;
    if (file->loads == 0 && err)
        *err = fault;
    return file->loads > 0;
}

void blocked_file_close(struct blocked_file *file)
{
    blocked_set_close(&file->set);
    file->loads = 0;
}
