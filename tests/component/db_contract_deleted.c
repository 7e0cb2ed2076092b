/* SPDX-License-Identifier: MIT */
/* The database's contract: links that are deleted, restored, or purged in the end. */
#include "db_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    DELETED_AT = 1763001000,
    BEFORE = DELETED_AT - 1, /* since this time the link was deleted */
    DAY = 20000,
};

static void insert(void **state, const struct link *link)
{
    assert_result(db_link_insert(db_in(state), link, NULL, &err), DB_OK);
}

static uint64_t count(void **state, uint32_t owner_id)
{
    uint64_t n = 4711;
    assert_result(db_links_count(db_in(state), owner_id, &n, &err), DB_OK);
    return n;
}

/* Link 7 of owner 3, with all that a link can have. */
static void insert_rich(void **state)
{
    static const struct slice aliases[] = { SLICE("Spring"), SLICE("summer") };
    static const struct slice lowered[] = { SLICE("spring") };
    static const struct slice tags[] = { SLICE("one"), SLICE("two") };
    struct link link = sample_link(7, "abc");
    link.aliases = aliases;
    link.n_aliases = 2;
    link.lowered = lowered;
    link.n_lowered = 1;
    link.tags = tags;
    link.n_tags = 2;
    link.title = SLICE("The title");
    link.owner_id = 3;
    link.target.max_clicks = 5;
    link.target.expires_at = 2000000000;
    link.target.flags = LINK_FORWARD_QUERY;
    insert(state, &link);
    assert_result(db_link_use(db_in(state), 7, 5, &err), DB_OK);
}

static void hide(void **state, uint64_t link_id)
{
    assert_result(db_link_hide(db_in(state), link_id, 0, DELETED_AT, &err), DB_OK);
}

static void assert_same(const struct link *got)
{
    assert_slice(got->code, SLICE("abc"));
    assert_slice(got->title, SLICE("The title"));
    assert_slice(got->target.long_url, SLICE("https://example.org/a?b=c%2Bd#e"));
    assert_int_equal(got->target.link_id, 7);
    assert_int_equal(got->target.expires_at, 2000000000);
    assert_int_equal(got->target.max_clicks, 5);
    assert_int_equal(got->target.flags, LINK_FORWARD_QUERY);
    assert_int_equal(got->created_at, 1763000000);
    assert_int_equal(got->updated_at, 1763000000);
    assert_int_equal(got->owner_id, 3);
    assert_int_equal(got->used, 1);
    assert_int_equal(got->n_aliases, 2);
    assert_slice(got->aliases[1], SLICE("summer"));
    assert_int_equal(got->n_lowered, 1);
    assert_int_equal(got->n_tags, 2);
    assert_slice(got->tags[1], SLICE("two"));
}

/* The number of links that lists of owner 3 and of all owners show, which must be the same. */
static size_t listed(void **state, struct slice tag, struct slice search)
{
    struct link_page pages[2];
    for (int i = 0; i < 2; i++) {
        const struct link_query query = { .owner_id = i ? DB_OWNER_ANY : 3,
                                          .tag = tag,
                                          .alias_prefix = search,
                                          .host_prefix = search,
                                          .order = i ? LINK_ORDER_OLDEST : LINK_ORDER_NEWEST,
                                          .limit = 10 };
        assert_result(db_links_list(db_in(state), &query, arena_in(state), &pages[i], &err), DB_OK);
    }
    assert_int_equal(pages[0].n, pages[1].n);
    return pages[0].n;
}

