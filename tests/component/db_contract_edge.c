/* SPDX-License-Identifier: MIT */
/* The database's contract: changes that are kept for caches in front. */
#include "db_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Link 7, "abc", with the aliases "Spring" and "summer" and a lower-case form. */
static struct link rich_link(void)
{
    static const struct slice aliases[] = { SLICE("Spring"), SLICE("summer") };
    static const struct slice lowered[] = { SLICE("spring") };
    struct link link = sample_link(7, "abc");
    link.aliases = aliases;
    link.n_aliases = 2;
    link.lowered = lowered;
    link.n_lowered = 1;
    link.owner_id = 3;
    return link;
}

static struct link insert_rich(void **state)
{
    struct link link = rich_link();
    assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
    return link;
}

static int by_text(const void *a, const void *b)
{
    const struct slice *x = a, *y = b;
    size_t shorter = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->at, y->at, shorter);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* Asserts the codes of the changes after `after`, each named once, in the order of their bytes;
 * returns the id of the last one. */
static uint64_t assert_changes(void **state, uint64_t after, const char *wanted)
{
    struct edge_change_page page;
    struct slice codes[16];
    char text[256] = "";
    size_t len = 0;
    assert_result(db_edge_changes(db_in(state), after, arena_in(state), &page, &err), DB_OK);
    assert_true(page.n <= 16);
    for (size_t i = 0; i < page.n; i++) {
        assert_true(page.at[i].id > after);
        after = page.at[i].id;
        codes[i] = page.at[i].code;
    }
    if (page.n)
        qsort(codes, page.n, sizeof(*codes), by_text);
    for (size_t i = 0; i < page.n; i++) {
        if (i == 0 || by_text(&codes[i - 1], &codes[i]) != 0)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s", len ? " " : "",
                                    SLICE_ARG(codes[i]));
    }
    assert_string_equal(text, wanted);
    return after;
}

static void test_creates_are_no_changes(void **state)
{
    insert_rich(state);
    assert_changes(state, 0, "");
    uint64_t newest = 4711;
    assert_result(db_edge_newest(db_in(state), &newest, &err), DB_OK);
    assert_int_equal(newest, 0);
}

static void test_a_change_is_kept_for_every_code(void **state)
{
    struct link link = insert_rich(state);
    assert_result(db_link_update(db_in(state), &link, SLICE(""), NULL, &err), DB_OK);
    uint64_t last = assert_changes(state, 0, "Spring abc spring summer");
    uint64_t newest = 0;
    assert_result(db_edge_newest(db_in(state), &newest, &err), DB_OK);
    assert_int_equal(newest, last);
    assert_changes(state, last, "");
}

static void test_what_fails_is_no_change(void **state)
{
    struct link link = insert_rich(state);
    link.target.version = 5;
    assert_result(db_link_update(db_in(state), &link, SLICE(""), NULL, &err), DB_STALE);
    assert_result(db_link_delete(db_in(state), 7, 5, &err), DB_STALE);
    assert_result(db_link_hide(db_in(state), 7, 5, 1, &err), DB_STALE);
    assert_result(db_link_delete(db_in(state), 8, 0, &err), DB_MISSING);
    assert_changes(state, 0, "");
}

static void test_a_removed_alias_is_among_them(void **state)
{
    static const struct slice left[] = { SLICE("Spring") };
    struct link link = insert_rich(state);
    link.aliases = left;
    link.n_aliases = 1;
    assert_result(db_alias_delete(db_in(state), &link, SLICE("summer"), &err), DB_OK);
    uint64_t last = assert_changes(state, 0, "Spring abc spring summer");
    link.target.version++;
    assert_result(db_link_update(db_in(state), &link, SLICE("new"), NULL, &err), DB_OK);
    last = assert_changes(state, last, "Spring abc spring"); /* nobody has asked for the new one */
    link.target.version++;
    assert_result(db_link_update(db_in(state), &link, SLICE(""), NULL, &err), DB_OK);
    assert_changes(state, last, "Spring abc new spring");
}

static void test_deletions_are_changes(void **state)
{
    insert_rich(state);
    assert_result(db_link_hide(db_in(state), 7, 0, 1763001000, &err), DB_OK);
    uint64_t last = assert_changes(state, 0, "Spring abc spring summer");
    struct link other = sample_link(8, "other");
    assert_result(db_link_insert(db_in(state), &other, NULL, &err), DB_OK);
    assert_result(db_link_delete(db_in(state), 8, 0, &err), DB_OK);
    last = assert_changes(state, last, "other");
    const uint64_t ids[] = { 9, 10, 11 };
    for (size_t i = 0; i < 2; i++) {
        struct link owned = sample_link(ids[i], i ? "second" : "first");
        owned.owner_id = i ? 3 : 4;
        assert_result(db_link_insert(db_in(state), &owned, NULL, &err), DB_OK);
    }
    const struct owned_links links = { .owner_id = 3, .ids = ids, .n = 3 };
    assert_result(db_links_delete(db_in(state), &links, &err), DB_OK);
    assert_changes(state, last, "second");
}

static void test_the_oldest_go_when_there_are_too_many(void **state)
{
    struct link link = insert_rich(state);
    uint64_t dropped = 4711;
    for (unsigned i = 0; i < 3; i++) {
        assert_result(db_link_update(db_in(state), &link, SLICE(""), NULL, &err), DB_OK);
        link.target.version++;
    }
    const struct edge_bound wide = { .max_age_s = 3600, .max = 100 };
    assert_result(db_edge_changes_bound(db_in(state), &wide, &dropped, &err), DB_OK);
    assert_int_equal(dropped, 0);
    uint64_t last = assert_changes(state, 0, "Spring abc spring summer");
    const struct edge_bound narrow = { .max_age_s = 3600, .max = 1 };
    assert_result(db_edge_changes_bound(db_in(state), &narrow, &dropped, &err), DB_OK);
    assert_true(dropped >= 11);
    struct edge_change_page page;
    assert_result(db_edge_changes(db_in(state), 0, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 1);
    assert_int_equal(page.at[0].id, last);
}

static void test_positions(void **state)
{
    uint64_t position = 4711;
    assert_result(db_edge_position(db_in(state), UINT64_MAX, &position, &err), DB_OK);
    assert_int_equal(position, 0);
    for (uint64_t to = 7; to < 9; to++) {
        assert_result(db_edge_position_set(db_in(state), UINT64_MAX, to, &err), DB_OK);
        assert_result(db_edge_position(db_in(state), UINT64_MAX, &position, &err), DB_OK);
        assert_int_equal(position, to);
    }
    assert_result(db_edge_position(db_in(state), 1, &position, &err), DB_OK);
    assert_int_equal(position, 0);
}

const struct CMUnitTest *db_contract_edge(size_t *n)
{
    static const struct CMUnitTest tests[] = {
        DB_CASE(test_creates_are_no_changes),
        DB_CASE(test_a_change_is_kept_for_every_code),
        DB_CASE(test_what_fails_is_no_change),
        DB_CASE(test_a_removed_alias_is_among_them),
        DB_CASE(test_deletions_are_changes),
        DB_CASE(test_the_oldest_go_when_there_are_too_many),
        DB_CASE(test_positions),
    };
    *n = sizeof(tests) / sizeof(tests[0]);
    return tests;
}
