/* SPDX-License-Identifier: MIT */
/* Cache entries: encoding, invalid bytes, which entry supersedes which, and lifetimes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "link/cache_entry.h"
#include "support/arena_state.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define T ENTRY_TARGET
#define A ENTRY_ABSENT
#define X ENTRY_TOMBSTONE
#define L ENTRY_LOWERED

enum {
    ARENA_MAX = 1 << 16,
};

static const struct cache_entry whole = {
    .kind = ENTRY_TARGET,
    .target = { .link_id = 0x0102030405060708,
                .version = 0x11121314,
                .redirect_status = 308,
                .flags = LINK_FORWARD_QUERY,
                .starts_at = 0x21222324,
                .expires_at = 0x3132333435,
                .max_clicks = UINT64_MAX,
                .long_url = { "http://a/?\xff", 11 } },
};

static int setup(void **state)
{
    return arena_state_make(state, ARENA_MAX);
}

static bool same(const struct cache_entry *a, const struct cache_entry *b)
{
    const struct target *x = &a->target;
    const struct target *y = &b->target;
    return a->kind == b->kind && x->link_id == y->link_id && x->version == y->version &&
           x->redirect_status == y->redirect_status && x->flags == y->flags &&
           x->starts_at == y->starts_at && x->expires_at == y->expires_at &&
           x->max_clicks == y->max_clicks && slice_eq(x->long_url, y->long_url);
}

/* The layout must not change unless CACHE_ENTRY_FORMAT does, because workers of two builds share a
 * cache. */
static void bytes_are_these(void **state)
{
    static const unsigned char expected[] =
        "\x01\x01\x34\x01\x01\x00\x14\x13\x12\x11\x08\x07\x06\x05\x04\x03\x02\x01"
        "\x24\x23\x22\x21\x00\x00\x00\x00\x35\x34\x33\x32\x31\x00\x00\x00"
        "\xff\xff\xff\xff\xff\xff\xff\xff\x0b\x00\x00\x00http://a/?\xff";
    struct slice bytes = cache_entry_encode(&whole, *state);
    assert_int_equal(bytes.len, sizeof(expected) - 1);
    assert_memory_equal(bytes.at, expected, sizeof(expected) - 1);
    assert_int_equal(bytes.len, CACHE_ENTRY_HEAD + whole.target.long_url.len);
}

static void come_back_as_they_were(void **state)
{
    static const struct cache_entry rows[] = {
        { .kind = ENTRY_TARGET, .target = { 1, 1, 302, 0, 0, 0, 0, { "x", 1 } } },
        { .kind = ENTRY_TARGET,
          .target = { UINT64_MAX,
                      UINT32_MAX,
                      301,
                      UINT16_MAX,
                      INT64_MAX,
                      INT64_MAX,
                      UINT64_MAX,
                      { "\0\r\n", 3 } } },
        { .kind = ENTRY_ABSENT },
        { .kind = ENTRY_LOWERED },
        { .kind = ENTRY_TOMBSTONE, .target = { .link_id = 7, .version = 3 } },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cache_entry out;
        struct slice bytes = cache_entry_encode(&rows[i], *state);
        assert_true(cache_entry_decode(bytes, &out));
        assert_true(same(&out, &rows[i]));
    }
}

