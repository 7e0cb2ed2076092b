/* SPDX-License-Identifier: MIT */
/* The flush: each click is stored in the database once, whatever fails, whenever it is killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "clicklog/click_ring_layout.h"
#include "clicklog/click_spill.h"
#include "fakes/db_fake.h"
#include "service/compact.h"
#include "service/flush.h"
#include "support/between.h"
#include "support/host_files.h"

enum { NOW = 1800000000, LINK = 7 };

struct fixture {
    struct host_files files;
    struct click_ring *worker;
    struct click_ring *ring;
    struct click_spill spill;
    struct arena *arena;
    struct flusher flusher;
    struct flush_total total;
    uint64_t appended;
    struct error err;
};

static void insert_link(struct db *db)
{
    struct error err;
    const struct link link = {
        .target = { .link_id = LINK, .long_url = SLICE("https://example.com/") },
        .code = SLICE("abc"),
        .created_at = NOW,
        .updated_at = NOW,
    };
    assert_int_equal(db_link_insert(db, &link, NULL, &err), DB_OK);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct error err;
    *state = f;
    if (!host_files_make(&f->files, "segment.clicks"))
        return -1;
    f->worker = host_ring_open(f->files.path);
    f->ring = host_ring_open(f->files.path);
    f->arena = arena_new(64 << 20);
    f->spill = (struct click_spill){ .dir = f->files.dir, .max_bytes = UINT64_MAX, .fd = -1 };
    f->flusher = (struct flusher){
        .db = db_fake_new(1000, 10),
        .ring = f->ring,
        .spill_dir = f->files.dir,
        .arena = f->arena,
    };
    insert_link(f->flusher.db);
    return click_ring_claim(f->worker, &err) ? 0 : -1;
}

static unsigned count_spills(struct fixture *f)
{
    DIR *files = opendir(f->files.dir);
    const struct dirent *entry;
    unsigned n = 0;
    // cppcheck-suppress readdirCalled
    while ((entry = readdir(files)))
        n += strncmp(entry->d_name, "clicks-", 7) == 0;
    closedir(files);
    return n;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    click_spill_let_go(&f->spill);
    click_ring_close(&f->worker);
    click_ring_close(&f->ring);
    db_close(&f->flusher.db);
    arena_free(&f->arena);
    if (!host_files_remove(&f->files)) /* every spill file was removed */
        return -1;
    free(f);
    return 0;
}

/* --- helpers */

static void record(struct fixture *f, uint64_t link_id, unsigned n)
{
    const struct click_event event = { .link_id = link_id, .visitor = 1, .at = NOW };
    for (unsigned i = 0; i < n; i++)
        assert_true(click_ring_append(f->worker, &event));
    if (link_id == LINK)
        f->appended += n;
}

static void spill(struct fixture *f, unsigned n)
{
    const struct click_event event = { .link_id = LINK, .visitor = 2, .at = NOW };
    for (unsigned i = 0; i < n; i++) {
        if (!click_spill_append(&f->spill, &event, &f->err))
            fail_msg("%s", f->err.text);
    }
    f->appended += n;
}

static enum db_result step(struct fixture *f)
{
    return flush_step(&f->flusher, NOW, &f->total, &f->err);
}

static void expect_step(struct fixture *f, enum db_result expected)
{
    enum db_result result = step(f);
    if (result != expected)
        fail_msg("%d: %s", (int)result, f->err.text);
}

/* As a process that starts: nothing is known but what is stored. */
static void begin_anew(struct fixture *f)
{
    click_ring_close(&f->ring);
    f->ring = host_ring_open(f->files.path);
    f->flusher = (struct flusher){
        .db = f->flusher.db, .ring = f->ring, .spill_dir = f->files.dir, .arena = f->arena
    };
}

static uint64_t counted(struct fixture *f)
{
    struct click_totals totals;
    db_fake_fail(f->flusher.db, 0, DB_OK, false);
    assert_int_equal(db_clicks_owner(f->flusher.db, DB_OWNER_ANY, &totals, &f->err), DB_OK);
    return totals.clicks;
}

static void expect_all_counted(struct fixture *f)
{
    assert_int_equal(flush_pending(&f->flusher), 0);
    assert_int_equal(counted(f), f->appended);
}

/* --- the ring */

