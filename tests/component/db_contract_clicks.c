/* SPDX-License-Identifier: MIT */
/* The database's contract: clicks that are rolled up, read, compacted, and deleted with their link.
 */
#include "db_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "click/day.h"

enum {
    DAY = 20000, /* 2024-10-04 */
    MONTH = DAY - 3,
    NOON = 12 * 3600,
    MANY_LINKS = 250, /* more than one statement takes */
    WITH_SERIES = 3,  /* roll-ups of a day of one link with an owner */
};

static const struct slice SOURCE = { "host-0123456789a", DB_SOURCE_BYTES };

static void insert_owned(void **state, uint64_t id, const char *code, uint32_t owner_id)
{
    struct link link = sample_link(id, code);
    link.owner_id = owner_id;
    assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
}

static struct click_event click(uint64_t link_id, uint32_t day, uint64_t visitor)
{
    return (struct click_event){
        .link_id = link_id,
        .visitor = visitor * 0x9e3779b97f4a7c15u,
        .at = day * CLICK_DAY_SECONDS + NOON,
        .country = { 'D', 'E' },
        .browser = BROWSER_FIREFOX,
        .referrer_len = 11,
        .referrer = "example.net",
    };
}

static struct click_event bot(uint64_t link_id, uint32_t day)
{
    struct click_event event = click(link_id, day, 0);
    event.flags = CLICK_BOT;
    return event;
}

static struct click_flush batch_of(void **state, uint64_t batch, struct click_event *events,
                                   size_t n)
{
    return (struct click_flush){
        .source = SOURCE,
        .batch = batch,
        .positions = SLICE("here"),
        .events = events,
        .n = n,
        .arena = arena_in(state),
        .now = 1763000000,
    };
}

static struct click_flushed flush(void **state, uint64_t batch, struct click_event *events,
                                  size_t n)
{
    struct click_flush flush = batch_of(state, batch, events, n);
    struct click_flushed done;
    assert_result(db_clicks_flush(db_in(state), &flush, &done, &err), DB_OK);
    return done;
}

static struct click_rows rows_of(void **state, uint64_t link_id, enum click_unit unit)
{
    const struct click_query query = { .link_id = link_id, .end_day = UINT32_MAX };
    struct click_rows rows;
    assert_result(db_clicks_read(db_in(state), &query, arena_in(state), &rows, &err), DB_OK);
    size_t days = 0;
    while (days < rows.n && rows.rows[days].unit == CLICK_UNIT_DAY)
        days++;
    for (size_t i = days; i < rows.n; i++)
        assert_int_equal(rows.rows[i].unit, CLICK_UNIT_MONTH);
    if (unit == CLICK_UNIT_DAY)
        rows.n = days;
    else
        rows = (struct click_rows){ rows.rows + days, rows.n - days, rows.source };
    return rows;
}

static struct click_day decode(void **state, const struct click_row *row)
{
    struct click_day day;
    assert_true(click_day_decode(row->detail, arena_in(state), &day));
    assert_memory_equal(&day.total, &row->total, sizeof(day.total));
    return day;
}

static void assert_counts(const struct click_counts *got, unsigned clicks, unsigned visitors,
                          unsigned bots)
{
    assert_int_equal(got->clicks, clicks);
    assert_int_equal(got->visitors, visitors);
    assert_int_equal(got->bots, bots);
}

static void assert_owner(void **state, uint32_t owner_id, struct click_totals wanted)
{
    struct click_totals got = { 77, 77, 77, 77 };
    assert_result(db_clicks_owner(db_in(state), owner_id, &got, &err), DB_OK);
    assert_memory_equal(&got, &wanted, sizeof(got));
}

static uint64_t clicks_of(void **state, uint64_t link_id)
{
    struct link link;
    assert_result(db_link_find_id(db_in(state), link_id, arena_in(state), &link, &err), DB_OK);
    return link.clicks;
}

static uint64_t imported_of(void **state, uint64_t link_id)
{
    struct link link;
    assert_result(db_link_find_id(db_in(state), link_id, arena_in(state), &link, &err), DB_OK);
    return link.clicks_imported;
}

