/* SPDX-License-Identifier: MIT */
/* The statistics of a link, from the fake database and a real ring: clicks that are flushed, not
 * flushed yet, and being flushed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fakes/db_fake.h"
#include "files/zone_file.h"
#include "service/compact.h"
#include "service/flush.h"
#include "service/statistics.h"
#include "support/host_files.h"
#include "text/rfc3339.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

enum {
    ANN = 1,
    BOB = 2,
    LINK = 7,  /* ann's, "abc" */
    OTHER = 8, /* bob's, "xyz" */
    ARENA_MAX = 64 << 20,
};

struct fixture {
    struct host_files files;
    struct click_ring *worker;
    struct click_ring *ring;
    struct db *db;
    struct flusher flusher;
    const struct zone *zone; /* of the series; NULL: UTC */
    struct arena *arena;
    struct error err;
    struct meddler {
        bool flush_before, flush_after; /* flushes while it reads, */
        bool spoil;                     /* returns records that cannot be decoded */
    } meddler;
};

static int64_t time_of(const char *text)
{
    int64_t at = STATS_NO_TIME;
    if (text && !rfc3339_parse(slice_of(text), &at))
        fail_msg("%s", text);
    return at;
}

static void insert_link(struct fixture *f, uint64_t id, const char *code, uint32_t owner_id)
{
    const struct link link = {
        .target = { .link_id = id, .long_url = SLICE("https://example.com/") },
        .code = slice_of(code),
        .owner_id = owner_id,
    };
    assert_int_equal(db_link_insert(f->db, &link, NULL, &f->err), DB_OK);
}

static void meddle_before(void *context);
static void meddle_after(void *context, struct click_rows *rows);

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    *state = f;
    if (!host_files_make(&f->files, "segment.clicks"))
        return -1;
    f->worker = host_ring_open(f->files.path);
    f->ring = host_ring_open(f->files.path);
    f->arena = arena_new(ARENA_MAX);
    f->db = db_fake_new(1000, 10);
    f->flusher = (struct flusher){ .db = f->db,
                                   .ring = host_ring_open(f->files.path),
                                   .arena = arena_new(64 << 20) };
    db_fake_set_hooks(f->db, &(struct db_fake_hooks){ .context = f,
                                                      .clicks_read_begins = meddle_before,
                                                      .clicks_read_ends = meddle_after });
    insert_link(f, LINK, "abc", ANN);
    insert_link(f, OTHER, "xyz", BOB);
    return click_ring_claim(f->worker, &f->err) ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    click_ring_close(&f->worker);
    click_ring_close(&f->ring);
    click_ring_close(&f->flusher.ring);
    arena_free(&f->flusher.arena);
    arena_free(&f->arena);
    db_close(&f->db);
    host_files_remove(&f->files);
    free(f);
    return 0;
}

/* --- helpers --- */

static struct click_event event_of(uint64_t link_id, const char *at, unsigned visitor,
                                   const char *referrer)
{
    struct click_event event = { .link_id = link_id,
                                 .visitor = visitor * UINT64_C(0x9E3779B97F4A7C15),
                                 .at = (uint32_t)time_of(at),
                                 .browser = BROWSER_FIREFOX,
                                 .device = DEVICE_DESKTOP };
    event.referrer_len = (uint8_t)strlen(referrer);
    memcpy(event.referrer, referrer, event.referrer_len);
    return event;
}

static void append(struct fixture *f, struct click_event event)
{
    assert_true(click_ring_append(f->worker, &event));
}

static void click(struct fixture *f, const char *at, unsigned visitor)
{
    append(f, event_of(LINK, at, visitor, "a.example"));
}

static void flush(struct fixture *f)
{
    struct flush_total total = { 0 };
    if (flush_step(&f->flusher, 0, &total, &f->err) != DB_OK || total.more || total.busy)
        fail_msg("%s", f->err.text);
}

static void compact(struct fixture *f, const char *hourly_before, const char *daily_before)
{
    const struct click_compact compact = { click_day_of(time_of(hourly_before)),
                                           click_day_of(time_of(daily_before)), DB_COMPACT_MAX };
    struct click_compact_done done;
    assert_int_equal(db_clicks_compact_batch(f->db, &compact, &done, &f->err), DB_OK);
}

