/* SPDX-License-Identifier: MIT */
/* Addresses of memcached servers, the assignment of codes to servers, and keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cache/memcached.h"
#include "cache/memcached_place.h"
#include "link/code.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define P50          "/2345678901234567890123456789012345678901234567890"

static void addresses(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text, *host; /* NULL: refused */
        uint16_t port;
    } rows[] = {
        { __LINE__, "127.0.0.1:11212", "127.0.0.1", 11212 },
        { __LINE__, "localhost", "localhost", 11211 },
        { __LINE__, "cache.example.org:1", "cache.example.org", 1 },
        { __LINE__, "h:65535", "h", 65535 },
        { __LINE__, "h:065535", NULL, 0 },
        { __LINE__, "h:65536", NULL, 0 },
        { __LINE__, "h:0", NULL, 0 },
        { __LINE__, "h:", NULL, 0 },
        { __LINE__, "h:+1", NULL, 0 },
        { __LINE__, "h:1x", NULL, 0 },
        { __LINE__, "h:99999999999", NULL, 0 },
        { __LINE__, ":11211", NULL, 0 },
        { __LINE__, "", NULL, 0 },
        { __LINE__, "a b:1", NULL, 0 },
        { __LINE__, "[::1]:11212", "::1", 11212 },
        { __LINE__, "[::1]", "::1", 11211 },
        { __LINE__, "[fe80::1%eth0]:5", "fe80::1%eth0", 5 },
        { __LINE__, "[::1]11212", NULL, 0 },
        { __LINE__, "[::1", NULL, 0 },
        { __LINE__, "[]:1", NULL, 0 },
        { __LINE__, "[", NULL, 0 },
        { __LINE__, "::1", NULL, 0 },
        { __LINE__, "1:2:3", NULL, 0 },
        { __LINE__, "unix:/run/memcached.sock", "/run/memcached.sock", 0 },
        { __LINE__, "unix:" P50 P50 "/23456", P50 P50 "/23456", 0 },
        { __LINE__, "unix:" P50 P50 "/234567", P50 P50 "/234567", 0 },
        { __LINE__, "unix:" P50 P50 "/2345678", NULL, 0 },
        { __LINE__, "unix:run.sock", NULL, 0 },
        { __LINE__, "unix:", NULL, 0 },
        { __LINE__, "unix:/a b", NULL, 0 },
        { __LINE__, "/run/memcached.sock", NULL, 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct server_address address;
        struct error err = { "" };
        bool read = mc_address_parse(slice_of(rows[i].text), &address, &err);
        if (read != (rows[i].host != NULL) || read != (err.text[0] == '\0'))
            fail_msg("line %d: %d, \"%s\"", rows[i].line, read, err.text);
        if (read && (strcmp(address.host, rows[i].host) != 0 || address.port != rows[i].port))
            fail_msg("line %d: \"%s\" %d", rows[i].line, address.host, address.port);
    }
}

static void lists(void **state)
{
    (void)state;
    struct slice list = SLICE("a:1 , unix:/b,,c");
    struct slice server;
    static const char *const expected[] = { "a:1", "unix:/b", "", "c" };
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_true(server_list_next(&list, &server));
        assert_true(slice_eq(server, slice_of(expected[i])));
    }
    assert_false(server_list_next(&list, &server));
    list = SLICE("a,");
    assert_true(server_list_next(&list, &server));
    assert_true(server_list_next(&list, &server));
    assert_int_equal(server.len, 0);
    assert_false(server_list_next(&list, &server));
}

static void options_that_are_refused(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *servers, *prefix, *says;
    } rows[] = {
        { __LINE__, "", "", "expected 1 to 64" },
        { __LINE__, NULL, "", "expected 1 to 64" },
        { __LINE__, "a,", "", "\"\"" },
        { __LINE__, "a,b:x", "", "\"b:x\"" },
        { __LINE__, "a,b, a", "", "named twice" },
        { __LINE__, "a", "has space ", "prefix" },
        { __LINE__, "a", "caf\xc3\xa9", "prefix" },
        { __LINE__, "a", "123456789012345678901234567890123", "prefix" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct error err = { "" };
        const struct memcached_options options = { .servers = rows[i].servers,
                                                   .prefix = rows[i].prefix };
        struct cache *cache = memcached_open(&options, &err);
        if (cache || !strstr(err.text, rows[i].says))
            fail_msg("line %d: \"%s\"", rows[i].line, err.text);
    }
    struct error err = { "" };
    const struct memcached_options good = { .servers = "127.0.0.1:1,[::1]:2,unix:/x",
                                            .prefix = "12345678901234567890123456789012" };
    struct cache *cache = memcached_open(&good, &err);
    assert_non_null(cache);
    cache_close(&cache);
    assert_null(cache);
    cache_close(&cache);
}

