/* SPDX-License-Identifier: MIT */
/* The database's contract: tags are listed and renamed. */
#include "db_contract.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ANN 1
#define BOB 2

/* Stores a link with the first `n` tags. */
static void add_link(struct db *db, struct link link, const struct slice *tags, unsigned n)
{
    link.tags = tags;
    link.n_tags = n;
    assert_result(db_link_insert(db, &link, NULL, &err), DB_OK);
}

static struct link link_of(uint64_t id, const char *code, uint32_t owner)
{
    struct link link = sample_link(id, code);
    link.owner_id = owner;
    return link;
}

static void assert_tag(const struct tag_page *page, size_t at, struct slice tag, uint64_t links)
{
    assert_slice(page->tags[at].tag, tag);
    assert_int_equal(page->tags[at].links, links);
}

static struct tag_page tags(void **state, uint32_t owner, struct slice after, unsigned limit)
{
    const struct tag_query query = { owner, after, limit };
    struct tag_page page;
    assert_result(db_tag_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    return page;
}

static void add_links(void **state)
{
    static const struct slice both[] = { SLICE("Spring"), SLICE("news") };
    static const struct slice three[] = { SLICE("b"), SLICE("news"), SLICE("\xc3\xa9t\xc3\xa9") };
    struct db *db = db_in(state);
    add_link(db, link_of(1, "one", ANN), both, 2);
    add_link(db, link_of(2, "two", ANN), both + 1, 1);
    add_link(db, link_of(3, "three", ANN), three, 3);
    add_link(db, link_of(4, "four", BOB), both + 1, 1);
    add_link(db, link_of(5, "five", ANN), NULL, 0);
}

static void test_tags_are_listed_with_their_links(void **state)
{
    const struct slice start = { NULL, 0 };
    add_links(state);
    struct tag_page page = tags(state, ANN, start, 10);
    assert_int_equal(page.n, 4);
    assert_false(page.more);
    assert_tag(&page, 0, SLICE("Spring"), 1);
    assert_tag(&page, 1, SLICE("b"), 1);
    assert_tag(&page, 2, SLICE("news"), 3);
    assert_tag(&page, 3, SLICE("\xc3\xa9t\xc3\xa9"), 1);
    page = tags(state, ANN, start, 2);
    assert_int_equal(page.n, 2);
    assert_true(page.more);
    page = tags(state, ANN, page.tags[1].tag, 2);
    assert_tag(&page, 0, SLICE("news"), 3);
    assert_false(page.more);
    assert_int_equal(tags(state, 4711, start, 2).n, 0);
    const struct tag_query none = { ANN, start, 0 };
    assert_result(db_tag_list(db_in(state), &none, arena_in(state), &page, &err), DB_FAILED);
}

static void rename_tag(void **state, struct slice from, struct slice to, unsigned links)
{
    const struct tag_rename rename = { ANN, from, to, 1763000099 };
    struct tag_renamed renamed;
    assert_result(db_tag_rename(db_in(state), &rename, &renamed, &err), DB_OK);
    assert_int_equal(renamed.links, links);
    assert_false(renamed.more);
}

static void test_a_tag_is_renamed_in_all_links_of_the_owner(void **state)
{
    const struct slice start = { NULL, 0 };
    struct link link;
    add_links(state);
    rename_tag(state, SLICE("news"), SLICE("Spring"), 3); /* one of them has both */
    rename_tag(state, SLICE("news"), SLICE("Spring"), 0);
    struct tag_page page = tags(state, ANN, start, 10);
    assert_int_equal(page.n, 3);
    assert_tag(&page, 0, SLICE("Spring"), 3);
    page = tags(state, BOB, start, 10);
    assert_tag(&page, 0, SLICE("news"), 1);
    assert_result(db_link_find(db_in(state), SLICE("one"), arena_in(state), &link, &err), DB_OK);
    assert_int_equal(link.n_tags, 1);
    assert_int_equal(link.target.version, 2);
    assert_int_equal(link.updated_at, 1763000099);
    assert_int_equal(link.owner_id, ANN);
    assert_result(db_link_find(db_in(state), SLICE("three"), arena_in(state), &link, &err), DB_OK);
    assert_int_equal(link.n_tags, 3);
    assert_slice(link.tags[0], SLICE("Spring"));
    assert_result(db_link_find(db_in(state), SLICE("five"), arena_in(state), &link, &err), DB_OK);
    assert_int_equal(link.target.version, 1);
}

static void test_a_tag_is_renamed_batch_by_batch(void **state)
{
    static const struct slice tag[] = { SLICE("old") };
    static struct link links[DB_OWNED_MAX + 1];
    static char codes[DB_OWNED_MAX + 1][8];
    enum db_result results[DB_OWNED_MAX + 1];
    for (unsigned i = 0; i <= DB_OWNED_MAX; i++) {
        memcpy(codes[i], (const char[]){ 'c', (char)('a' + i / 26), (char)('a' + i % 26), 0 }, 4);
        links[i] = sample_link(i + 1, codes[i]);
        links[i].owner_id = ANN;
        links[i].tags = tag;
        links[i].n_tags = 1;
    }
    assert_result(db_links_insert_many(db_in(state), links, DB_OWNED_MAX + 1, results, &err),
                  DB_OK);
    const struct tag_rename rename = { ANN, SLICE("old"), SLICE("new"), 1763000099 };
    struct tag_renamed renamed;
    assert_result(db_tag_rename(db_in(state), &rename, &renamed, &err), DB_OK);
    assert_int_equal(renamed.links, DB_OWNED_MAX);
    assert_true(renamed.more);
    assert_result(db_tag_rename(db_in(state), &rename, &renamed, &err), DB_OK);
    assert_int_equal(renamed.links, 1);
    assert_false(renamed.more);
    struct tag_page page = tags(state, ANN, (struct slice){ NULL, 0 }, 9);
    assert_int_equal(page.n, 1);
    assert_tag(&page, 0, SLICE("new"), DB_OWNED_MAX + 1);
}

const struct CMUnitTest *db_contract_tag(size_t *n)
{
    static const struct CMUnitTest tests[] = {
        DB_CASE(test_tags_are_listed_with_their_links),
        DB_CASE(test_a_tag_is_renamed_in_all_links_of_the_owner),
        DB_CASE(test_a_tag_is_renamed_batch_by_batch),
    };
    *n = sizeof(tests) / sizeof(*tests);
    return tests;
}