/* --- series --- */

static uint64_t series_of(void **state, uint32_t owner_id, uint32_t day)
{
    struct click_rows rows = rows_of(state, click_series_id(owner_id), CLICK_UNIT_DAY);
    for (size_t i = 0; i < rows.n; i++) {
        if (rows.rows[i].at == day)
            return decode(state, &rows.rows[i]).total.clicks;
    }
    return 0;
}

/* The roll-ups of all links of an owner, and of all links, are stored like those of one link. */
static void test_clicks_are_counted_for_the_owner(void **state)
{
    insert_owned(state, 7, "abc", 3);
    insert_owned(state, 8, "def", 3);
    insert_owned(state, 9, "ghi", 4);
    insert_owned(state, 10, "jkl", 0);
    struct click_event events[] = { click(7, DAY, 1),     click(8, DAY, 1), bot(8, DAY),
                                    click(7, DAY + 1, 2), click(9, DAY, 1), click(10, DAY, 5),
                                    click(77, DAY, 1) };
    struct click_flushed done = flush(state, 1, events, 7);
    assert_int_equal(done.clicks, 5);
    assert_int_equal(done.rows, 5);
    const struct click_rows rows = rows_of(state, click_series_id(3), CLICK_UNIT_DAY);
    assert_int_equal(rows.n, 2);
    struct click_day day = decode(state, &rows.rows[0]);
    assert_counts(&day.total, 2, 1, 1);
    assert_int_equal(series_of(state, 3, DAY + 1), 1);
    assert_int_equal(series_of(state, 4, DAY), 1);
    assert_int_equal(series_of(state, DB_OWNER_ANY, DAY), 4);
    assert_int_equal(rows_of(state, click_series_id(0), CLICK_UNIT_DAY).n, 0);
    struct click_event more[] = { click(7, DAY, 3) };
    flush(state, 2, more, 1);
    assert_int_equal(series_of(state, 3, DAY), 3);
    assert_int_equal(series_of(state, DB_OWNER_ANY, DAY), 5);
    assert_result(db_link_delete(db_in(state), 7, 0, &err), DB_OK);
    assert_int_equal(series_of(state, 3, DAY), 3);
}

static void test_a_user_takes_its_series_along(void **state)
{
    struct user ann = { .name = SLICE("ann") };
    assert_result(db_user_add(db_in(state), &ann, &err), DB_OK);
    insert_owned(state, 7, "abc", ann.id);
    struct click_event events[] = { click(7, DAY, 1) };
    flush(state, 1, events, 1);
    assert_int_equal(series_of(state, ann.id, DAY), 1);
    assert_result(db_link_delete(db_in(state), 7, 0, &err), DB_OK);
    assert_result(db_user_delete(db_in(state), ann.id, 0, &err), DB_OK);
    assert_int_equal(rows_of(state, click_series_id(ann.id), CLICK_UNIT_DAY).n, 0);
    assert_int_equal(series_of(state, DB_OWNER_ANY, DAY), 1);
}

/* --- counting --- */

static void test_clicks_are_counted(void **state)
{
    insert_owned(state, 7, "abc", 3);
    struct click_event events[] = { click(7, DAY, 1), bot(7, DAY), click(7, DAY, 2),
                                    click(7, DAY, 1) };
    struct click_flushed done = flush(state, 1, events, 4);
    assert_int_equal(done.clicks, 3);
    assert_int_equal(done.bots, 1);
    assert_int_equal(done.dropped, 0);
    assert_int_equal(done.rows, 1);
    struct click_rows rows = rows_of(state, 7, CLICK_UNIT_DAY);
    assert_int_equal(rows.n, 1);
    assert_int_equal(rows.rows[0].at, DAY);
    assert_counts(&rows.rows[0].total, 3, 2, 1);
    struct click_day day = decode(state, &rows.rows[0]);
    assert_counts(&day.hours[12], 3, 2, 1);
    assert_slice(day.by[CLICK_BY_REFERRER].values[0].value, SLICE("example.net"));
    assert_int_equal(day.by[CLICK_BY_REFERRER].values[0].clicks, 3);
    assert_int_equal(clicks_of(state, 7), 3);
    assert_owner(state, 3, (struct click_totals){ 1, 3, 2, 1 });
    assert_owner(state, DB_OWNER_ANY, (struct click_totals){ 1, 3, 2, 1 });
    assert_owner(state, 4, (struct click_totals){ 0 });
}

