/* SPDX-License-Identifier: MIT */
/* The database's contract: sessions, and the tokens that sign in once. */
#include "db_contract.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum {
    NOW = 1000,
    NOT_THERE = 4711,
};

static struct api_key session_key(void **state, const char *user, unsigned char fill)
{
    struct api_key key = { .user = slice_of(user), .created_at = 5, .scope = KEY_SCOPE_CREATE };
    memset(key.hash, fill, sizeof(key.hash));
    assert_result(db_key_insert(db_in(state), &key, &err), DB_OK);
    return key;
}

static struct session new_session(uint32_t key_id, unsigned char fill, int64_t now)
{
    struct session session = { .key = { .id = key_id },
                               .created_at = now,
                               .agent = SLICE("Firefox on Linux") };
    memset(session.hash, fill, sizeof(session.hash));
    return session;
}

static struct session start(void **state, uint32_t key_id, unsigned char fill, int64_t now)
{
    struct session session = new_session(key_id, fill, now);
    assert_result(db_session_insert(db_in(state), &session, NULL, arena_in(state), &err), DB_OK);
    return session;
}

static struct session_list list(void **state, uint32_t user_id)
{
    struct session_list sessions;
    assert_result(db_session_list(db_in(state), user_id, arena_in(state), &sessions, &err), DB_OK);
    return sessions;
}

static void test_a_session_has_its_key(void **state)
{
    struct api_key key = session_key(state, "ann", 1);
    struct session session = start(state, key.id, 9, NOW), found;
    assert_true(session.id > 0);
    assert_int_equal(session.last_used_at, NOW);
    assert_slice(session.key.user, SLICE("ann"));
    assert_result(db_session_find(db_in(state), session.hash, arena_in(state), &found, &err),
                  DB_OK);
    assert_int_equal(found.id, session.id);
    assert_memory_equal(found.hash, session.hash, sizeof(found.hash));
    assert_int_equal(found.created_at, NOW);
    assert_int_equal(found.last_used_at, NOW);
    assert_slice(found.agent, SLICE("Firefox on Linux"));
    assert_int_equal(found.key.id, key.id);
    assert_int_equal(found.key.user_id, key.user_id);
    assert_int_equal(found.key.scope, KEY_SCOPE_CREATE);
    assert_int_equal(found.key.revoked_at, 0);
    assert_slice(found.key.user, SLICE("ann"));
    session.hash[0]++;
    assert_result(db_session_find(db_in(state), session.hash, arena_in(state), &found, &err),
                  DB_MISSING);
    assert_result(db_key_revoke(db_in(state), key.id, DB_OWNER_ANY, NOW + 1, &err), DB_OK);
    session.hash[0]--;
    assert_result(db_session_find(db_in(state), session.hash, arena_in(state), &found, &err),
                  DB_OK);
    assert_int_equal(found.key.revoked_at, NOW + 1);
}

static void test_a_session_needs_a_valid_key(void **state)
{
    struct api_key revoked = session_key(state, "ann", 1);
    struct api_key expired = { .user = SLICE("ann"), .hash = { 2 }, .expires_at = NOW };
    assert_result(db_key_insert(db_in(state), &expired, &err), DB_OK);
    assert_result(db_key_revoke(db_in(state), revoked.id, DB_OWNER_ANY, 7, &err), DB_OK);
    const uint32_t keys[] = { revoked.id, expired.id, NOT_THERE, 0 };
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        struct session session = new_session(keys[i], 9, NOW);
        assert_result(db_session_insert(db_in(state), &session, NULL, arena_in(state), &err),
                      DB_MISSING);
    }
    assert_int_equal(list(state, revoked.user_id).n, 0);
    start(state, expired.id, 9, NOW - 1);
}

static void test_a_token_signs_in_once(void **state)
{
    struct api_key key = session_key(state, "ann", 1);
    struct sign_in token = { .hash = { 5 }, .key_id = key.id, .expires_at = NOW + 10 };
    assert_result(db_sign_in_insert(db_in(state), &token, &err), DB_OK);
    static const struct {
        unsigned char token;
        int64_t now;
        enum db_result result;
    } rows[] = {
        { 6, NOW, DB_MISSING },      /* another token */
        { 5, NOW + 10, DB_MISSING }, /* too late */
        { 5, NOW + 9, DB_OK },
        { 5, NOW + 9, DB_MISSING }, /* used */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct session session = new_session(0, (unsigned char)(20 + i), rows[i].now);
        unsigned char hash[KEY_HASH_BYTES] = { rows[i].token };
        assert_result(db_session_insert(db_in(state), &session, hash, arena_in(state), &err),
                      rows[i].result);
        if (rows[i].result == DB_OK)
            assert_int_equal(session.key.id, key.id);
    }
    assert_int_equal(list(state, key.user_id).n, 1);
}

static void test_a_token_of_a_revoked_key_does_not_sign_in(void **state)
{
    struct api_key key = session_key(state, "ann", 1);
    struct sign_in token = { .hash = { 5 }, .key_id = key.id, .expires_at = NOW + 10 };
    struct session session = new_session(0, 9, NOW);
    assert_result(db_sign_in_insert(db_in(state), &token, &err), DB_OK);
    assert_result(db_key_revoke(db_in(state), key.id, DB_OWNER_ANY, 7, &err), DB_OK);
    assert_result(db_session_insert(db_in(state), &session, token.hash, arena_in(state), &err),
                  DB_MISSING);
}