static void meddle_before(void *context)
{
    struct fixture *f = context;
    if (f->meddler.flush_before)
        flush(f);
}

static void meddle_after(void *context, struct click_rows *rows)
{
    struct fixture *f = context;
    if (f->meddler.flush_after)
        flush(f);
    for (size_t i = 0; f->meddler.spoil && i < rows->n; i++)
        rows->rows[i].detail = SLICE("junk");
}

static struct stats_request request_of(struct fixture *f, enum stats_unit unit, const char *from,
                                       const char *to)
{
    struct stats_request request = {
        .link = { .code = SLICE("abc"),
                  .caller = { .user_id = ANN, .role = ROLE_USER },
                  .arena = f->arena },
        .query = { .by = STATS_ALL_DIMENSIONS, .top = STATS_TOP_DEFAULT },
        .ring = f->ring,
    };
    request.query.range = (struct stats_range){ .unit = unit, .zone = f->zone };
    assert_true(stats_range_set(&request.query.range, time_of(from), time_of(to),
                                time_of("2026-11-22T12:00:00Z")));
    return request;
}

static struct statistics read_statistics(struct fixture *f, const struct stats_request *request)
{
    struct statistics statistics;
    if (statistics_read(f->db, request, &statistics, &f->err) != OUTCOME_OK)
        fail_msg("%s", f->err.text);
    return statistics;
}

/* "5/3/2: 0 5 0": clicks, visitors and bots in all, and the clicks of each bucket. */
static const char *series(struct fixture *f, enum stats_unit unit, const char *from, const char *to)
{
    struct stats_request request = request_of(f, unit, from, to);
    struct statistics statistics = read_statistics(f, &request);
    struct buf b = buf_in(f->arena, 64 * 1024);
    uint64_t clicks = 0;
    buf_printf(&b, "%u/%u/%u:", (unsigned)statistics.total.clicks,
               (unsigned)statistics.total.visitors, (unsigned)statistics.total.bots);
    for (size_t i = 0; i < statistics.n; i++) {
        buf_printf(&b, " %u", (unsigned)statistics.buckets[i].counts.clicks);
        clicks += statistics.buckets[i].counts.clicks;
    }
    assert_int_equal(clicks, statistics.total.clicks);
    return b.at;
}

static const char *breakdown(struct fixture *f, const struct stats_request *request,
                             enum click_dimension dimension)
{
    struct statistics statistics = read_statistics(f, request);
    const struct stats_breakdown *by = &statistics.by[dimension];
    struct buf b = buf_in(f->arena, 4096);
    for (unsigned i = 0; i < by->n; i++)
        buf_printf(&b, "%.*s=%u ", SLICE_ARG(by->values[i].value), (unsigned)by->values[i].clicks);
    buf_printf(&b, "+%u", (unsigned)by->other);
    return b.at;
}

/* --- series */

static const struct {
    enum stats_unit unit;
    const char *from, *to;
    const char *expected;
} windows[] = {
    { STATS_DAY, "2026-11-01", "2026-11-05", "6/4/1: 0 3 0 2 1" },
    { STATS_DAY, "2026-11-02", "2026-11-02", "3/2/1: 3" },
    { STATS_DAY, "2026-11-03", "2026-11-03", "0/0/0: 0" },
    { STATS_DAY, "2026-11-06", "2026-11-07", "0/0/0: 0 0" },
    { STATS_DAY, "2026-11-05", "2026-11-06", "1/1/0: 1 0" },
    { STATS_MONTH, "2026-10-15", "2026-12-15", "7/5/1: 1 6 0" },
    { STATS_HOUR, "2026-11-02T08:59:00Z", "2026-11-02T12:00:00Z", "2/1/1: 0 2 0 0 0" },
    { STATS_HOUR, "2026-11-02T23:00:00Z", "2026-11-03T01:00:00Z", "1/1/0: 1 0 0" },
    { STATS_HOUR, "2026-11-04T00:00:00Z", "2026-11-04T01:00:00Z", "1/1/0: 1 0" },
};

