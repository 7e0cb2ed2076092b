/* SPDX-License-Identifier: MIT */
/* The fake database fails as requested, and counts its calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db_contract.h"
#include "fakes/db_fake.h"

static int set_up(void **state)
{
    *state = db_fake_new(1000, 10);
    return 0;
}

static int tear_down(void **state)
{
    db_close((struct db **)state);
    assert_null(*state);
    return 0;
}

static void test_the_next_calls_fail_and_do_nothing(void **state)
{
    struct db *db = *state;
    struct link link = sample_link(1, "abc");
    db_fake_fail(db, 2, DB_UNAVAILABLE, false);
    assert_int_equal(db_link_insert(db, &link, NULL, NULL), DB_UNAVAILABLE);
    assert_int_equal(db_fake_links(db), 0);
    assert_int_equal(db_ping(db, NULL), DB_UNAVAILABLE);
    assert_int_equal(db_ping(db, NULL), DB_OK);
    assert_int_equal(db_link_insert(db, &link, NULL, NULL), DB_OK);
    assert_int_equal(db_fake_links(db), 1);
    assert_int_equal(db_fake_calls(db), 4);
}

static void test_a_lost_answer_was_a_deed(void **state)
{
    struct db *db = *state;
    struct link link = sample_link(1, "abc");
    struct id_range range = { 0, 0 };
    db_fake_fail(db, 1, DB_UNAVAILABLE, true);
    assert_int_equal(db_link_insert(db, &link, NULL, NULL), DB_UNAVAILABLE);
    assert_int_equal(db_fake_links(db), 1);
    assert_int_equal(db_link_insert(db, &link, NULL, NULL), DB_OK);
    assert_int_equal(db_fake_links(db), 1);
    db_fake_fail(db, 1, DB_UNAVAILABLE, true);
    assert_int_equal(db_range_take(db, "default", &range, NULL), DB_UNAVAILABLE);
    assert_int_equal(db_range_take(db, "default", &range, NULL), DB_OK);
    assert_int_equal(range.next, 11); /* the first block is wasted */
}

static void test_a_lost_answer_of_a_read_is_a_failure(void **state)
{
    struct db *db = *state;
    db_fake_fail(db, 1, DB_FAILED, true);
    assert_int_equal(db_ping(db, NULL), DB_FAILED);
    assert_int_equal(db_ping(db, NULL), DB_OK);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_the_next_calls_fail_and_do_nothing),
        CASE(test_a_lost_answer_was_a_deed),
        CASE(test_a_lost_answer_of_a_read_is_a_failure),
    };
    return cmocka_run_group_tests_name("db_fake_failures", tests, NULL, NULL);
}
