/* SPDX-License-Identifier: MIT */
/* Spill files: finding, reading and removing them, for the flusher. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clicklog/click_spill.h"
#include "clicklog/click_spill_layout.h"
#include "os/private_file.h"

enum {
    PATH_BYTES = 1024,
    /* A writer starts another file after the click that exceeds CLICK_SPILL_FILE_MAX. What follows
     * in a longer file was not written by Curt, and may be a very large hole. */
    EVENTS_MAX = CLICK_SPILL_FILE_MAX / sizeof(struct click_event) + 1,
};

struct click_spill_dir {
    DIR *files; /* NULL: the directory does not exist */
    char path[PATH_BYTES];
};

struct click_spill_dir *click_spill_dir_open(const char *path, struct error *err)
{
    struct click_spill_dir *dir = calloc(1, sizeof(*dir));
    int n = dir ? snprintf(dir->path, sizeof(dir->path), "%s", path) : -1;
    if (n < 0 || n >= (int)sizeof(dir->path)) {
        error_set(err, "look for spilled clicks: %s", strerror(dir ? ENAMETOOLONG : ENOMEM));
        free(dir);
        return NULL;
    }
    dir->files = opendir(path);
    if (!dir->files && errno != ENOENT) {
        error_set(err, "look for spilled clicks in %s: %s", path, strerror(errno));
        free(dir);
        return NULL;
    }
    return dir;
}

void click_spill_dir_close(struct click_spill_dir **dir)
{
    if (!*dir)
        return;
    if ((*dir)->files)
        closedir((*dir)->files);
    free(*dir);
    *dir = NULL;
}

/* The next directory entry that is named like a spill file. */
static const struct dirent *next_entry(DIR *files)
{
    // cppcheck-suppress readdirCalled
    const struct dirent *entry = files ? readdir(files) : NULL;
    while (entry && strncmp(entry->d_name, CLICK_SPILL_PREFIX, strlen(CLICK_SPILL_PREFIX)) != 0)
        // cppcheck-suppress readdirCalled
        entry = readdir(files);
    return entry;
}

static bool has_writer(int fd)
{
    if (!private_file_lock(fd, CLICK_SPILL_WRITER_LOCK))
        return true;
    private_file_unlock(fd, CLICK_SPILL_WRITER_LOCK);
    return false;
}

/* The number of complete clicks in a file of that size. */
static uint64_t events_in(off_t size)
{
    const off_t header = sizeof(struct click_spill_header);
    uint64_t n = size > header ? (uint64_t)(size - header) / sizeof(struct click_event) : 0;
    return n < EVENTS_MAX ? n : EVENTS_MAX;
}

/* The current number of clicks in the file. */
static bool count_events(int fd, uint64_t *out)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || st.st_size < (off_t)sizeof(struct click_spill_header))
        return false;
    *out = events_in(st.st_size);
    return true;
}

/* Reads the header of an open file; a file whose creator was killed before it wrote the header is
 * removed. */
static bool is_spill(struct click_spill_file *file)
{
    struct click_spill_header header;
    ssize_t n = pread(file->fd, &header, sizeof(header), 0);
    if (n >= 0 && n < (ssize_t)sizeof(header) && !has_writer(file->fd))
        unlink(file->path);
    if (n != (ssize_t)sizeof(header) || memcmp(header.magic, "curtspl", sizeof(header.magic)) != 0)
        return false;
    memcpy(file->source, header.source, sizeof(file->source));
    return header.version == CLICK_SPILL_VERSION &&
           header.event_bytes == sizeof(struct click_event) &&
           count_events(file->fd, &file->events);
}

bool click_spill_next(struct click_spill_dir *dir, struct click_spill_file *out)
{
    const struct dirent *entry;
    while ((entry = next_entry(dir->files))) {
        *out = (struct click_spill_file){ .fd = -1 };
        snprintf(out->path, sizeof(out->path), "%s/%.64s", dir->path, entry->d_name);
        const struct private_file file = { .path = out->path,
                                           .noun = "click spill",
                                           .root_may = true };
        if (private_file_open(&file, 0, &out->fd, NULL) != PRIVATE_FILE_OK)
            continue;
        if (private_file_lock(out->fd, CLICK_SPILL_READER_LOCK) &&
            private_file_is_at(out->path, out->fd) && is_spill(out))
            return true;
        click_spill_close(out);
    }
    return false;
}

bool click_spill_read(const struct click_spill_file *file, uint64_t from,
                      struct click_spill_part *part, struct error *err)
{
    uint64_t left = from < file->events ? file->events - from : 0;
    size_t n = left < part->max ? (size_t)left : part->max;
    size_t bytes = n * sizeof(struct click_event);
    off_t at = (off_t)(sizeof(struct click_spill_header) + from * sizeof(struct click_event));
    size_t got = 0;
    while (got < bytes) {
        ssize_t some = pread(file->fd, (char *)part->events + got, bytes - got, at + (off_t)got);
        if (some < 0 && errno == EINTR)
            continue;
        if (some <= 0)
            return error_set(err, "read %s: %s", file->path,
                             some < 0 ? strerror(errno) : "cut short");
        got += (size_t)some;
    }
    part->n = 0;
    part->next = from + n;
    for (size_t i = 0; i < n; i++) {
        if (part->events[i].link_id) /* a crash of the machine may have left zeros */
            part->events[part->n++] = part->events[i];
    }
    return true;
}

bool click_spill_remove(const struct click_spill_file *file, uint64_t read)
{
    uint64_t events;
    return !has_writer(file->fd) && count_events(file->fd, &events) && events <= read &&
           unlink(file->path) == 0;
}

void click_spill_close(struct click_spill_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

struct click_spill_size click_spill_measure(const char *path)
{
    struct click_spill_size size = { 0 };
    DIR *files = opendir(path);
    const struct dirent *entry;
    struct stat st;
    while ((entry = next_entry(files))) {
        if (fstatat(dirfd(files), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        size.bytes += (uint64_t)st.st_size;
        size.events += events_in(st.st_size);
    }
    if (files)
        closedir(files);
    return size;
}