/* The same whether it is flushed or not, or in part. */
static void holes_are_zeros(void **state)
{
    static const struct {
        const char *at;
        unsigned visitor;
    } clicks[] = {
        { "2026-10-31T23:59:59Z", 1 }, { "2026-11-02T09:00:00Z", 1 }, { "2026-11-02T09:59:59Z", 1 },
        { "2026-11-02T23:59:59Z", 2 }, { "2026-11-04T00:00:00Z", 1 }, { "2026-11-04T12:00:00Z", 1 },
        { "2026-11-05T12:00:00Z", 0 },
    };
    for (unsigned flushed = 0; flushed <= ROWS(clicks); flushed++) {
        setup(state);
        struct fixture *f = *state;
        struct click_event bot = event_of(LINK, "2026-11-02T10:00:00Z", 0, "");
        bot.flags = CLICK_BOT;
        append(f, bot);
        for (unsigned i = 0; i < ROWS(clicks); i++) {
            if (i == flushed)
                flush(f);
            click(f, clicks[i].at, clicks[i].visitor ? clicks[i].visitor : 9);
            append(f, event_of(OTHER, clicks[i].at, 5, "b.example"));
        }
        for (size_t i = 0; i < ROWS(windows); i++) {
            const char *got = series(f, windows[i].unit, windows[i].from, windows[i].to);
            if (strcmp(got, windows[i].expected) != 0)
                fail_msg("row %zu, %u flushed: %s", i, flushed, got);
        }
        teardown(state);
    }
    setup(state);
}

static void nothing_is_a_row_of_zeros(void **state)
{
    assert_string_equal(series(*state, STATS_MONTH, "2026-09-01", "2026-11-01"), "0/0/0: 0 0 0");
}

static void folded_days_and_months_stay_in_their_totals(void **state)
{
    struct fixture *f = *state;
    click(f, "2026-08-05T10:00:00Z", 1);
    click(f, "2026-08-20T11:00:00Z", 2);
    click(f, "2026-10-03T15:00:00Z", 3);
    click(f, "2026-11-20T15:00:00Z", 4);
    flush(f);
    compact(f, "2026-11-01", "2026-09-01");
    /* A month without days is on its first, a day without hours in its first. */
    assert_string_equal(series(f, STATS_MONTH, "2026-08-01", "2026-11-01"), "4/4/0: 2 0 1 1");
    assert_string_equal(series(f, STATS_DAY, "2026-08-01", "2026-08-03"), "2/2/0: 2 0 0");
    assert_string_equal(series(f, STATS_DAY, "2026-08-04", "2026-08-06"), "0/0/0: 0 0 0");
    assert_string_equal(series(f, STATS_HOUR, "2026-10-03", "2026-10-03T01:00:00Z"), "1/1/0: 1 0");
    assert_string_equal(series(f, STATS_HOUR, "2026-10-03T14:00:00Z", "2026-10-03T15:00:00Z"),
                        "0/0/0: 0 0");
    assert_string_equal(series(f, STATS_HOUR, "2026-11-20T14:00:00Z", "2026-11-20T15:00:00Z"),
                        "1/1/0: 0 1");
    /* What comes late, too, before and after it is flushed. */
    click(f, "2026-08-06T10:00:00Z", 5);
    click(f, "2026-10-03T16:00:00Z", 6);
    for (unsigned i = 0; i < 2; i++) {
        assert_string_equal(series(f, STATS_MONTH, "2026-08-01", "2026-11-01"), "6/6/0: 3 0 2 1");
        assert_string_equal(series(f, STATS_DAY, "2026-08-06", "2026-08-07"), "1/1/0: 1 0");
        assert_string_equal(series(f, STATS_HOUR, "2026-10-03", "2026-10-03T01:00:00Z"),
                            "2/2/0: 2 0");
        flush(f);
    }
}

