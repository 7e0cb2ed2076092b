/* SPDX-License-Identifier: MIT */
/* The cases of the database's contract. */
#include "db_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum {
    CASES_MAX = 160,
};

struct link sample_link(uint64_t id, const char *code)
{
    return (struct link){
        .target = {
            .link_id = id,
            .version = 1,
            .redirect_status = 302,
            .long_url = SLICE("https://example.org/a?b=c%2Bd#e"),
        },
        .code = slice_of(code),
        .created_at = 1763000000,
        .updated_at = 1763000000,
    };
}

void assert_slice(struct slice got, struct slice wanted)
{
    assert_int_equal(got.len, wanted.len);
    if (wanted.len > 0)
        assert_memory_equal(got.at, wanted.at, wanted.len);
}

struct db *db_in(void **state)
{
    return ((struct db_world *)*state)->db;
}

struct arena *arena_in(void **state)
{
    return ((struct db_world *)*state)->arena;
}

int db_world_set_up(void **state)
{
    struct db_world *world = *state;
    world->db = world->open(world);
    world->arena = arena_new(16 << 20);
    return world->db && world->arena ? 0 : -1;
}

int db_world_tear_down(void **state)
{
    struct db_world *world = *state;
    db_close(&world->db);
    arena_free(&world->arena);
    return 0;
}

/* --- links --- */

static void test_an_unknown_code_is_missing(void **state)
{
    struct target target;
    struct link link;
    assert_result(db_resolve(db_in(state), SLICE("nobody"), arena_in(state), &target, &err),
                  DB_MISSING);
    assert_result(db_link_find(db_in(state), SLICE("nobody"), arena_in(state), &link, &err),
                  DB_MISSING);
}

static void test_a_plain_link_comes_back(void **state)
{
    struct link link = sample_link(7, "abc");
    assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
    struct target target = { 0 };
    assert_result(db_resolve(db_in(state), SLICE("abc"), arena_in(state), &target, &err), DB_OK);
    assert_int_equal(target.link_id, 7);
    assert_int_equal(target.version, 1);
    assert_int_equal(target.redirect_status, 302);
    assert_int_equal(target.flags, 0);
    assert_int_equal(target.starts_at, 0);
    assert_int_equal(target.expires_at, 0);
    assert_int_equal(target.max_clicks, 0);
    assert_slice(target.long_url, link.target.long_url);
}

static void test_everything_of_a_link_comes_back(void **state)
{
    struct api_key key = { .user = SLICE("ann"), .created_at = 5 };
    assert_result(db_key_insert(db_in(state), &key, &err), DB_OK);
    struct link link = sample_link(UINT64_MAX - 1, "All");
    link.target.version = 4000000000u;
    link.target.redirect_status = 308;
    link.target.flags = LINK_FORWARD_QUERY;
    link.target.starts_at = 1764000000;
    link.target.expires_at = 95617584000; /* the year 5000 */
    link.target.max_clicks = UINT64_MAX;
    link.code_is_alias = true;
    link.title = SLICE("Grüße");
    link.expired_url = SLICE("https://example.org/after");
    link.not_started_url = SLICE("https://example.org/before");
    link.owner_id = key.user_id;
    link.updated_at = 1763000001;
    assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);

    struct link got = { .clicks = 99 };
    assert_result(db_link_find(db_in(state), SLICE("All"), arena_in(state), &got, &err), DB_OK);
    assert_int_equal(got.target.link_id, UINT64_MAX - 1);
    assert_int_equal(got.target.version, 4000000000u);
    assert_int_equal(got.target.redirect_status, 308);
    assert_int_equal(got.target.flags, LINK_FORWARD_QUERY);
    assert_int_equal(got.target.starts_at, 1764000000);
    assert_int_equal(got.target.expires_at, 95617584000);
    assert_true(got.target.max_clicks == UINT64_MAX);
    assert_slice(got.target.long_url, link.target.long_url);
    assert_slice(got.code, SLICE("All"));
    assert_true(got.code_is_alias);
    assert_slice(got.title, link.title);
    assert_slice(got.expired_url, link.expired_url);
    assert_slice(got.not_started_url, link.not_started_url);
    assert_int_equal(got.owner_id, key.user_id);
    assert_slice(got.owner, SLICE("ann"));
    assert_int_equal(got.created_at, 1763000000);
    assert_int_equal(got.updated_at, 1763000001);
    assert_int_equal(got.clicks, 0);
}

static void test_an_ownerless_link_has_no_owner(void **state)
{
    struct link link = sample_link(7, "abc");
    assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
    struct link got = { .owner = SLICE("left over") };
    assert_result(db_link_find(db_in(state), SLICE("abc"), arena_in(state), &got, &err), DB_OK);
    assert_int_equal(got.owner_id, 0);
    assert_int_equal(got.owner.len, 0);
    assert_int_equal(got.title.len, 0);
    assert_int_equal(got.expired_url.len, 0);
    assert_int_equal(got.not_started_url.len, 0);
    assert_false(got.code_is_alias);
}