static void what_is_in_the_ring_is_counted(void **state)
{
    struct fixture *f = *state;
    record(f, LINK, 10);
    assert_int_equal(flush_pending(&f->flusher), 10);
    expect_step(f, DB_OK);
    assert_int_equal(f->total.events, 10);
    assert_int_equal(f->total.clicks, 10);
    assert_false(f->total.more);
    record(f, LINK, 5);
    expect_step(f, DB_OK);
    expect_all_counted(f);
    begin_anew(f);
    expect_step(f, DB_OK);
    expect_all_counted(f);
}

static void nothing_is_asked_when_there_is_nothing(void **state)
{
    struct fixture *f = *state;
    expect_step(f, DB_OK);
    unsigned calls = db_fake_calls(f->flusher.db);
    expect_step(f, DB_OK);
    assert_int_equal(db_fake_calls(f->flusher.db), calls);
}

static void clicks_of_links_that_are_gone_go_too(void **state)
{
    struct fixture *f = *state;
    record(f, LINK + 1, 3);
    record(f, LINK, 2);
    expect_step(f, DB_OK);
    assert_int_equal(f->total.dropped, 3);
    assert_int_equal(f->total.clicks, 2);
    expect_all_counted(f);
}

static void a_database_that_is_away_is_waited_for(void **state)
{
    struct fixture *f = *state;
    record(f, LINK, 4);
    for (unsigned i = 0; i < 3; i++) {
        db_fake_fail(f->flusher.db, 1, DB_UNAVAILABLE, false);
        expect_step(f, DB_UNAVAILABLE);
        record(f, LINK, 4);
        assert_int_equal(flush_pending(&f->flusher), f->appended);
    }
    expect_step(f, DB_OK);
    expect_all_counted(f);
}

/* Whether the batch was stored or not, and whether the same flusher continues or another one. */
static void a_batch_whose_answer_is_lost_counts_once(void **state)
{
    struct fixture *f = *state;
    expect_step(f, DB_OK);
    for (unsigned i = 0; i < 8; i++) {
        bool stored = i & 1;
        record(f, LINK, 3);
        db_fake_fail(f->flusher.db, 1, DB_UNAVAILABLE, stored);
        expect_step(f, DB_UNAVAILABLE);
        assert_int_equal(counted(f), stored ? f->appended : f->appended - 3);
        if (i & 2)
            begin_anew(f);
        if (i & 4)
            record(f, LINK, 2);
        expect_step(f, DB_OK);
        expect_all_counted(f);
    }
}

static void several_may_flush_in_turn(void **state)
{
    struct fixture *f = *state;
    struct click_ring *ring = host_ring_open(f->files.path);
    struct flusher other = { .db = f->flusher.db, .ring = ring, .arena = f->arena };
    struct flush_total total = { 0 };
    for (unsigned i = 0; i < 20; i++) {
        record(f, LINK, 2);
        expect_step(f, DB_OK);
        record(f, LINK, 1);
        while (f->total.more)
            expect_step(f, DB_OK);
        do
            assert_int_equal(flush_step(&other, NOW, &total, &f->err), DB_OK);
        while (total.more);
    }
    expect_all_counted(f);
    assert_true(click_ring_flush_lock(ring));
    record(f, LINK, 1);
    expect_step(f, DB_OK);
    assert_true(f->total.busy);
    assert_int_equal(flush_pending(&f->flusher), 1);
    click_ring_close(&ring);
    expect_step(f, DB_OK);
    assert_false(f->total.busy);
    expect_all_counted(f);
}

static void a_database_that_never_agrees_is_a_failure(void **state)
{
    struct fixture *f = *state;
    unsigned steps = 0;
    record(f, LINK, 1);
    do {
        f->flusher.is_known = true;
        f->flusher.batch = 100 + steps;
    } while (step(f) == DB_OK && ++steps < 100);
    assert_between(steps, 1, 50);
    assert_non_null(strstr(f->err.text, "again and again"));
    begin_anew(f);
    expect_step(f, DB_OK);
    expect_all_counted(f);
}

/* --- the secret */

static void the_secret_is_published(void **state)
{
    static const struct slice secret = SLICE("thirty-two bytes of key material");
    struct fixture *f = *state;
    unsigned char out[CLICK_SECRET_BYTES];
    uint64_t version = 0;
    expect_step(f, DB_OK);
    assert_false(click_ring_secret(f->worker, &version, out)); /* there is none yet */
    db_fake_set_setting(f->flusher.db, FLUSH_SECRET_SETTING, secret);
    begin_anew(f);
    expect_step(f, DB_OK);
    assert_true(click_ring_secret(f->worker, &version, out));
    assert_memory_equal(out, secret.at, secret.len);
}