/* Days of 25 hours and weeks of a zone; once hours are dropped, days of UTC under the same date. */
static void days_are_those_of_the_zone(void **state)
{
    struct fixture *f = *state;
    struct error why = { "" };
    struct zone berlin;
    assert_true(zone_find(SLICE("Europe/Berlin"), f->arena, &berlin, &why));
    f->zone = &berlin;
    click(f, "2026-10-24T22:30:00Z", 1);
    click(f, "2026-10-25T22:59:59Z", 2);
    click(f, "2026-10-25T23:00:00Z", 3);
    for (unsigned i = 0; i < 2; i++) {
        assert_string_equal(series(f, STATS_DAY, "2026-10-24", "2026-10-26"), "3/3/0: 0 2 1");
        assert_string_equal(series(f, STATS_WEEK, "2026-10-24", "2026-10-26"), "3/3/0: 2 1");
        assert_string_equal(series(f, STATS_HOUR, "2026-10-24T22:00:00Z", "2026-10-25T22:00:00Z"),
                            "2/2/0: 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1");
        flush(f);
    }
    struct stats_request request = request_of(f, STATS_DAY, "2026-10-24", "2026-11-26");
    assert_int_equal(read_statistics(f, &request).utc_until, 0);
    compact(f, "2026-11-01", "2026-09-01");
    click(f, "2026-11-05T23:30:00Z", 1);
    assert_string_equal(series(f, STATS_DAY, "2026-10-24", "2026-10-26"), "3/3/0: 1 2 0");
    assert_int_equal(read_statistics(f, &request).utc_until, click_day_of(time_of("2026-10-26")));
    compact(f, "2026-12-01", "2026-11-01");
    assert_string_equal(series(f, STATS_MONTH, "2026-10-15", "2026-11-15"), "4/4/0: 3 1");
    assert_int_equal(read_statistics(f, &request).utc_until, 0); /* the month begins before it */
}

/* A visitor from before the flush is not a new visitor after it. */
static void a_visitor_is_the_same_before_and_after_a_flush(void **state)
{
    struct fixture *f = *state;
    click(f, "2026-11-20T15:00:00Z", 1);
    click(f, "2026-11-20T16:00:00Z", 2);
    flush(f);
    click(f, "2026-11-20T17:00:00Z", 1);
    click(f, "2026-11-20T17:00:01Z", 3);
    assert_string_equal(series(f, STATS_DAY, "2026-11-20", "2026-11-20"), "4/3/0: 4");
    flush(f);
    assert_string_equal(series(f, STATS_DAY, "2026-11-20", "2026-11-20"), "4/3/0: 4");
}

static void a_record_that_nobody_can_read_keeps_its_totals(void **state)
{
    struct fixture *f = *state;
    click(f, "2026-11-20T15:00:00Z", 1);
    click(f, "2026-11-20T15:00:00Z", 2);
    flush(f);
    f->meddler.spoil = true;
    assert_string_equal(series(f, STATS_DAY, "2026-11-20", "2026-11-20"), "2/2/0: 2");
    click(f, "2026-11-20T16:00:00Z", 3);
    assert_string_equal(series(f, STATS_DAY, "2026-11-20", "2026-11-20"), "3/3/0: 3");
}

/* --- during a flush --- */

static void a_flush_meanwhile_changes_nothing(void **state)
{
    for (unsigned race = 0; race < 4; race++) {
        setup(state);
        struct fixture *f = *state;
        click(f, "2026-11-20T15:00:00Z", 1);
        flush(f);
        click(f, "2026-11-20T15:00:00Z", 2);
        click(f, "2026-11-21T15:00:00Z", 3);
        f->meddler.flush_before = race & 1;
        f->meddler.flush_after = race & 2;
        for (unsigned i = 0; i < 2; i++)
            assert_string_equal(series(f, STATS_DAY, "2026-11-20", "2026-11-22"), "3/3/0: 2 1 0");
        teardown(state);
    }
    setup(state);
}

