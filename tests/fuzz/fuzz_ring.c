/* SPDX-License-Identifier: MIT */
/* The click ring as another user may have left it: whoever flushes it, root too, reads each click
 * at most once and comes to an end; a worker that moves to another ring does, too.
 *
 * A byte of choices, 64 bytes that change the header if it asks for that, then lanes: number, head,
 * tail, the slot where clicks begin, how many they are, the clicks. */
#include <unistd.h>

#include "clicklog/click_ring.h"
#include "clicklog/click_ring_layout.h"
#include "fuzz.h"
#include "fuzz_clicks.h"
#include "fuzz_dir.h"
#include "service/click_log.h"

enum {
    BY_WORKER = 1 << 0,   /* opened by a worker, not by root */
    BAD_HEADER = 1 << 1,  /* with a header that is changed */
    CUT_BEFORE = 1 << 2,  /* cut short before it is opened, */
    CUT_AFTER = 1 << 3,   /* or after that, behind what is mapped */
    MOVED_FROM = 1 << 4,  /* a worker takes its clicks along */
    APPENDED_TO = 1 << 5, /* a worker appends before that */
    STEPS_MAX = 2 * CLICK_LANES,
    FOUND_MAX = 64,
};

static void put_header(int fd, struct slice *input, bool bad)
{
    struct click_ring_header header = {
        .magic = "curtclk",
        .version = CLICK_RING_VERSION,
        .lanes = CLICK_LANES,
        .slots = CLICK_LANE_SLOTS,
        .event_bytes = sizeof(struct click_event),
    };
    struct slice change = fuzz_take(input, bad ? sizeof(header) : 0);
    for (size_t i = 0; i < change.len; i++)
        ((char *)&header)[i] = (char)(((char *)&header)[i] ^ change.at[i]);
    fuzz_file_put(fd, (struct slice){ (const char *)&header, sizeof(header) }, 0);
}

static void put_lane(int fd, struct slice *input)
{
    unsigned number = fuzz_byte(input);
    struct click_lane lane = { .head = fuzz_number(input) };
    lane.tail = fuzz_number(input);
    size_t slot = (fuzz_byte(input) << 8 | fuzz_byte(input)) % CLICK_LANE_SLOTS;
    size_t n = fuzz_byte(input);
    n = n < CLICK_LANE_SLOTS - slot ? n : CLICK_LANE_SLOTS - slot;
    struct slice clicks = fuzz_take(input, n * sizeof(struct click_event));
    off_t at = CLICK_RING_PAGE + (off_t)(number * sizeof(lane));
    fuzz_file_put(fd, (struct slice){ (const char *)&lane, sizeof(lane) }, at);
    fuzz_file_put(fd, clicks,
                  click_ring_slots_at(number) + (off_t)(slot * sizeof(struct click_event)));
}

/* Looks without the lock, as the statistics do. */
static void look(const struct click_ring *ring)
{
    struct click_event events[FOUND_MAX];
    struct click_batch found = { .events = events, .max = FOUND_MAX };
    const struct click_positions start = { { 0 } };
    struct error err = { "" };
    MUST(click_ring_after(ring, &start) <= (uint64_t)CLICK_LANES * CLICK_LANE_SLOTS);
    if (click_ring_find_link(ring, 1, &start, &found, &err))
        MUST(found.n <= FOUND_MAX);
    else
        MUST(err.text[0] != '\0');
    for (size_t i = 0; i < found.n; i++)
        MUST(events[i].link_id == 1);
}

static void append(struct click_ring *ring)
{
    const struct click_event event = { .link_id = 1, .at = FUZZ_NOW };
    struct error err = { "" };
    MUST(click_ring_claim(ring, &err) || err.text[0] != '\0');
    (void)click_ring_append(ring, &event);
}

static void move(struct click_ring *ring)
{
    struct click_log click_log = { .ring = ring, .spill = { .fd = -1 }, .window_s = 1 };
    MUST(click_log_move(&click_log, NULL, FUZZ_NOW));
    MUST(click_log.lost <= (uint64_t)CLICK_LANES * CLICK_LANE_SLOTS);
    click_log_close(&click_log);
}

static void flush(struct click_ring *ring, bool cut)
{
    struct fuzz_site *site = fuzz_site_new();
    struct flusher flusher = { .ring = ring };
    struct flush_total total = { 0 };
    bool done = fuzz_flush(site, &flusher, STEPS_MAX, &total);
    MUST(done || cut);
    MUST(total.events <= (uint64_t)CLICK_LANES * CLICK_LANE_SLOTS);
    MUST(total.clicks + total.bots + total.dropped == total.events);
    MUST(!done || click_ring_level(ring).pending == 0);
    MUST(total.damaged <= CLICK_LANES);
    fuzz_site_free(&site);
}

static void use(const char *path, int fd, unsigned choices, uint64_t cut)
{
    struct click_ring *ring = NULL;
    struct error err = { "" };
    bool opened = (choices & BY_WORKER ? click_ring_open(path, &ring, &err)
                                       : click_ring_find(path, &ring, &err)) == PRIVATE_FILE_OK;
    MUST(opened ? ring != NULL : ring == NULL && err.text[0] != '\0');
    if (!ring)
        return;
    if (choices & APPENDED_TO)
        append(ring);
    if (choices & CUT_AFTER)
        MUST(ftruncate(fd, (off_t)(CLICK_TABLE_BYTES + cut % CLICK_LANE_BYTES)) == 0);
    look(ring);
    if (choices & MOVED_FROM)
        move(ring);
    flush(ring, choices & CUT_AFTER);
    click_ring_close(&ring);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = fuzz_slice(data, size);
    struct fuzz_dir dir = fuzz_dir_make();
    char path[FUZZ_PATH_MAX];
    unsigned choices = fuzz_byte(&input);
    fuzz_dir_path(&dir, "ring", path);
    int fd = fuzz_file_make(path, (off_t)CLICK_RING_BYTES);
    put_header(fd, &input, choices & BAD_HEADER);
    uint64_t cut = choices & (CUT_BEFORE | CUT_AFTER) ? fuzz_number(&input) : 0;
    while (input.len)
        put_lane(fd, &input);
    if (choices & CUT_BEFORE)
        MUST(ftruncate(fd, (off_t)(cut % CLICK_RING_BYTES)) == 0);
    use(path, fd, choices, cut);
    close(fd);
    fuzz_dir_remove(&dir);
    return 0;
}