static void nonsense_is_refused(void **state)
{
    static const struct {
        int line;
        struct cache_entry entry;
    } rows[] = {
        { __LINE__, { .kind = 0 } },
        { __LINE__, { .kind = 5 } },
        { __LINE__, { ENTRY_LOWERED, { 1, 0, 0, 0, 0, 0, 0, { "", 0 } } } },
        { __LINE__, { ENTRY_LOWERED, { 0, 0, 0, 0, 0, 0, 0, { "x", 1 } } } },
        { __LINE__, { .kind = 255 } },
        { __LINE__, { ENTRY_TARGET, { 0, 1, 302, 0, 0, 0, 0, { "x", 1 } } } },
        { __LINE__, { ENTRY_TARGET, { 1, 0, 302, 0, 0, 0, 0, { "x", 1 } } } },
        { __LINE__, { ENTRY_TARGET, { 1, 1, 0, 0, 0, 0, 0, { "x", 1 } } } },
        { __LINE__, { ENTRY_TARGET, { 1, 1, 200, 0, 0, 0, 0, { "x", 1 } } } },
        { __LINE__, { ENTRY_TARGET, { 1, 1, 302, 0, -1, 0, 0, { "x", 1 } } } },
        { __LINE__, { ENTRY_TARGET, { 1, 1, 302, 0, 0, -1, 0, { "x", 1 } } } },
        { __LINE__, { ENTRY_TARGET, { 1, 1, 302, 0, 0, 0, 0, { "", 0 } } } },
        { __LINE__, { ENTRY_ABSENT, { 1, 0, 0, 0, 0, 0, 0, { "", 0 } } } },
        { __LINE__, { ENTRY_ABSENT, { 0, 1, 0, 0, 0, 0, 0, { "", 0 } } } },
        { __LINE__, { ENTRY_ABSENT, { 0, 0, 302, 0, 0, 0, 0, { "", 0 } } } },
        { __LINE__, { ENTRY_ABSENT, { 0, 0, 0, 0, 0, 0, 0, { "x", 1 } } } },
        { __LINE__, { ENTRY_TOMBSTONE, { 0, 1, 0, 0, 0, 0, 0, { "", 0 } } } },
        { __LINE__, { ENTRY_TOMBSTONE, { 1, 0, 0, 0, 0, 0, 0, { "", 0 } } } },
        { __LINE__, { ENTRY_TOMBSTONE, { 1, 1, 0, 0, 0, 0, 0, { "x", 1 } } } },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cache_entry out;
        if (cache_entry_decode(cache_entry_encode(&rows[i].entry, *state), &out))
            fail_msg("line %d was accepted", rows[i].line);
    }
}

static void cut_or_longer_is_refused(void **state)
{
    struct cache_entry out;
    struct slice bytes = cache_entry_encode(&whole, *state);
    for (size_t len = 0; len < bytes.len; len++) {
        if (cache_entry_decode((struct slice){ bytes.at, len }, &out))
            fail_msg("%zu of %zu bytes were accepted", len, bytes.len);
    }
    char *longer = arena_alloc(*state, bytes.len + 1);
    memcpy(longer, bytes.at, bytes.len);
    assert_false(cache_entry_decode((struct slice){ longer, bytes.len + 1 }, &out));
    assert_false(cache_entry_decode((struct slice){ NULL, 0 }, &out));
}

static void other_formats_are_refused(void **state)
{
    struct cache_entry out;
    struct slice bytes = cache_entry_encode(&whole, *state);
    char *copy = arena_copy(*state, bytes);
    for (int format = 0; format < 256; format++) {
        copy[0] = (char)format;
        assert_int_equal(cache_entry_decode((struct slice){ copy, bytes.len }, &out),
                         format == CACHE_ENTRY_FORMAT);
    }
}

/* A generator whose numbers are the same everywhere (Marsaglia, "Xorshift RNGs", 2003). */
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* For any bytes decoding is safe, and encoding an accepted entry gives the same bytes. */
static void random_bytes(void **state)
{
    struct slice good = cache_entry_encode(&whole, *state);
    char bytes[80];
    uint64_t seed = 88172645463325252U;
    unsigned accepted = 0;
    struct arena *arena = arena_new(ARENA_MAX);
    for (int i = 0; i < 200000; i++) {
        size_t len = next_random(&seed) % sizeof(bytes);
        for (size_t at = 0; at < sizeof(bytes); at++)
            bytes[at] = (char)(at < good.len && i % 2 ? good.at[at] : (char)next_random(&seed));
        if (i % 2) { /* a valid entry with a few bytes changed */
            len = good.len;
            for (uint64_t n = next_random(&seed) % 4; n > 0; n--)
                bytes[next_random(&seed) % len] = (char)next_random(&seed);
        }
        struct cache_entry out;
        struct slice given = { bytes, len };
        if (!cache_entry_decode(given, &out))
            continue;
        accepted++;
        assert_true(slice_eq(cache_entry_encode(&out, arena), given));
        arena_reset(arena);
    }
    arena_free(&arena);
    assert_true(accepted > 1000);
}

static void a_full_arena_gives_nothing(void **state)
{
    (void)state;
    struct arena *arena = arena_new(CACHE_ENTRY_HEAD);
    assert_int_equal(cache_entry_encode(&whole, arena).len, 0);
    arena_free(&arena);
}