static void test_batches_add_up(void **state)
{
    insert_owned(state, 7, "abc", 3);
    insert_owned(state, 8, "def", 3);
    for (unsigned batch = 1; batch <= 4; batch++) {
        struct click_event events[] = { click(8, DAY, 1), click(7, DAY, batch), bot(8, DAY) };
        flush(state, batch, events, 3);
    }
    assert_counts(&rows_of(state, 7, CLICK_UNIT_DAY).rows[0].total, 4, 4, 0);
    assert_counts(&rows_of(state, 8, CLICK_UNIT_DAY).rows[0].total, 4, 1, 4);
    assert_int_equal(clicks_of(state, 7), 4);
    assert_owner(state, 3, (struct click_totals){ 2, 8, 5, 4 });
}

static void test_bots_alone_are_no_clicks(void **state)
{
    insert_owned(state, 7, "abc", 3);
    struct click_event events[] = { bot(7, DAY) };
    flush(state, 1, events, 1);
    assert_int_equal(clicks_of(state, 7), 0);
    assert_counts(&rows_of(state, 7, CLICK_UNIT_DAY).rows[0].total, 0, 0, 1);
    assert_owner(state, 3, (struct click_totals){ 1, 0, 0, 1 });
}

static void test_many_links_and_days_are_one_batch(void **state)
{
    static struct click_event events[MANY_LINKS * 3];
    for (unsigned id = 1; id <= MANY_LINKS; id++) {
        char code[16];
        snprintf(code, sizeof(code), "code%u", id);
        insert_owned(state, id, code, id % 3);
        for (unsigned day = 0; day < 3; day++)
            events[(id * 7 % MANY_LINKS) * 3 + day] = click(id, DAY - day, id);
    }
    struct click_flushed done = flush(state, 1, events, MANY_LINKS * 3);
    assert_int_equal(done.clicks, MANY_LINKS * 3);
    assert_int_equal(done.rows, MANY_LINKS * 3);
    for (unsigned id = 1; id <= MANY_LINKS; id += 3) {
        struct click_rows rows = rows_of(state, id, CLICK_UNIT_DAY);
        assert_int_equal(rows.n, 3);
        for (unsigned i = 0; i < 3; i++) {
            assert_int_equal(rows.rows[i].at, DAY - 2 + i); /* in the order of time */
            assert_counts(&rows.rows[i].total, 1, 1, 0);
        }
        assert_int_equal(clicks_of(state, id), 3);
    }
    assert_owner(state, 1, (struct click_totals){ 84, 252, 252, 0 });
    assert_owner(state, DB_OWNER_ANY, (struct click_totals){ 250, 750, 750, 0 });
}

static void test_a_read_is_of_a_range(void **state)
{
    static const struct {
        uint32_t from;
        uint32_t end;
        size_t n;
    } ranges[] = { { DAY, DAY + 3, 3 },        { DAY + 1, DAY + 2, 1 }, { DAY, DAY, 0 },
                   { DAY + 3, UINT32_MAX, 1 }, { 0, DAY, 0 },           { 0, DAY + 1, 1 } };
    insert_owned(state, 7, "abc", 3);
    struct click_event events[] = { click(7, DAY + 2, 1), click(7, DAY, 1), click(7, DAY + 3, 1),
                                    click(7, DAY + 1, 1) };
    flush(state, 1, events, 4);
    for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
        const struct click_query query = { 7, ranges[i].from, ranges[i].end, SLICE("") };
        struct click_rows rows;
        assert_result(db_clicks_read(db_in(state), &query, arena_in(state), &rows, &err), DB_OK);
        assert_int_equal(rows.n, ranges[i].n);
    }
    assert_int_equal(rows_of(state, 7, CLICK_UNIT_MONTH).n, 0);
    assert_int_equal(rows_of(state, 6, CLICK_UNIT_DAY).n, 0);
}

