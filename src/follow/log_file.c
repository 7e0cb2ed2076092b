/* SPDX-License-Identifier: MIT */
/* Reading log files, by zlib where they are compressed. */
#include "follow/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

enum {
    PACKED_ROOM = 64 * 1024,
    SKIP_ROOM = 64 * 1024,
    GZIP_WINDOW = 15 + 16, /* the largest window, with a gzip header */
};

struct log_unpacker {
    z_stream stream;
    bool is_between; /* after one gzip member: the end, or another one */
    unsigned char packed[PACKED_ROOM];
};

/* --- plain and compressed bytes --- */

/* Reads up to *n bytes; *n is set to how many there were. */
static bool read_plain(struct log_file *file, void *out, uint64_t from, size_t *n,
                       struct error *err)
{
    ssize_t got = 0;
    do {
        got = pread(file->fd, out, *n, (off_t)from);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        error_set(err, "cannot read: %s", strerror(errno));
    *n = got > 0 ? (size_t)got : 0;
    return got >= 0;
}

/* Fills the input of the unpacker; no input is left at the end of the file. */
static bool read_packed(struct log_file *file, struct error *err)
{
    struct log_unpacker *unpacker = file->unpacker;
    ssize_t got = 0;
    if (unpacker->stream.avail_in > 0)
        return true;
    do {
        got = read(file->fd, unpacker->packed, sizeof(unpacker->packed));
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return error_set(err, "cannot read: %s", strerror(errno));
    unpacker->stream.next_in = unpacker->packed;
    unpacker->stream.avail_in = (uInt)got;
    return true;
}

/* Some decompressed bytes; none at the end of what is there. */
static bool read_unpacked(struct log_file *file, char *out, size_t room, size_t *n,
                          struct error *err)
{
    struct log_unpacker *unpacker = file->unpacker;
    z_stream *stream = &unpacker->stream;
    *n = 0;
    stream->next_out = (unsigned char *)out;
    stream->avail_out = (uInt)room;
    while (stream->avail_out == room) {
        if (!read_packed(file, err))
            return false;
        if (stream->avail_in == 0) {
            file->is_end = unpacker->is_between;
            break;
        }
        if (unpacker->is_between && inflateReset(stream) != Z_OK)
            break;
        int result = inflate(stream, Z_NO_FLUSH);
        unpacker->is_between = result == Z_STREAM_END;
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            return error_set(err, "the compressed data is damaged");
    }
    *n = room - stream->avail_out;
    return true;
}

bool log_file_read(struct log_file *file, char *out, size_t room, size_t *n, struct error *err)
{
    *n = room;
    bool is_read = file->unpacker ? read_unpacked(file, out, room, n, err)
                                  : read_plain(file, out, file->offset, n, err);
    file->offset += *n;
    return is_read;
}

/* --- opening --- */

static bool begin_unpacking(struct log_file *file, struct error *err)
{
    file->unpacker = calloc(1, sizeof(*file->unpacker));
    if (!file->unpacker || inflateInit2(&file->unpacker->stream, GZIP_WINDOW) != Z_OK) {
        free(file->unpacker);
        file->unpacker = NULL;
        return error_set(err, "out of memory");
    }
    return true;
}

bool log_file_rewind(struct log_file *file, struct error *err)
{
    file->offset = 0;
    file->is_end = false;
    if (!file->unpacker)
        return true;
    file->unpacker->stream.avail_in = 0;
    file->unpacker->is_between = false;
    if (lseek(file->fd, 0, SEEK_SET) == 0 && inflateReset(&file->unpacker->stream) == Z_OK)
        return true;
    return error_set(err, "cannot read from the beginning");
}

static bool read_head(struct log_file *file, struct error *err)
{
    size_t n = 0;
    file->head_len = 0;
    do {
        if (!log_file_read(file, file->head + file->head_len, sizeof(file->head) - file->head_len,
                           &n, err))
            return false;
        file->head_len += n;
    } while (n > 0 && file->head_len < sizeof(file->head));
    if (file->head_len && memchr(file->head, '\0', file->head_len))
        return error_set(err, "this is neither a log nor compressed by gzip");
    return log_file_rewind(file, err);
}

static struct log_identity identity_of(const struct stat *status)
{
    return (struct log_identity){
        status->st_dev,
        status->st_ino,
        status->st_size,
        (int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec,
    };
}

bool log_identity_find(const char *path, struct log_identity *out)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return false;
    *out = identity_of(&status);
    return true;
}

static bool log_file_begin(struct log_file *file, struct error *err)
{
    unsigned char magic[2] = { 0, 0 };
    size_t n = sizeof(magic);
    struct stat status;
    if (fstat(file->fd, &status) != 0 || !S_ISREG(status.st_mode))
        return error_set(err, "this is not a file");
    file->identity = identity_of(&status);
    if (!read_plain(file, magic, 0, &n, err))
        return false;
    bool is_packed = n == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
    return (!is_packed || begin_unpacking(file, err)) && read_head(file, err);
}

bool log_file_open(struct log_file *file, const char *path, struct error *err)
{
    memset(file, 0, offsetof(struct log_file, head));
    err->text[0] = '\0';
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file->fd < 0) {
        if (errno != ENOENT)
            error_set(err, "%s: %s", path, strerror(errno));
        return false;
    }
    if (log_file_begin(file, err))
        return true;
    error_prefix(err, path);
    log_file_close(file);
    return false;
}

void log_file_close(struct log_file *file)
{
    if (file->unpacker)
        inflateEnd(&file->unpacker->stream);
    free(file->unpacker);
    file->unpacker = NULL;
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

struct slice log_file_head(struct log_file *file)
{
    size_t n = sizeof(file->head);
    struct error err;
    if (!file->unpacker && file->head_len < sizeof(file->head) &&
        read_plain(file, file->head, 0, &n, &err) && n > file->head_len)
        file->head_len = n;
    return (struct slice){ file->head, file->head_len };
}

/* --- continuing --- */

/* Appends to the last LOG_TAIL_MAX bytes. */
static void slide(char tail[LOG_TAIL_MAX], size_t *len, struct slice more)
{
    if (more.len >= LOG_TAIL_MAX) {
        memcpy(tail, more.at + more.len - LOG_TAIL_MAX, LOG_TAIL_MAX);
        *len = LOG_TAIL_MAX;
        return;
    }
    size_t keep = LOG_TAIL_MAX - more.len < *len ? LOG_TAIL_MAX - more.len : *len;
    memmove(tail, tail + *len - keep, keep);
    if (more.len)
        memcpy(tail + keep, more.at, more.len);
    *len = keep + more.len;
}

/* Reads up to the offset; false when the file ends before, or reading fails. */
static bool skip_packed(struct log_file *file, uint64_t offset, char tail[LOG_TAIL_MAX],
                        size_t *tail_len, struct error *err)
{
    char *room = malloc(SKIP_ROOM);
    bool is_read = room != NULL;
    size_t n = 1;
    while (is_read && n > 0 && file->offset < offset) {
        uint64_t left = offset - file->offset;
        is_read = log_file_read(file, room, left < SKIP_ROOM ? (size_t)left : SKIP_ROOM, &n, err);
        slide(tail, tail_len, (struct slice){ room, n });
    }
    free(room);
    return is_read && file->offset == offset;
}

static bool skip_plain(struct log_file *file, const struct log_position *position,
                       char tail[LOG_TAIL_MAX], size_t *tail_len, struct error *err)
{
    *tail_len = position->tail_len;
    file->offset = position->offset;
    return read_plain(file, tail, position->offset - position->tail_len, tail_len, err) &&
           *tail_len == position->tail_len;
}

enum log_match log_file_continue(struct log_file *file, const struct log_position *position,
                                 char tail[LOG_TAIL_MAX], struct error *err)
{
    size_t tail_len = 0;
    err->text[0] = '\0';
    if (file->unpacker && position->packed_size == (uint64_t)file->identity.size &&
        log_position_head_is(position, log_file_head(file)))
        return LOG_NO_MORE;
    bool is_there = position->tail_len <= position->offset &&
                    (file->unpacker ? skip_packed(file, position->offset, tail, &tail_len, err)
                                    : skip_plain(file, position, tail, &tail_len, err));
    if (is_there)
        return log_position_tail_is(position, (struct slice){ tail, tail_len }) ? LOG_MATCH
                                                                                : LOG_OTHER;
    if (err->text[0])
        return LOG_NO_ANSWER;
    struct slice head = log_file_head(file);
    return head.len < position->head_len || log_position_head_is(position, head) ? LOG_NO_MORE
                                                                                 : LOG_OTHER;
}
