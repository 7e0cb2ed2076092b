/* SPDX-License-Identifier: MIT */
/* The spool's directory: opening, listing, counting. */
#include "spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/spool_private.h"

/* --- opening --- */

bool spool_fail(const char *path, const char *what, struct error *err)
{
    return error_set(err, "%s spool %s: %s", what, path, strerror(errno));
}

static bool spool_check_owner(const char *path, int fd, struct error *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return spool_fail(path, "stat", err);
    if (st.st_uid != geteuid())
        error_set(err, "spool %s: belongs to another user", path);
    else if (st.st_mode & (S_IRWXG | S_IRWXO))
        error_set(err, "spool %s: is open to other users (its mode should be 0700)", path);
    else
        return true;
    return false;
}

/* Creates the directory, and syncs its parent, so that it survives a power failure. */
static bool make_directory(const char *path, struct error *err)
{
    if (mkdir(path, S_IRWXU) < 0)
        return errno == EEXIST || spool_fail(path, "make", err);
    const char *slash = strrchr(path, '/');
    char *parent = slash && slash > path ? strndup(path, (size_t)(slash - path)) : NULL;
    int fd = open(parent ? parent : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool safe = fd >= 0 && fsync(fd) == 0;
    if (!safe)
        spool_fail(path, "make", err);
    if (fd >= 0)
        close(fd);
    free(parent);
    return safe;
}

static bool open_directory(struct spool *spool, bool look_only, struct error *err)
{
    if (!look_only && !make_directory(spool->path, err))
        return false;
    spool->fd = open(spool->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (spool->fd < 0)
        return spool_fail(spool->path, "open", err);
    if (!look_only && !spool_check_owner(spool->path, spool->fd, err))
        return false;
    int fd = openat(spool->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    spool->dir = fd < 0 ? NULL : fdopendir(fd);
    if (!spool->dir && fd >= 0)
        close(fd);
    return spool->dir || spool_fail(spool->path, "list", err);
}

struct spool *spool_open(const struct spool_options *options, struct error *err)
{
    if (!options->path || !*options->path) {
        error_set(err, "no spool is configured");
        return NULL;
    }
    struct spool *spool = calloc(1, sizeof(*spool));
    char *path = spool ? strdup(options->path) : NULL;
    if (!path) {
        error_set(err, "spool: out of memory");
        free(spool);
        return NULL;
    }
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        path[--len] = '\0';
    spool->path = path;
    spool->max_bytes = options->max_bytes;
    spool->fd = spool->writer.fd = -1;
    if (!open_directory(spool, options->look_only, err))
        spool_close(&spool);
    return spool;
}

void spool_close(struct spool **spool)
{
    struct spool *s = *spool;
    if (!s)
        return;
    spool_let_go(s);
    if (s->dir)
        closedir(s->dir);
    if (s->fd >= 0)
        close(s->fd);
    free(s->path);
    free(s);
    *spool = NULL;
}

/* --- listing --- */

bool spool_is_named(const char *name, const char *suffix)
{
    size_t len = strlen(name);
    size_t end = strlen(suffix);
    return len > end && len < SPOOL_NAME_MAX && name[0] != '.' &&
           strcmp(name + len - end, suffix) == 0;
}

void spool_walk(struct spool *spool, spool_each *each, void *context)
{
    const struct dirent *entry;
    rewinddir(spool->dir);
    while ((entry = readdir(spool->dir))) {
        if (spool_is_named(entry->d_name, SPOOL_SUFFIX) && !each(context, spool, entry->d_name))
            return;
    }
}

static bool note_one(void *context, struct spool *spool, const char *name)
{
    (void)spool;
    (void)name;
    *(bool *)context = false;
    return false;
}

bool spool_is_empty(struct spool *spool)
{
    bool is_empty = true;
    spool_walk(spool, note_one, &is_empty);
    return is_empty;
}

static bool add_bytes(void *context, struct spool *spool, const char *name)
{
    struct stat st;
    if (fstatat(spool->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        *(uint64_t *)context += (uint64_t)st.st_size;
    return true;
}

uint64_t spool_bytes(struct spool *spool)
{
    uint64_t bytes = 0;
    spool_walk(spool, add_bytes, &bytes);
    return bytes;
}

/* --- counting --- */

static bool count_entries(void *context, struct spool *spool, const char *name)
{
    struct spool_state *state = context;
    struct spool_reader reader;
    struct slice bytes;
    state->files++;
    if (spool_reader_open(spool, name, &reader) != SPOOL_READABLE)
        return true;
    while (spool_reader_next(&reader, &bytes))
        state->entries++;
    spool_reader_close(&reader);
    return true;
}

static uint64_t spool_count_lines(const struct spool *spool)
{
    char piece[4096];
    uint64_t lines = 0;
    int fd = openat(spool->fd, SPOOL_REJECTED, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, piece, sizeof(piece));
    while (n > 0) {
        for (ssize_t i = 0; i < n; i++)
            lines += piece[i] == '\n';
        n = read(fd, piece, sizeof(piece));
    }
    if (fd >= 0)
        close(fd);
    return lines;
}

void spool_look(struct spool *spool, struct spool_state *out)
{
    *out =
        (struct spool_state){ .bytes = spool_bytes(spool), .rejected = spool_count_lines(spool) };
    const struct dirent *entry;
    rewinddir(spool->dir);
    while ((entry = readdir(spool->dir)))
        out->torn += spool_is_named(entry->d_name, SPOOL_TORN);
    spool_walk(spool, count_entries, out);
}