/* Days and months in one order, and how far the source is in them. */
static void test_a_read_tells_how_far_a_source_is(void **state)
{
    const struct click_query query = { 7, 0, UINT32_MAX, SOURCE };
    const struct click_query other = { 7, 0, UINT32_MAX, SLICE("another-0123456") };
    struct click_rows rows;
    insert_owned(state, 7, "abc", 3);
    assert_result(db_clicks_read(db_in(state), &query, arena_in(state), &rows, &err), DB_OK);
    assert_int_equal(rows.n, 0);
    assert_int_equal(rows.source.batch, 0);
    assert_int_equal(rows.source.positions.len, 0);
    struct click_event events[] = { click(7, DAY + 40, 1), click(7, DAY, 1),
                                    click(7, DAY + 39, 1) };
    flush(state, 1, events, 3);
    flush(state, 2, NULL, 0);
    const struct click_compact compact = { DAY + 30, DAY + 30, 100 };
    struct click_compact_done done;
    assert_result(db_clicks_compact_batch(db_in(state), &compact, &done, &err), DB_OK);
    assert_int_equal(done.merged, WITH_SERIES);
    assert_result(db_clicks_read(db_in(state), &query, arena_in(state), &rows, &err), DB_OK);
    assert_int_equal(rows.n, 3);
    assert_int_equal(rows.rows[0].at, DAY + 39);
    assert_int_equal(rows.rows[1].at, DAY + 40);
    assert_int_equal(rows.rows[1].unit, CLICK_UNIT_DAY);
    assert_int_equal(rows.rows[2].at, MONTH);
    assert_int_equal(rows.rows[2].unit, CLICK_UNIT_MONTH);
    assert_int_equal(rows.source.batch, 2);
    assert_slice(rows.source.positions, SLICE("here"));
    assert_result(db_clicks_read(db_in(state), &other, arena_in(state), &rows, &err), DB_OK);
    assert_int_equal(rows.n, 3);
    assert_int_equal(rows.source.batch, 0);
}

static void test_a_list_shows_the_clicks(void **state)
{
    insert_owned(state, 7, "abc", 3);
    insert_owned(state, 8, "def", 3);
    struct click_event events[] = { click(8, DAY, 1), click(8, DAY + 1, 1) };
    flush(state, 1, events, 2);
    const struct link_query query = { .owner_id = 3, .limit = 10 };
    struct link_page page;
    assert_result(db_links_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 2);
    assert_int_equal(page.links[0].clicks, 2);
    assert_int_equal(page.links[1].clicks, 0);
}

static void test_clicks_counted_elsewhere_are_kept(void **state)
{
    struct link link = sample_link(7, "abc");
    link.owner_id = 3;
    link.clicks = 12;
    link.clicks_imported =
        5; /* what it had elsewhere: all that come with it have no roll-ups here */
    assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
    assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK); /* the same once more */
    struct link more[] = { sample_link(8, "def"), sample_link(9, "ghi") };
    more[0].owner_id = more[1].owner_id = 3;
    more[0].clicks = 30;
    enum db_result results[2];
    assert_result(db_links_insert_many(db_in(state), more, 2, results, &err), DB_OK);
    assert_int_equal(clicks_of(state, 7), 12);
    assert_int_equal(clicks_of(state, 8), 30);
    assert_int_equal(clicks_of(state, 9), 0);
    struct click_event events[] = { click(7, DAY, 1) };
    flush(state, 1, events, 1);
    assert_int_equal(clicks_of(state, 7), 13);
    assert_int_equal(imported_of(state, 7), 12);
    assert_int_equal(imported_of(state, 8), 30);
    assert_int_equal(imported_of(state, 9), 0);
    assert_owner(state, 3, (struct click_totals){ 3, 43, 1, 0 });
}

