/* SPDX-License-Identifier: MIT */
/* The database's contract: creating and deleting users, changing their role, and moving links
 * between owners. */
#include "db_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static uint32_t add_user(void **state, const char *name, enum user_role role)
{
    struct user user = { .name = slice_of(name), .role = role, .created_at = 5 };
    assert_result(db_user_add(db_in(state), &user, &err), DB_OK);
    assert_int_not_equal(user.id, 0);
    return user.id;
}

static void add_key(void **state, const char *user, unsigned char fill, int64_t expires_at)
{
    struct api_key key = { .user = slice_of(user), .hash = { fill }, .expires_at = expires_at };
    assert_result(db_key_insert(db_in(state), &key, &err), DB_OK);
    if (fill == 0xff)
        assert_result(db_key_revoke(db_in(state), key.id, DB_OWNER_ANY, 7, &err), DB_OK);
}

static struct link add_link(void **state, uint64_t id, const char *code, uint32_t owner_id)
{
    static const struct slice tags[] = { SLICE("t") };
    struct link link = sample_link(id, code);
    link.owner_id = owner_id;
    link.clicks = id;
    link.code_is_alias = true;
    link.tags = tags;
    link.n_tags = 1;
    assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
    assert_result(db_link_find(db_in(state), slice_of(code), arena_in(state), &link, &err), DB_OK);
    return link;
}

static struct click_totals totals(void **state, uint32_t owner_id)
{
    struct click_totals out;
    assert_result(db_clicks_owner(db_in(state), owner_id, &out, &err), DB_OK);
    return out;
}

/* How many links a list of the owner's finds: by the owner, by a tag, by an alias, by the host. */
static void assert_listed(void **state, uint32_t owner_id, size_t n)
{
    const struct link_query queries[] = {
        { .owner_id = owner_id, .limit = 50 },
        { .owner_id = owner_id, .limit = 50, .tag = SLICE("t") },
        { .owner_id = owner_id, .limit = 50, .alias_prefix = SLICE("own") },
        { .owner_id = owner_id,
          .limit = 50,
          .alias_prefix = SLICE("example"),
          .host_prefix = SLICE("example") },
    };
    for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++) {
        struct link_page page;
        assert_result(db_links_list(db_in(state), &queries[i], arena_in(state), &page, &err),
                      DB_OK);
        if (page.n != n)
            fail_msg("list %zu of %u: %zu, not %zu", i, owner_id, page.n, n);
    }
    uint64_t count;
    assert_result(db_links_count(db_in(state), owner_id, &count, &err), DB_OK);
    assert_int_equal(count, n);
}

