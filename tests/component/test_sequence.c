/* SPDX-License-Identifier: MIT */
/* Ids from the fake database, for a process without a segment and through the shared segment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <unistd.h>

#include <cmocka.h>

#include "db/sequence.h"
#include "fakes/db_fake.h"
#include "support/between.h"
#include "support/host_files.h"

enum { BLOCK = 1000, LIMIT = 1000000 };

struct fixture {
    struct host_files files;
    struct db *db;
    struct sequence sequence;
};

static int setup(struct fixture *f, bool shared)
{
    if (!host_files_make(&f->files, "segment"))
        return -1;
    f->sequence.name = "default";
    if (shared)
        f->sequence.segment = host_segment_open(f->files.path, 0);
    return 0;
}

static int setup_own(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    return setup(*state, false);
}

static int setup_shared(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    return setup(*state, true);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    segment_close(&f->sequence.segment);
    db_close(&f->db);
    host_files_remove(&f->files);
    free(f);
    return 0;
}

static void with_db(struct fixture *f, uint64_t limit, uint32_t block)
{
    f->db = db_fake_new(limit, block);
    f->sequence.db = f->db;
}

/* The next `n` ids are `first` and those after it. */
static void assert_next(struct fixture *f, uint64_t first, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        struct error err = { "" };
        uint64_t id = 0;
        enum db_result result = sequence_next(&f->sequence, &id, &err);
        if (result != DB_OK || id != first + i || err.text[0])
            fail_msg("%d, %llu instead of %llu, \"%s\"", (int)result, (unsigned long long)id,
                     (unsigned long long)(first + i), err.text);
    }
}

static void assert_no_more(struct fixture *f, enum db_result expected)
{
    struct error err = { "" };
    uint64_t id;
    assert_int_equal(sequence_next(&f->sequence, &id, &err), expected);
    assert_true(err.text[0] != '\0');
}

static void one_statement_a_block(void **state)
{
    struct fixture *f = *state;
    with_db(f, LIMIT, BLOCK);
    assert_next(f, 1, 10 * BLOCK);
    assert_between(db_fake_calls(f->db), 10, 11); /* one may be ahead */
}

static void a_block_is_fetched_ahead(void **state)
{
    struct fixture *f = *state;
    with_db(f, LIMIT, BLOCK);
    assert_next(f, 1, BLOCK - BLOCK / 8);
    assert_int_equal(db_fake_calls(f->db), 1);
    assert_next(f, 1 + BLOCK - BLOCK / 8, 1);
    assert_int_equal(db_fake_calls(f->db), 2);
    assert_next(f, 2 + BLOCK - BLOCK / 8, BLOCK / 2);
    assert_int_equal(db_fake_calls(f->db), 2);
}

static void small_blocks_do_too(void **state)
{
    struct fixture *f = *state;
    for (uint32_t block = 1; block < 20; block++) {
        with_db(f, LIMIT, block);
        f->sequence = (struct sequence){ .name = "default", .db = f->db };
        assert_next(f, 1, 100);
        assert_true(db_fake_calls(f->db) <= 100 / block + 2);
        db_close(&f->db);
    }
}

static void the_database_is_away_while_ids_are_at_hand(void **state)
{
    struct fixture *f = *state;
    with_db(f, LIMIT, BLOCK);
    assert_next(f, 1, BLOCK / 2);
    db_fake_fail(f->db, UINT32_MAX, DB_UNAVAILABLE, false);
    unsigned calls = db_fake_calls(f->db);
    assert_next(f, 1 + BLOCK / 2, BLOCK / 2);
    assert_int_equal(db_fake_calls(f->db), calls + 1); /* it was not asked again and again */
    assert_no_more(f, DB_UNAVAILABLE);
    assert_no_more(f, DB_UNAVAILABLE);
    db_fake_fail(f->db, 0, DB_OK, false);
    assert_next(f, 1 + BLOCK, 2 * BLOCK);
}

static void a_refusal_is_no_exhaustion(void **state)
{
    struct fixture *f = *state;
    with_db(f, LIMIT, BLOCK);
    db_fake_fail(f->db, 1, DB_FAILED, false);
    assert_no_more(f, DB_FAILED);
    assert_next(f, 1, 1);
}

static void it_is_exhausted_after_the_last_id(void **state)
{
    struct fixture *f = *state;
    with_db(f, 2500, BLOCK); /* ids 1 to 2499: the last block is shorter */
    assert_next(f, 1, 2499);
    assert_no_more(f, DB_MISSING);
    assert_no_more(f, DB_MISSING);
}

/* The answer to the first request is lost: its block is wasted, never issued. */
static void a_lost_answer_wastes_a_block(void **state)
{
    struct fixture *f = *state;
    with_db(f, LIMIT, BLOCK);
    db_fake_fail(f->db, 1, DB_UNAVAILABLE, true);
    assert_no_more(f, DB_UNAVAILABLE);
    assert_next(f, 1 + BLOCK, 10);
}

