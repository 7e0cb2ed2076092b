/* SPDX-License-Identifier: MIT */
/* The visitor hash: its values, what they depend on, and that they look random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "click/visitor_hash.h"
#include "support/between.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

enum {
    WINDOW = 20000,
};

static struct visitor_key key_of(unsigned char first, uint32_t window)
{
    unsigned char secret[VISITOR_SECRET_BYTES];
    struct visitor_key key;
    for (unsigned i = 0; i < sizeof(secret); i++)
        secret[i] = (unsigned char)(first + i);
    visitor_key_derive(secret, window, &key);
    return key;
}

/* Computed by other implementations of BLAKE2b and SipHash. */
static void the_hash_is_this(void **state)
{
    (void)state;
    static const unsigned char bytes[] = { 0xf7, 0x5c, 0xd7, 0x63, 0xb3, 0xc4, 0x53, 0x52,
                                           0x36, 0xb9, 0x39, 0x33, 0xb3, 0xe2, 0x28, 0x0b };
    const struct visitor_key key = key_of(0, WINDOW);
    assert_memory_equal(key.bytes, bytes, sizeof(bytes));
    assert_int_equal(visitor_hash(&key, 7, SLICE("\xc0\0\2\1"), SLICE("Mozilla/5.0")),
                     UINT64_C(0xd5601e3c5c9540fb));
}

static void what_changes_it(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        unsigned char secret;
        uint32_t window;
        uint64_t link_id;
        struct slice address;
        struct slice agent;
        bool same;
    } rows[] = {
        { "nothing", 0, WINDOW, 7, SLICE("\xc0\0\2\1"), SLICE("Mozilla/5.0"), true },
        { "the secret", 1, WINDOW, 7, SLICE("\xc0\0\2\1"), SLICE("Mozilla/5.0"), false },
        { "the window", 0, WINDOW + 1, 7, SLICE("\xc0\0\2\1"), SLICE("Mozilla/5.0"), false },
        { "the link", 0, WINDOW, 8, SLICE("\xc0\0\2\1"), SLICE("Mozilla/5.0"), false },
        { "the address", 0, WINDOW, 7, SLICE("\xc0\0\2\2"), SLICE("Mozilla/5.0"), false },
        { "the agent", 0, WINDOW, 7, SLICE("\xc0\0\2\1"), SLICE("Mozilla/5.1"), false },
        { "where the address ends", 0, WINDOW, 7, SLICE("\xc0\0\2"), SLICE("\1Mozilla/5.0"),
          false },
        { "no agent", 0, WINDOW, 7, SLICE("\xc0\0\2\1"), { NULL, 0 }, false },
        { "no address", 0, WINDOW, 7, { NULL, 0 }, SLICE("Mozilla/5.0"), false },
    };
    const struct visitor_key key = key_of(0, WINDOW);
    const uint64_t hash = visitor_hash(&key, 7, SLICE("\xc0\0\2\1"), SLICE("Mozilla/5.0"));
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct visitor_key other = key_of(rows[i].secret, rows[i].window);
        uint64_t hers = visitor_hash(&other, rows[i].link_id, rows[i].address, rows[i].agent);
        if ((hers == hash) != rows[i].same)
            fail_msg("%s: %s", rows[i].what, rows[i].same ? "another hash" : "the same hash");
    }
}

/* Too long inputs are truncated: equal prefixes give the same hash. */
static void long_ones_are_cut(void **state)
{
    (void)state;
    static const struct {
        size_t address, agent; /* where one byte is changed */
        bool same;
    } rows[] = {
        { 0, 0, false },
        { VISITOR_ADDRESS_MAX - 1, 2000, false },
        { VISITOR_ADDRESS_MAX, 2000, true },
        { 100, VISITOR_AGENT_MAX - 1, false },
        { 100, VISITOR_AGENT_MAX, true },
    };
    const struct visitor_key key = key_of(0, WINDOW);
    for (size_t i = 0; i < ROWS(rows); i++) {
        char address[101] = { 0 };
        char agent[2001] = { 0 };
        const struct slice whole_address = { address, sizeof(address) };
        const struct slice whole_agent = { agent, sizeof(agent) };
        uint64_t hash = visitor_hash(&key, 7, whole_address, whole_agent);
        address[rows[i].address]++;
        agent[rows[i].agent]++;
        if ((visitor_hash(&key, 7, whole_address, whole_agent) == hash) != rows[i].same)
            fail_msg("row %zu: %s", i, rows[i].same ? "another hash" : "the same hash");
    }
}

/* Of neighbouring addresses, each bit is set in about half of the hashes. */
static void every_bit_is_a_coin(void **state)
{
    (void)state;
    const struct visitor_key key = key_of(0, WINDOW);
    unsigned set[64] = { 0 };
    for (uint32_t i = 0; i < 10000; i++) {
        struct slice address = { (const char *)&i, sizeof(i) };
        uint64_t hash = visitor_hash(&key, 7, address, SLICE("Mozilla/5.0"));
        for (unsigned bit = 0; bit < 64; bit++)
            set[bit] += hash >> bit & 1;
    }
    for (unsigned bit = 0; bit < 64; bit++)
        assert_between(set[bit], 4775, 5225); /* four and a half standard deviations */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_this),
        cmocka_unit_test(what_changes_it),
        cmocka_unit_test(long_ones_are_cut),
        cmocka_unit_test(every_bit_is_a_coin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