/* --- exactly once --- */

static void test_a_batch_counts_once(void **state)
{
    static const uint64_t wrong[] = { 1, 3, 4, UINT64_MAX };
    insert_owned(state, 7, "abc", 3);
    struct click_event events[] = { click(7, DAY, 1), click(7, DAY, 2) };
    flush(state, 1, events, 2);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct click_flush again = batch_of(state, wrong[i], events, 2);
        again.positions = SLICE("elsewhere");
        struct click_flushed done;
        assert_result(db_clicks_flush(db_in(state), &again, &done, &err), DB_STALE);
    }
    assert_int_equal(clicks_of(state, 7), 2);
    assert_owner(state, 3, (struct click_totals){ 1, 2, 2, 0 });
    struct click_source source;
    assert_result(db_clicks_source(db_in(state), SOURCE, arena_in(state), &source, &err), DB_OK);
    assert_int_equal(source.batch, 1);
    assert_slice(source.positions, SLICE("here"));
    flush(state, 2, events, 2);
    assert_int_equal(clicks_of(state, 7), 4);
}

static void test_sources_count_for_themselves(void **state)
{
    const struct slice other = SLICE("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    struct click_source source;
    assert_result(db_clicks_source(db_in(state), SOURCE, arena_in(state), &source, &err),
                  DB_MISSING);
    assert_result(db_clicks_source_drop(db_in(state), SOURCE, &err), DB_OK);
    flush(state, 1, NULL, 0);
    struct click_flush first = batch_of(state, 1, NULL, 0);
    first.source = other;
    first.positions = SLICE("a\0b");
    struct click_flushed done;
    assert_result(db_clicks_flush(db_in(state), &first, &done, &err), DB_OK);
    flush(state, 2, NULL, 0);
    assert_result(db_clicks_source(db_in(state), other, arena_in(state), &source, &err), DB_OK);
    assert_int_equal(source.batch, 1);
    assert_slice(source.positions, SLICE("a\0b"));
    assert_result(db_clicks_source_drop(db_in(state), other, &err), DB_OK);
    assert_result(db_clicks_source(db_in(state), other, arena_in(state), &source, &err),
                  DB_MISSING);
    assert_result(db_clicks_source(db_in(state), SOURCE, arena_in(state), &source, &err), DB_OK);
    assert_int_equal(source.batch, 2);
    assert_result(db_clicks_flush(db_in(state), &first, &done, &err), DB_OK);
}

static void test_limits_of_a_batch(void **state)
{
    static char positions[DB_POSITIONS_MAX + 1];
    struct click_flush most = batch_of(state, 1, NULL, 0);
    most.positions = (struct slice){ positions, DB_POSITIONS_MAX };
    struct click_flush bad[5];
    for (size_t i = 0; i < 5; i++)
        bad[i] = most;
    bad[0].positions.len++;
    bad[1].source.len--;
    bad[2].source = (struct slice){ "host-0123456789ab", DB_SOURCE_BYTES + 1 };
    bad[3].batch = 0;
    bad[4].n = DB_CLICKS_MAX + 1;
    struct click_flushed done;
    for (size_t i = 0; i < 5; i++)
        assert_result(db_clicks_flush(db_in(state), &bad[i], &done, &err), DB_FAILED);
    assert_result(db_clicks_flush(db_in(state), &most, &done, &err), DB_OK);
    struct click_source source;
    assert_result(db_clicks_source(db_in(state), SOURCE, arena_in(state), &source, &err), DB_OK);
    assert_slice(source.positions, most.positions);
}

/* --- links that are gone --- */

static void test_clicks_of_nothing_are_dropped(void **state)
{
    insert_owned(state, 7, "abc", 3);
    struct click_event events[] = { click(8, DAY, 1), click(7, DAY, 1), click(9, DAY, 1),
                                    bot(8, DAY + 1) };
    struct click_flushed done = flush(state, 1, events, 4);
    assert_int_equal(done.clicks, 1);
    assert_int_equal(done.bots, 0);
    assert_int_equal(done.dropped, 3);
    assert_int_equal(done.rows, 1);
    assert_int_equal(rows_of(state, 8, CLICK_UNIT_DAY).n, 0);
    assert_int_equal(rows_of(state, 9, CLICK_UNIT_DAY).n, 0);
    assert_owner(state, DB_OWNER_ANY, (struct click_totals){ 1, 1, 1, 0 });
}

static void test_a_link_takes_its_clicks_along(void **state)
{
    insert_owned(state, 7, "abc", 3);
    insert_owned(state, 8, "def", 3);
    struct click_event events[] = { click(7, DAY, 1), click(8, DAY, 1), click(8, DAY + 9, 1) };
    flush(state, 1, events, 3);
    const struct click_compact compact = { DAY + 1, DAY + 1, DB_COMPACT_MAX };
    struct click_compact_done compacted;
    assert_result(db_clicks_compact_batch(db_in(state), &compact, &compacted, &err), DB_OK);
    assert_result(db_link_delete(db_in(state), 8, 0, &err), DB_OK);
    assert_int_equal(rows_of(state, 8, CLICK_UNIT_DAY).n, 0);
    assert_int_equal(rows_of(state, 8, CLICK_UNIT_MONTH).n, 0);
    assert_int_equal(rows_of(state, 7, CLICK_UNIT_MONTH).n, 1);
    assert_owner(state, 3, (struct click_totals){ 1, 3, 3, 0 }); /* what was clicked was clicked */
    insert_owned(state, 8, "new", 3);
    assert_int_equal(clicks_of(state, 8), 0);
}

static void test_a_purge_takes_the_clicks_along(void **state)
{
    for (unsigned id = 7; id <= 8; id++) {
        struct link link = sample_link(id, id == 7 ? "abc" : "def");
        link.target.expires_at = 1000 * id;
        assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
    }
    struct click_event events[] = { click(7, DAY, 1), click(8, DAY, 1) };
    flush(state, 1, events, 2);
    const struct purge purge = { .expired_before = 7500, .limit = 10 };
    struct purge_done done;
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_int_equal(done.links, 1);
    assert_int_equal(rows_of(state, 7, CLICK_UNIT_DAY).n, 0);
    assert_int_equal(rows_of(state, 8, CLICK_UNIT_DAY).n, 1);
}

/* --- folding --- */

static struct click_compact_done compact(void **state, uint32_t hourly_before,
                                         uint32_t daily_before, unsigned limit)
{
    const struct click_compact compact = { hourly_before, daily_before, limit };
    struct click_compact_done done;
    assert_result(db_clicks_compact_batch(db_in(state), &compact, &done, &err), DB_OK);
    return done;
}

static void assert_folded(struct click_compact_done got, unsigned compacted, unsigned merged,
                          bool more)
{
    assert_int_equal(got.compacted, compacted);
    assert_int_equal(got.merged, merged);
    assert_int_equal(got.more, more);
}

static void test_old_days_lose_their_hours(void **state)
{
    insert_owned(state, 7, "abc", 3);
    struct click_event events[] = { click(7, DAY, 1), click(7, DAY, 2), bot(7, DAY),
                                    click(7, DAY + 1, 1) };
    flush(state, 1, events, 4);
    assert_folded(compact(state, DAY, 0, 10), 0, 0, false);
    assert_folded(compact(state, DAY + 1, 0, 10), WITH_SERIES, 0, false);
    assert_folded(compact(state, DAY + 1, 0, 10), 0, 0, false);
    struct click_rows rows = rows_of(state, 7, CLICK_UNIT_DAY);
    assert_int_equal(rows.n, 2);
    struct click_day day = decode(state, &rows.rows[0]);
    assert_true(day.compacted);
    assert_counts(&day.total, 2, 2, 1);
    assert_counts(&day.hours[12], 0, 0, 0);
    assert_int_equal(day.by[CLICK_BY_COUNTRY].values[0].clicks, 2);
    day = decode(state, &rows.rows[1]);
    assert_false(day.compacted);
    assert_counts(&day.hours[12], 1, 1, 0);
}

static void test_older_days_become_months(void **state)
{
    insert_owned(state, 7, "abc", 3);
    insert_owned(state, 8, "def", 3);
    struct click_event events[] = { click(7, DAY, 1),       click(7, MONTH, 1), bot(7, MONTH),
                                    click(7, MONTH - 1, 1), click(8, DAY, 1),   click(8, DAY, 2),
                                    click(7, DAY + 1, 1) };
    flush(state, 1, events, 7);
    /* Four of links, and three of each series, whatever hourly_before says. */
    assert_folded(compact(state, 0, DAY + 1, 20), 10, 10, false);
    struct click_rows months = rows_of(state, 7, CLICK_UNIT_MONTH);
    assert_int_equal(months.n, 2);
    assert_int_equal(months.rows[0].at, MONTH - 30);
    assert_counts(&months.rows[0].total, 1, 1, 0);
    assert_int_equal(months.rows[1].at, MONTH);
    assert_counts(&months.rows[1].total, 2, 2, 1);
    assert_true(decode(state, &months.rows[1]).compacted);
    assert_counts(&rows_of(state, 8, CLICK_UNIT_MONTH).rows[0].total, 2, 2, 0);
    struct click_rows days = rows_of(state, 7, CLICK_UNIT_DAY);
    assert_int_equal(days.n, 1);
    assert_int_equal(days.rows[0].at, DAY + 1);
    assert_folded(compact(state, 0, DAY + 2, 10), WITH_SERIES, WITH_SERIES, false);
    assert_counts(&rows_of(state, 7, CLICK_UNIT_MONTH).rows[1].total, 3, 3, 1);
    assert_int_equal(rows_of(state, 7, CLICK_UNIT_DAY).n, 0);
    assert_int_equal(clicks_of(state, 7), 4);
    assert_owner(state, 3, (struct click_totals){ 2, 6, 6, 1 });
}

/* Late clicks count in what their day has become. */
static void test_late_clicks_count(void **state)
{
    insert_owned(state, 7, "abc", 3);
    struct click_event events[] = { click(7, DAY, 1), click(7, DAY - 1, 1) };
    flush(state, 1, events, 2);
    compact(state, DAY + 1, DAY, 10);
    struct click_event late[] = { click(7, DAY, 2), click(7, DAY - 1, 2), bot(7, DAY - 1) };
    flush(state, 2, late, 3);
    struct click_rows days = rows_of(state, 7, CLICK_UNIT_DAY);
    assert_int_equal(days.n, 2);
    assert_counts(&days.rows[0].total, 1, 1, 1); /* besides the month, until the next fold */
    assert_counts(&days.rows[1].total, 2, 2, 0);
    assert_true(decode(state, &days.rows[1]).compacted);
    assert_folded(compact(state, DAY + 1, DAY, 10), WITH_SERIES, WITH_SERIES, false);
    assert_int_equal(rows_of(state, 7, CLICK_UNIT_DAY).n, 1);
    struct click_rows months = rows_of(state, 7, CLICK_UNIT_MONTH);
    assert_int_equal(months.n, 1);
    assert_counts(&months.rows[0].total, 2, 2, 1);
    assert_int_equal(clicks_of(state, 7), 4);
}

static void test_a_fold_has_a_limit(void **state)
{
    static struct click_event events[MANY_LINKS];
    char code[16];
    for (unsigned id = 1; id <= MANY_LINKS; id++) {
        snprintf(code, sizeof(code), "code%u", id);
        insert_owned(state, id, code, 3);
        events[id - 1] = click(id, DAY + id % 3, id);
    }
    flush(state, 1, events, MANY_LINKS);
    const struct click_compact bad[] = { { DAY, 0, 0 }, { DAY, 0, DB_COMPACT_MAX + 1 } };
    struct click_compact_done done;
    for (size_t i = 0; i < 2; i++)
        assert_result(db_clicks_compact_batch(db_in(state), &bad[i], &done, &err), DB_FAILED);
    unsigned compacted = 0;
    unsigned merged = 0;
    for (done.more = true; done.more;) {
        done = compact(state, DAY + 3, DAY + 3, 120);
        assert_true(done.compacted <= 120 && done.merged <= 120);
        compacted += done.compacted;
        merged += done.merged;
    }
    assert_int_equal(compacted, MANY_LINKS + 3 * (WITH_SERIES - 1));
    assert_int_equal(merged, MANY_LINKS + 3 * (WITH_SERIES - 1));
    for (unsigned id = 1; id <= MANY_LINKS; id += 7) {
        assert_int_equal(rows_of(state, id, CLICK_UNIT_DAY).n, 0);
        assert_counts(&rows_of(state, id, CLICK_UNIT_MONTH).rows[0].total, 1, 1, 0);
    }
    assert_owner(state, 3, (struct click_totals){ MANY_LINKS, MANY_LINKS, MANY_LINKS, 0 });
}

/* Only sources of the part and of that length, and of them only old ones. */
static void test_a_purge_of_sources(void **state)
{
    static const struct {
        const char *source;
        struct slice positions;
        int64_t now;
        bool is_gone;
    } rows[] = {
        { "aaaaaaaaaaaaaaaa", { "log", 3 }, 1000, true },
        { "a\377\377aaaaaaaaaaaaa", { "log", 3 }, 1999, true },
        { "abaaaaaaaaaaaaaa", { "log", 3 }, 2000, false },
        { "acaaaaaaaaaaaaaa", { "ring", 4 }, 1000, false },
        { "baaaaaaaaaaaaaaa", { "log", 3 }, 1000, false },
        { "\140aaaaaaaaaaaaaaa", { "log", 3 }, 1000, false },
    };
    const struct click_source_purge purge = { .part = 'a', .positions_len = 3, .before = 2000 };
    struct click_source found;
    struct click_flushed done;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct click_flush flush = batch_of(state, 1, NULL, 0);
        flush.source = (struct slice){ rows[i].source, DB_SOURCE_BYTES };
        flush.positions = rows[i].positions;
        flush.now = rows[i].now;
        assert_result(db_clicks_flush(db_in(state), &flush, &done, &err), DB_OK);
    }
    assert_result(db_clicks_sources_purge(db_in(state), &purge, &err), DB_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct slice source = { rows[i].source, DB_SOURCE_BYTES };
        assert_result(db_clicks_source(db_in(state), source, arena_in(state), &found, &err),
                      rows[i].is_gone ? DB_MISSING : DB_OK);
    }
}

