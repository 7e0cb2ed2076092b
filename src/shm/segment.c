/* SPDX-License-Identifier: MIT */
/* Creating, opening, locking and mapping the shared segment. Its layout is drawn in
 * segment_layout.h. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "shm/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fnv.h"
#include "os/private_file.h"
#include "shm/segment_layout.h"

enum {
    PAGE = 4096,
    OPEN_TRIES = 100,         /* a failed try means that another process has replaced the file */
    MAKER_PATIENCE_MS = 5000, /* maximum wait for the process that creates the file: it may reserve
                               * gigabytes */
};

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

/* Sizes in bytes; the size of SEGMENT_LOCAL is configured. */
static const size_t region_sizes[SEGMENT_LOCAL] = {
    [SEGMENT_HEADER] = sizeof(struct segment_header),
    [SEGMENT_IDS] = sizeof(struct segment_ids),
    [SEGMENT_BUCKETS] = sizeof(struct segment_buckets),
    [SEGMENT_BREAKERS] = sizeof(struct segment_breakers),
    [SEGMENT_REPLICAS] = sizeof(struct segment_replicas),
    [SEGMENT_INVALIDATIONS] = sizeof(struct segment_invalidations),
    [SEGMENT_METRICS] = sizeof(struct segment_metrics),
    [SEGMENT_KEYS] = sizeof(struct segment_keys),
};

static size_t pages(size_t bytes)
{
    return (bytes + PAGE - 1) / PAGE * PAGE;
}

/* The offset of a region in bytes. */
static size_t offset_of(enum segment_region region)
{
    size_t offset = 0;
    for (unsigned i = 0; i < region && i < SEGMENT_LOCAL; i++)
        offset += pages(region_sizes[i]);
    return offset;
}

/* A number that changes with the sizes of the regions and with the meaning of the numbers in them:
 * labels of metrics are numbers of statements (options->labels) and of routes, which a release may
 * renumber. Increase `version` when something else changes its meaning without changing its
 * size. */
static uint64_t layout_number(const struct segment_options *options)
{
    const uint64_t version = 1;
    uint64_t hash = fnv1a(FNV1A_BASIS ^ version, SLICE(PACKAGE_VERSION));
    hash = fnv1a_step(hash, 0);
    for (unsigned i = 0; i < SEGMENT_LOCAL; i++)
        hash = fnv1a_step(hash, region_sizes[i]);
    hash = fnv1a_step(hash, METRIC_N);
    return fnv1a_step(fnv1a_step(hash, options->labels), options->local_bytes);
}

struct schedule *segment_schedule(const struct segment *segment)
{
    return (struct schedule *)(void *)(segment->base + SEGMENT_SCHEDULE_AT);
}

size_t segment_region_bytes(const struct segment *segment, enum segment_region region)
{
    return region == SEGMENT_LOCAL ? segment->local_bytes : region_sizes[region];
}

void *segment_region(const struct segment *segment, enum segment_region region)
{
    return segment->base + offset_of(region);
}

bool segment_try_lock(const struct segment *segment, enum segment_region region, unsigned byte)
{
    return private_file_lock(segment->fd, (off_t)(offset_of(region) + byte));
}

void segment_unlock_byte(const struct segment *segment, enum segment_region region, unsigned byte)
{
    private_file_unlock(segment->fd, (off_t)(offset_of(region) + byte));
}

bool segment_is_locked(const struct segment *segment, enum segment_region region, unsigned byte)
{
    return private_file_is_locked(segment->fd, (off_t)(offset_of(region) + byte), 1);
}

bool segment_lock(struct segment *segment, enum segment_region region)
{
    int patience_ms = segment->waited[region] ? SEGMENT_IMPATIENCE_MS : SEGMENT_PATIENCE_MS;
    bool locked = private_file_lock_within(segment->fd, (off_t)offset_of(region), patience_ms);
    segment->waited[region] = !locked;
    return locked;
}

void segment_unlock(const struct segment *segment, enum segment_region region)
{
    segment_unlock_byte(segment, region, 0);
}

/* The header of a valid segment of this boot. The boot id detects a file from before a crash of the
 * machine, which may have lost the last writes. */
static bool expected_header(const struct segment_options *options, struct segment_header *out,
                            struct error *err)
{
    *out = (struct segment_header){ .magic = "curtseg", .layout = layout_number(options) };
    out->size = offset_of(SEGMENT_LOCAL) + pages(options->local_bytes);
    int fd = open(BOOT_ID_FILE, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, out->boot_id, SEGMENT_BOOT_ID);
    if (n != SEGMENT_BOOT_ID)
        error_set(err, "read %s: %s", BOOT_ID_FILE, n < 0 ? strerror(errno) : "too short");
    if (fd >= 0)
        close(fd);
    return n == SEGMENT_BOOT_ID;
}

static struct private_file file_of(const char *path)
{
    return (struct private_file){ .path = path, .noun = "shared segment" };
}

static enum private_file_result segment_fail(const char *path, const char *what, int number,
                                             struct error *err)
{
    const struct private_file file = file_of(path);
    return private_file_fail(&file, what, number, err);
}

/* Initialises an empty file. Its blocks are reserved now, so that a full disk is an error here and
 * not a SIGBUS later. */
static int segment_fill(int fd, const struct segment_header *header)
{
    int number = posix_fallocate(fd, 0, (off_t)header->size);
    if (number)
        return number;
    ssize_t n = pwrite(fd, header, sizeof(*header), 0);
    if (n == (ssize_t)sizeof(*header))
        return 0;
    return n < 0 ? errno : EIO;
}

