/* SPDX-License-Identifier: MIT */
/* Creating and opening the click ring, and the functions for workers. */
#include "clicklog/click_ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clicklog/click_ring_layout.h"

enum {
    OPEN_TRIES = 100,         /* a failed try means that the file was removed meanwhile */
    MAKER_PATIENCE_MS = 5000, /* maximum wait for the process that creates the file */
};

/* --- creating and opening --- */

static const char MAGIC[8] = "curtclk";

/* Writes the magic last, so that a header with the magic is complete. */
static bool write_header(int fd, const struct click_ring_header *header)
{
    return pwrite(fd, header, sizeof(*header), 0) == (ssize_t)sizeof(*header) &&
           pwrite(fd, MAGIC, sizeof(MAGIC), 0) == (ssize_t)sizeof(MAGIC);
}

/* Initialises the file. The header is written last: a file without one was never used, and is
 * initialised again. The blocks of the lane table are reserved, so that a full disk is an error
 * here and not a SIGBUS later. */
static int click_ring_fill(int fd)
{
    struct click_ring_header header = {
        .version = CLICK_RING_VERSION,
        .lanes = CLICK_LANES,
        .slots = CLICK_LANE_SLOTS,
        .event_bytes = sizeof(struct click_event),
    };
    if (getrandom(header.source, sizeof(header.source), 0) != sizeof(header.source))
        return EIO;
    if (ftruncate(fd, 0) < 0 || ftruncate(fd, (off_t)CLICK_RING_BYTES) < 0)
        return errno;
    int number = posix_fallocate(fd, 0, (off_t)CLICK_TABLE_BYTES);
    if (number)
        return number;
    errno = EIO;
    return write_header(fd, &header) ? 0 : errno;
}

/* Whether the size and the header, except for its magic, are those of this version. */
static bool is_our_version(int fd, const struct click_ring_header *header)
{
    struct stat st;
    return header->version == CLICK_RING_VERSION && header->lanes == CLICK_LANES &&
           header->slots == CLICK_LANE_SLOTS && header->event_bytes == sizeof(struct click_event) &&
           fstat(fd, &st) == 0 && st.st_size >= (off_t)CLICK_RING_BYTES;
}