static void keys(void **state)
{
    (void)state;
    static const struct {
        int line;
        struct slice code;
        const char *key;
    } rows[] = {
        { __LINE__, SLICE("abc"), "p:r1:abc" },
        { __LINE__, SLICE("a~!"), "p:r1:a~!" },
        { __LINE__, SLICE("a b"), "p:r1x612062" },
        { __LINE__, SLICE("a\0"), "p:r1x6100" },
        { __LINE__, SLICE("\x7f"), "p:r1x7f" },
        { __LINE__, SLICE("\xff\n"), "p:r1xff0a" },
        { __LINE__, SLICE(""), "" },
    };
    char key[MC_KEY_MAX + 1];
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t len = mc_key(SLICE("p:"), rows[i].code, key);
        if (!slice_eq((struct slice){ key, len }, slice_of(rows[i].key)))
            fail_msg("line %d: \"%.*s\"", rows[i].line, (int)len, key);
    }
    char longest[CODE_MAX + 1];
    memset(longest, ' ', sizeof(longest));
    struct slice prefix = SLICE("12345678901234567890123456789012");
    assert_int_equal(mc_key(prefix, (struct slice){ longest, CODE_MAX }, key),
                     MEMCACHED_PREFIX_MAX + 3 + 2 * CODE_MAX);
    assert_int_equal(mc_key(prefix, (struct slice){ longest, CODE_MAX + 1 }, key), 0);
}

enum { SERVERS = 5, KEYS = 20000 };

static unsigned server_of(unsigned n, int i)
{
    static const struct slice names[SERVERS] = {
        SLICE("10.0.0.1:11211"), SLICE("10.0.0.2:11211"), SLICE("10.0.0.3:11211"),
        SLICE("10.0.0.4:11211"), SLICE("10.0.0.5:11211"),
    };
    char text[16];
    unsigned best = 0;
    int len = snprintf(text, sizeof(text), "r1:%07d", i);
    struct slice key = { text, (size_t)len };
    for (unsigned s = 1; s < n; s++) {
        if (mc_weight(names[s], key) > mc_weight(names[best], key))
            best = s;
    }
    return best;
}

static void every_server_gets_its_share(void **state)
{
    (void)state;
    for (unsigned n = 2; n <= SERVERS; n++) {
        unsigned shares[SERVERS] = { 0 };
        for (int i = 0; i < KEYS; i++)
            shares[server_of(n, i)]++;
        for (unsigned s = 0; s < n; s++) {
            double share = (double)shares[s] * n / KEYS;
            if (share < 0.95 || share > 1.05)
                fail_msg("server %u of %u got %.3f of its share", s, n, share);
        }
    }
}

static void one_that_goes_moves_only_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < KEYS; i++) {
        unsigned before = server_of(SERVERS, i);
        if (before != SERVERS - 1)
            assert_int_equal(server_of(SERVERS - 1, i), before);
    }
}

/* Workers of two builds share the servers, so the weights must never change. */
static void weights_are_these(void **state)
{
    (void)state;
    assert_true(mc_weight(SLICE("127.0.0.1:11211"), SLICE("r1:abc")) ==
                UINT64_C(0x20fb1d474e08d955));
    assert_true(mc_weight(SLICE(""), SLICE("")) == UINT64_C(0xefd01f60ba992926));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(lists),
        cmocka_unit_test(options_that_are_refused),
        cmocka_unit_test(keys),
        cmocka_unit_test(every_server_gets_its_share),
        cmocka_unit_test(one_that_goes_moves_only_its_own),
        cmocka_unit_test(weights_are_these),
    };
    return cmocka_run_group_tests_name("memcached place", tests, NULL, NULL);
}