static bool segment_is_sound(int fd, const struct segment_header *expected)
{
    struct segment_header header;
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_size == (off_t)expected->size &&
           pread(fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
           memcmp(&header, expected, sizeof(header)) == 0;
}

enum step { STEP_READY, STEP_AGAIN, STEP_REFUSED, STEP_FAILED };

/* Makes the file at `fd` ready, with the lock on the header held: an empty file is initialised; an
 * invalid one (incomplete, because its creator died, or of another layout) is unlinked, and the
 * caller tries again. Processes that have mapped it keep it. */
static enum step segment_make_ready(const char *path, int fd, const struct segment_header *expected,
                                    struct error *err)
{
    struct stat st;
    if (!private_file_is_at(path, fd))
        return STEP_AGAIN;
    if (segment_is_sound(fd, expected))
        return STEP_READY;
    int number = fstat(fd, &st) < 0 ? errno : 0;
    if (!number && st.st_size == 0) {
        number = segment_fill(fd, expected);
        if (!number)
            return STEP_READY;
        unlink(path);
        segment_fail(path, "fill", number, err);
        return STEP_FAILED;
    }
    if (!number && unlink(path) < 0)
        number = errno;
    if (number)
        segment_fail(path, "replace", number, err);
    return number ? STEP_FAILED : STEP_AGAIN;
}

/* Tries once to open the file; *fd is open only after STEP_READY. */
static enum step segment_try_open(const char *path, const struct segment_header *expected, int *fd,
                                  struct error *err)
{
    const struct private_file file = file_of(path);
    enum private_file_result result = private_file_open(&file, O_CREAT, fd, err);
    if (result != PRIVATE_FILE_OK)
        return result == PRIVATE_FILE_REFUSED ? STEP_REFUSED : STEP_FAILED;
    enum step step = STEP_FAILED;
    if (segment_is_sound(*fd, expected) && private_file_is_at(path, *fd)) {
        step = STEP_READY; /* the header is written last, with one write: no lock is needed */
    } else if (!private_file_lock_within(*fd, 0, MAKER_PATIENCE_MS)) {
        segment_fail(path, "lock", errno, err);
    } else {
        step = segment_make_ready(path, *fd, expected, err);
        private_file_unlock(*fd, 0);
    }
    if (step != STEP_READY)
        close(*fd);
    return step;
}

static enum private_file_result segment_map(const char *path, struct segment *segment,
                                            int protection, struct error *err)
{
    void *base = mmap(NULL, segment->size, protection, MAP_SHARED, segment->fd, 0);
    if (base == MAP_FAILED)
        return segment_fail(path, "map", errno, err);
    segment->base = base;
    return PRIVATE_FILE_OK;
}

/* Maps the file of `what`; closes it on failure. */
static enum private_file_result use(const char *path, struct segment what, int protection,
                                    struct segment **out, struct error *err)
{
    struct segment *segment = malloc(sizeof(*segment));
    enum private_file_result result = PRIVATE_FILE_FAILED;
    if (segment) {
        *segment = what;
        result = segment_map(path, segment, protection, err);
    } else {
        segment_fail(path, "map", ENOMEM, err);
    }
    if (result == PRIVATE_FILE_OK) {
        error_set(err, "%s", "");
        *out = segment;
    } else {
        close(what.fd);
        free(segment);
    }
    return result;
}

static struct segment segment_at(int fd, const struct segment_header *header,
                                 const struct segment_options *options)
{
    return (struct segment){ .fd = fd, .size = header->size, .local_bytes = options->local_bytes };
}

enum private_file_result segment_open(const struct segment_options *options, struct segment **out,
                                      struct error *err)
{
    struct segment_header expected;
    int fd = -1;
    *out = NULL;
    if (!options->path || !*options->path) {
        error_set(err, "no shared segment is configured");
        return PRIVATE_FILE_FAILED;
    }
    if (!expected_header(options, &expected, err))
        return PRIVATE_FILE_FAILED;
    enum step step = STEP_AGAIN;
    error_set(err, "shared segment %s: other processes keep replacing it", options->path);
    for (int i = 0; i < OPEN_TRIES && step == STEP_AGAIN; i++)
        step = segment_try_open(options->path, &expected, &fd, err);
    if (step != STEP_READY)
        return step == STEP_REFUSED ? PRIVATE_FILE_REFUSED : PRIVATE_FILE_FAILED;
    return use(options->path, segment_at(fd, &expected, options), PROT_READ | PROT_WRITE, out, err);
}

enum private_file_result segment_open_to_read(const struct segment_options *options,
                                              struct segment **out, struct error *err)
{
    struct segment_header expected;
    *out = NULL;
    if (!expected_header(options, &expected, err))
        return PRIVATE_FILE_FAILED;
    int fd = open(options->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return segment_fail(options->path, "open", errno, err);
    if (!segment_is_sound(fd, &expected)) {
        close(fd);
        error_set(
            err,
            "shared segment %s: was made by another version of Curt, or with another local_cache",
            options->path);
        return PRIVATE_FILE_FAILED;
    }
    return use(options->path, segment_at(fd, &expected, options), PROT_READ, out, err);
}

bool segment_fits(const struct segment_options *options, int fd)
{
    struct segment_header expected;
    struct error err;
    return expected_header(options, &expected, &err) && segment_is_sound(fd, &expected);
}

bool segment_was_replaced(const struct segment *segment, const struct segment_options *options)
{
    if (private_file_is_at(options->path, segment->fd))
        return false;
    int fd = open(options->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool fits = fd >= 0 && segment_fits(options, fd);
    if (fd >= 0)
        close(fd);
    return fits;
}

void segment_close(struct segment **segment)
{
    if (!*segment)
        return;
    munmap((*segment)->base, (*segment)->size);
    close((*segment)->fd);
    free(*segment);
    *segment = NULL;
}
