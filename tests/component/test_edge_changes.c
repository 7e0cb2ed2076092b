/* SPDX-License-Identifier: MIT */
/* Changes between the database and a cache in front: when it is told of which, and what is done
 * again after an end at any moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/db_fake.h"
#include "service/edge_changes.h"

enum {
    TTL_MS = 5000,
    AGAIN_MS = TTL_MS + EDGE_AGAIN_MS,
    TARGET = 99,
};

struct host {
    struct db *db;
    struct arena *arena;
    struct edge_changes changes;
};

static struct edge_changes open_changes(struct host *host)
{
    return (struct edge_changes){ .db = host->db, .target = TARGET, .local_ttl_ms = TTL_MS };
}

static int set_up(void **state)
{
    struct host *host = calloc(1, sizeof(*host));
    host->db = db_fake_new(1000, 10);
    host->arena = arena_new(1 << 20);
    host->changes = open_changes(host);
    *state = host;
    return 0;
}

static int tear_down(void **state)
{
    struct host *host = *state;
    edge_changes_close(&host->changes);
    arena_free(&host->arena);
    db_close(&host->db);
    free(host);
    return 0;
}

static void make(struct host *host, uint64_t id, const char *code)
{
    struct error err = { "" };
    const struct link link = {
        .target = { .link_id = id,
                    .version = 1,
                    .redirect_status = 302,
                    .long_url = SLICE("https://example.org/") },
        .code = slice_of(code),
    };
    assert_int_equal(db_link_insert(host->db, &link, NULL, &err), DB_OK);
}

/* A change: the link is made and deleted. */
static void change(struct host *host, const char *code)
{
    struct error err = { "" };
    make(host, 7, code);
    assert_int_equal(db_link_delete(host->db, 7, 0, &err), DB_OK);
}

static void read_at(struct host *host, int64_t now_ms)
{
    struct error err = { "" };
    assert_int_equal(edge_changes_read(&host->changes, host->arena, now_ms, &err), DB_OK);
}

static void store_at(struct host *host, int64_t now_ms)
{
    struct error err = { "" };
    assert_int_equal(edge_changes_store(&host->changes, now_ms, &err), DB_OK);
}

/* Asserts what is due, and says what became of it. */
static void assert_due(struct host *host, int64_t now_ms, const char *wanted, bool is_told)
{
    struct edge_codes codes;
    char text[256] = "";
    bool is_due = edge_changes_take(&host->changes, now_ms, &codes);
    assert_int_equal(is_due, codes.n > 0);
    for (size_t i = 0; i < codes.n; i++)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%.*s", i ? " " : "",
                       SLICE_ARG(codes.at[i]));
    assert_string_equal(text, wanted);
    edge_changes_done(&host->changes, is_told, now_ms);
}

static void test_told_at_once_and_again(void **state)
{
    struct host *host = *state;
    int64_t oldest_ms;
    change(host, "abc");
    read_at(host, 1000);
    assert_int_equal(edge_changes_pending(&host->changes, 1300, &oldest_ms), 1);
    assert_int_equal(oldest_ms, 300);
    assert_due(host, 1000, "abc", true);
    assert_int_equal(edge_changes_pending(&host->changes, 2000, &oldest_ms), 0);
    assert_false(edge_changes_are_done(&host->changes));
    assert_due(host, 1000 + AGAIN_MS - 1, "", true);
    assert_due(host, 1000 + AGAIN_MS, "abc", true);
    assert_true(edge_changes_are_done(&host->changes));
    read_at(host, 1000 + AGAIN_MS);
    assert_due(host, 100000, "", true);
}

static void test_what_failed_is_due_again(void **state)
{
    struct host *host = *state;
    change(host, "abc");
    read_at(host, 1000);
    assert_due(host, 1000, "abc", false);
    change(host, "def");
    read_at(host, 1200);
    assert_due(host, 1200, "abc def", false);
    assert_due(host, 1400, "abc def", true);
    assert_due(host, 1000 + AGAIN_MS, "abc", false);
    assert_due(host, 1200 + AGAIN_MS, "abc def", true);
    assert_true(edge_changes_are_done(&host->changes));
}

/* Once is enough when no local cache has the old answer any more. */
static void test_late_is_told_once(void **state)
{
    struct host *host = *state;
    change(host, "abc");
    read_at(host, 1000);
    assert_due(host, 1000, "abc", false);
    assert_due(host, 1000 + AGAIN_MS, "abc", true);
    assert_true(edge_changes_are_done(&host->changes));
}

