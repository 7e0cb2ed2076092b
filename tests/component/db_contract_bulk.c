/* SPDX-License-Identifier: MIT */
/* The database's contract: many links at once, totals, purges. */
#include "db_contract.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    MANY = DB_BULK_MAX,
};

/* Links with the ids from `first` on, and codes made of them. */
static struct link *make_links(void **state, uint64_t first, size_t n)
{
    struct link *links = arena_alloc(arena_in(state), sizeof(*links) * n);
    for (size_t i = 0; i < n; i++) {
        char code[32];
        int len = snprintf(code, sizeof(code), "c%" PRIu64, first + i);
        links[i] = sample_link(first + i, "");
        links[i].code = (struct slice){ arena_copy(arena_in(state), slice_of(code)), (size_t)len };
    }
    return links;
}

static uint64_t count(void **state, uint32_t owner_id)
{
    uint64_t n = 4711;
    assert_result(db_links_count(db_in(state), owner_id, &n, &err), DB_OK);
    return n;
}

static bool exists(void **state, const char *code)
{
    struct target target;
    struct error err = { "" };
    return db_resolve(db_in(state), slice_of(code), arena_in(state), &target, &err) == DB_OK;
}

/* --- many at once --- */

static void test_a_thousand_links_are_stored(void **state)
{
    struct link *links = make_links(state, 1, MANY);
    for (size_t i = 0; i < MANY; i++)
        links[i].owner_id = i % 3;
    static enum db_result results[MANY];
    memset(results, 0xff, sizeof(results));
    assert_result(db_links_insert_many(db_in(state), links, MANY, results, &err), DB_OK);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(results[i], DB_OK);
    struct link got;
    assert_result(db_link_find(db_in(state), SLICE("c777"), arena_in(state), &got, &err), DB_OK);
    assert_int_equal(got.target.link_id, 777);
    assert_slice(got.target.long_url, links[776].target.long_url);
    assert_int_equal(count(state, 0), 334);
    assert_int_equal(count(state, 1), 333);
    assert_int_equal(count(state, DB_OWNER_ANY), MANY);
}

static void test_every_number_of_links_is_fine(void **state)
{
    static const size_t sizes[] = { 1, 2, 99, 100, 101, 250 };
    enum db_result results[250];
    uint64_t first = 1;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct link *links = make_links(state, first, sizes[i]);
        assert_result(db_links_insert_many(db_in(state), links, sizes[i], results, &err), DB_OK);
        first += sizes[i];
        assert_int_equal(count(state, DB_OWNER_ANY), first - 1);
    }
    assert_result(db_links_insert_many(db_in(state), NULL, 0, results, &err), DB_OK);
}

static void test_too_many_links_are_refused(void **state)
{
    struct link *links = make_links(state, 1, MANY + 1);
    static enum db_result results[MANY + 1];
    assert_result(db_links_insert_many(db_in(state), links, MANY + 1, results, &err), DB_FAILED);
    assert_int_equal(count(state, DB_OWNER_ANY), 0);
}

static void test_a_bad_item_spoils_no_other(void **state)
{
    struct link before = sample_link(900, "old");
    assert_result(db_link_insert(db_in(state), &before, NULL, &err), DB_OK);
    struct link *links = make_links(state, 1, 6);
    links[1].code = SLICE("old");   /* another user's */
    links[2].code = SLICE("twice"); /* the first gets it */
    links[4].code = SLICE("twice");
    links[5].code = SLICE("Twice");
    static const enum db_result wanted[] = { DB_OK, DB_TAKEN, DB_OK, DB_OK, DB_TAKEN, DB_OK };
    enum db_result results[6];
    assert_result(db_links_insert_many(db_in(state), links, 6, results, &err), DB_OK);
    assert_memory_equal(results, wanted, sizeof(wanted));
    struct target target;
    assert_result(db_resolve(db_in(state), SLICE("twice"), arena_in(state), &target, &err), DB_OK);
    assert_int_equal(target.link_id, 3);
    assert_result(db_resolve(db_in(state), SLICE("old"), arena_in(state), &target, &err), DB_OK);
    assert_int_equal(target.link_id, 900);
    assert_int_equal(count(state, 0), 5);
}

static void test_the_first_of_the_call_gets_the_code_whatever_its_id(void **state)
{
    struct link *links = make_links(state, 1, 2);
    links[0].target.link_id = 9;
    links[0].code = links[1].code = SLICE("same");
    enum db_result results[2];
    assert_result(db_links_insert_many(db_in(state), links, 2, results, &err), DB_OK);
    assert_int_equal(results[0], DB_OK);
    assert_int_equal(results[1], DB_TAKEN);
}