static void what_supersedes_what(void **state)
{
    (void)state;
    static const struct {
        int line;
        enum cache_entry_kind kind, old_kind;
        unsigned link, version, old_link, old_version;
        bool expected;
    } rows[] = {
        /* one link */
        { __LINE__, T, T, 1, 2, 1, 1, true },
        { __LINE__, T, T, 1, 1, 1, 1, false },
        { __LINE__, T, T, 1, 1, 1, 2, false },
        { __LINE__, X, T, 1, 3, 1, 2, true },
        { __LINE__, T, X, 1, 2, 1, 3, false },
        { __LINE__, X, X, 1, 3, 1, 3, false },
        /* an absent entry is older than any other */
        { __LINE__, T, A, 1, 1, 0, 0, true },
        { __LINE__, X, A, 1, 2, 0, 0, true },
        { __LINE__, A, A, 0, 0, 0, 0, false },
        { __LINE__, A, T, 0, 0, 1, 1, false },
        { __LINE__, A, X, 0, 0, 1, 1, false },
        { __LINE__, T, L, 1, 1, 0, 0, true },
        { __LINE__, X, L, 1, 2, 0, 0, true },
        { __LINE__, L, A, 0, 0, 0, 0, false },
        { __LINE__, A, L, 0, 0, 0, 0, false },
        { __LINE__, L, T, 0, 0, 1, 1, false },
        /* an alias that passed to another link */
        { __LINE__, T, X, 9, 1, 1, 5, true },
        { __LINE__, T, T, 9, 1, 1, 5, true },
        { __LINE__, T, X, 1, 1, 9, 5, true }, /* ids of two hosts are in no order */
        { __LINE__, X, T, 1, 5, 9, 1, false },
        { __LINE__, X, X, 1, 5, 9, 1, false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cache_entry entry = { rows[i].kind,
                                     { .link_id = rows[i].link, .version = rows[i].version } };
        struct cache_entry old = {
            rows[i].old_kind, { .link_id = rows[i].old_link, .version = rows[i].old_version }
        };
        if (cache_entry_supersedes(&entry, &old) != rows[i].expected)
            fail_msg("line %d: not %d", rows[i].line, rows[i].expected);
    }
}

static void lifetimes(void **state)
{
    (void)state;
    static const struct {
        int line;
        enum cache_entry_kind kind;
        int64_t starts_at, expires_at, default_s;
        uint32_t jitter;
        int64_t now, expected;
    } rows[] = {
        { __LINE__, T, 0, 0, 300, 0, 1000, 300 },
        { __LINE__, T, 0, 0, 300, 30, 1000, 270 },
        { __LINE__, T, 0, 0, 300, 31, 1000, 300 }, /* the jitter wraps */
        { __LINE__, T, 0, 0, 300, UINT32_MAX, 1000, 300 - UINT32_MAX % 31 },
        { __LINE__, T, 0, 0, 9, 12345, 1000, 9 }, /* too short to spread */
        { __LINE__, T, 0, 0, 0, 7, 1000, 0 },
        { __LINE__, T, 0, 1010, 300, 0, 1000, 10 },
        { __LINE__, T, 0, 1001, 300, 0, 1000, 1 },
        { __LINE__, T, 0, 1300, 300, 30, 1000, 270 },
        { __LINE__, T, 0, INT64_MAX, 300, 0, 1000, 300 },
        { __LINE__, T, 1020, 0, 300, 0, 1000, 20 },
        { __LINE__, T, 1020, 1010, 300, 0, 1000, 10 },
        { __LINE__, T, 1005, 1010, 300, 0, 1000, 5 },
        { __LINE__, T, 900, 0, 300, 0, 1000, 300 },  /* has started long ago */
        { __LINE__, T, 0, 1000, 300, 0, 1000, 300 }, /* it stays expired: a change is published */
        { __LINE__, A, 0, 0, 10, 1, 1000, 9 },
        { __LINE__, X, 0, 0, 60, 0, 1000, 60 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cache_entry entry = {
            rows[i].kind, { .starts_at = rows[i].starts_at, .expires_at = rows[i].expires_at }
        };
        int64_t lifetime =
            cache_entry_lifetime(&entry, rows[i].default_s, rows[i].jitter, rows[i].now);
        if (lifetime != rows[i].expected)
            fail_msg("line %d: %lld", rows[i].line, (long long)lifetime);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_these),
        cmocka_unit_test(come_back_as_they_were),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(cut_or_longer_is_refused),
        cmocka_unit_test(other_formats_are_refused),
        cmocka_unit_test(random_bytes),
        cmocka_unit_test(a_full_arena_gives_nothing),
        cmocka_unit_test(what_supersedes_what),
        cmocka_unit_test(lifetimes),
    };
    return cmocka_run_group_tests_name("cache_entry", tests, setup, arena_state_free);
}