/* --- the spill */

static void spilled_clicks_are_counted_and_files_removed(void **state)
{
    struct fixture *f = *state;
    record(f, LINK, 3);
    spill(f, 4);
    assert_int_equal(flush_pending(&f->flusher), 7);
    expect_step(f, DB_OK);
    assert_int_equal(counted(f), f->appended);
    assert_int_equal(count_spills(f), 1); /* it has a writer */
    assert_int_equal(flush_pending(&f->flusher), 0);
    spill(f, 2);
    assert_int_equal(flush_pending(&f->flusher), 2);
    expect_step(f, DB_OK);
    assert_int_equal(counted(f), f->appended);
    click_spill_let_go(&f->spill);
    expect_step(f, DB_OK);
    assert_int_equal(count_spills(f), 0);
    spill(f, 5);
    click_spill_let_go(&f->spill);
    expect_step(f, DB_OK);
    assert_int_equal(count_spills(f), 0);
    expect_all_counted(f);
}

static void a_large_spill_takes_several_batches(void **state)
{
    struct fixture *f = *state;
    spill(f, DB_CLICKS_MAX + 10);
    click_spill_let_go(&f->spill);
    expect_step(f, DB_OK);
    assert_true(f->total.more);
    assert_int_equal(counted(f), DB_CLICKS_MAX);
    begin_anew(f);
    expect_step(f, DB_OK);
    assert_false(f->total.more);
    expect_all_counted(f);
}

static void without_a_ring_the_spill_is_flushed(void **state)
{
    struct fixture *f = *state;
    spill(f, 4);
    click_spill_let_go(&f->spill);
    f->flusher.ring = NULL;
    expect_step(f, DB_OK);
    expect_all_counted(f);
}

/* Each call of a flush of a spill file fails once, its work done or not done. */
static void a_spill_whose_answer_is_lost_counts_once(void **state)
{
    struct fixture *f = *state;
    for (unsigned call = 0; call < 3; call++) {
        for (unsigned done = 0; done < 2; done++) {
            begin_anew(f);
            f->flusher.ring = NULL;
            spill(f, 3);
            click_spill_let_go(&f->spill);
            if (call == 0) /* asking how far the file was flushed */
                db_fake_fail(f->flusher.db, 1, DB_UNAVAILABLE, done);
            if (call == 1) /* and all that follows */
                db_fake_fail(f->flusher.db, 2, DB_UNAVAILABLE, done);
            enum db_result result = step(f);
            assert_int_equal(result, call < 2 ? DB_UNAVAILABLE : DB_OK);
            db_fake_fail(f->flusher.db, 0, DB_OK, false);
            expect_step(f, DB_OK);
            expect_all_counted(f);
        }
    }
}

/* --- anything at any time */

/* Not random, but any order will do (Numerical Recipes' quick one). */
static unsigned draw(uint32_t *state, unsigned below)
{
    *state = *state * 1664525 + 1013904223;
    return (*state >> 16) % below;
}

static void whatever_happens_each_click_counts_once(void **state)
{
    struct fixture *f = *state;
    unsigned failed = 0;
    uint32_t random = 7;
    for (unsigned round = 0; round < 2000; round++) {
        record(f, LINK, draw(&random, 20));
        if (draw(&random, 4) == 0)
            spill(f, draw(&random, 20));
        if (draw(&random, 8) == 0)
            click_spill_let_go(&f->spill);
        db_fake_fail(f->flusher.db, draw(&random, 2) ? draw(&random, 3) : 0, DB_UNAVAILABLE,
                     draw(&random, 2));
        failed += step(f) != DB_OK;
        if (draw(&random, 5) == 0)
            begin_anew(f);
    }
    db_fake_fail(f->flusher.db, 0, DB_OK, false);
    click_spill_let_go(&f->spill);
    do
        expect_step(f, DB_OK);
    while (f->total.more);
    expect_all_counted(f);
    assert_between(failed, 300, 1500);
    print_message("# %u clicks, %u failures\n", (unsigned)f->appended, failed);
}

/* --- folding */

