/* SPDX-License-Identifier: MIT */
/* What counting costs a redirect: nanoseconds for each visit that is recorded, from its headers to
 * the ring. Usage: click_log_visit [VISITS]. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "service/click_log.h"

enum { ROUND = 4096, VISITS = 4000000, ADDRESSES = 1000 };

#define REFERER \
    "https://www.news.example/section/2026/a-story-of-some-length.html?utm_source=letter"

static const char *const AGENTS[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
};

enum { N_AGENTS = sizeof(AGENTS) / sizeof(AGENTS[0]) };

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Makes room, as the flusher does. */
static void empty(struct click_ring *ring)
{
    struct click_positions all;
    for (unsigned i = 0; i < CLICK_LANES; i++)
        all.heads[i] = UINT64_MAX;
    click_ring_advance(ring, &all);
}

static int64_t record_round(struct click_log *click_log, uint64_t first)
{
    int64_t begin = now_ns();
    for (uint64_t i = first; i < first + ROUND; i++) {
        const struct address address = { { [10] = 0xff,
                                           [11] = 0xff,
                                           [12] = 192,
                                           [14] = 2,
                                           [15] = (unsigned char)(i % ADDRESSES) } };
        const struct visit visit = {
            .link_id = 1 + i % 100000,
            .now = 1800000000,
            .user_agent = slice_of(AGENTS[i % N_AGENTS]),
            .referer = SLICE(REFERER),
            .address = &address,
        };
        click_log_visit(click_log, &visit);
    }
    return now_ns() - begin;
}

static int measure(struct click_ring *ring, uint64_t visits)
{
    static const unsigned char secret[CLICK_SECRET_BYTES] = "secret";
    struct click_log click_log = { .ring = ring, .spill = { .fd = -1 }, .window_s = 86400 };
    int64_t ns = 0;
    uint64_t done = 0;
    click_ring_tell_secret(ring, secret);
    click_log_prepare(&click_log, 1);
    for (; done < visits; done += ROUND) {
        ns += record_round(&click_log, done);
        empty(ring);
    }
    printf("%" PRIu64 " visits, %.0f ns each; %" PRIu64 " found no room\n", done,
           (double)ns / (double)done, click_log.lost);
    click_log_close(&click_log);
    return click_log.lost ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    char path[64];
    struct click_ring *ring;
    struct error err = { "" };
    snprintf(path, sizeof(path), "/dev/shm/curt-bench-%ld.clicks", (long)getpid());
    if (click_ring_open(path, &ring, &err) != PRIVATE_FILE_OK) {
        fprintf(stderr, "%s\n", err.text);
        return EXIT_FAILURE;
    }
    int status = measure(ring, argc > 1 ? strtoull(argv[1], NULL, 10) : VISITS);
    click_ring_close(&ring);
    unlink(path);
    return status;
}
