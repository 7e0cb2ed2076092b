/* SPDX-License-Identifier: MIT */
/* A folder of spill files as another user may have left it: what is flushed is flushed once, and
 * the flusher comes to an end.
 *
 * Files one after the other: a byte of choices, 32 bytes that change the header if it asks for
 * that, two of a length, so many bytes of clicks. */
#include <unistd.h>

#include "clicklog/click_spill.h"
#include "clicklog/click_spill_layout.h"
#include "fuzz.h"
#include "fuzz_clicks.h"
#include "fuzz_dir.h"

enum {
    BAD_HEADER = 1 << 0, /* with a header that is changed, */
    NO_HEADER = 1 << 1,  /* or without one */
    SAME_SOURCE = 1 << 2,
    OTHER_NAME = 1 << 3,
    STEPS_MAX = 64,
    FILES_MAX = 16,
};

static void put_header(int fd, struct slice *input, unsigned choices, unsigned number)
{
    struct click_spill_header header = {
        .magic = "curtspl",
        .version = CLICK_SPILL_VERSION,
        .event_bytes = sizeof(struct click_event),
    };
    if (choices & NO_HEADER)
        return;
    header.source[0] = choices & SAME_SOURCE ? 0 : (unsigned char)number;
    struct slice change = fuzz_take(input, choices & BAD_HEADER ? sizeof(header) : 0);
    for (size_t i = 0; i < change.len; i++)
        ((char *)&header)[i] = (char)(((char *)&header)[i] ^ change.at[i]);
    fuzz_file_put(fd, (struct slice){ (const char *)&header, sizeof(header) }, 0);
}

static void put_file(const struct fuzz_dir *dir, struct slice *input, unsigned number)
{
    char name[32];
    char path[FUZZ_PATH_MAX];
    unsigned choices = fuzz_byte(input);
    (void)snprintf(name, sizeof(name), "%s%02x",
                   choices & OTHER_NAME ? "other-" : CLICK_SPILL_PREFIX, number);
    fuzz_dir_path(dir, name, path);
    int fd = fuzz_file_make(path, 0);
    put_header(fd, input, choices, number);
    size_t n = (size_t)fuzz_byte(input) << 8 | fuzz_byte(input);
    fuzz_file_put(fd, fuzz_take(input, n),
                  choices & NO_HEADER ? 0 : (off_t)sizeof(struct click_spill_header));
    close(fd);
}

/* A worker's own file, which it continues to write. */
static void append(struct click_spill *spill)
{
    const struct click_event event = { .link_id = 1, .at = FUZZ_NOW };
    struct error err = { "" };
    MUST(click_spill_append(spill, &event, &err));
}

static void flush(struct fuzz_site *site, const struct fuzz_dir *dir)
{
    struct flusher flusher = { .spill_dir = dir->path };
    struct flush_total total = { 0 };
    struct click_spill spill = { .dir = dir->path, .max_bytes = 64 << 20, .fd = -1 };
    append(&spill);
    uint64_t most = flush_pending(&flusher);
    MUST(fuzz_flush(site, &flusher, STEPS_MAX, &total));
    MUST(total.events > 0 && total.events <= most);
    MUST(total.clicks + total.bots + total.dropped == total.events);
    uint64_t before = total.events;
    MUST(fuzz_flush(site, &flusher, STEPS_MAX, &total) && total.events == before);
    append(&spill);
    MUST(fuzz_flush(site, &flusher, STEPS_MAX, &total) && total.events == before + 1);
    click_spill_let_go(&spill);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = fuzz_slice(data, size);
    struct fuzz_dir dir = fuzz_dir_make();
    struct fuzz_site *site = fuzz_site_new();
    for (unsigned i = 0; i < FILES_MAX && input.len; i++)
        put_file(&dir, &input, i);
    flush(site, &dir);
    fuzz_dir_remove(&dir);
    fuzz_site_free(&site);
    return 0;
}