/* The flush is killed after the batch is stored and before the ring is advanced. */
static void a_batch_that_the_ring_does_not_know_of_counts_once(void **state)
{
    struct fixture *f = *state;
    click(f, "2026-11-20T15:00:00Z", 1);
    click(f, "2026-11-20T15:00:00Z", 2);
    db_fake_fail(f->db, 1, DB_UNAVAILABLE, true);
    struct flush_total total = { 0 };
    (void)flush_step(&f->flusher, 0, &total, &f->err);
    for (unsigned i = 0; i < 5 && click_ring_level(f->ring).pending; i++) {
        assert_string_equal(series(f, STATS_DAY, "2026-11-20", "2026-11-20"), "2/2/0: 2");
        (void)flush_step(&f->flusher, 0, &total, &f->err);
    }
    assert_int_equal(click_ring_level(f->ring).pending, 0);
    assert_string_equal(series(f, STATS_DAY, "2026-11-20", "2026-11-20"), "2/2/0: 2");
}

static void without_a_ring_there_is_what_was_flushed(void **state)
{
    struct fixture *f = *state;
    click(f, "2026-11-20T15:00:00Z", 1);
    flush(f);
    click(f, "2026-11-20T15:00:00Z", 2);
    struct stats_request request = request_of(f, STATS_DAY, "2026-11-20", "2026-11-20");
    request.ring = NULL;
    assert_int_equal(read_statistics(f, &request).total.clicks, 1);
}

/* --- breakdowns */

static void the_most_clicked_come_first(void **state)
{
    static const char *const referrers[] = { "b", "c", "c", "a", "", "", "", "d" };
    struct fixture *f = *state;
    for (size_t i = 0; i < ROWS(referrers); i++) {
        append(f, event_of(LINK, i % 2 ? "2026-11-20T15:00:00Z" : "2026-11-21T15:00:00Z",
                           (unsigned)i + 1, referrers[i]));
        if (i == 3)
            flush(f);
    }
    struct stats_request request = request_of(f, STATS_DAY, "2026-11-20", "2026-11-21");
    assert_string_equal(breakdown(f, &request, CLICK_BY_REFERRER), "direct=3 c=2 a=1 b=1 d=1 +0");
    assert_string_equal(breakdown(f, &request, CLICK_BY_BROWSER), "Firefox=8 +0");
    assert_string_equal(breakdown(f, &request, CLICK_BY_COUNTRY), "unknown=8 +0");
    assert_string_equal(breakdown(f, &request, CLICK_BY_OS), "+8");
    request.query.top = 2;
    assert_string_equal(breakdown(f, &request, CLICK_BY_REFERRER), "direct=3 c=2 +3");
    request.query.by = 1 << CLICK_BY_OS;
    assert_string_equal(breakdown(f, &request, CLICK_BY_REFERRER), "+0");
    /* Of whole days, and of no other ones. */
    request = request_of(f, STATS_HOUR, "2026-11-20T03:00:00Z", "2026-11-20T15:00:00Z");
    assert_string_equal(breakdown(f, &request, CLICK_BY_REFERRER), "a=1 c=1 d=1 direct=1 +0");
    request = request_of(f, STATS_DAY, "2026-11-22", "2026-11-22");
    assert_string_equal(breakdown(f, &request, CLICK_BY_REFERRER), "+0");
}

/* A visitor who asks not to be tracked counts as a click, and nothing else is stored. */
static void private_visitors_are_in_the_totals_alone(void **state)
{
    struct fixture *f = *state;
    struct click_event event = event_of(LINK, "2026-11-20T15:00:00Z", 0, "a.example");
    event.flags = CLICK_PRIVATE;
    append(f, event);
    click(f, "2026-11-20T15:00:00Z", 1);
    for (unsigned i = 0; i < 2; i++) {
        struct stats_request request = request_of(f, STATS_DAY, "2026-11-20", "2026-11-20");
        assert_string_equal(series(f, STATS_DAY, "2026-11-20", "2026-11-20"), "2/1/0: 2");
        assert_string_equal(breakdown(f, &request, CLICK_BY_REFERRER), "a.example=1 +0");
        assert_string_equal(breakdown(f, &request, CLICK_BY_BROWSER), "Firefox=1 +0");
        flush(f);
    }
}

/* --- access --- */