static void compacted(void *context, const struct click_compact *compact,
                      struct click_compact_done *done)
{
    *(struct click_compact *)context = *compact;
    done->more = true;
}

static void what_is_old_is_folded(void **state)
{
    (void)state;
    enum { DAY = 24 * 60 * 60, TODAY = 20833 }; /* 2027-01-15 */
    static const struct {
        int64_t hourly_days;
        int64_t daily_days;
        uint32_t hourly_before;
        uint32_t daily_before;
        bool asked;
    } rows[] = {
        { 30, 730, TODAY - 30, 20089, true }, /* 2025-01-15: from the first of that month on */
        { 30, 14, TODAY - 30, 20819, true },  /* 2027-01-01 */
        { 30, 15, TODAY - 30, 20788, true },  /* 2026-12-31: the first of December */
        { 0, 730, 0, 20089, true },           /* never */
        { 30, 0, TODAY - 30, 0, true },       { 0, 0, 0, 0, false }, { 36500, 36500, 0, 0, false },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct db *db = db_fake_new(1000, 10);
        struct click_compact asked = { 0 };
        db_fake_set_hooks(db, &(struct db_fake_hooks){ .context = &asked, .compacted = compacted });
        struct click_compact_done done;
        const struct retention policy = { rows[i].hourly_days * DAY, rows[i].daily_days * DAY };
        assert_int_equal(compact_step(db, &policy, TODAY * (int64_t)DAY + 5, &done, NULL), DB_OK);
        if (asked.hourly_before != rows[i].hourly_before ||
            asked.daily_before != rows[i].daily_before || done.more != rows[i].asked)
            fail_msg("row %zu: %u %u %d", i, asked.hourly_before, asked.daily_before, done.more);
        db_close(&db);
    }
}

/* Whoever may write to the ring, and a crash of the machine, may leave any head and tail. */
static void a_damaged_lane_is_emptied(void **state)
{
    static const uint64_t tails[] = { CLICK_LANE_SLOTS + 1, UINT64_C(1) << 63, UINT64_MAX };
    struct fixture *f = *state;
    record(f, LINK, 3); /* in lane 0, which is sound */
    for (unsigned lane = 1; lane < 17; lane++) {
        const uint64_t tail = tails[lane % 3];
        FILE *file = fopen(f->files.path, "r+e");
        assert_non_null(file);
        assert_int_equal(fseek(file,
                               (long)(CLICK_RING_PAGE + lane * sizeof(struct click_lane) +
                                      offsetof(struct click_lane, tail)),
                               SEEK_SET),
                         0);
        assert_int_equal(fwrite(&tail, sizeof(tail), 1, file), 1);
        fclose(file);
    }
    unsigned steps = 0;
    do
        assert_int_equal(flush_step(&f->flusher, NOW, &f->total, &f->err), DB_OK);
    while (f->total.more && ++steps < 4);
    assert_false(f->total.more);
    assert_int_equal(f->total.damaged, 16);
    assert_int_equal(f->total.events, 3);
    assert_int_equal(click_ring_level(f->ring).pending, 0);
    record(f, LINK, 2);
    assert_int_equal(flush_step(&f->flusher, NOW, &f->total, &f->err), DB_OK);
    assert_int_equal(f->total.events, 5);
    assert_int_equal(f->total.damaged, 16);
}

#define FLUSH_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLUSH_TEST(what_is_in_the_ring_is_counted),
        FLUSH_TEST(nothing_is_asked_when_there_is_nothing),
        FLUSH_TEST(clicks_of_links_that_are_gone_go_too),
        FLUSH_TEST(a_database_that_is_away_is_waited_for),
        FLUSH_TEST(a_batch_whose_answer_is_lost_counts_once),
        FLUSH_TEST(several_may_flush_in_turn),
        FLUSH_TEST(a_database_that_never_agrees_is_a_failure),
        FLUSH_TEST(the_secret_is_published),
        FLUSH_TEST(spilled_clicks_are_counted_and_files_removed),
        FLUSH_TEST(a_large_spill_takes_several_batches),
        FLUSH_TEST(without_a_ring_the_spill_is_flushed),
        FLUSH_TEST(a_spill_whose_answer_is_lost_counts_once),
        FLUSH_TEST(a_damaged_lane_is_emptied),
        FLUSH_TEST(whatever_happens_each_click_counts_once),
        cmocka_unit_test(what_is_old_is_folded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