const struct CMUnitTest *db_contract_clicks(size_t *n)
{
    static const struct CMUnitTest tests[] = {
        DB_CASE(test_clicks_are_counted_for_the_owner),
        DB_CASE(test_a_user_takes_its_series_along),
        DB_CASE(test_clicks_are_counted),
        DB_CASE(test_batches_add_up),
        DB_CASE(test_bots_alone_are_no_clicks),
        DB_CASE(test_many_links_and_days_are_one_batch),
        DB_CASE(test_a_read_is_of_a_range),
        DB_CASE(test_a_read_tells_how_far_a_source_is),
        DB_CASE(test_a_list_shows_the_clicks),
        DB_CASE(test_clicks_counted_elsewhere_are_kept),
        DB_CASE(test_a_batch_counts_once),
        DB_CASE(test_sources_count_for_themselves),
        DB_CASE(test_a_purge_of_sources),
        DB_CASE(test_limits_of_a_batch),
        DB_CASE(test_clicks_of_nothing_are_dropped),
        DB_CASE(test_a_link_takes_its_clicks_along),
        DB_CASE(test_a_purge_takes_the_clicks_along),
        DB_CASE(test_old_days_lose_their_hours),
        DB_CASE(test_older_days_become_months),
        DB_CASE(test_late_clicks_count),
        DB_CASE(test_a_fold_has_a_limit),
    };
    *n = sizeof(tests) / sizeof(*tests);
    return tests;
}