static void test_a_deleted_link_is_not_found(void **state)
{
    static const char *const codes[] = { "abc", "Spring", "spring", "summer" };
    insert_rich(state);
    hide(state, 7);
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        struct target target;
        struct link link;
        const struct slice code = slice_of(codes[i]);
        assert_result(db_resolve(db_in(state), code, arena_in(state), &target, &err), DB_MISSING);
        assert_result(db_resolve_many(db_in(state), &(struct code_list){ &code, 1 },
                                      arena_in(state), &target, &err),
                      DB_OK);
        assert_int_equal(target.link_id, 0);
        assert_result(db_link_find(db_in(state), code, arena_in(state), &link, &err), DB_MISSING);
    }
    struct link link;
    struct link_page same;
    const struct link_destination to = { 3, SLICE("https://example.org/a?b=c%2Bd#e") };
    assert_result(db_link_find_id(db_in(state), 7, arena_in(state), &link, &err), DB_MISSING);
    assert_result(db_links_same_url(db_in(state), &to, arena_in(state), &same, &err), DB_OK);
    assert_int_equal(same.n, 0);
    assert_int_equal(listed(state, SLICE(""), SLICE("")), 0);
    assert_int_equal(listed(state, SLICE("one"), SLICE("")), 0);
    assert_int_equal(listed(state, SLICE(""), SLICE("su")), 0);
    assert_int_equal(listed(state, SLICE(""), SLICE("exam")), 0);
    struct tag_page tags;
    const struct tag_query query = { .owner_id = 3, .limit = 10 };
    assert_result(db_tag_list(db_in(state), &query, arena_in(state), &tags, &err), DB_OK);
    assert_int_equal(tags.n, 0);
    assert_int_equal(count(state, 3), 0);
    assert_result(db_link_use(db_in(state), 7, 5, &err), DB_MISSING);
    assert_result(db_link_delete(db_in(state), 7, 0, &err), DB_MISSING);
    assert_result(db_link_hide(db_in(state), 7, 0, DELETED_AT, &err), DB_MISSING);
}

static void test_a_deletion_needs_the_version(void **state)
{
    struct link link = sample_link(7, "abc");
    insert(state, &link);
    assert_result(db_link_hide(db_in(state), 7, 2, DELETED_AT, &err), DB_STALE);
    assert_result(db_link_hide(db_in(state), 8, 1, DELETED_AT, &err), DB_MISSING);
    assert_result(db_link_hide(db_in(state), 7, 1, DELETED_AT, &err), DB_OK);
    assert_result(db_link_hide(db_in(state), 7, 1, DELETED_AT, &err), DB_MISSING);
}

static void test_codes_of_a_deleted_link_stay_taken(void **state)
{
    static const char *const codes[] = { "abc", "Spring", "spring", "summer" };
    insert_rich(state);
    struct link other = sample_link(9, "other");
    insert(state, &other);
    hide(state, 7);
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        struct link link = sample_link(8, codes[i]);
        enum db_result result;
        assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_TAKEN);
        assert_result(db_links_insert_many(db_in(state), &link, 1, &result, &err), DB_OK);
        assert_int_equal(result, DB_TAKEN);
        assert_result(db_link_update(db_in(state), &other, slice_of(codes[i]), NULL, &err),
                      DB_TAKEN);
    }
}

static void test_a_deleted_link_is_found_until_its_time(void **state)
{
    insert_rich(state);
    struct link link;
    assert_result(db_deleted_find(db_in(state), SLICE("abc"), arena_in(state), &link, &err),
                  DB_MISSING);
    hide(state, 7);
    assert_result(db_deleted_find(db_in(state), SLICE("spring"), arena_in(state), &link, &err),
                  DB_OK);
    assert_same(&link);
    assert_int_equal(link.deleted_at, DELETED_AT);
    assert_int_equal(link.target.version, 2);
    assert_result(db_deleted_find(db_in(state), SLICE("other"), arena_in(state), &link, &err),
                  DB_MISSING);
}

