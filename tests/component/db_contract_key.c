/* SPDX-License-Identifier: MIT */
/* The database's contract: the life of keys, and users' policies. */
#include "db_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct api_key add_key(void **state, const char *user, unsigned char fill)
{
    struct api_key key = { .user = slice_of(user), .name = SLICE("laptop"), .created_at = 5 };
    memset(key.hash, fill, sizeof(key.hash));
    assert_result(db_key_insert(db_in(state), &key, &err), DB_OK);
    return key;
}

static struct api_key find(void **state, uint32_t key_id)
{
    struct api_key key;
    assert_result(db_key_find(db_in(state), key_id, arena_in(state), &key, &err), DB_OK);
    return key;
}

static void test_keys_are_listed_page_by_page(void **state)
{
    struct api_key ann = { 0 };
    for (unsigned char i = 1; i <= 6; i++) {
        struct api_key key = add_key(state, i % 2 ? "ann" : "bob", i);
        ann = i == 1 ? key : ann;
    }
    struct key_query query = { .user_id = DB_OWNER_ANY, .limit = 4 };
    struct key_page page;
    assert_result(db_key_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 4);
    assert_true(page.more);
    assert_slice(page.keys[1].user, SLICE("bob"));
    assert_slice(page.keys[1].name, SLICE("laptop"));
    assert_int_equal(page.keys[1].created_at, 5);
    query.after_id = page.keys[3].id;
    assert_result(db_key_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 2);
    assert_false(page.more);
    query = (struct key_query){ .user_id = ann.user_id, .limit = 3 };
    assert_result(db_key_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 3);
    assert_false(page.more);
    for (size_t i = 0; i < 3; i++)
        assert_slice(page.keys[i].user, SLICE("ann"));
    query.user_id = 4711;
    assert_result(db_key_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 0);
    query.limit = 0;
    assert_result(db_key_list(db_in(state), &query, arena_in(state), &page, &err), DB_FAILED);
}

static void test_a_key_has_an_end_and_a_scope(void **state)
{
    static const struct {
        int64_t expires_at;
        enum key_scope scope;
    } rows[] = { { 0, KEY_SCOPE_MANAGE }, { 5000000000, KEY_SCOPE_READ }, { 1, KEY_SCOPE_CREATE } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct api_key key = { .user = SLICE("ann"),
                               .hash = { (unsigned char)i },
                               .created_at = 5,
                               .expires_at = rows[i].expires_at,
                               .scope = rows[i].scope };
        assert_result(db_key_insert(db_in(state), &key, &err), DB_OK);
        struct api_key found = find(state, key.id);
        assert_int_equal(found.expires_at, rows[i].expires_at);
        assert_int_equal(found.scope, rows[i].scope);
        const struct key_query query = { .user_id = key.user_id, .limit = 9 };
        struct key_page page;
        assert_result(db_key_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
        assert_int_equal(page.keys[i].expires_at, rows[i].expires_at);
        assert_int_equal(page.keys[i].scope, rows[i].scope);
    }
}

static void test_a_key_is_revoked_once_and_for_all(void **state)
{
    struct api_key key = add_key(state, "ann", 1);
    struct api_key other = add_key(state, "bob", 2);
    assert_result(db_key_revoke(db_in(state), key.id, other.user_id, 7, &err), DB_MISSING);
    assert_int_equal(find(state, key.id).revoked_at, 0);
    assert_result(db_key_revoke(db_in(state), key.id, key.user_id, 8, &err), DB_OK);
    assert_result(db_key_revoke(db_in(state), key.id, DB_OWNER_ANY, 9, &err), DB_OK);
    assert_int_equal(find(state, key.id).revoked_at, 8);
    assert_int_equal(find(state, other.id).revoked_at, 0);
    assert_result(db_key_revoke(db_in(state), 4711, DB_OWNER_ANY, 9, &err), DB_MISSING);
}

static void test_valid_keys_are_counted(void **state)
{
    static const int64_t ends[] = { 0, 100, 200 };
    struct api_key key = { 0 };
    uint64_t n;
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        key = (struct api_key){ .user = SLICE("ann"),
                                .hash = { (unsigned char)i },
                                .created_at = 5,
                                .expires_at = ends[i] };
        assert_result(db_key_insert(db_in(state), &key, &err), DB_OK);
    }
    add_key(state, "bob", 9);
    static const uint64_t left[][2] = { { 99, 3 }, { 100, 2 }, { 199, 2 }, { 200, 1 } };
    for (size_t i = 0; i < sizeof(left) / sizeof(*left); i++) {
        assert_result(db_key_count(db_in(state), key.user_id, (int64_t)left[i][0], &n, &err),
                      DB_OK);
        assert_int_equal(n, left[i][1]);
    }
    assert_result(db_key_revoke(db_in(state), key.id, DB_OWNER_ANY, 8, &err), DB_OK);
    assert_result(db_key_count(db_in(state), key.user_id, 99, &n, &err), DB_OK);
    assert_int_equal(n, 2);
    assert_result(db_key_count(db_in(state), 4711, 99, &n, &err), DB_OK);
    assert_int_equal(n, 0);
}

static void test_a_key_remembers_its_last_use(void **state)
{
    struct api_key key = add_key(state, "ann", 1);
    static const int64_t times[][2] = { { 100, 100 }, { 50, 100 }, { 101, 101 } };
    assert_int_equal(find(state, key.id).last_used_at, 0);
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        assert_result(db_key_touch(db_in(state), key.id, times[i][0], &err), DB_OK);
        assert_int_equal(find(state, key.id).last_used_at, times[i][1]);
    }
    assert_result(db_key_touch(db_in(state), 4711, 5, &err), DB_OK);
}

static void test_a_user_has_a_policy(void **state)
{
    struct api_key key = add_key(state, "ann", 1);
    struct user user;
    assert_result(db_user_find(db_in(state), SLICE("ann"), arena_in(state), &user, &err), DB_OK);
    assert_int_equal(user.id, key.user_id);
    assert_slice(user.name, SLICE("ann"));
    assert_int_equal(user.role, ROLE_USER);
    assert_int_equal(user.created_at, 5);
    assert_int_equal(user.policy.max_ttl_s, 0);
    const struct user_policy rows[] = { { 60, 3600 }, { 60, 3600 }, { 0, 86400 }, { 0, 0 } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_result(db_user_set_policy(db_in(state), user.id, &rows[i], &err), DB_OK);
        key = find(state, key.id);
        assert_memory_equal(&key.policy, &rows[i], sizeof(*rows));
        assert_result(db_user_find(db_in(state), SLICE("ann"), arena_in(state), &user, &err),
                      DB_OK);
        assert_memory_equal(&user.policy, &rows[i], sizeof(*rows));
    }
    assert_result(db_user_set_policy(db_in(state), 4711, &rows[0], &err), DB_MISSING);
    assert_result(db_user_find(db_in(state), SLICE("Ann"), arena_in(state), &user, &err),
                  DB_MISSING);
}

const struct CMUnitTest *db_contract_key(size_t *n)
{
    static const struct CMUnitTest tests[] = {
        DB_CASE(test_keys_are_listed_page_by_page),      DB_CASE(test_a_key_has_an_end_and_a_scope),
        DB_CASE(test_a_key_is_revoked_once_and_for_all), DB_CASE(test_valid_keys_are_counted),
        DB_CASE(test_a_key_remembers_its_last_use),      DB_CASE(test_a_user_has_a_policy),
    };
    *n = sizeof(tests) / sizeof(*tests);
    return tests;
}
