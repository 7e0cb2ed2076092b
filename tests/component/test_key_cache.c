/* SPDX-License-Identifier: MIT */
/* The keys in a host's segment, and what is allowed with them while the database is unavailable. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fakes/db_fake.h"
#include "service/auth.h"
#include "service/codes.h"
#include "shm/key_cache.h"
#include "shm/segment_layout.h"
#include "support/codes_key.h"
#include "support/host_files.h"

enum {
    NOW = 1800000000,
    OUTAGE = 1000,
};

struct fixture {
    char path[64];
    struct segment *segment;
    struct segment *other; /* of another process */
    struct db *db;
    struct arena *arena;
};

static int set_up(void **state)
{
    static struct fixture f;
    snprintf(f.path, sizeof(f.path), "/tmp/curt-test-keys-%d", (int)getpid());
    unlink(f.path);
    f.segment = host_segment_open(f.path, 0);
    f.other = host_segment_open(f.path, 0);
    f.db = db_fake_new(1 << 20, 100);
    f.arena = arena_new(1 << 20);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    segment_close(&f->segment);
    segment_close(&f->other);
    db_close(&f->db);
    arena_free(&f->arena);
    unlink(f->path);
    return 0;
}

static struct api_key key_of(uint32_t id)
{
    return (struct api_key){ .id = id,
                             .user_id = id + 1,
                             .role = ROLE_ADMIN,
                             .user = SLICE("ann"),
                             .hash = { (unsigned char)id, 7 },
                             .policy = { 11, 12 },
                             .scope = KEY_SCOPE_CREATE,
                             .expires_at = INT64_MAX };
}

static void confirm(struct segment *segment, uint32_t id, int64_t now)
{
    const struct api_key key = key_of(id);
    key_cache_confirm(segment, &key, now, key_cache_stamp(segment));
}

static bool knows(struct fixture *f, uint32_t id, int64_t since)
{
    struct api_key key;
    return key_cache_find(f->other, id, since, f->arena, &key);
}

/* --- the memory --- */

static void what_one_confirms_all_know(void **state)
{
    struct fixture *f = *state;
    struct api_key got;
    confirm(f->segment, 5, NOW);
    assert_true(key_cache_find(f->other, 5, NOW - 1, f->arena, &got));
    const struct api_key key = key_of(5);
    assert_int_equal(got.user_id, 6);
    assert_int_equal(got.role, ROLE_ADMIN);
    assert_true(slice_eq(got.user, key.user));
    assert_memory_equal(got.hash, key.hash, sizeof(got.hash));
    assert_int_equal(got.policy.default_ttl_s, 11);
    assert_int_equal(got.policy.max_ttl_s, 12);
    assert_int_equal(got.scope, KEY_SCOPE_CREATE);
    assert_int_equal(got.expires_at, INT64_MAX);
    assert_false(knows(f, 5, NOW));                 /* too long ago */
    assert_false(knows(f, 5 + KEY_CACHE_SLOTS, 0)); /* of the same slot */
    assert_false(knows(f, 0, INT64_MIN));
}

static void what_one_forgets_nobody_knows(void **state)
{
    struct fixture *f = *state;
    confirm(f->segment, 5, NOW);
    confirm(f->segment, 6, NOW);
    key_cache_forget(f->other, 5);
    assert_false(knows(f, 5, 0));
    assert_true(knows(f, 6, 0));
}

/* Read from the database before it was revoked, remembered after. */
static void a_late_confirmation_does_not_count(void **state)
{
    struct fixture *f = *state;
    const struct api_key key = key_of(5);
    struct key_stamp stamp = key_cache_stamp(f->segment);
    key_cache_forget(f->other, 5);
    key_cache_confirm(f->segment, &key, NOW, stamp);
    assert_false(knows(f, 5, 0));
}

/* A worker that is stopped with the lock held delays no other: neither calls nor revocations. */
static void nobody_is_waited_for(void **state)
{
    struct fixture *f = *state;
    confirm(f->segment, 5, NOW);
    assert_true(segment_try_lock(f->segment, SEGMENT_KEYS, 1));
    confirm(f->other, 6, NOW);
    assert_false(knows(f, 6, 0));
    key_cache_forget(f->other, 5);
    assert_false(knows(f, 5, 0));
    segment_unlock_byte(f->segment, SEGMENT_KEYS, 1);
    confirm(f->other, 6, NOW);
    assert_true(knows(f, 6, 0));
}

