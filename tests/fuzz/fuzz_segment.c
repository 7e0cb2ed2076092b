/* SPDX-License-Identifier: MIT */
/* A shared segment that another process has damaged: one whose header is not ours is refused or
 * replaced, and of any other nothing is followed that leads out of it.
 *
 * A byte of choices, 64 bytes that change the header if it asks for that, eight of where to cut the
 * file, likewise; then steps: a number and what the step reads. Step 0 writes 1 to 256 bytes
 * anywhere. */
#include <fcntl.h>
#include <unistd.h>

#include "fuzz.h"
#include "fuzz_dir.h"
#include "fuzz_segment_parts.h"
#include "shm/leader_lease.h"
#include "shm/local_layout.h"
#include "shm/metrics.h"
#include "shm/segment_layout.h"

enum {
    BAD_HEADER = 1 << 0,
    CUT = 1 << 1,
    STEPS_MAX = 32,
    MEMORY = 1 << 20,
    NEIGHBOURS = 2,
};

static const struct segment_options *options_at(const char *path, struct segment_options *out)
{
    *out = (struct segment_options){ .path = path, .local_bytes = LOCAL_BYTES_MIN };
    return out;
}

/* What a segment of this program begins with on this host. */
static const struct segment_header *sound_header(const struct fuzz_dir *dir)
{
    static struct segment_header header;
    struct segment_options options;
    struct segment *segment = NULL;
    struct error err = { "" };
    char path[FUZZ_PATH_MAX];
    fuzz_dir_path(dir, "sound", path);
    if (header.size == 0) {
        MUST(segment_open(options_at(path, &options), &segment, &err) == PRIVATE_FILE_OK);
        memcpy(&header, segment_region(segment, SEGMENT_HEADER), sizeof(header));
        segment_close(&segment);
        MUST(unlink(path) == 0);
    }
    return &header;
}

/* Not filled as a segment is: its keys are zeros, the same every time, and its blocks a hole. */
static void make_file(const struct fuzz_dir *dir, const char *path, unsigned choices,
                      struct slice *input)
{
    struct segment_header header = *sound_header(dir);
    struct slice change = fuzz_take(input, choices & BAD_HEADER ? sizeof(header) : 0);
    uint64_t size = header.size;
    for (size_t i = 0; i < change.len; i++)
        ((char *)&header)[i] = (char)(((char *)&header)[i] ^ change.at[i]);
    int fd = fuzz_file_make(path, (off_t)size);
    fuzz_file_put(fd, (struct slice){ (const char *)&header, sizeof(header) }, 0);
    if (choices & CUT)
        MUST(ftruncate(fd, (off_t)(fuzz_number(input) % (2 * size))) == 0);
    close(fd);
}

static void prepare_keys(struct segment *segment)
{
    struct segment_buckets *buckets = segment_region(segment, SEGMENT_BUCKETS);
    struct local_head *local = segment_region(segment, SEGMENT_LOCAL);
    memset(buckets->key, 0, sizeof(buckets->key));
    memset(local->key, 0, sizeof(local->key));
    buckets->ready = local->ready = 1;
}

/* Bytes of the input behind an offset within one region, which are the sooner met the more often.
 */
static void damage(struct fuzz_segment *s, struct slice *input)
{
    enum segment_region region = SEGMENT_IDS + fuzz_byte(input) % (SEGMENT_REGIONS - SEGMENT_IDS);
    size_t bytes = segment_region_bytes(s->segment, region);
    size_t at = (size_t)fuzz_byte(input) << 16 | fuzz_byte(input) << 8 | fuzz_byte(input);
    struct slice written = fuzz_take(input, 1 + (size_t)fuzz_byte(input));
    at %= bytes;
    if (written.len > bytes - at)
        written.len = bytes - at;
    if (written.len)
        memcpy((unsigned char *)segment_region(s->segment, region) + at, written.at, written.len);
}

static void take_turn(struct fuzz_segment *s, struct slice *input)
{
    struct leader_lease lease = { 0 };
    unsigned char *page = segment_region(s->segment, SEGMENT_HEADER);
    fuzz_bytes(input, page + SEGMENT_LEADER_LEASE_AT, sizeof(struct segment_leader_lease));
    MUST(leader_lease_take(&lease, s->segment->fd));
    MUST(leader_lease_renew(&lease));
    leader_lease_leave(&lease);
}

static void take_steps(struct fuzz_segment *s, struct slice *input)
{
    static fuzz_segment_part *const parts[] = {
        damage,
        fuzz_segment_ids,
        fuzz_segment_buckets,
        fuzz_segment_metrics,
        fuzz_segment_breakers,
        fuzz_segment_keys,
        fuzz_segment_replicas,
        fuzz_segment_unpublished,
        fuzz_segment_put_slot,
        fuzz_segment_local,
        take_turn,
    };
    for (unsigned i = 0; i < STEPS_MAX && input->len; i++) {
        parts[fuzz_byte(input) % (sizeof(parts) / sizeof(parts[0]))](s, input);
        arena_reset(s->arena);
    }
}

/* Another process of the host, which lives: what it holds counts. */
struct neighbour {
    struct segment *segment;
    struct metrics *metrics;
};

static void live(struct neighbour *neighbour, const struct segment_options *options)
{
    struct error err = { "" };
    MUST(segment_open(options, &neighbour->segment, &err) == PRIVATE_FILE_OK);
    neighbour->metrics = metrics_open(neighbour->segment, &err);
    MUST(neighbour->metrics != NULL);
}

static void die(struct neighbour *neighbour)
{
    metrics_close(&neighbour->metrics);
    segment_close(&neighbour->segment);
}

static void use(const struct segment_options *options, struct slice *input)
{
    struct neighbour neighbours[NEIGHBOURS];
    struct error err = { "" };
    struct fuzz_segment s = { .arena = arena_new(MEMORY) };
    MUST(s.arena != NULL);
    MUST(segment_open(options, &s.segment, &err) == PRIVATE_FILE_OK);
    prepare_keys(s.segment);
    for (unsigned i = 0; i < NEIGHBOURS; i++)
        live(&neighbours[i], options);
    s.local = local_cache_open(s.segment, 0, &err);
    MUST(s.local != NULL);
    take_steps(&s, input);
    for (unsigned i = 0; i < NEIGHBOURS; i++)
        die(&neighbours[i]);
    local_cache_close(&s.local);
    segment_close(&s.segment);
    arena_free(&s.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = fuzz_slice(data, size);
    struct segment_options options;
    struct segment *segment = NULL;
    struct fuzz_dir dir = fuzz_dir_make();
    struct error err = { "" };
    char path[FUZZ_PATH_MAX];
    unsigned choices = fuzz_byte(&input);
    fuzz_dir_path(&dir, "segment", path);
    (void)options_at(path, &options);
    make_file(&dir, path, choices, &input);
    enum private_file_result result = segment_open_to_read(&options, &segment, &err);
    MUST(result == PRIVATE_FILE_OK || (!segment && err.text[0] != '\0'));
    MUST(result == PRIVATE_FILE_OK || choices & (BAD_HEADER | CUT));
    segment_close(&segment);
    use(&options, &input);
    MUST(segment_open_to_read(&options, &segment, &err) == PRIVATE_FILE_OK);
    fuzz_segment_look(segment);
    segment_close(&segment);
    fuzz_dir_remove(&dir);
    return 0;
}
