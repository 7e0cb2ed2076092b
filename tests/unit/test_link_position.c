/* SPDX-License-Identifier: MIT */
/* Positions in lists: encoding, decoding, invalid bytes; and the expansion of statements to many
 * rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "db/link_position.h"
#include "db/statements.h"
#include "support/arena_state.h"

static const struct link_position samples[] = {
    { .is_set = true, .part = LINK_PART_IDS, .link_id = 1 },
    { .is_set = true, .part = LINK_PART_IDS, .link_id = UINT64_MAX },
    { .is_set = true, .part = LINK_PART_ALIASES, .link_id = 7, .key = { "spring", 6 } },
    { .is_set = true,
      .part = LINK_PART_HOSTS,
      .link_id = UINT64_C(0x0102030405060708),
      .owner_id = UINT32_MAX,
      .url_hash = 0x89abcdef,
      .key = { "example.org", 11 } },
    { .is_set = true, .part = LINK_PART_HOSTS, .link_id = UINT64_MAX, .owner_id = 3 },
    { .is_set = true, .part = LINK_PART_VALUES, .link_id = 5, .value = INT64_MIN },
    { .is_set = true,
      .part = LINK_PART_VALUES,
      .link_id = 5,
      .value = INT64_C(0x0102030405060708) },
};

enum {
    N_SAMPLES = sizeof(samples) / sizeof(*samples),
};

static int set_up(void **state)
{
    return arena_state_make(state, 1 << 16);
}

static int tear_down(void **state)
{
    arena_free((struct arena **)state);
    return 0;
}

static void test_a_position_comes_back(void **state)
{
    for (size_t i = 0; i < N_SAMPLES; i++) {
        struct link_position got = { .owner_id = 77 };
        struct slice bytes = link_position_encode(&samples[i], *state);
        assert_true(link_position_decode(bytes, &got));
        assert_true(got.is_set);
        assert_int_equal(got.part, samples[i].part);
        assert_true(got.link_id == samples[i].link_id);
        assert_int_equal(got.owner_id, samples[i].owner_id);
        assert_int_equal(got.url_hash, samples[i].url_hash);
        assert_true(got.value == samples[i].value);
        assert_true(slice_eq(got.key, samples[i].key));
    }
}

/* Truncated, extended, of another layout or of an unknown part: refused. */
static void test_nonsense_is_refused(void **state)
{
    char bytes[LINK_POSITION_MAX + 1] = { 0 };
    struct link_position got;
    for (size_t i = 0; i < N_SAMPLES; i++) {
        struct slice whole = link_position_encode(&samples[i], *state);
        for (size_t len = 0; len < 18; len++)
            assert_false(link_position_decode((struct slice){ whole.at, len }, &got));
        memcpy(bytes, whole.at, whole.len);
        bytes[0] = 2;
        assert_false(link_position_decode((struct slice){ bytes, whole.len }, &got));
        bytes[0] = 1;
        for (int part = 5; part < 256; part++) {
            bytes[1] = (char)part;
            assert_false(link_position_decode((struct slice){ bytes, whole.len }, &got));
        }
        bytes[1] = (char)samples[i].part;
        assert_true(link_position_decode((struct slice){ bytes, whole.len }, &got));
        assert_false(link_position_decode((struct slice){ bytes, sizeof(bytes) }, &got));
    }
    struct slice ids = link_position_encode(&samples[0], *state);
    memcpy(bytes, ids.at, ids.len);
    assert_false(link_position_decode((struct slice){ bytes, ids.len + 1 }, &got)); /* a key */
    bytes[17] = 1;                                                                  /* a hash */
    assert_false(link_position_decode((struct slice){ bytes, ids.len }, &got));
}

static void test_a_key_may_be_too_long(void **state)
{
    char key[LINK_POSITION_MAX] = { 0 };
    const struct link_position position = { .is_set = true,
                                            .part = LINK_PART_ALIASES,
                                            .key = { key, sizeof(key) } };
    assert_int_equal(link_position_encode(&position, *state).len, 0);
}

static void test_a_position_belongs_to_its_search(void **state)
{
    const struct link_query none = { .limit = 1 };
    const struct link_query alias = { .alias_prefix = SLICE("spr"), .limit = 1 };
    const struct link_query other = { .alias_prefix = SLICE("sum"), .limit = 1 };
    const struct link_query host = { .host_prefix = SLICE("exam"), .limit = 1 };
    const struct link_query clicks = { .order = LINK_ORDER_MOST_CLICKS, .limit = 1 };
    const struct link_query both = { .alias_prefix = SLICE("spr"), .host_prefix = SLICE("exam") };
    const struct {
        const struct link_query *query;
        bool fits[N_SAMPLES];
    } rows[] = {
        { &none, { true, true, false, false, false, false, false } },
        { &clicks, { false, false, false, false, false, true, true } },
        { &alias, { false, false, true, false, false, false, false } },
        { &other, { false, false, false, false, false, false, false } },
        { &host, { false, false, false, true, true, false, false } },
        { &both, { false, false, true, true, true, false, false } },
    };
    (void)state;
    const struct link_position start = { .is_set = false };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_true(link_position_fits(&start, rows[i].query));
        for (size_t at = 0; at < N_SAMPLES; at++)
            assert_int_equal(link_position_fits(&samples[at], rows[i].query), rows[i].fits[at]);
    }
}

static void test_a_statement_grows_with_its_rows(void **state)
{
    static const struct {
        enum statement_id id;
        unsigned rows;
        const char *text;
    } rows[] = {
        { STATEMENT_PING, 3, "SELECT 1" },
        { STATEMENT_CODE_INSERT, 0,
          "INSERT INTO code (domain_id, code, link_id) VALUES (?, ?, ?)" },
        { STATEMENT_CODE_INSERT, 1,
          "INSERT INTO code (domain_id, code, link_id) VALUES (?, ?, ?)" },
        { STATEMENT_CODE_INSERT, 2,
          "INSERT INTO code (domain_id, code, link_id) VALUES (?, ?, ?), (?, ?, ?)" },
        { STATEMENT_CODE_FIND, 3,
          "SELECT link_id FROM code WHERE domain_id = ? AND code IN (?, ?, ?)" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[256];
        size_t len = strlen(rows[i].text);
        assert_int_equal(statement_expand(rows[i].id, rows[i].rows, text, sizeof(text)), len);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(statement_expand(rows[i].id, rows[i].rows, text, 5), len);
        assert_memory_equal(text, rows[i].text, 4);
        assert_int_equal(text[4], '\0');
        assert_int_equal(statement_expand(rows[i].id, rows[i].rows, NULL, 0), len);
    }
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_position_comes_back),           CASE(test_nonsense_is_refused),
        CASE(test_a_key_may_be_too_long),           CASE(test_a_position_belongs_to_its_search),
        CASE(test_a_statement_grows_with_its_rows),
    };
    return cmocka_run_group_tests_name("link_position", tests, NULL, NULL);
}
