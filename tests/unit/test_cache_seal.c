/* SPDX-License-Identifier: MIT */
/* Seals of cache entries: a sealed entry is read back, any changed byte is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "link/cache_entry.h"

enum {
    ARENA_MAX = 1 << 16,
};

static const unsigned char KEY[BIJECTION_KEY_BYTES + 1] = "0123456789abcdef0123456789abcdef";

static const struct cache_entry whole = {
    .kind = ENTRY_TARGET,
    .target = { .link_id = 7,
                .version = 2,
                .redirect_status = 302,
                .long_url = { "https://example.org/a", 21 } },
};

struct fixture {
    struct arena *arena;
    struct cache_seal seal;
    struct slice sealed; /* for the code "abc" */
};

static int set_up(void **state)
{
    static struct fixture f;
    f.arena = arena_new(ARENA_MAX);
    cache_seal_init(&f.seal, KEY);
    f.sealed = cache_entry_seal(&f.seal, SLICE("abc"), &whole, f.arena);
    *state = &f;
    return f.sealed.len ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_free(&f->arena);
    return 0;
}

static void what_is_sealed_is_read_back(void **state)
{
    const struct fixture *f = *state;
    struct cache_entry out;
    assert_int_equal(f->sealed.len,
                     CACHE_ENTRY_HEAD + whole.target.long_url.len + CACHE_SEAL_BYTES);
    assert_true(cache_entry_unseal(&f->seal, SLICE("abc"), f->sealed, &out));
    assert_int_equal(out.kind, ENTRY_TARGET);
    assert_int_equal(out.target.link_id, 7);
    assert_true(slice_eq(out.target.long_url, whole.target.long_url));
}

/* Hosts of two builds and of two architectures share memcached. */
static void the_seal_is_these_bytes(void **state)
{
    static const unsigned char expected[CACHE_SEAL_BYTES] = { 0xef, 0xcc, 0x7d, 0xf9,
                                                              0x6d, 0x31, 0xa1, 0xb1 };
    const struct fixture *f = *state;
    assert_memory_equal(f->sealed.at + f->sealed.len - CACHE_SEAL_BYTES, expected,
                        CACHE_SEAL_BYTES);
}

static void any_other_bit_is_refused(void **state)
{
    const struct fixture *f = *state;
    struct cache_entry out;
    char *copy = arena_alloc(f->arena, f->sealed.len);
    memcpy(copy, f->sealed.at, f->sealed.len);
    for (size_t bit = 0; bit < 8 * f->sealed.len; bit++) {
        copy[bit / 8] ^= (char)(1 << bit % 8);
        if (cache_entry_unseal(&f->seal, SLICE("abc"), (struct slice){ copy, f->sealed.len }, &out))
            fail_msg("with bit %zu changed it was accepted", bit);
        copy[bit / 8] ^= (char)(1 << bit % 8);
    }
}

static void any_other_length_is_refused(void **state)
{
    const struct fixture *f = *state;
    struct cache_entry out;
    char *longer = arena_alloc(f->arena, f->sealed.len + 1);
    memcpy(longer, f->sealed.at, f->sealed.len);
    longer[f->sealed.len] = '\0';
    assert_false(cache_entry_unseal(&f->seal, SLICE("abc"),
                                    (struct slice){ longer, f->sealed.len + 1 }, &out));
    for (size_t len = 0; len < f->sealed.len; len++) {
        if (cache_entry_unseal(&f->seal, SLICE("abc"), (struct slice){ longer, len }, &out))
            fail_msg("%zu of %zu bytes were accepted", len, f->sealed.len);
    }
}

static void the_seal_of_another_code_is_refused(void **state)
{
    static const struct slice codes[] = { SLICE("abd"), SLICE("ab"), SLICE("abcd"), SLICE("") };
    const struct fixture *f = *state;
    struct cache_entry out;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        assert_false(cache_entry_unseal(&f->seal, codes[i], f->sealed, &out));
}

static void the_seal_of_another_key_is_refused(void **state)
{
    const struct fixture *f = *state;
    struct cache_seal other;
    struct cache_entry out;
    unsigned char key[BIJECTION_KEY_BYTES];
    memcpy(key, KEY, sizeof(key));
    key[0] ^= 1;
    cache_seal_init(&other, key);
    assert_false(cache_entry_unseal(&other, SLICE("abc"), f->sealed, &out));
}

static void a_record_without_a_seal_is_refused(void **state)
{
    const struct fixture *f = *state;
    struct cache_entry out;
    assert_false(
        cache_entry_unseal(&f->seal, SLICE("abc"), cache_entry_encode(&whole, f->arena), &out));
    assert_false(cache_entry_unseal(&f->seal, SLICE("abc"), (struct slice){ NULL, 0 }, &out));
}

static void a_sealed_record_that_is_none_is_refused(void **state)
{
    const struct fixture *f = *state;
    struct cache_entry nonsense = whole, out;
    nonsense.target.redirect_status = 200;
    struct slice sealed = cache_entry_seal(&f->seal, SLICE("abc"), &nonsense, f->arena);
    assert_true(sealed.len > 0);
    assert_false(cache_entry_unseal(&f->seal, SLICE("abc"), sealed, &out));
}

static void a_full_arena_gives_nothing(void **state)
{
    const struct fixture *f = *state;
    struct arena *tiny = arena_new(CACHE_ENTRY_HEAD + 64);
    assert_int_equal(cache_entry_seal(&f->seal, SLICE("abc"), &whole, tiny).len, 0);
    arena_free(&tiny);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_sealed_is_read_back),
        TEST(the_seal_is_these_bytes),
        TEST(any_other_bit_is_refused),
        TEST(any_other_length_is_refused),
        TEST(the_seal_of_another_code_is_refused),
        TEST(the_seal_of_another_key_is_refused),
        TEST(a_record_without_a_seal_is_refused),
        TEST(a_sealed_record_that_is_none_is_refused),
        TEST(a_full_arena_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