static void test_an_item_gets_all_its_codes_or_none(void **state)
{
    struct link before = sample_link(900, "old");
    assert_result(db_link_insert(db_in(state), &before, NULL, &err), DB_OK);
    const struct slice some[] = { SLICE("free"), SLICE("old") };
    const struct slice all[] = { SLICE("x"), SLICE("y") };
    const struct slice tags[] = { SLICE("t"), SLICE("u") };
    struct link *links = make_links(state, 1, 3);
    links[0].aliases = some;
    links[1].aliases = all;
    links[0].n_aliases = links[1].n_aliases = 2;
    links[1].tags = tags;
    links[1].n_tags = 2;
    links[1].target.max_clicks = 4;
    enum db_result results[3];
    assert_result(db_links_insert_many(db_in(state), links, 3, results, &err), DB_OK);
    assert_int_equal(results[0], DB_TAKEN);
    assert_int_equal(results[1], DB_OK);
    assert_int_equal(results[2], DB_OK);
    assert_false(exists(state, "free"));
    assert_false(exists(state, "c1"));
    assert_true(exists(state, "y"));
    struct link got;
    assert_result(db_link_find(db_in(state), SLICE("x"), arena_in(state), &got, &err), DB_OK);
    assert_int_equal(got.n_tags, 2);
    assert_int_equal(got.n_aliases, 2);
    assert_result(db_link_use(db_in(state), 2, 4, &err), DB_OK);
}

static void test_the_same_call_again_stores_nothing_twice(void **state)
{
    struct link *links = make_links(state, 1, 150);
    links[149].code = SLICE("c1");
    enum db_result results[150];
    for (int i = 0; i < 3; i++) {
        assert_result(db_links_insert_many(db_in(state), links, 150, results, &err), DB_OK);
        assert_int_equal(results[0], DB_OK);
        assert_int_equal(results[148], DB_OK);
        assert_int_equal(results[149], DB_TAKEN);
        assert_int_equal(count(state, 0), 149);
    }
}

static void test_an_id_given_out_twice_stores_none(void **state)
{
    struct link before = sample_link(3, "old");
    assert_result(db_link_insert(db_in(state), &before, NULL, &err), DB_OK);
    struct link *links = make_links(state, 1, 5);
    enum db_result results[5];
    assert_result(db_links_insert_many(db_in(state), links, 5, results, &err), DB_FAILED);
    assert_false(exists(state, "c1"));
    assert_int_equal(count(state, 0), 1);
}

/* --- purges --- */

/* 20 links: those with an odd id expired at their id. */
static void store_expiring(void **state)
{
    struct link *links = make_links(state, 1, 20);
    const struct slice tags[] = { SLICE("t") };
    for (size_t i = 0; i < 20; i++) {
        links[i].target.expires_at = i % 2 ? 0 : (int64_t)i + 1;
        links[i].tags = tags;
        links[i].n_tags = 1;
        links[i].owner_id = i % 3;
    }
    enum db_result results[20];
    assert_result(db_links_insert_many(db_in(state), links, 20, results, &err), DB_OK);
}

static void test_a_purge_takes_what_expired_before(void **state)
{
    store_expiring(state);
    const struct purge purge = { .expired_before = 11, .limit = 3 };
    struct purge_done done;
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_int_equal(done.links, 3);
    assert_true(done.more);
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_int_equal(done.links, 2);
    assert_false(done.more);
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_int_equal(done.links, 0);
    assert_int_equal(count(state, DB_OWNER_ANY), 15);
    assert_int_equal(count(state, 0), 7 - 2); /* of 1, 4, 7, …, 19 the links 1 and 7 */
    for (unsigned id = 1; id <= 20; id++) {
        char code[8];
        snprintf(code, sizeof(code), "c%u", id);
        assert_int_equal(exists(state, code), id % 2 == 0 || id >= 11);
    }
}

static void test_a_purge_knows_of_changes(void **state)
{
    static const struct {
        int64_t before, after; /* 0: never */
        bool goes;
    } rows[] = {
        { 5, 5, true }, { 5, 50, false }, { 5, 0, false },  { 50, 5, true },
        { 0, 5, true }, { 50, 0, false }, { 0, 50, false }, { 0, 0, false },
    };
    enum {
        N = sizeof(rows) / sizeof(*rows),
    };
    struct link *links = make_links(state, 1, N);
    for (size_t i = 0; i < N; i++) {
        links[i].target.expires_at = rows[i].before;
        assert_result(db_link_insert(db_in(state), &links[i], NULL, &err), DB_OK);
        links[i].target.expires_at = rows[i].after;
        assert_result(db_link_update(db_in(state), &links[i], SLICE(""), NULL, &err), DB_OK);
    }
    const struct purge purge = { .expired_before = 11, .limit = 100 };
    struct purge_done done;
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_int_equal(done.links, 3);
    for (unsigned i = 0; i < N; i++) {
        char code[8];
        snprintf(code, sizeof(code), "c%u", i + 1);
        assert_int_equal(exists(state, code), !rows[i].goes);
    }
}

static void test_a_purge_of_nothing_keeps_everything(void **state)
{
    store_expiring(state);
    const struct purge purge = { .limit = 100 };
    struct purge_done done;
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_int_equal(done.links, 0);
    assert_int_equal(count(state, DB_OWNER_ANY), 20);
    const struct purge none = { .expired_before = 11, .limit = 0 };
    assert_result(db_purge_batch(db_in(state), &none, &done, &err), DB_FAILED);
}