/* A dump of an earlier moment is restored: its ids are refused until the sequence is moved on. */
static void a_sequence_that_went_back_is_refused(void **state)
{
    struct fixture *f = *state;
    with_db(f, LIMIT, BLOCK);
    assert_next(f, 1, 2 * BLOCK);
    struct db *restored = db_fake_new(LIMIT, BLOCK);
    f->sequence.own = f->sequence.ahead = (struct id_range){ 0, 0 };
    f->sequence.db = restored;
    struct sequence_row row;
    struct error err = { "" };
    assert_int_equal(sequence_check(&f->sequence, &row, &err), DB_STALE);
    assert_string_equal(
        err.text, "the sequence \"default\" went back to id 1, and this host has had ids up to "
                  "3001: if an older database was restored, run \"curtctl sequence skip\"");
    assert_no_more(f, DB_STALE); /* 1 to 1000 */
    assert_no_more(f, DB_STALE);
    uint64_t left;
    assert_int_equal(sequence_stock_up(&f->sequence, 10, 1, &left, &err),
                     f->sequence.segment ? DB_STALE : DB_OK);
    if (!f->sequence.segment)
        assert_no_more(f, DB_STALE);
    assert_next(f, 3001, BLOCK); /* the block after those three is new */
    assert_int_equal(sequence_check(&f->sequence, &row, &err), DB_OK);
    db_close(&restored);
}

/* --- the segment --- */

/* Ids that the host holds may be in the block of another host, once the sequence went back. */
static void the_segment_drops_ids_when_the_sequence_went_back(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    struct sequence_row row;
    with_db(f, LIMIT, BLOCK);
    assert_next(f, 1, 1);
    assert_int_equal(sequence_check(&f->sequence, &row, &err), DB_OK);
    assert_int_equal(row.next_id, BLOCK + 1);
    assert_next(f, 2, 1);
    struct db *restored = db_fake_new(LIMIT, 10);
    f->sequence.db = restored;
    assert_int_equal(sequence_check(&f->sequence, &row, &err), DB_STALE);
    assert_int_equal(segment_id_stock(f->sequence.segment, "default").left, 0);
    assert_int_equal(segment_id_end(f->sequence.segment, "default"), BLOCK + 1);
    assert_no_more(f, DB_STALE);
    db_close(&restored);
}

static void workers_draw_from_the_same_blocks(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    struct segment *segment = host_segment_open(f->files.path, 0);
    with_db(f, LIMIT, BLOCK);
    struct sequence other = { .name = "default", .db = f->db, .segment = segment };
    for (uint64_t i = 1; i < 4 * BLOCK; i += 2) {
        uint64_t id;
        assert_next(f, i, 1);
        assert_int_equal(sequence_next(&other, &id, &err), DB_OK);
        assert_int_equal(id, i + 1);
    }
    assert_between(db_fake_calls(f->db), 4, 5);
    segment_close(&segment);
}

static void a_recycled_worker_burns_no_block(void **state)
{
    struct fixture *f = *state;
    with_db(f, LIMIT, BLOCK);
    for (uint64_t i = 0; i < 20; i++) {
        assert_next(f, 1 + i, 1);
        segment_close(&f->sequence.segment);
        f->sequence = (struct sequence){ .name = "default", .db = f->db };
        f->sequence.segment = host_segment_open(f->files.path, 0);
    }
    assert_int_equal(db_fake_calls(f->db), 1);
}

/* Fetched ahead by one worker, used by another while the database is unavailable. */
static void an_id_from_another_worker_counts(void **state)
{
    struct fixture *f = *state;
    with_db(f, LIMIT, BLOCK);
    db_fake_fail(f->db, UINT32_MAX, DB_UNAVAILABLE, false);
    assert_true(segment_id_put(f->sequence.segment, "default", (struct id_range){ 70000, 70002 }));
    assert_next(f, 70000, 2);
    assert_no_more(f, DB_UNAVAILABLE);
}

static void without_room_in_the_segment(void **state)
{
    struct fixture *f = *state;
    with_db(f, LIMIT, BLOCK);
    for (char name[] = "a"; name[0] <= 'd'; name[0]++)
        assert_true(segment_id_put(f->sequence.segment, name, (struct id_range){ 1, 2 }));
    assert_next(f, 1, 3 * BLOCK);
    assert_int_equal(db_fake_calls(f->db), 4); /* the last one ahead */
    db_fake_fail(f->db, UINT32_MAX, DB_UNAVAILABLE, false);
    assert_next(f, 1 + 3 * BLOCK, BLOCK);
    assert_no_more(f, DB_UNAVAILABLE);
}

int main(void)
{
#define OWN(test)                                      \
    {                                                  \
        "own: " #test, test, setup_own, teardown, NULL \
    }
#define SHARED(test)                                         \
    {                                                        \
        "shared: " #test, test, setup_shared, teardown, NULL \
    }
    const struct CMUnitTest tests[] = {
        OWN(one_statement_a_block),
        SHARED(one_statement_a_block),
        OWN(a_block_is_fetched_ahead),
        SHARED(a_block_is_fetched_ahead),
        OWN(small_blocks_do_too),
        OWN(the_database_is_away_while_ids_are_at_hand),
        SHARED(the_database_is_away_while_ids_are_at_hand),
        OWN(a_refusal_is_no_exhaustion),
        SHARED(a_refusal_is_no_exhaustion),
        OWN(it_is_exhausted_after_the_last_id),
        SHARED(it_is_exhausted_after_the_last_id),
        OWN(a_lost_answer_wastes_a_block),
        SHARED(a_lost_answer_wastes_a_block),
        OWN(a_sequence_that_went_back_is_refused),
        SHARED(a_sequence_that_went_back_is_refused),
        SHARED(the_segment_drops_ids_when_the_sequence_went_back),
        SHARED(workers_draw_from_the_same_blocks),
        SHARED(a_recycled_worker_burns_no_block),
        SHARED(an_id_from_another_worker_counts),
        SHARED(without_room_in_the_segment),
    };
    return cmocka_run_group_tests_name("sequence", tests, NULL, NULL);
}