static void a_torn_slot_is_none(void **state)
{
    struct fixture *f = *state;
    confirm(f->segment, 5, NOW);
    struct segment_keys *keys = segment_region(f->segment, SEGMENT_KEYS);
    for (size_t i = 0; i < sizeof(keys->slots[5]); i++) {
        unsigned char *byte = (unsigned char *)&keys->slots[5] + i;
        *byte ^= 1;
        if (knows(f, 5, 0))
            fail_msg("byte %zu", i);
        *byte ^= 1;
    }
    assert_true(knows(f, 5, 0));
}

/* Writers are killed at any instruction: what is read is whole or nothing. */
static void killed_writers_leave_it_sound(void **state)
{
    struct fixture *f = *state;
    for (unsigned round = 0; round < 30; round++) {
        pid_t child = fork();
        if (child == 0) {
            struct segment *own = host_segment_open(f->path, 0);
            for (uint32_t i = 0;; i++)
                confirm(own, 5 + (i & 1) * KEY_CACHE_SLOTS, NOW + i);
        }
        for (unsigned i = 0; i < 2000; i++) {
            struct api_key got;
            if (key_cache_find(f->segment, 5, 0, f->arena, &got))
                assert_int_equal(got.hash[0], 5);
            arena_reset(f->arena);
        }
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    confirm(f->segment, 5, NOW);
    assert_true(knows(f, 5, 0));
}

/* --- authentication without a database --- */

static void make_key(struct fixture *f, char text[KEY_TEXT_MAX])
{
    const unsigned char secret[KEY_SECRET_BYTES] = { 0x5a };
    struct error err = { "" };
    struct api_key key = { .user = SLICE("ann"),
                           .role = ROLE_USER,
                           .scope = KEY_SCOPE_CREATE,
                           .expires_at = NOW + OUTAGE + 5,
                           .created_at = NOW };
    assert_int_equal(auth_key_create(f->db, &key, secret, text, &err), DB_OK);
}

static struct auth worker(struct fixture *f)
{
    return (struct auth){ .db = f->db, .remember_s = 5, .segment = f->other, .outage_s = OUTAGE };
}

static enum auth_outcome check(struct auth *auth, const char *text, int64_t now)
{
    struct caller caller;
    struct error err = { "" };
    const struct auth_question question = { slice_of(text), now, true };
    enum auth_outcome outcome = auth_check(auth, &question, &caller, &err);
    if (outcome == AUTH_OK) {
        assert_true(slice_eq(caller.user, SLICE("ann")));
        assert_int_equal(caller.scope, KEY_SCOPE_CREATE);
        assert_int_equal(caller.key_expires_at, NOW + OUTAGE + 5);
    }
    return outcome;
}

static void a_fresh_worker_knows_keys_in_an_outage(void **state)
{
    struct fixture *f = *state;
    char text[KEY_TEXT_MAX];
    char wrong[KEY_TEXT_MAX];
    make_key(f, text);
    memcpy(wrong, text, sizeof(wrong));
    wrong[20] = wrong[20] == 'x' ? 'y' : 'x';
    struct auth first = worker(f);
    assert_int_equal(check(&first, text, NOW), AUTH_OK);
    db_fake_fail(f->db, 1000, DB_UNAVAILABLE, false);
    struct auth second = worker(f);
    assert_int_equal(check(&second, text, NOW + OUTAGE - 1), AUTH_OK);
    assert_int_equal(check(&second, wrong, NOW + OUTAGE - 1), AUTH_REFUSED);
    struct auth late = worker(f);
    assert_int_equal(check(&late, text, NOW + OUTAGE), AUTH_UNAVAILABLE);
}

/* With what the worker remembers, with what the host remembers, with the database: to the second.
 */
static void a_key_expires_in_an_outage_too(void **state)
{
    enum { END = NOW + OUTAGE + 5 };
    struct fixture *f = *state;
    char text[KEY_TEXT_MAX];
    char wrong[KEY_TEXT_MAX];
    make_key(f, text);
    memcpy(wrong, text, sizeof(wrong));
    wrong[20] = wrong[20] == 'x' ? 'y' : 'x';
    struct auth first = worker(f);
    first.remember_s = 100;
    assert_int_equal(check(&first, text, END - 1), AUTH_OK);
    struct auth fresh = worker(f);
    assert_int_equal(check(&fresh, text, END), AUTH_EXPIRED);
    db_fake_fail(f->db, 1000, DB_UNAVAILABLE, false);
    assert_int_equal(check(&first, text, END), AUTH_EXPIRED);
    struct auth second = worker(f);
    assert_int_equal(check(&second, text, END - 1), AUTH_OK);
    struct auth third = worker(f);
    assert_int_equal(check(&third, text, END), AUTH_EXPIRED);
    assert_int_equal(check(&third, wrong, END), AUTH_REFUSED); /* learns nothing about the key */
}

static void a_database_that_refuses_is_not_away(void **state)
{
    struct fixture *f = *state;
    char text[KEY_TEXT_MAX];
    make_key(f, text);
    struct auth first = worker(f);
    assert_int_equal(check(&first, text, NOW), AUTH_OK);
    db_fake_fail(f->db, 1000, DB_FAILED, false);
    struct auth second = worker(f);
    assert_int_equal(check(&second, text, NOW), AUTH_UNAVAILABLE);
}

static void a_revoked_key_is_not_believed_in_an_outage(void **state)
{
    struct fixture *f = *state;
    char text[KEY_TEXT_MAX];
    struct error err = { "" };
    make_key(f, text);
    struct auth first = worker(f);
    assert_int_equal(check(&first, text, NOW), AUTH_OK);
    assert_int_equal(db_key_revoke(f->db, 1, DB_OWNER_ANY, NOW, &err), DB_OK);
    struct auth second = worker(f); /* learns of it by a call, not by its own hand */
    assert_int_equal(check(&second, text, NOW + 1), AUTH_REFUSED);
    db_fake_fail(f->db, 1000, DB_UNAVAILABLE, false);
    struct auth third = worker(f);
    assert_int_equal(check(&third, text, NOW + 2), AUTH_UNAVAILABLE);
}

/* By whichever worker of the host, or by curtctl: the others ask again, and at once. */
static void a_revoked_key_is_refused_by_all_at_once(void **state)
{
    struct fixture *f = *state;
    char text[KEY_TEXT_MAX];
    struct error err = { "" };
    make_key(f, text);
    struct auth first = worker(f);
    struct auth second = worker(f);
    second.segment = f->segment; /* the same one, mapped once more */
    assert_int_equal(check(&first, text, NOW), AUTH_OK);
    assert_int_equal(check(&second, text, NOW), AUTH_OK);
    assert_int_equal(db_key_revoke(f->db, 1, DB_OWNER_ANY, NOW, &err), DB_OK);
    auth_forget(&first, 1);
    assert_int_equal(check(&second, text, NOW), AUTH_REFUSED);
}

static void a_changed_user_is_asked_for_again(void **state)
{
    struct fixture *f = *state;
    char text[KEY_TEXT_MAX];
    make_key(f, text);
    struct auth auth = worker(f);
    assert_int_equal(check(&auth, text, NOW), AUTH_OK);
    unsigned calls = db_fake_calls(f->db);
    assert_int_equal(check(&auth, text, NOW), AUTH_OK);
    assert_int_equal(db_fake_calls(f->db), calls);
    key_cache_forget_all(f->segment);
    db_fake_fail(f->db, 1000, DB_UNAVAILABLE, false);
    assert_int_equal(check(&auth, text, NOW), AUTH_UNAVAILABLE);
}

static void who_may_not_ask_knows_what_is_remembered(void **state)
{
    struct fixture *f = *state;
    char text[KEY_TEXT_MAX];
    struct caller caller;
    struct error err = { "" };
    make_key(f, text);
    struct auth auth = worker(f);
    struct auth_question question = { slice_of(text), NOW, false };
    unsigned calls = db_fake_calls(f->db);
    assert_int_equal(auth_check(&auth, &question, &caller, &err), AUTH_NOT_ASKED);
    assert_int_equal(db_fake_calls(f->db), calls);
    assert_int_equal(check(&auth, text, NOW), AUTH_OK);
    assert_int_equal(auth_check(&auth, &question, &caller, &err), AUTH_OK);
    question.now += auth.remember_s;
    assert_int_equal(auth_check(&auth, &question, &caller, &err), AUTH_NOT_ASKED);
}

/* --- codes, without a database --- */

static enum outcome next_code(struct fixture *f, char code[CODE_MAX + 1])
{
    struct codes codes = {
        .db = f->db,
        .sequence = { .name = "default", .db = f->db, .segment = f->other },
        .length = 7,
    };
    uint64_t id;
    struct error err = { "" };
    return codes_next(&codes, &id, code, &err);
}

static void a_fresh_worker_makes_codes_in_an_outage(void **state)
{
    struct fixture *f = *state;
    char code[CODE_MAX + 1];
    db_fake_fail(f->db, 1, DB_UNAVAILABLE, false);
    assert_int_equal(next_code(f, code), OUTCOME_UNAVAILABLE);
    codes_key_store(f->db, CODE_KEY);
    assert_int_equal(next_code(f, code), OUTCOME_OK);
    db_fake_fail(f->db, 1000, DB_UNAVAILABLE, false);
    for (unsigned i = 0; i < 99; i++)
        assert_int_equal(next_code(f, code), OUTCOME_OK);
    assert_int_equal(next_code(f, code), OUTCOME_UNAVAILABLE); /* a block has 100 */
}

static void a_stock_of_ids_is_kept(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    struct sequence sequence = { .name = "default", .db = f->db, .segment = f->segment };
    uint64_t left = 0;
    assert_int_equal(sequence_stock_up(&sequence, 250, 2, &left, &err), DB_OK);
    assert_int_equal(left, 200);
    assert_int_equal(sequence_stock_up(&sequence, 250, 2, &left, &err), DB_OK);
    assert_int_equal(left, 300);
    assert_int_equal(sequence_stock_up(&sequence, 250, 2, &left, &err), DB_OK);
    assert_int_equal(left, 300);
    /* They follow one another: one range holds them. */
    assert_int_equal(segment_id_stock(f->segment, "default").room, SEGMENT_ID_RANGES - 1);
    db_fake_fail(f->db, 1, DB_UNAVAILABLE, false);
    assert_int_equal(sequence_stock_up(&sequence, 1000, 2, &left, &err), DB_UNAVAILABLE);
    assert_int_equal(left, 300);
}

/* Blocks of a database that several hosts draw from do not follow one another. */
static void a_stock_leaves_room_for_others(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    struct sequence sequence = { .name = "default", .db = f->db, .segment = f->segment };
    uint64_t left = 0;
    for (unsigned i = 0; i < 2 * SEGMENT_ID_RANGES; i++) {
        struct id_range elsewhere;
        assert_int_equal(sequence_stock_up(&sequence, 1 << 20, 1, &left, &err), DB_OK);
        assert_int_equal(db_range_take(f->db, "default", &elsewhere, &err), DB_OK);
    }
    assert_int_equal(segment_id_stock(f->segment, "default").room, 8);
    assert_int_equal(left, 100 * (SEGMENT_ID_RANGES - 8));
    assert_int_equal(left, segment_id_stock(f->segment, "default").left);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_one_confirms_all_know),
        TEST(what_one_forgets_nobody_knows),
        TEST(a_late_confirmation_does_not_count),
        TEST(nobody_is_waited_for),
        TEST(a_torn_slot_is_none),
        TEST(killed_writers_leave_it_sound),
        TEST(a_fresh_worker_knows_keys_in_an_outage),
        TEST(a_key_expires_in_an_outage_too),
        TEST(a_database_that_refuses_is_not_away),
        TEST(a_revoked_key_is_not_believed_in_an_outage),
        TEST(a_revoked_key_is_refused_by_all_at_once),
        TEST(a_changed_user_is_asked_for_again),
        TEST(who_may_not_ask_knows_what_is_remembered),
        TEST(a_fresh_worker_makes_codes_in_an_outage),
        TEST(a_stock_of_ids_is_kept),
        TEST(a_stock_leaves_room_for_others),
    };
    return cmocka_run_group_tests_name("key_cache", tests, NULL, NULL);
}