static void test_a_purge_forgets_old_keys(void **state)
{
    for (unsigned i = 1; i <= 5; i++) {
        struct link *link = make_links(state, i, 1);
        struct idempotency key = { .created_at = 1000 + i };
        memset(key.key_hash, (int)i, sizeof(key.key_hash));
        assert_result(db_link_insert(db_in(state), link, &key, &err), DB_OK);
    }
    const struct purge purge = { .idempotency_before = 1004, .limit = 2 };
    struct purge_done done;
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_int_equal(done.idempotency_keys, 2);
    assert_true(done.more);
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_int_equal(done.idempotency_keys, 1);
    assert_false(done.more);
    struct idempotency key = { .created_at = 0 };
    memset(key.key_hash, 4, sizeof(key.key_hash));
    assert_result(db_idempotency_find(db_in(state), &key, 0, &err), DB_OK);
    memset(key.key_hash, 3, sizeof(key.key_hash));
    assert_result(db_idempotency_find(db_in(state), &key, 0, &err), DB_MISSING);
    assert_int_equal(count(state, DB_OWNER_ANY), 5);
}

/* --- many at once, once --- */

static struct idempotency *make_keys(void **state, unsigned char first, size_t n)
{
    struct idempotency *keys = arena_alloc(arena_in(state), sizeof(*keys) * n);
    for (size_t i = 0; i < n; i++) {
        memset(keys[i].key_hash, (int)(first + i), sizeof(keys[i].key_hash));
        keys[i].created_at = 1000;
    }
    return keys;
}

static void test_links_with_keys_are_stored_once(void **state)
{
    struct link *links = make_links(state, 1, 200);
    struct idempotency *keys = make_keys(state, 1, 200);
    assert_result(db_links_insert_once(db_in(state), links, keys, 200, &err), DB_OK);
    assert_int_equal(count(state, DB_OWNER_ANY), 200);
    struct idempotency key = keys[77];
    assert_result(db_idempotency_find(db_in(state), &key, 0, &err), DB_OK);
    assert_int_equal(key.link_id, 78);
    assert_result(db_links_insert_once(db_in(state), links, keys, 200, &err), DB_TAKEN);
    assert_result(db_links_insert_once(db_in(state), links, keys, 0, &err), DB_OK);
    assert_int_equal(count(state, DB_OWNER_ANY), 200);
    /* Each is reported as existing; a deleted one stays deleted. */
    assert_result(db_link_delete(db_in(state), 5, 0, &err), DB_OK);
    for (unsigned i = 0; i < 6; i++)
        assert_result(db_link_insert(db_in(state), &links[i], &keys[i], &err), DB_OK);
    assert_int_equal(count(state, DB_OWNER_ANY), 199);
    assert_false(exists(state, "c5"));
}

static void test_links_with_keys_are_stored_all_or_none(void **state)
{
    struct link *links = make_links(state, 1, 20);
    struct idempotency *keys = make_keys(state, 1, 20);
    struct link *other = make_links(state, 10, 1);
    other->target.link_id = 100;
    assert_result(db_link_insert(db_in(state), other, NULL, &err), DB_OK);
    assert_result(db_links_insert_once(db_in(state), links, keys, 20, &err), DB_TAKEN);
    assert_false(exists(state, "c1"));
    assert_result(db_link_delete(db_in(state), 100, 0, &err), DB_OK);
    assert_result(db_link_insert(db_in(state), make_links(state, 101, 1), &keys[3], &err), DB_OK);
    assert_result(db_links_insert_once(db_in(state), links, keys, 20, &err), DB_TAKEN);
    assert_false(exists(state, "c1"));
    assert_int_equal(count(state, DB_OWNER_ANY), 1);
    assert_result(db_links_insert_once(db_in(state), links, keys, 3, &err), DB_OK);
    assert_true(exists(state, "c1"));
}

const struct CMUnitTest *db_contract_bulk(size_t *n)
{
    static const struct CMUnitTest tests[] = {
        DB_CASE(test_a_thousand_links_are_stored),
        DB_CASE(test_every_number_of_links_is_fine),
        DB_CASE(test_too_many_links_are_refused),
        DB_CASE(test_a_bad_item_spoils_no_other),
        DB_CASE(test_the_first_of_the_call_gets_the_code_whatever_its_id),
        DB_CASE(test_an_item_gets_all_its_codes_or_none),
        DB_CASE(test_the_same_call_again_stores_nothing_twice),
        DB_CASE(test_an_id_given_out_twice_stores_none),
        DB_CASE(test_a_purge_takes_what_expired_before),
        DB_CASE(test_a_purge_knows_of_changes),
        DB_CASE(test_a_purge_of_nothing_keeps_everything),
        DB_CASE(test_a_purge_forgets_old_keys),
        DB_CASE(test_links_with_keys_are_stored_once),
        DB_CASE(test_links_with_keys_are_stored_all_or_none),
    };
    *n = sizeof(tests) / sizeof(*tests);
    return tests;
}