/* A transaction with a lower id may end after one with a higher id. */
static void test_a_change_that_appears_late(void **state)
{
    struct host *host = *state;
    db_fake_hold_change(host->db, true); /* of a transaction that has not ended */
    change(host, "low");
    db_fake_hold_change(host->db, false);
    change(host, "high");
    read_at(host, 5000);
    assert_due(host, 5000, "high", true);
    db_fake_release_changes(host->db);
    read_at(host, 5000 + EDGE_REREAD_MS);
    assert_due(host, 5000 + EDGE_REREAD_MS, "low", true);
}

static void test_the_position(void **state)
{
    struct host *host = *state;
    struct error err = { "" };
    uint64_t position;
    change(host, "abc");
    read_at(host, 1000);
    assert_due(host, 1000, "abc", true);
    assert_due(host, 1000 + AGAIN_MS, "abc", true);
    store_at(host, 1000 + EDGE_LATE_MS - 1);
    assert_int_equal(db_edge_position(host->db, TARGET, &position, &err), DB_OK);
    assert_int_equal(position, 0);
    store_at(host, 1000 + EDGE_LATE_MS);
    assert_int_equal(db_edge_position(host->db, TARGET, &position, &err), DB_OK);
    assert_int_equal(position, 1);
    assert_int_equal(host->changes.n, 0);
    /* A second process continues there; one that was killed before did not store it. */
    struct edge_changes before = host->changes;
    host->changes = open_changes(host);
    change(host, "def");
    read_at(host, 50000);
    assert_due(host, 50000, "def", true);
    edge_changes_close(&host->changes);
    host->changes = open_changes(host);
    read_at(host, 60000);
    assert_due(host, 60000, "def", true);
    edge_changes_close(&before);
}

static void test_the_position_is_not_stored_all_the_time(void **state)
{
    struct host *host = *state;
    struct error err = { "" };
    uint64_t position;
    for (int i = 0; i < 3; i++) {
        int64_t now_ms = 100000 + i * 1000;
        change(host, "abc");
        read_at(host, now_ms);
        assert_due(host, now_ms, "abc", true);
        assert_due(host, now_ms + AGAIN_MS, "abc", true);
    }
    store_at(host, 100000 + EDGE_LATE_MS);
    store_at(host, 101000 + EDGE_LATE_MS);
    assert_int_equal(db_edge_position(host->db, TARGET, &position, &err), DB_OK);
    assert_int_equal(position, 1);
    store_at(host, 100000 + EDGE_LATE_MS + EDGE_STORE_MS);
    assert_int_equal(db_edge_position(host->db, TARGET, &position, &err), DB_OK);
    assert_int_equal(position, 3);
}

/* The tables were made anew: their ids begin again. */
static void test_a_position_beyond_all_changes(void **state)
{
    struct host *host = *state;
    struct error err = { "" };
    assert_int_equal(db_edge_position_set(host->db, TARGET, 5000, &err), DB_OK);
    read_at(host, 1000);
    change(host, "abc");
    read_at(host, 3000);
    assert_due(host, 3000, "abc", true);
}

static void test_many_changes(void **state)
{
    struct host *host = *state;
    enum { N = EDGE_WAITING_MAX + 500 };
    struct edge_codes codes;
    size_t told = 0;
    for (unsigned i = 0; i < N; i++) {
        char code[16];
        (void)snprintf(code, sizeof(code), "code%u", i);
        change(host, code);
    }
    read_at(host, 1000);
    assert_int_equal(host->changes.n, EDGE_WAITING_MAX);
    for (int64_t now_ms = 1000; told < N && now_ms < 10000000; now_ms += EDGE_LATE_MS) {
        read_at(host, now_ms);
        while (edge_changes_take(&host->changes, now_ms, &codes)) {
            assert_true(codes.n <= EDGE_CODES_MAX);
            edge_changes_done(&host->changes, true, now_ms);
        }
        while (edge_changes_take(&host->changes, now_ms + AGAIN_MS, &codes)) {
            told += codes.n;
            edge_changes_done(&host->changes, true, now_ms + AGAIN_MS);
        }
        store_at(host, now_ms + EDGE_LATE_MS);
    }
    assert_int_equal(told, N);
}

static void test_the_database_fails(void **state)
{
    struct host *host = *state;
    struct error err = { "" };
    change(host, "abc");
    db_fake_fail(host->db, 1, DB_UNAVAILABLE, false);
    assert_int_equal(edge_changes_read(&host->changes, host->arena, 1000, &err), DB_UNAVAILABLE);
    read_at(host, 2000);
    assert_due(host, 2000, "abc", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_told_at_once_and_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_failed_is_due_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_late_is_told_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_change_that_appears_late, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_position, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_position_is_not_stored_all_the_time, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_position_beyond_all_changes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_changes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_database_fails, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