static void test_a_code_of_another_link_is_taken(void **state)
{
    struct link first = sample_link(7, "abc");
    struct link second = sample_link(8, "abc");
    second.target.long_url = SLICE("https://example.org/second");
    assert_result(db_link_insert(db_in(state), &first, NULL, &err), DB_OK);
    assert_result(db_link_insert(db_in(state), &second, NULL, &err), DB_TAKEN);
    struct target target = { 0 };
    assert_result(db_resolve(db_in(state), SLICE("abc"), arena_in(state), &target, &err), DB_OK);
    assert_int_equal(target.link_id, 7);
    /* Nothing of the loser is left: its id is free for another code. */
    second.code = SLICE("other");
    assert_result(db_link_insert(db_in(state), &second, NULL, &err), DB_OK);
}

static void test_the_same_link_again_is_one_link(void **state)
{
    struct link link = sample_link(7, "abc");
    for (int i = 0; i < 3; i++)
        assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
}

static void test_an_id_given_out_twice_is_refused(void **state)
{
    struct link first = sample_link(7, "abc");
    struct link second = sample_link(7, "def");
    assert_result(db_link_insert(db_in(state), &first, NULL, &err), DB_OK);
    assert_result(db_link_insert(db_in(state), &second, NULL, &err), DB_FAILED);
    struct target target;
    assert_result(db_resolve(db_in(state), SLICE("def"), arena_in(state), &target, &err),
                  DB_MISSING);
}

static void test_many_codes_are_resolved_at_once(void **state)
{
    struct link links[] = { sample_link(7, "abc"), sample_link(8, "ABC") };
    const struct slice aliases[] = { SLICE("def"), SLICE("ab") };
    links[0].aliases = aliases;
    links[0].n_aliases = 2;
    links[1].target.long_url = SLICE("https://example.org/8");
    for (size_t i = 0; i < 2; i++)
        assert_result(db_link_insert(db_in(state), &links[i], NULL, &err), DB_OK);
    const struct slice codes[] = { SLICE("zzz"), SLICE("ABC"),  SLICE("abc"), SLICE("ab"),
                                   SLICE("abc"), SLICE("abc "), SLICE("abd"), SLICE("ABC"),
                                   SLICE("a"),   SLICE("def"),  SLICE("abc") };
    static const uint64_t ids[] = { 0, 8, 7, 7, 7, 0, 0, 8, 0, 7, 7 };
    enum { N = sizeof(codes) / sizeof(*codes) };
    struct target targets[N];
    memset(targets, 0xff, sizeof(targets));
    const struct code_list list = { codes, N };
    assert_result(db_resolve_many(db_in(state), &list, arena_in(state), targets, &err), DB_OK);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(targets[i].link_id, ids[i]);
        if (ids[i])
            assert_slice(targets[i].long_url, links[ids[i] - 7].target.long_url);
    }
    const struct code_list none = { NULL, 0 };
    assert_result(db_resolve_many(db_in(state), &none, arena_in(state), NULL, &err), DB_OK);
}

static void test_a_thousand_codes_are_resolved_and_no_more(void **state)
{
    struct link link = sample_link(7, "c999");
    assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
    static struct slice codes[DB_BULK_MAX + 1];
    static struct target targets[DB_BULK_MAX + 1];
    for (size_t i = 0; i <= DB_BULK_MAX; i++) {
        char code[32];
        int len = snprintf(code, sizeof(code), "c%zu", i);
        codes[i] = (struct slice){ arena_copy(arena_in(state), slice_of(code)), (size_t)len };
    }
    struct code_list list = { codes, DB_BULK_MAX };
    assert_result(db_resolve_many(db_in(state), &list, arena_in(state), targets, &err), DB_OK);
    for (size_t i = 0; i < DB_BULK_MAX; i++)
        assert_int_equal(targets[i].link_id, i == 999 ? 7 : 0);
    list.n++;
    assert_result(db_resolve_many(db_in(state), &list, arena_in(state), targets, &err), DB_FAILED);
}

static void test_codes_are_bytes(void **state)
{
    static const char *const codes[] = { "abc", "ABC", "aBc", "abc-", "abc_", "-abc", "ab" };
    struct link link;
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        link = sample_link(i + 1, codes[i]);
        assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
    }
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        struct target target = { 0 };
        assert_result(db_resolve(db_in(state), slice_of(codes[i]), arena_in(state), &target, &err),
                      DB_OK);
        assert_int_equal(target.link_id, i + 1);
    }
    struct target target;
    assert_result(db_resolve(db_in(state), SLICE("abc "), arena_in(state), &target, &err),
                  DB_MISSING);
}

