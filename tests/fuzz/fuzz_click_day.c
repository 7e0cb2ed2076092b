/* SPDX-License-Identifier: MIT */
/* Records of a link's day: what is decoded is encoded as the same bytes; clicks can be added to it,
 * it can be merged and compacted, and then read again. The input: a byte with the number of clicks
 * to add, the bytes of one click, then the record. */
#include <string.h>

#include "click/day.h"
#include "fuzz.h"

enum {
    ARENA_MAX = 4 << 20,
};

static void check_counts(const struct click_counts *a, const struct click_counts *b)
{
    MUST(a->clicks == b->clicks && a->visitors == b->visitors && a->bots == b->bots);
}

static void check_hours(const struct click_day *day)
{
    struct click_counts sum = { 0, 0, 0 };
    for (unsigned i = 0; i < CLICK_HOURS; i++) {
        sum.clicks += day->hours[i].clicks;
        sum.visitors += day->hours[i].visitors;
        sum.bots += day->hours[i].bots;
    }
    check_counts(&sum, day->compacted ? &(struct click_counts){ 0, 0, 0 } : &day->total);
}

/* Encodes the record, and reads it again to *out. */
static void check_again(const struct click_day *day, struct click_day *out)
{
    struct slice bytes = click_day_encode(day, day->arena);
    MUST(bytes.len > 0 && bytes.len <= CLICK_DETAIL_MAX);
    MUST(click_day_decode(bytes, day->arena, out));
    MUST(slice_eq(click_day_encode(out, day->arena), bytes));
    check_counts(&out->total, &day->total);
    check_hours(out);
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++)
        MUST(out->by[i].n <= CLICK_VALUES_MAX);
}

static void check_changes(struct click_day *day, struct click_event event, unsigned n)
{
    struct click_day again;
    for (unsigned i = 0; i < n; i++) {
        MUST(click_day_add(day, &event, 1));
        event.visitor = event.visitor * UINT64_C(6364136223846793005) + 1;
        event.at += 1000;
        event.referrer[0]++;
    }
    check_again(day, &again);
    MUST(click_day_merge(&again, day));
    check_again(&again, day);
    click_day_compact(day);
    check_again(day, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = fuzz_slice(data, size);
    unsigned n = fuzz_byte(&bytes);
    struct click_event event;
    struct click_day day;
    if (bytes.len < sizeof(event))
        return 0;
    memcpy(&event, bytes.at, sizeof(event));
    bytes = slice_from(bytes, sizeof(event));
    struct arena *arena = arena_new(ARENA_MAX);
    MUST(arena != NULL);
    bool seen = click_day_look(bytes, arena, &day);
    if (click_day_decode(bytes, arena, &day)) {
        MUST(seen);
        check_hours(&day);
        MUST(slice_eq(click_day_encode(&day, arena), bytes));
        check_changes(&day, event, n);
    }
    arena_free(&arena);
    return 0;
}