/* Whether the header is complete: then the lock is not needed. */
static bool is_made(int fd)
{
    struct click_ring_header header;
    return pread(fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
           memcmp(header.magic, MAGIC, sizeof(MAGIC)) == 0 && is_our_version(fd, &header);
}

static enum private_file_result check_header(const struct private_file *file, int fd,
                                             const struct click_ring_header *header,
                                             struct error *err)
{
    if (memcmp(header->magic, MAGIC, sizeof(MAGIC)) != 0) {
        error_set(err, "%s %s: is not a file of Curt", file->noun, file->path);
        return PRIVATE_FILE_REFUSED;
    }
    if (!is_our_version(fd, header)) {
        error_set(err, "%s %s: was made by another version of Curt, or is cut short", file->noun,
                  file->path);
        return PRIVATE_FILE_REFUSED;
    }
    return PRIVATE_FILE_OK;
}

/* Whether the file was never used: it is empty, or its creator was killed before it wrote the
 * magic. */
static bool is_unused(int fd, const struct click_ring_header *header)
{
    static const struct click_ring_header nothing;
    return memcmp(header, &nothing, sizeof(nothing)) == 0 ||
           (memcmp(header->magic, nothing.magic, sizeof(MAGIC)) == 0 && is_our_version(fd, header));
}

/* Initialises the file at `fd` if necessary, with the lock on CLICK_RING_MAKE_LOCK held. */
static enum private_file_result click_ring_make_ready(const struct private_file *file, int fd,
                                                      struct error *err)
{
    struct click_ring_header header = { .version = 0 };
    if (pread(fd, &header, sizeof(header), 0) < 0)
        return private_file_fail(file, "read", errno, err);
    if (!is_unused(fd, &header))
        return check_header(file, fd, &header, err);
    int number = click_ring_fill(fd);
    return number ? private_file_fail(file, "fill", number, err) : PRIVATE_FILE_OK;
}

/* Tries once to open the file; *again is set when it was removed meanwhile. Root, which may open
 * any user's file, does not create one, because the workers' user could not open it. */
static enum private_file_result click_ring_try_open(const struct private_file *file, int *fd,
                                                    bool *again, struct error *err)
{
    *again = false;
    enum private_file_result result =
        private_file_open(file, file->root_may ? 0 : O_CREAT, fd, err);
    if (result != PRIVATE_FILE_OK)
        return result;
    if (is_made(*fd) && private_file_is_at(file->path, *fd))
        return PRIVATE_FILE_OK;
    if (!private_file_lock_within(*fd, CLICK_RING_MAKE_LOCK, MAKER_PATIENCE_MS)) {
        result = private_file_fail(file, "lock", errno, err);
    } else if (!private_file_is_at(file->path, *fd)) {
        *again = true;
        result = private_file_fail(file, "open", ENOENT, err);
    } else {
        result = click_ring_make_ready(file, *fd, err);
        private_file_unlock(*fd, CLICK_RING_MAKE_LOCK);
    }
    if (result != PRIVATE_FILE_OK)
        close(*fd);
    return result;
}

static enum private_file_result click_ring_map(const struct private_file *file, int fd,
                                               struct click_ring **out, struct error *err)
{
    struct click_ring *ring = malloc(sizeof(*ring));
    char *path = strdup(file->path);
    void *base = mmap(NULL, CLICK_TABLE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (!ring || !path || base == MAP_FAILED) {
        int number = ring && path ? errno : ENOMEM;
        if (base != MAP_FAILED)
            munmap(base, CLICK_TABLE_BYTES);
        free(path);
        free(ring);
        close(fd);
        return private_file_fail(file, "map", number, err);
    }
    *ring =
        (struct click_ring){ .fd = fd, .path = path, .lane = CLICK_RING_NO_LANE, .header = base };
    ring->lanes = (struct click_lane *)(void *)((unsigned char *)base + CLICK_RING_PAGE);
    *out = ring;
    return PRIVATE_FILE_OK;
}

static enum private_file_result click_ring_open_file(const struct private_file *file,
                                                     struct click_ring **out, struct error *err)
{
    enum private_file_result result = PRIVATE_FILE_FAILED;
    bool again = true;
    int fd = -1;
    *out = NULL;
    for (int i = 0; i < OPEN_TRIES && again; i++)
        result = click_ring_try_open(file, &fd, &again, err);
    return result == PRIVATE_FILE_OK ? click_ring_map(file, fd, out, err) : result;
}

enum private_file_result click_ring_open(const char *path, struct click_ring **out,
                                         struct error *err)
{
    const struct private_file file = { .path = path, .noun = "click ring" };
    return click_ring_open_file(&file, out, err);
}

enum private_file_result click_ring_find(const char *path, struct click_ring **out,
                                         struct error *err)
{
    struct stat st;
    *out = NULL;
    if (lstat(path, &st) < 0 && errno == ENOENT)
        return PRIVATE_FILE_OK;
    const struct private_file file = { .path = path, .noun = "click ring", .root_may = true };
    return click_ring_open_file(&file, out, err);
}

bool click_ring_is_current(const struct click_ring *ring)
{
    return private_file_is_at(ring->path, ring->fd);
}

void click_ring_close(struct click_ring **ring)
{
    if (!*ring)
        return;
    if ((*ring)->slots)
        munmap((*ring)->slots, CLICK_LANE_BYTES);
    munmap((*ring)->header, CLICK_TABLE_BYTES);
    close((*ring)->fd);
    free((*ring)->path);
    free(*ring);
    *ring = NULL;
}

const unsigned char *click_ring_source(const struct click_ring *ring)
{
    return ring->header->source;
}

/* --- workers --- */

/* Maps the slots of a locked lane. */
static bool take_lane(struct click_ring *ring, unsigned lane, struct error *err)
{
    int number = posix_fallocate(ring->fd, click_ring_slots_at(lane), (off_t)CLICK_LANE_BYTES);
    void *slots = MAP_FAILED;
    if (!number)
        slots = mmap(NULL, CLICK_LANE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd,
                     click_ring_slots_at(lane));
    if (!number && slots == MAP_FAILED)
        number = errno;
    if (number)
        return error_set(err, "reserve a lane of the click ring: %s", strerror(number));
    struct click_lane *ours = &ring->lanes[lane];
    if (ours->tail < ours->head) /* after a crash of the machine one of the two may be older */
        __atomic_store_n(&ours->tail, ours->head, __ATOMIC_RELEASE);
    ring->slots = slots;
    ring->lane = lane;
    return true;
}

static bool is_full(const struct click_lane *lane)
{
    return __atomic_load_n(&lane->tail, __ATOMIC_RELAXED) -
               __atomic_load_n(&lane->head, __ATOMIC_ACQUIRE) >=
           CLICK_LANE_SLOTS;
}

/* Locks a free lane; returns CLICK_LANES when there is none. Full lanes are skipped unless
 * `even_full`: otherwise processes that live for one click would all take the same full lane. */
static unsigned lock_lane(const struct click_ring *ring, bool even_full)
{
    for (unsigned lane = 0; lane < CLICK_LANES; lane++) {
        if ((even_full || !is_full(&ring->lanes[lane])) &&
            private_file_lock(ring->fd, CLICK_RING_LANE_LOCKS + lane))
            return lane;
    }
    return CLICK_LANES;
}

bool click_ring_claim(struct click_ring *ring, struct error *err)
{
    if (ring->slots)
        return true;
    unsigned lane = lock_lane(ring, false);
    if (lane == CLICK_LANES)
        lane = lock_lane(ring, true);
    if (lane == CLICK_LANES)
        return error_set(err, "all %d lanes of the click ring are taken", CLICK_LANES);
    if (take_lane(ring, lane, err))
        return true;
    private_file_unlock(ring->fd, CLICK_RING_LANE_LOCKS + lane);
    return false;
}

bool click_ring_has_lane(const struct click_ring *ring)
{
    return ring->slots != NULL;
}

bool click_ring_append(struct click_ring *ring, const struct click_event *event)
{
    if (!ring->slots)
        return false;
    struct click_lane *lane = &ring->lanes[ring->lane];
    uint64_t tail = __atomic_load_n(&lane->tail, __ATOMIC_RELAXED);
    uint64_t head = __atomic_load_n(&lane->head, __ATOMIC_ACQUIRE);
    if (tail - head >= CLICK_LANE_SLOTS)
        return false;
    ring->slots[tail % CLICK_LANE_SLOTS] = *event;
    __atomic_store_n(&lane->tail, tail + 1, __ATOMIC_RELEASE);
    return true;
}

bool click_ring_secret(const struct click_ring *ring, uint64_t *version,
                       unsigned char out[CLICK_SECRET_BYTES])
{
    const struct click_ring_header *header = ring->header;
    uint64_t before = __atomic_load_n(&header->secret_version, __ATOMIC_ACQUIRE);
    if (before == 0 || before % 2)
        return false;
    if (before == *version)
        return true;
    memcpy(out, header->secret, CLICK_SECRET_BYTES);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (__atomic_load_n(&header->secret_version, __ATOMIC_RELAXED) != before)
        return false;
    *version = before;
    return true;
}