static void test_a_long_url_is_bytes(void **state)
{
    static const size_t lengths[] = { 1, 255, 256, 767, 768, 4096, 7999, 8000 };
    char bytes[8000];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7 + i / 256); /* every byte, NUL and invalid UTF-8 among them */
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        char code[16];
        snprintf(code, sizeof(code), "len%zu", i);
        struct link link = sample_link(i + 1, code);
        link.target.long_url = (struct slice){ bytes, lengths[i] };
        assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
        struct target target = { 0 };
        assert_result(db_resolve(db_in(state), link.code, arena_in(state), &target, &err), DB_OK);
        assert_slice(target.long_url, link.target.long_url);
    }
}

static void test_a_code_may_have_a_hundred_bytes(void **state)
{
    char code[101];
    memset(code, 'x', 100);
    code[100] = '\0';
    struct link link = sample_link(7, code);
    assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
    struct target target;
    assert_result(db_resolve(db_in(state), slice_of(code), arena_in(state), &target, &err), DB_OK);
}

/* --- the sequence --- */

static void test_blocks_follow_one_another_up_to_the_limit(void **state)
{
    static const struct id_range wanted[] = { { 1, 11 }, { 11, 21 }, { 21, 26 } };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
        struct id_range got = { 0, 0 };
        assert_result(db_range_take(db_in(state), "default", &got, &err), DB_OK);
        assert_int_equal(got.next, wanted[i].next);
        assert_int_equal(got.limit, wanted[i].limit);
        struct sequence_row row;
        assert_result(db_sequence_find(db_in(state), "default", &row, &err), DB_OK);
        assert_int_equal(row.next_id, got.limit);
        assert_int_equal(row.limit_id, 26);
    }
    struct id_range none = { 0, 0 };
    for (int i = 0; i < 3; i++)
        assert_result(db_range_take(db_in(state), "default", &none, &err), DB_MISSING);
}

static void test_an_unknown_sequence_is_a_failure(void **state)
{
    struct id_range range;
    struct sequence_row row;
    assert_result(db_range_take(db_in(state), "atlantis", &range, &err), DB_FAILED);
    assert_result(db_sequence_find(db_in(state), "atlantis", &row, &err), DB_FAILED);
}

/* --- keys and settings --- */

static struct api_key sample_key(const char *user, const char *name, unsigned char fill)
{
    struct api_key key = { .user = slice_of(user),
                           .name = slice_of(name),
                           .created_at = 1763000000 };
    memset(key.hash, fill, sizeof(key.hash));
    return key;
}

static void test_a_key_comes_back(void **state)
{
    struct api_key key = sample_key("ann", "laptop", 0xa5);
    key.role = ROLE_ADMIN;
    assert_result(db_key_insert(db_in(state), &key, &err), DB_OK);
    assert_true(key.id > 0);
    assert_true(key.user_id > 0);
    struct api_key got = { 0 };
    assert_result(db_key_find(db_in(state), key.id, arena_in(state), &got, &err), DB_OK);
    assert_int_equal(got.id, key.id);
    assert_int_equal(got.user_id, key.user_id);
    assert_slice(got.user, SLICE("ann"));
    assert_int_equal(got.role, ROLE_ADMIN);
    assert_slice(got.name, SLICE("laptop"));
    assert_memory_equal(got.hash, key.hash, sizeof(key.hash));
    assert_int_equal(got.created_at, 1763000000);
    assert_int_equal(got.revoked_at, 0);
}

static void test_an_unknown_key_is_missing(void **state)
{
    struct api_key got;
    assert_result(db_key_find(db_in(state), 4711, arena_in(state), &got, &err), DB_MISSING);
    assert_result(db_key_find(db_in(state), 0, arena_in(state), &got, &err), DB_MISSING);
}

static void test_a_user_keeps_the_role(void **state)
{
    struct api_key first = sample_key("ann", "one", 1);
    struct api_key second = sample_key("ann", "two", 2);
    struct api_key other = sample_key("Ann", "three", 3);
    second.role = ROLE_ADMIN;
    assert_result(db_key_insert(db_in(state), &first, &err), DB_OK);
    assert_result(db_key_insert(db_in(state), &second, &err), DB_OK);
    assert_result(db_key_insert(db_in(state), &other, &err), DB_OK);
    assert_int_equal(second.user_id, first.user_id);
    assert_int_not_equal(second.id, first.id);
    assert_int_not_equal(other.user_id, first.user_id);
    assert_int_equal(second.role, ROLE_USER); /* what the user is, not what was asked for */
    struct api_key got = { 0 };
    assert_result(db_key_find(db_in(state), second.id, arena_in(state), &got, &err), DB_OK);
    assert_int_equal(got.role, ROLE_USER);
}