static void test_a_restored_link_has_all_it_had(void **state)
{
    insert_rich(state);
    hide(state, 7);
    assert_result(db_link_restore(db_in(state), 7, DELETED_AT, &err), DB_MISSING);
    assert_result(db_link_restore(db_in(state), 7, BEFORE, &err), DB_OK);
    assert_result(db_link_restore(db_in(state), 7, BEFORE, &err), DB_MISSING);
    assert_result(db_link_restore(db_in(state), 8, BEFORE, &err), DB_MISSING);
    struct link link;
    assert_result(db_link_find(db_in(state), SLICE("summer"), arena_in(state), &link, &err), DB_OK);
    assert_same(&link);
    assert_int_equal(link.deleted_at, 0);
    assert_int_equal(link.target.version, 3);
    assert_int_equal(count(state, 3), 1);
    assert_int_equal(listed(state, SLICE("one"), SLICE("")), 1);
    assert_int_equal(listed(state, SLICE(""), SLICE("su")), 1);
    assert_int_equal(listed(state, SLICE(""), SLICE("exam")), 1);
    for (int i = 0; i < 4; i++)
        assert_result(db_link_use(db_in(state), 7, 5, &err), DB_OK);
    assert_result(db_link_use(db_in(state), 7, 5, &err), DB_MISSING);
    hide(state, 7);
    assert_result(db_link_restore(db_in(state), 7, BEFORE, &err), DB_OK);
    struct purge_done done;
    const struct purge purge = { .expired_before = 2000000001, .limit = 10 };
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_int_equal(done.links, 1);
    assert_int_equal(count(state, 3), 0);
}

/* --- clicks --- */

static uint64_t flush(void **state, uint64_t batch, uint64_t link_id)
{
    struct click_event event = { .link_id = link_id,
                                 .visitor = batch,
                                 .at = DAY * CLICK_DAY_SECONDS };
    const struct click_flush flush = {
        .source = { "host-0123456789a", DB_SOURCE_BYTES },
        .batch = batch,
        .positions = SLICE("here"),
        .events = &event,
        .n = 1,
        .arena = arena_in(state),
        .now = 1763000000,
    };
    struct click_flushed done;
    assert_result(db_clicks_flush(db_in(state), &flush, &done, &err), DB_OK);
    return done.clicks;
}

static size_t days(void **state, uint64_t link_id)
{
    const struct click_query query = { .link_id = link_id, .end_day = UINT32_MAX };
    struct click_rows rows;
    assert_result(db_clicks_read(db_in(state), &query, arena_in(state), &rows, &err), DB_OK);
    return rows.n;
}

static void test_clicks_wait_for_their_link(void **state)
{
    struct link link = sample_link(7, "abc");
    link.owner_id = 3;
    insert(state, &link);
    assert_int_equal(flush(state, 1, 7), 1);
    hide(state, 7);
    assert_int_equal(flush(state, 2, 7), 1); /* they were in a ring */
    assert_int_equal(flush(state, 3, 8), 0);
    assert_result(db_link_restore(db_in(state), 7, BEFORE, &err), DB_OK);
    assert_result(db_link_find_id(db_in(state), 7, arena_in(state), &link, &err), DB_OK);
    assert_int_equal(link.clicks, 2);
    assert_int_equal(days(state, 7), 1);
    struct click_totals totals;
    assert_result(db_clicks_owner(db_in(state), 3, &totals, &err), DB_OK);
    assert_int_equal(totals.clicks, 2);
    assert_int_equal(totals.links, 1);
}

/* --- purging, lists, users --- */

static void test_a_purge_deletes_for_good(void **state)
{
    insert_rich(state);
    struct link other = sample_link(8, "other");
    other.owner_id = 3;
    insert(state, &other);
    flush(state, 1, 7);
    hide(state, 7);
    struct purge_done done;
    struct purge purge = { .deleted_before = DELETED_AT, .limit = 10 };
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_int_equal(done.links, 0);
    purge.deleted_before = DELETED_AT + 1;
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_int_equal(done.links, 1);
    assert_int_equal(count(state, 3), 1);
    assert_int_equal(days(state, 7), 0);
    assert_result(db_link_restore(db_in(state), 7, BEFORE, &err), DB_MISSING);
    insert_rich(state); /* everything is free, even the id */
    struct link link;
    assert_result(db_link_find_id(db_in(state), 7, arena_in(state), &link, &err), DB_OK);
    assert_int_equal(link.clicks, 0);
    assert_int_equal(count(state, 3), 2);
}

