/* SPDX-License-Identifier: MIT */
/* How large the records of a link's day are, and what it costs to count clicks: `click_records`.
 * The clicks are made up: hours as a day goes; of the visitors each comes one and a quarter times;
 * of the referrers, countries and agents a few are common and many are rare. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "click/batch.h"
#include "click/day.h"

enum {
    ARENA_MAX = 16 << 20,
    DAY = 20000,
    HOUR_S = 3600,
    BATCH = 500,   /* clicks between two times that a record is stored */
    FLUSH = 40000, /* clicks of a batch of many links */
    LINKS = 100000,
};

/* As good as random (splitmix64). */
static uint64_t next(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* A number below n: 0 is as likely as 1 and 2 together, those as 3 to 6, and so on if `flat`;
 * otherwise twice as likely. Either way a few numbers are common and many are rare. */
static unsigned rare(uint64_t *seed, unsigned n, bool flat)
{
    const uint64_t random = next(seed);
    const unsigned ranges = 32 - (unsigned)__builtin_clz(n);
    unsigned range = flat ? (unsigned)(random % ranges)
                          : (unsigned)__builtin_ctzll(random | UINT64_C(1) << (ranges - 1));
    return ((1U << range) - 1 + (unsigned)(random >> 32) % (1U << range)) % n;
}

static struct click_event made_up(uint64_t *seed, uint64_t visitors)
{
    static const char *const HOSTS[] = {
        "", "www.google.com", "t.co", "l.facebook.com", "www.linkedin.com", "www.reddit.com"
    };
    static const char COUNTRIES[][3] = { "DE", "US", "GB", "FR", "NL", "AT", "CH", "" };
    const unsigned host = rare(seed, 3000, false);
    const unsigned country = rare(seed, 60, false);
    uint64_t who = next(seed) % visitors + 1;
    struct click_event event = {
        .visitor = next(&who),
        .at = DAY * CLICK_DAY_SECONDS +
              (uint32_t)((next(seed) % 17 + next(seed) % 8) * HOUR_S + next(seed) % HOUR_S),
        .flags = next(seed) % 20 == 0   ? CLICK_BOT
                 : next(seed) % 20 == 0 ? CLICK_PRIVATE
                                        : 0,
        .browser = (uint8_t)(1 + rare(seed, BROWSER_N - 1, false)),
        .os = (uint8_t)(1 + rare(seed, OS_N - 1, false)),
        .device = (uint8_t)(1 + rare(seed, DEVICE_N - 2, false)),
    };
    int len = host < sizeof(HOSTS) / sizeof(*HOSTS)
                  ? snprintf(event.referrer, sizeof(event.referrer), "%s", HOSTS[host])
                  : snprintf(event.referrer, sizeof(event.referrer), "www.site-%u.example", host);
    event.referrer_len = (uint8_t)len;
    if (country < sizeof(COUNTRIES) / sizeof(*COUNTRIES)) {
        event.country[0] = COUNTRIES[country][0];
        event.country[1] = COUNTRIES[country][1];
    } else {
        event.country[0] = (char)('A' + country % 26);
        event.country[1] = (char)('A' + country / 26);
    }
    return event;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static _Noreturn void give_up(void)
{
    (void)fprintf(stderr, "click_records: out of memory\n");
    exit(1);
}

static struct click_event *make_events(size_t n, uint64_t seed)
{
    struct click_event *events = calloc(n, sizeof(*events));
    if (!events)
        give_up();
    for (size_t i = 0; i < n; i++)
        events[i] = made_up(&seed, n * 4 / 5 + 1);
    return events;
}

struct result {
    size_t bytes, folded_bytes;
    double stored_us; /* reading a record, adding a batch to it, writing it */
};

/* A day whose record is stored after every batch, as flushing does. */
static struct result measure_day(const struct click_event *events, size_t n)
{
    struct result result = { 0, 0, 0 };
    struct arena *arenas[2] = { arena_new(ARENA_MAX), arena_new(ARENA_MAX) };
    struct slice bytes = { NULL, 0 };
    struct click_day day;
    double start = seconds();
    size_t batches = 0;
    for (size_t at = 0; at < n; at += BATCH, batches++) {
        struct arena *arena = arenas[batches % 2];
        arena_reset(arena);
        if (!click_day_decode(bytes, arena, &day))
            click_day_init(&day, arena);
        if (!click_day_add(&day, events + at, n - at < BATCH ? n - at : BATCH))
            give_up();
        bytes = click_day_encode(&day, arena);
    }
    result.stored_us = (seconds() - start) * 1e6 / (double)batches;
    result.bytes = bytes.len;
    click_day_compact(&day);
    result.folded_bytes = click_day_encode(&day, day.arena).len;
    arena_free(&arenas[0]);
    arena_free(&arenas[1]);
    return result;
}

static void days(void)
{
    static const size_t SIZES[] = { 1, 5, 50, 500, 5000, 50000, 500000 };
    printf("clicks a day   record   folded   bytes a click   reading, adding up to %d, writing\n",
           BATCH);
    for (size_t i = 0; i < sizeof(SIZES) / sizeof(*SIZES); i++) {
        const unsigned runs = SIZES[i] < 5000 ? 1000 : SIZES[i] < 500000 ? 10 : 1;
        struct result sum = { 0, 0, 0 };
        for (unsigned run = 0; run < runs; run++) {
            struct click_event *events = make_events(SIZES[i], run);
            struct result one = measure_day(events, SIZES[i]);
            sum.bytes += one.bytes;
            sum.folded_bytes += one.folded_bytes;
            sum.stored_us += one.stored_us / runs;
            free(events);
        }
        printf("%12zu %8zu %8zu %15.2f %9.1f us\n", SIZES[i], sum.bytes / runs,
               sum.folded_bytes / runs, (double)sum.bytes / runs / (double)SIZES[i], sum.stored_us);
    }
}

/* A batch of clicks of many links: sorting it, and counting each group in a record of its own. */
static void batch(void)
{
    uint64_t seed = 1;
    struct click_event *events = make_events(FLUSH, 7);
    struct arena *groups_arena = arena_new(ARENA_MAX);
    struct arena *arena = arena_new(ARENA_MAX);
    struct click_group *groups = NULL;
    size_t n = 0;
    for (size_t i = 0; i < FLUSH; i++)
        events[i].link_id = rare(&seed, LINKS, true);
    double start = seconds();
    if (!click_batch_group(events, FLUSH, groups_arena, &groups, &n))
        give_up();
    double grouped = seconds();
    for (size_t i = 0; i < n; i++) {
        struct click_day day;
        arena_reset(arena);
        click_day_init(&day, arena);
        if (!click_day_add(&day, groups[i].events, groups[i].n) ||
            !click_day_encode(&day, arena).len)
            give_up();
    }
    printf("%d clicks of %zu links: %.1f ms to group, %.1f ms to count\n", FLUSH, n,
           (grouped - start) * 1e3, (seconds() - grouped) * 1e3);
    arena_free(&groups_arena);
    arena_free(&arena);
    free(events);
}

int main(void)
{
    days();
    batch();
    return 0;
}