static void test_the_same_key_again_is_one_key(void **state)
{
    struct api_key first = sample_key("ann", "one", 1);
    struct api_key again = first;
    assert_result(db_key_insert(db_in(state), &first, &err), DB_OK);
    assert_result(db_key_insert(db_in(state), &again, &err), DB_OK);
    assert_int_equal(again.id, first.id);
}

static void test_a_revoked_key_says_so(void **state)
{
    struct api_key key = sample_key("ann", "", 1);
    key.revoked_at = 1763000009;
    assert_result(db_key_insert(db_in(state), &key, &err), DB_OK);
    struct api_key got = { 0 };
    assert_result(db_key_find(db_in(state), key.id, arena_in(state), &got, &err), DB_OK);
    assert_int_equal(got.revoked_at, 1763000009);
    assert_int_equal(got.name.len, 0);
}

static void test_a_setting_is_bytes(void **state)
{
    struct slice value = { NULL, 0 };
    assert_result(db_setting_get(db_in(state), "colour", arena_in(state), &value, &err), DB_OK);
    assert_slice(value, SLICE("r\0d"));
    assert_result(db_setting_get(db_in(state), "taste", arena_in(state), &value, &err), DB_MISSING);
}

static void test_a_heartbeat_never_goes_back(void **state)
{
    int64_t at_ms = 0, last_ms = 0;
    assert_result(db_heartbeat_read(db_in(state), &at_ms, &err), DB_MISSING);
    for (int i = 0; i < 3; i++) {
        assert_result(db_heartbeat_write(db_in(state), &at_ms, &err), DB_OK);
        assert_true(at_ms >= last_ms && at_ms > 0);
        assert_result(db_heartbeat_read(db_in(state), &last_ms, &err), DB_OK);
        assert_int_equal(last_ms, at_ms);
    }
}

static void test_ping(void **state)
{
    assert_result(db_ping(db_in(state), &err), DB_OK);
    db_close_idle(db_in(state), 0);
    assert_result(db_ping(db_in(state), &err), DB_OK);
}

static struct db_world *the_world(struct db_world *set)
{
    static struct db_world *world;
    if (set)
        world = set;
    return world;
}

static int group_set_up(void **state)
{
    *state = the_world(NULL);
    return 0;
}

static const struct CMUnitTest *db_contract_foundation(size_t *n)
{
    static const struct CMUnitTest tests[] = {
        DB_CASE(test_an_unknown_code_is_missing),
        DB_CASE(test_a_plain_link_comes_back),
        DB_CASE(test_everything_of_a_link_comes_back),
        DB_CASE(test_an_ownerless_link_has_no_owner),
        DB_CASE(test_a_code_of_another_link_is_taken),
        DB_CASE(test_the_same_link_again_is_one_link),
        DB_CASE(test_an_id_given_out_twice_is_refused),
        DB_CASE(test_many_codes_are_resolved_at_once),
        DB_CASE(test_a_thousand_codes_are_resolved_and_no_more),
        DB_CASE(test_codes_are_bytes),
        DB_CASE(test_a_long_url_is_bytes),
        DB_CASE(test_a_code_may_have_a_hundred_bytes),
        DB_CASE(test_blocks_follow_one_another_up_to_the_limit),
        DB_CASE(test_an_unknown_sequence_is_a_failure),
        DB_CASE(test_a_key_comes_back),
        DB_CASE(test_an_unknown_key_is_missing),
        DB_CASE(test_a_user_keeps_the_role),
        DB_CASE(test_the_same_key_again_is_one_key),
        DB_CASE(test_a_revoked_key_says_so),
        DB_CASE(test_a_setting_is_bytes),
        DB_CASE(test_a_heartbeat_never_goes_back),
        DB_CASE(test_ping),
    };
    *n = sizeof(tests) / sizeof(*tests);
    return tests;
}

int db_contract_run(const char *group, struct db_world *world)
{
    static const struct CMUnitTest *(*const parts[])(size_t * n) = {
        db_contract_foundation, db_contract_change,  db_contract_bulk,  db_contract_list,
        db_contract_key,        db_contract_clicks,  db_contract_owner, db_contract_session,
        db_contract_tag,        db_contract_deleted, db_contract_edge,
    };
    static struct CMUnitTest all[CASES_MAX];
    size_t n_all = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        size_t n = 0;
        const struct CMUnitTest *part = parts[i](&n);
        if (n_all + n > CASES_MAX)
            return -1;
        memcpy(all + n_all, part, n * sizeof(*part));
        n_all += n;
    }
    the_world(world);
    return _cmocka_run_group_tests(group, all, n_all, group_set_up, NULL);
}