static void assert_same_url(void **state, uint32_t owner_id, struct slice url, size_t n)
{
    const struct link_destination to = { .owner_id = owner_id, .long_url = url };
    struct link_page page;
    assert_result(db_links_same_url(db_in(state), &to, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, n);
}

/* --- users --- */

static void test_users_are_listed_page_by_page(void **state)
{
    uint32_t ann = add_user(state, "ann", ROLE_ADMIN);
    uint32_t bob = add_user(state, "bob", ROLE_USER);
    add_user(state, "carol", ROLE_USER);
    add_key(state, "bob", 1, 0);
    add_key(state, "bob", 2, 100);
    add_key(state, "bob", 3, 101);
    add_key(state, "bob", 0xff, 0);
    add_link(state, 7, "own-a", bob);
    add_link(state, 8, "own-b", bob);
    struct user_query query = { .limit = 2, .now = 100 };
    struct user_page page;
    assert_result(db_user_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 2);
    assert_true(page.more);
    assert_slice(page.users[0].user.name, SLICE("ann"));
    assert_int_equal(page.users[0].user.id, ann);
    assert_int_equal(page.users[0].user.role, ROLE_ADMIN);
    assert_int_equal(page.users[0].user.created_at, 5);
    assert_int_equal(page.users[0].keys + page.users[0].links + page.users[0].clicks, 0);
    assert_slice(page.users[1].user.name, SLICE("bob"));
    assert_int_equal(page.users[1].keys, 2);
    assert_int_equal(page.users[1].links, 2);
    assert_int_equal(page.users[1].clicks, 15);
    query.after_id = bob;
    assert_result(db_user_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 1);
    assert_false(page.more);
    query.limit = 0;
    assert_result(db_user_list(db_in(state), &query, arena_in(state), &page, &err), DB_FAILED);
    struct user again = { .name = SLICE("ann") };
    assert_result(db_user_add(db_in(state), &again, &err), DB_TAKEN);
}

static void test_the_last_admin_stays(void **state)
{
    uint32_t ann = add_user(state, "ann", ROLE_ADMIN);
    uint32_t bob = add_user(state, "bob", ROLE_USER);
    struct user user;
    assert_result(db_user_set_role(db_in(state), ann, ROLE_USER, &err), DB_TAKEN);
    assert_result(db_user_set_role(db_in(state), ann, ROLE_ADMIN, &err), DB_OK);
    assert_result(db_user_delete(db_in(state), ann, 0, &err), DB_TAKEN);
    assert_result(db_user_set_role(db_in(state), bob, ROLE_USER, &err), DB_OK);
    assert_result(db_user_set_role(db_in(state), bob, ROLE_ADMIN, &err), DB_OK);
    assert_result(db_user_set_role(db_in(state), ann, ROLE_USER, &err), DB_OK);
    assert_result(db_user_find(db_in(state), SLICE("ann"), arena_in(state), &user, &err), DB_OK);
    assert_int_equal(user.role, ROLE_USER);
    assert_result(db_user_set_role(db_in(state), bob, ROLE_USER, &err), DB_TAKEN);
    assert_result(db_user_delete(db_in(state), ann, bob, &err), DB_OK);
    assert_result(db_user_find(db_in(state), SLICE("ann"), arena_in(state), &user, &err),
                  DB_MISSING);
    assert_result(db_user_set_role(db_in(state), ann, ROLE_ADMIN, &err), DB_MISSING);
    assert_result(db_user_delete(db_in(state), ann, bob, &err), DB_MISSING);
}

static void test_a_user_goes_with_keys_and_without_links(void **state)
{
    uint32_t ann = add_user(state, "ann", ROLE_USER);
    uint32_t bob = add_user(state, "bob", ROLE_USER);
    struct api_key key = { .user = SLICE("ann"), .hash = { 1 } };
    assert_result(db_key_insert(db_in(state), &key, &err), DB_OK);
    struct link link = add_link(state, 7, "own-a", ann);
    assert_result(db_user_delete(db_in(state), ann, bob, &err), DB_STALE);
    assert_result(db_link_delete(db_in(state), link.target.link_id, 0, &err), DB_OK);
    uint64_t clicks = totals(state, DB_OWNER_ANY).clicks;
    assert_result(db_user_delete(db_in(state), ann, bob, &err), DB_OK);
    assert_int_equal(totals(state, DB_OWNER_ANY).clicks, clicks);
    assert_int_equal(totals(state, bob).clicks, 7); /* those of a link that was deleted */
    assert_int_equal(totals(state, ann).clicks, 0);
    struct api_key found;
    assert_result(db_key_find(db_in(state), key.id, arena_in(state), &found, &err), DB_MISSING);
    assert_int_not_equal(add_user(state, "ann", ROLE_USER), ann);
}

/* --- links that get another owner --- */

static void test_links_are_given_with_all_that_is_theirs(void **state)
{
    uint32_t ann = add_user(state, "ann", ROLE_USER);
    uint32_t bob = add_user(state, "bob", ROLE_USER);
    struct link first = add_link(state, 7, "own-a", ann);
    add_link(state, 8, "own-b", ann);
    add_link(state, 9, "own-c", bob);
    const uint64_t ids[] = { 7, 8, 9, 4711 };
    const struct owned_links links = { .owner_id = ann, .ids = ids, .n = 4 };
    for (int i = 0; i < 2; i++) { /* the second time there is nothing left to do */
        assert_result(db_links_transfer(db_in(state), &links, bob, 1763000000, &err), DB_OK);
        assert_listed(state, ann, 0);
        assert_listed(state, bob, 3);
        assert_int_equal(totals(state, bob).clicks, 24);
        assert_int_equal(totals(state, ann).clicks, 0);
        assert_same_url(state, ann, first.target.long_url, 0);
        assert_same_url(state, bob, first.target.long_url, 3);
        struct link found;
        assert_result(db_link_find(db_in(state), SLICE("own-a"), arena_in(state), &found, &err),
                      DB_OK);
        assert_slice(found.owner, SLICE("bob"));
        assert_int_equal(found.target.version, first.target.version + 1);
        assert_int_equal(found.updated_at, 1763000000);
    }
    const struct owned_links none = { .owner_id = ann, .ids = ids };
    assert_result(db_links_transfer(db_in(state), &none, bob, 5, &err), DB_FAILED);
}

static void test_links_of_an_owner_are_deleted(void **state)
{
    uint32_t ann = add_user(state, "ann", ROLE_USER);
    uint32_t bob = add_user(state, "bob", ROLE_USER);
    add_link(state, 7, "own-a", ann);
    add_link(state, 8, "own-b", ann);
    add_link(state, 9, "own-c", bob);
    const uint64_t ids[] = { 7, 8, 9 };
    const struct owned_links links = { .owner_id = ann, .ids = ids, .n = 3 };
    struct target target;
    for (int i = 0; i < 2; i++) {
        assert_result(db_links_delete(db_in(state), &links, &err), DB_OK);
        assert_listed(state, ann, 0);
        assert_listed(state, bob, 1);
        assert_result(db_resolve(db_in(state), SLICE("own-b"), arena_in(state), &target, &err),
                      DB_MISSING);
        assert_result(db_resolve(db_in(state), SLICE("own-c"), arena_in(state), &target, &err),
                      DB_OK);
    }
}

static void test_a_change_may_change_the_owner(void **state)
{
    uint32_t ann = add_user(state, "ann", ROLE_USER);
    uint32_t bob = add_user(state, "bob", ROLE_USER);
    struct link link = add_link(state, 7, "own-a", ann);
    link.owner_id = bob;
    link.title = SLICE("new");
    link.updated_at++;
    assert_result(db_link_update(db_in(state), &link, SLICE("own-z"), NULL, &err), DB_OK);
    assert_listed(state, ann, 0);
    const struct link_query by_tag = { .owner_id = bob, .limit = 50, .tag = SLICE("t") };
    struct link_page page;
    assert_result(db_links_list(db_in(state), &by_tag, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 1);
    assert_slice(page.links[0].title, SLICE("new"));
    assert_slice(page.links[0].owner, SLICE("bob"));
    assert_int_equal(page.links[0].n_aliases, 2);
    assert_int_equal(page.links[0].target.version, link.target.version + 1);
    assert_int_equal(totals(state, ann).clicks, 0);
    assert_int_equal(totals(state, bob).clicks, 7);
    assert_int_equal(totals(state, bob).links, 1);
    assert_same_url(state, ann, link.target.long_url, 0);
    assert_same_url(state, bob, link.target.long_url, 1);
    assert_result(db_link_update(db_in(state), &link, SLICE(""), NULL, &err), DB_STALE);
}

const struct CMUnitTest *db_contract_owner(size_t *n)
{
    static const struct CMUnitTest tests[] = {
        DB_CASE(test_users_are_listed_page_by_page),
        DB_CASE(test_the_last_admin_stays),
        DB_CASE(test_a_user_goes_with_keys_and_without_links),
        DB_CASE(test_links_are_given_with_all_that_is_theirs),
        DB_CASE(test_links_of_an_owner_are_deleted),
        DB_CASE(test_a_change_may_change_the_owner),
    };
    *n = sizeof(tests) / sizeof(*tests);
    return tests;
}
