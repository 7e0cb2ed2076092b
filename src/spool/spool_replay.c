/* SPDX-License-Identifier: MIT */
/* Replaying: reading batches of creates, and removing files that are replayed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/private_file.h"
#include "spool/spool_private.h"
#include "text/rfc3339.h"

/* --- replayed files --- */

/* Whether no process writes to the file any more: takes the writer's lock, until `*fd` is
 * closed. */
static bool is_abandoned(const struct spool *spool, const char *name, int *fd)
{
    *fd = openat(spool->fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return *fd >= 0 && private_file_lock(*fd, 0);
}

/* Renames a file with an unreadable end to *.torn. If a crash of the machine truncated a write, its
 * creates were never answered; otherwise accepted creates may be lost. */
static void put_aside(const struct spool *spool, const char *name, struct error *err)
{
    char torn[SPOOL_NAME_MAX];
    int stem = (int)(strlen(name) - strlen(SPOOL_SUFFIX));
    snprintf(torn, sizeof(torn), "%.*s" SPOOL_TORN, stem, name);
    if (renameat(spool->fd, name, spool->fd, torn) < 0)
        spool_fail(spool->path, "rename a file of", err);
    else
        error_set(err, "spool %s: a file with unreadable entries was put aside as %s", spool->path,
                  torn);
}

/* Removes a file that has no writer and of which `read_to` bytes were replayed, or puts it aside if
 * it has more bytes. */
static void spool_replay_finish(const struct spool *spool, const char *name, uint64_t read_to,
                                struct error *err)
{
    int fd;
    struct stat st;
    if (is_abandoned(spool, name, &fd) && fstat(fd, &st) == 0) {
        uint64_t size = (uint64_t)st.st_size;
        if (size <= read_to || size < SPOOL_HEAD)
            unlinkat(spool->fd, name, 0);
        else if (read_to > 0)
            put_aside(spool, name, err);
    }
    if (fd >= 0)
        close(fd);
}

/* --- batches --- */

struct turn {
    struct arena *arena;
    struct spool_batch *batch;
    size_t max;
    struct error *err;
};

/* Reads the next entries of the file up to the first invalid one. */
static bool read_batch(struct spool_reader *reader, const struct turn *turn)
{
    struct spool_batch *batch = turn->batch;
    struct slice bytes;
    batch->n = 0;
    batch->end = reader->at;
    batch->entries = arena_alloc(turn->arena, turn->max * sizeof(*batch->entries));
    if (!batch->entries)
        return error_set(turn->err, "no memory for the spool's entries");
    while (batch->n < turn->max && spool_reader_next(reader, &bytes)) {
        bytes.at = arena_copy(turn->arena, bytes);
        if (!bytes.at ||
            !spool_entry_decode(bytes, reader->head.key, turn->arena, &batch->entries[batch->n]))
            break;
        batch->n++;
        batch->end = reader->at;
    }
    return true;
}

/* Fills the batch from one file; a file without entries to replay is finished. */
static void spool_replay_visit(struct spool *spool, const char *name, const struct turn *turn)
{
    struct spool_reader reader;
    switch (spool_reader_open(spool, name, &reader)) {
    case SPOOL_READABLE:
        if (read_batch(&reader, turn) && turn->batch->n == 0)
            spool_replay_finish(spool, name, turn->batch->end, turn->err);
        spool_reader_close(&reader);
        break;
    case SPOOL_UNFINISHED:
        spool_replay_finish(spool, name, 0, turn->err);
        break;
    case SPOOL_ALIEN:
        spool_replay_finish(spool, name, SPOOL_HEAD, turn->err);
        break;
    case SPOOL_GONE:
        break;
    }
}

/* Finds the lowest name above `after`. */
struct next_name {
    const char *after;
    char name[SPOOL_NAME_MAX];
};

static bool keep_lowest(void *context, struct spool *spool, const char *name)
{
    struct next_name *next = context;
    (void)spool;
    if (strcmp(name, next->after) > 0 && (!next->name[0] || strcmp(name, next->name) < 0))
        snprintf(next->name, sizeof(next->name), "%s", name);
    return true;
}

bool spool_next(struct spool *spool, size_t max, struct arena *arena, struct spool_batch *out,
                struct error *err)
{
    const struct turn turn = { .arena = arena, .batch = out, .max = max, .err = err };
    *out = (struct spool_batch){ .n = 0 };
    for (;;) {
        struct next_name next = { .after = out->name };
        spool_walk(spool, keep_lowest, &next);
        if (!next.name[0])
            return false;
        memcpy(out->name, next.name, sizeof(out->name));
        spool_replay_visit(spool, out->name, &turn);
        if (out->n > 0)
            return true;
    }
}

bool spool_done(struct spool *spool, const struct spool_batch *batch, struct error *err)
{
    int fd = openat(spool->fd, batch->name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || spool_fail(spool->path, "open a file of", err);
    ssize_t n = pwrite(fd, &batch->end, sizeof(batch->end), SPOOL_DONE_AT);
    bool written = n == (ssize_t)sizeof(batch->end) && fdatasync(fd) == 0;
    if (!written)
        spool_fail(spool->path, "write to", err);
    close(fd);
    return written;
}

/* --- creates that the database refused --- */

static bool append_line(const struct spool *spool, const char *line, int len)
{
    int fd = openat(spool->fd, SPOOL_REJECTED,
                    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    bool written =
        fd >= 0 && write(fd, line, (size_t)len) == len && fsync(fd) == 0 && fsync(spool->fd) == 0;
    if (fd >= 0) {
        int number = errno;
        close(fd);
        errno = number;
    }
    return written;
}

bool spool_reject(struct spool *spool, const struct link *link, const char *why, struct error *err)
{
    char line[SPOOL_ENTRY_MAX];
    char made[RFC3339_SIZE];
    rfc3339_format(link->created_at, made);
    int len = snprintf(line, sizeof(line), "%s\t%.*s\t%.*s\t%s\t%.*s\t%.*s\n", made,
                       SLICE_ARG(link->code), SLICE_ARG(link->owner), why, SLICE_ARG(link->title),
                       SLICE_ARG(link->target.long_url));
    if (len < 0 || len >= (int)sizeof(line))
        return error_set(err, "spool %s: a line is too long", spool->path);
    return append_line(spool, line, len) ||
           spool_fail(spool->path, "write to " SPOOL_REJECTED " in", err);
}
