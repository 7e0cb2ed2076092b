/* SPDX-License-Identifier: MIT */
/* Reading the spool's files, also while they grow. They are read in windows and never mapped,
 * because a writer may truncate its file. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/spool_private.h"

/* --- one file --- */

/* Reads the head. A file that ends within its head is being created, or its writer was killed. */
static enum spool_opened spool_reader_read_head(struct spool_reader *reader)
{
    struct stat st;
    ssize_t n = pread(reader->fd, &reader->head, sizeof(reader->head), 0);
    if (n < 0 || fstat(reader->fd, &st) < 0)
        return SPOOL_GONE;
    if (n < (ssize_t)sizeof(reader->head))
        return SPOOL_UNFINISHED;
    if (memcmp(reader->head.magic, SPOOL_MAGIC, sizeof(reader->head.magic)) != 0)
        return SPOOL_ALIEN;
    reader->size = (uint64_t)st.st_size;
    return SPOOL_READABLE;
}

enum spool_opened spool_reader_open(struct spool *spool, const char *name,
                                    struct spool_reader *reader)
{
    *reader = (struct spool_reader){ .at = SPOOL_HEAD, .window = spool->window };
    reader->fd = openat(spool->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    enum spool_opened opened = reader->fd < 0 ? SPOOL_GONE : spool_reader_read_head(reader);
    if (opened != SPOOL_READABLE) {
        spool_reader_close(reader);
        return opened;
    }
    /* An offset beyond the end of the file is damage: then all entries are replayed again. */
    if (reader->head.done > SPOOL_HEAD && reader->head.done <= reader->size)
        reader->at = reader->head.done;
    return SPOOL_READABLE;
}

void spool_reader_close(struct spool_reader *reader)
{
    if (reader->fd >= 0)
        close(reader->fd);
    reader->fd = -1;
}

/* The bytes of the window from reader->at on; the window is read again if it has less than
 * `wanted`. */
static struct slice window_from(struct spool_reader *reader, size_t wanted)
{
    uint64_t end = reader->window_at + reader->window_bytes;
    if (reader->at < reader->window_at || reader->at + wanted > end) {
        ssize_t n = pread(reader->fd, reader->window, SPOOL_WINDOW, (off_t)reader->at);
        reader->window_at = reader->at;
        reader->window_bytes = n > 0 ? (size_t)n : 0;
    }
    const struct slice window = { (const char *)reader->window, reader->window_bytes };
    return slice_from(window, reader->at - reader->window_at);
}

bool spool_reader_next(struct spool_reader *reader, struct slice *bytes)
{
    size_t size = spool_entry_size(window_from(reader, SPOOL_ENTRY_HEAD));
    struct slice there = window_from(reader, size);
    if (size == 0 || there.len < size)
        return false;
    *bytes = (struct slice){ there.at, size };
    reader->at += size;
    return true;
}

/* --- one entry --- */

struct search {
    struct slice code;     /* the code that is searched, or */
    struct slice key_hash; /* the hash of an idempotency key */
    struct arena *arena;
    struct spool_entry *out;
    bool found;
};

static bool spool_reader_is_wanted(const struct search *search, struct slice bytes)
{
    struct slice code;
    struct slice key_hash;
    if (!spool_entry_peek(bytes, &code, &key_hash))
        return false;
    return search->code.len ? slice_eq(code, search->code) : slice_eq(key_hash, search->key_hash);
}

static bool search_file(void *context, struct spool *spool, const char *name)
{
    struct search *search = context;
    struct spool_reader reader;
    struct slice bytes;
    if (spool_reader_open(spool, name, &reader) != SPOOL_READABLE)
        return true;
    while (!search->found && spool_reader_next(&reader, &bytes)) {
        if (!spool_reader_is_wanted(search, bytes))
            continue;
        bytes.at = arena_copy(search->arena, bytes);
        search->found =
            bytes.at && spool_entry_decode(bytes, reader.head.key, search->arena, search->out);
    }
    spool_reader_close(&reader);
    return !search->found;
}

bool spool_find_code(struct spool *spool, struct slice code, struct arena *arena,
                     struct spool_entry *out)
{
    struct search search = { .code = code, .arena = arena, .out = out };
    if (code.len)
        spool_walk(spool, search_file, &search);
    return search.found;
}

bool spool_find_key(struct spool *spool, const unsigned char key_hash[DB_HASH_BYTES],
                    struct arena *arena, struct spool_entry *out)
{
    struct search search = { .key_hash = { (const char *)key_hash, DB_HASH_BYTES },
                             .arena = arena,
                             .out = out };
    spool_walk(spool, search_file, &search);
    return search.found;
}