static const struct {
    const char *code;
    struct caller caller;
    enum outcome expected;
} callers[] = {
    { "abc", { .user_id = ANN, .role = ROLE_USER }, OUTCOME_OK },
    { "abc", { .user_id = BOB, .role = ROLE_USER }, OUTCOME_MISSING },
    { "xyz", { .user_id = ANN, .role = ROLE_USER }, OUTCOME_MISSING },
    { "abc", { .user_id = 99, .role = ROLE_ADMIN }, OUTCOME_OK },
    { "xyz", { .user_id = 99, .role = ROLE_ADMIN }, OUTCOME_OK },
    { "none", { .user_id = 99, .role = ROLE_ADMIN }, OUTCOME_MISSING },
    { "", { .user_id = ANN, .role = ROLE_USER }, OUTCOME_MISSING },
};

static void who_may_see_them(void **state)
{
    struct fixture *f = *state;
    click(f, "2026-11-20T15:00:00Z", 1);
    for (size_t i = 0; i < ROWS(callers); i++) {
        struct stats_request request = request_of(f, STATS_DAY, "2026-11-20", "2026-11-20");
        struct statistics statistics;
        request.link.code = slice_of(callers[i].code);
        request.link.caller = callers[i].caller;
        if (statistics_read(f->db, &request, &statistics, &f->err) != callers[i].expected)
            fail_msg("row %zu", i);
    }
}

static void an_unavailable_database_is_reported(void **state)
{
    struct fixture *f = *state;
    struct stats_request request = request_of(f, STATS_DAY, "2026-11-20", "2026-11-20");
    struct statistics statistics;
    db_fake_fail(f->db, 1000, DB_UNAVAILABLE, false);
    assert_int_equal(statistics_read(f->db, &request, &statistics, &f->err), OUTCOME_UNAVAILABLE);
}

/* Busy days of years fit into the memory of a request, and little is taken for each. */
static void years_fit(void **state)
{
    struct fixture *f = *state;
    enum { DAYS = 400, CLICKS = 100 };
    const uint32_t first = (uint32_t)time_of("2025-01-01");
    for (unsigned day = 0; day < DAYS; day++) {
        for (unsigned i = 0; i < CLICKS; i++) {
            char referrer[CLICK_REFERRER_MAX];
            snprintf(referrer, sizeof(referrer), "host-%u-%u.example", day, i % 50);
            struct click_event event = event_of(LINK, "2025-01-01", i + 1, referrer);
            event.at = first + day * CLICK_DAY_SECONDS;
            append(f, event);
        }
        if (day % 80 == 79)
            flush(f);
    }
    arena_reset(f->arena);
    struct stats_request request = request_of(f, STATS_DAY, "2021-06-02", "2026-11-22");
    struct statistics statistics = read_statistics(f, &request);
    assert_int_equal(statistics.n, STATS_BUCKETS_MAX);
    assert_int_equal(statistics.total.clicks, DAYS * CLICKS);
    assert_int_equal(statistics.by[CLICK_BY_REFERRER].n, STATS_TOP_DEFAULT);
    uint64_t by_referrer = statistics.by[CLICK_BY_REFERRER].other;
    for (unsigned i = 0; i < STATS_TOP_DEFAULT; i++)
        by_referrer += statistics.by[CLICK_BY_REFERRER].values[i].clicks;
    assert_int_equal(by_referrer, DAYS * CLICKS);
    assert_true(arena_used(f->arena) < 8 << 20);
}

int main(void)
{
#define ON(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(holes_are_zeros, teardown),
        ON(nothing_is_a_row_of_zeros),
        ON(folded_days_and_months_stay_in_their_totals),
        ON(days_are_those_of_the_zone),
        ON(a_visitor_is_the_same_before_and_after_a_flush),
        ON(a_record_that_nobody_can_read_keeps_its_totals),
        cmocka_unit_test_teardown(a_flush_meanwhile_changes_nothing, teardown),
        ON(a_batch_that_the_ring_does_not_know_of_counts_once),
        ON(without_a_ring_there_is_what_was_flushed),
        ON(the_most_clicked_come_first),
        ON(private_visitors_are_in_the_totals_alone),
        ON(who_may_see_them),
        ON(an_unavailable_database_is_reported),
        ON(years_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