static void test_a_session_remembers_its_last_use(void **state)
{
    struct api_key key = session_key(state, "ann", 1);
    struct session session = start(state, key.id, 9, NOW);
    static const int64_t times[][2] = { { NOW + 60, NOW + 60 }, { NOW, NOW + 60 } };
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        assert_result(db_session_touch(db_in(state), session.id, times[i][0], &err), DB_OK);
        assert_int_equal(list(state, key.user_id).sessions[0].last_used_at, times[i][1]);
    }
    assert_result(db_session_touch(db_in(state), NOT_THERE, NOW, &err), DB_OK);
}

static void test_sessions_are_listed_and_deleted(void **state)
{
    struct api_key ann = session_key(state, "ann", 1), bob = session_key(state, "bob", 2);
    struct session old = start(state, ann.id, 10, NOW), new = start(state, ann.id, 11, NOW + 5);
    struct session his = start(state, bob.id, 12, NOW);
    assert_int_equal(list(state, ann.user_id).n, 2);
    assert_int_equal(list(state, ann.user_id).sessions[0].id, new.id);
    assert_result(db_session_touch(db_in(state), old.id, NOW + 9, &err), DB_OK);
    assert_int_equal(list(state, ann.user_id).sessions[0].id, old.id);
    assert_result(db_session_delete(db_in(state), ann.user_id, his.id, &err), DB_MISSING);
    assert_result(db_session_delete(db_in(state), ann.user_id, old.id, &err), DB_OK);
    assert_result(db_session_delete(db_in(state), ann.user_id, old.id, &err), DB_MISSING);
    assert_int_equal(list(state, ann.user_id).n, 1);
    start(state, ann.id, 13, NOW);
    assert_result(db_session_delete_all(db_in(state), ann.user_id, &err), DB_OK);
    assert_result(db_session_delete_all(db_in(state), ann.user_id, &err), DB_OK);
    assert_int_equal(list(state, ann.user_id).n, 0);
    assert_int_equal(list(state, bob.user_id).n, 1);
}

static void test_a_user_has_so_many_sessions(void **state)
{
    struct api_key ann = session_key(state, "ann", 1), bob = session_key(state, "bob", 2);
    struct session his = start(state, bob.id, 255, 1), first = start(state, ann.id, 254, NOW);
    for (unsigned i = 0; i < DB_SESSIONS_MAX - 1; i++)
        start(state, ann.id, (unsigned char)i, NOW + 1);
    assert_int_equal(list(state, ann.user_id).n, DB_SESSIONS_MAX);
    start(state, ann.id, 253, NOW + 2);
    assert_int_equal(list(state, ann.user_id).n, DB_SESSIONS_MAX);
    struct session found;
    assert_result(db_session_find(db_in(state), first.hash, arena_in(state), &found, &err),
                  DB_MISSING);
    assert_result(db_session_find(db_in(state), his.hash, arena_in(state), &found, &err), DB_OK);
}

static void test_old_sessions_and_tokens_are_purged(void **state)
{
    struct api_key key = session_key(state, "ann", 1);
    for (unsigned char i = 0; i < 3; i++) {
        start(state, key.id, i, NOW + i);
        struct sign_in token = { .hash = { i }, .key_id = key.id, .expires_at = NOW + i };
        assert_result(db_sign_in_insert(db_in(state), &token, &err), DB_OK);
    }
    static const struct {
        struct purge purge;
        unsigned deleted;
        bool more;
        size_t left;
    } rows[] = {
        { { .limit = 9 }, 0, false, 3 },
        { { .sessions_before = NOW, .sign_ins_before = NOW, .limit = 9 }, 0, false, 3 },
        { { .sessions_before = NOW + 2, .limit = 1 }, 1, true, 2 },
        { { .sessions_before = NOW + 2, .limit = 9 }, 1, false, 1 },
        { { .sign_ins_before = NOW + 2, .limit = 2 }, 2, true, 1 },
        { { .sign_ins_before = NOW + 2, .limit = 2 }, 0, false, 1 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct purge_done done;
        assert_result(db_purge_batch(db_in(state), &rows[i].purge, &done, &err), DB_OK);
        assert_int_equal(done.sessions, rows[i].deleted);
        assert_int_equal(done.more, rows[i].more);
        assert_int_equal(list(state, key.user_id).n, rows[i].left);
    }
}

static void test_a_deleted_user_has_no_session(void **state)
{
    struct api_key key = session_key(state, "ann", 1);
    struct session session = start(state, key.id, 9, NOW), found;
    assert_result(db_user_delete(db_in(state), key.user_id, 0, &err), DB_OK);
    assert_result(db_session_find(db_in(state), session.hash, arena_in(state), &found, &err),
                  DB_MISSING);
    assert_int_equal(list(state, key.user_id).n, 0);
}

const struct CMUnitTest *db_contract_session(size_t *n)
{
    static const struct CMUnitTest tests[] = {
        DB_CASE(test_a_session_has_its_key),
        DB_CASE(test_a_session_needs_a_valid_key),
        DB_CASE(test_a_token_signs_in_once),
        DB_CASE(test_a_token_of_a_revoked_key_does_not_sign_in),
        DB_CASE(test_a_session_remembers_its_last_use),
        DB_CASE(test_sessions_are_listed_and_deleted),
        DB_CASE(test_a_user_has_so_many_sessions),
        DB_CASE(test_old_sessions_and_tokens_are_purged),
        DB_CASE(test_a_deleted_user_has_no_session),
    };
    *n = sizeof(tests) / sizeof(*tests);
    return tests;
}