static void assert_deleted(void **state, struct link_query query, const char *wanted)
{
    struct link_page page = { .more = true };
    char text[64] = "";
    size_t len = 0;
    query.deleted_since = BEFORE;
    while (page.more) {
        assert_result(db_deleted_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
        for (size_t i = 0; i < page.n; i++)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%.*s ",
                                    SLICE_ARG(page.links[i].code));
        len += (size_t)snprintf(text + len, sizeof(text) - len, "|");
        query.after = page.next;
    }
    assert_string_equal(text, wanted);
}

static void test_deleted_links_are_listed(void **state)
{
    static const char *const codes[] = { "a", "b", "c", "d", "e" };
    for (uint64_t i = 0; i < 5; i++) {
        struct link link = sample_link(10 + i, codes[i]);
        link.owner_id = i % 2 ? 4 : 3;
        insert(state, &link);
        if (i < 4)
            assert_result(db_link_hide(db_in(state), 10 + i, 0, DELETED_AT - (i == 1), &err),
                          DB_OK);
    }
    assert_deleted(state, (struct link_query){ .owner_id = DB_OWNER_ANY, .limit = 2 }, "d c |a |");
    assert_deleted(
        state,
        (struct link_query){ .owner_id = DB_OWNER_ANY, .limit = 1, .order = LINK_ORDER_OLDEST },
        "a |c |d |");
    assert_deleted(state, (struct link_query){ .owner_id = 3, .limit = 2 }, "c a |");
    assert_deleted(
        state, (struct link_query){ .owner_id = 4, .limit = 2, .order = LINK_ORDER_OLDEST }, "d |");
    assert_deleted(state, (struct link_query){ .owner_id = 5, .limit = 2 }, "|");
    struct link_page page;
    const struct link_query none = { .limit = 0 };
    assert_result(db_deleted_list(db_in(state), &none, arena_in(state), &page, &err), DB_FAILED);
}

static void test_deleted_links_go_to_the_heir(void **state)
{
    struct user ann = { .name = SLICE("ann") };
    struct user bob = { .name = SLICE("bob") };
    assert_result(db_user_add(db_in(state), &ann, &err), DB_OK);
    assert_result(db_user_add(db_in(state), &bob, &err), DB_OK);
    struct link link = sample_link(7, "abc");
    link.owner_id = ann.id;
    insert(state, &link);
    hide(state, 7);
    assert_result(db_user_delete(db_in(state), ann.id, bob.id, &err), DB_OK);
    assert_result(db_deleted_find(db_in(state), SLICE("abc"), arena_in(state), &link, &err), DB_OK);
    assert_slice(link.owner, SLICE("bob"));
    assert_result(db_link_restore(db_in(state), 7, BEFORE, &err), DB_OK);
    assert_int_equal(count(state, bob.id), 1);
    hide(state, 7);
    assert_result(db_user_delete(db_in(state), bob.id, 0, &err), DB_OK);
    assert_result(db_link_restore(db_in(state), 7, 0, &err), DB_MISSING);
}

const struct CMUnitTest *db_contract_deleted(size_t *n)
{
    static const struct CMUnitTest tests[] = {
        DB_CASE(test_a_deleted_link_is_not_found),
        DB_CASE(test_a_deletion_needs_the_version),
        DB_CASE(test_codes_of_a_deleted_link_stay_taken),
        DB_CASE(test_a_deleted_link_is_found_until_its_time),
        DB_CASE(test_a_restored_link_has_all_it_had),
        DB_CASE(test_clicks_wait_for_their_link),
        DB_CASE(test_a_purge_deletes_for_good),
        DB_CASE(test_deleted_links_are_listed),
        DB_CASE(test_deleted_links_go_to_the_heir),
    };
    *n = sizeof(tests) / sizeof(*tests);
    return tests;
}
