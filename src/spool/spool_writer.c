/* SPDX-License-Identifier: MIT */
/* Appending to the spool: each process to its own file, all entries of a call or none, and synced
 * to disk. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/private_file.h"
#include "spool/spool_private.h"

enum {
    NAME_TRIES = 16,
};

/* --- the file --- */

void spool_let_go(struct spool *spool)
{
    if (spool->writer.fd >= 0)
        close(spool->writer.fd);
    spool->writer.fd = -1;
}

static bool spool_writer_write_all(int fd, struct slice bytes, uint64_t at)
{
    while (bytes.len) {
        ssize_t n = pwrite(fd, bytes.at, bytes.len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = slice_from(bytes, (size_t)n);
        at += (uint64_t)n;
    }
    return true;
}

/* Makes a random file name. Names sort by the time of their creation. */
static bool draw_name(char name[SPOOL_NAME_MAX])
{
    uint64_t random;
    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        return false;
    snprintf(name, SPOOL_NAME_MAX, "%012" PRIx64 "-%016" PRIx64 SPOOL_SUFFIX,
             (uint64_t)clock_now_ms(), random);
    return true;
}

/* Creates and locks a new file. The replaying process removes unlocked files, also this one if it
 * is not locked yet: then another is created. */
static int make_file(const struct spool *spool, char name[SPOOL_NAME_MAX])
{
    struct stat st;
    for (int tries = 0; tries < NAME_TRIES && draw_name(name); tries++) {
        int fd = openat(spool->fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (fd < 0)
            return -1;
        if (private_file_lock(fd, 0) && fstat(fd, &st) == 0 && st.st_nlink > 0)
            return fd;
        close(fd);
        errno = EAGAIN;
    }
    return -1;
}

static bool write_head(struct spool_writer *writer)
{
    struct spool_head head = { .magic = SPOOL_MAGIC };
    if (getrandom(head.key, sizeof(head.key), 0) != sizeof(head.key))
        return false;
    memcpy(writer->key, head.key, sizeof(head.key));
    writer->end = sizeof(head);
    return spool_writer_write_all(writer->fd, (struct slice){ (const char *)&head, sizeof(head) },
                                  0) &&
           fsync(writer->fd) == 0;
}

/* Whether this process has a file open that has not been removed. */
static bool has_file(struct spool *spool)
{
    struct stat st;
    if (spool->writer.fd >= 0 && (fstat(spool->writer.fd, &st) < 0 || st.st_nlink == 0))
        spool_let_go(spool);
    return spool->writer.fd >= 0;
}

static bool take_file(struct spool *spool, struct error *err)
{
    char name[SPOOL_NAME_MAX];
    if (has_file(spool))
        return true;
    spool->writer.fd = make_file(spool, name);
    if (spool->writer.fd < 0) {
        spool_fail(spool->path, "make a file in", err);
        return false;
    }
    if (write_head(&spool->writer) && fsync(spool->fd) == 0)
        return true;
    spool_fail(spool->path, "write to", err);
    unlinkat(spool->fd, name, 0);
    spool_let_go(spool);
    return false;
}

/* --- the entries --- */

/* Encodes all entries contiguously, so that they need only one write and one sync. */
static struct slice spool_writer_encode(const struct spool *spool,
                                        const struct spool_entry *entries, size_t n,
                                        struct arena *arena)
{
    size_t size = 0;
    struct slice *parts = arena_alloc(arena, n * sizeof(*parts));
    for (size_t i = 0; i < n && parts; i++) {
        parts[i] = spool_entry_encode(&entries[i], spool->writer.key, arena);
        size += parts[i].len;
        if (parts[i].len == 0)
            parts = NULL;
    }
    char *all = parts ? arena_alloc(arena, size) : NULL;
    char *at = all;
    for (size_t i = 0; i < n && all; i++) {
        memcpy(at, parts[i].at, parts[i].len);
        at += parts[i].len;
    }
    return (struct slice){ all, all ? size : 0 };
}

/* Appends the bytes and syncs. After a failure the file is truncated to its previous end and not
 * used again: after a failed sync the contents of the disk are unknown, and the replaying process
 * may already have read beyond that end. */
static bool write_entries(struct spool *spool, struct slice bytes, struct error *err)
{
    struct spool_writer *writer = &spool->writer;
    if (spool_writer_write_all(writer->fd, bytes, writer->end) && fdatasync(writer->fd) == 0) {
        writer->end += bytes.len;
        return true;
    }
    spool_fail(spool->path, "write to", err);
    if (ftruncate(writer->fd, (off_t)writer->end) == 0)
        (void)fsync(writer->fd);
    spool_let_go(spool);
    return false;
}

static bool spool_writer_append(struct spool *spool, const struct spool_entry *entries, size_t n,
                                struct arena *arena, struct error *err)
{
    if (!take_file(spool, err))
        return false;
    struct slice bytes = spool_writer_encode(spool, entries, n, arena);
    if (bytes.len == 0)
        return error_set(err, "spool: a link cannot be encoded, or there is no memory");
    if (spool_bytes(spool) + bytes.len > spool->max_bytes)
        return error_set(err, "spool %s: max_bytes, %" PRIu64 ", are used up", spool->path,
                         spool->max_bytes);
    return write_entries(spool, bytes, err);
}

bool spool_append(struct spool *spool, const struct spool_entry *entries, size_t n,
                  struct error *err)
{
    struct arena *arena = arena_new(3 * (n + 1) * SPOOL_ENTRY_MAX);
    if (!arena)
        return error_set(err, "spool: out of memory");
    bool kept = spool_writer_append(spool, entries, n, arena, err);
    arena_free(&arena);
    return kept;
}
