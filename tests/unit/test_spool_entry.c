/* SPDX-License-Identifier: MIT */
/* Entries of the spool: encoding, and invalid bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "spool/spool_entry.h"
#include "support/arena_state.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum {
    ARENA_MAX = 1 << 20,
};

static const unsigned char KEY[KEYED_HASH_KEY_BYTES] = { 1, 2, 3 };
static const struct slice TAGS[] = { { "a", 1 }, { "\xc3\xa4", 2 } };
static const struct spool_entry WHOLE = {
    .link = { .target = { .link_id = 0x0102030405060708,
                          .version = 1,
                          .redirect_status = 308,
                          .flags = LINK_FORWARD_QUERY,
                          .starts_at = 0x21222324,
                          .expires_at = 0x3132333435,
                          .long_url = { "http://a/?x", 11 } },
              .code = { "abc1234", 7 },
              .tags = TAGS,
              .n_tags = 2,
              .title = { "A title", 7 },
              .owner_id = 0x41424344,
              .owner = { "somebody", 8 },
              .created_at = 0x51525354,
              .updated_at = 0x51525354 },
    .has_key = true,
    .key = { .key_hash = { 7 }, .fingerprint = { 8 }, .created_at = 0x51525354 },
};
static const struct spool_entry BARE = {
    .link = { .target = { .link_id = 1,
                          .version = 1,
                          .redirect_status = 302,
                          .long_url = { "h:", 2 } },
              .code = { "x", 1 } },
};

static int setup(void **state)
{
    return arena_state_make(state, ARENA_MAX);
}

static bool same(const struct spool_entry *a, const struct spool_entry *b)
{
    const struct link *x = &a->link;
    const struct link *y = &b->link;
    bool is_same =
        x->target.link_id == y->target.link_id && y->target.version == 1 &&
        x->target.redirect_status == y->target.redirect_status &&
        x->target.flags == y->target.flags && x->target.starts_at == y->target.starts_at &&
        x->target.expires_at == y->target.expires_at &&
        slice_eq(x->target.long_url, y->target.long_url) && slice_eq(x->code, y->code) &&
        slice_eq(x->title, y->title) && slice_eq(x->expired_url, y->expired_url) &&
        slice_eq(x->not_started_url, y->not_started_url) && slice_eq(x->owner, y->owner) &&
        x->owner_id == y->owner_id && x->created_at == y->created_at &&
        x->updated_at == y->updated_at && x->n_tags == y->n_tags && a->has_key == b->has_key &&
        memcmp(a->key.key_hash, b->key.key_hash, DB_HASH_BYTES) == 0 &&
        memcmp(a->key.fingerprint, b->key.fingerprint, DB_HASH_BYTES) == 0;
    for (unsigned i = 0; is_same && i < x->n_tags; i++)
        is_same = slice_eq(x->tags[i], y->tags[i]);
    return is_same;
}

static void come_back_as_they_were(void **state)
{
    struct spool_entry sent = WHOLE;
    sent.link.expired_url = SLICE("http://a/after");
    sent.link.not_started_url = SLICE("http://a/before");
    const struct spool_entry *const entries[] = { &WHOLE, &BARE, &sent };
    for (size_t i = 0; i < COUNT(entries); i++) {
        struct spool_entry read;
        struct slice code;
        struct slice hash;
        struct slice bytes = spool_entry_encode(entries[i], KEY, *state);
        assert_int_equal(spool_entry_size(bytes), bytes.len);
        assert_true(spool_entry_decode(bytes, KEY, *state, &read));
        assert_true(same(entries[i], &read));
        assert_int_equal(read.key.link_id, read.link.target.link_id);
        assert_true(spool_entry_peek(bytes, &code, &hash));
        assert_true(slice_eq(code, entries[i]->link.code));
        assert_memory_equal(hash.at, read.key.key_hash, DB_HASH_BYTES);
    }
}

/* Existing spool files must be readable by every later version. */
static void bytes_are_these(void **state)
{
    static const unsigned char head[] = { 115, 0, 0, 0, 1, 0, 0, 0, 1, 'x' };
    static const unsigned char tail[] = { 1, 0, 0, 0, 0, 0, 0, 0, 0x2e, 1, 0, 0 };
    struct slice bytes = spool_entry_encode(&BARE, KEY, *state);
    assert_int_equal(bytes.len, 16 + 115);
    assert_memory_equal(bytes.at + 8, head, sizeof(head));
    assert_memory_equal(bytes.at + 18 + 64, tail, sizeof(tail));
    assert_memory_equal(bytes.at + bytes.len - 6, "\x02\0\0\0h:", 6);
}

/* WHOLE, as the first version wrote it. */
static const unsigned char WHOLE_1[] = {
    23, 148, 3,   62,  113, 177, 127, 198, 150, 0,   0,   0,   1,  0,  0,  0,   7,   97,  98,
    99, 49,  50,  51,  52,  7,   0,   0,   0,   0,   0,   0,   0,  0,  0,  0,   0,   0,   0,
    0,  0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,  0,  0,  0,   0,   0,   8,
    0,  0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,  0,  0,  0,   0,   0,   0,
    0,  0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   8,  7,  6,  5,   4,   3,   2,
    1,  52,  1,   1,   0,   84,  83,  82,  81,  0,   0,   0,   0,  36, 35, 34,  33,  0,   0,
    0,  0,   53,  52,  51,  50,  49,  0,   0,   0,   68,  67,  66, 65, 8,  115, 111, 109, 101,
    98, 111, 100, 121, 7,   65,  32,  116, 105, 116, 108, 101, 2,  1,  97, 2,   195, 164, 11,
    0,  0,   0,   104, 116, 116, 112, 58,  47,  47,  97,  47,  63, 120
};

/* Each entry was promised to a client: a later format must read it, too. */
static void entries_of_format_1_are_read(void **state)
{
    const struct slice bytes = { (const char *)WHOLE_1, sizeof(WHOLE_1) };
    struct spool_entry read;
    assert_int_equal(spool_entry_size(bytes), bytes.len);
    assert_true(spool_entry_decode(bytes, KEY, *state, &read));
    assert_true(same(&WHOLE, &read));
    assert_true(slice_eq(bytes, spool_entry_encode(&WHOLE, KEY, *state)));
}

static void only_new_texts_need_a_new_format(void **state)
{
    struct spool_entry entry = WHOLE;
    struct spool_entry read;
    struct slice bytes = spool_entry_encode(&entry, KEY, *state);
    assert_int_equal(bytes.at[12], 1);
    entry.link.not_started_url = SLICE("http://a/before");
    bytes = spool_entry_encode(&entry, KEY, *state);
    assert_int_equal(bytes.at[12], 2);
    assert_true(spool_entry_decode(bytes, KEY, *state, &read));
    assert_true(same(&entry, &read));
}

static void every_flipped_bit_is_noticed(void **state)
{
    struct slice bytes = spool_entry_encode(&WHOLE, KEY, *state);
    char *copy = arena_copy(*state, bytes);
    for (size_t i = 0; i < bytes.len * 8; i++) {
        struct spool_entry read;
        copy[i / 8] = (char)(copy[i / 8] ^ (1 << i % 8));
        assert_false(spool_entry_decode((struct slice){ copy, bytes.len }, KEY, *state, &read));
        copy[i / 8] = (char)(copy[i / 8] ^ (1 << i % 8));
    }
}

static void cut_or_longer_is_refused(void **state)
{
    struct slice bytes = spool_entry_encode(&WHOLE, KEY, *state);
    char longer[1024] = { 0 };
    struct spool_entry read;
    memcpy(longer, bytes.at, bytes.len);
    assert_false(spool_entry_decode((struct slice){ longer, bytes.len + 1 }, KEY, *state, &read));
    for (size_t len = 0; len < bytes.len; len++)
        assert_false(spool_entry_decode((struct slice){ bytes.at, len }, KEY, *state, &read));
}

static void of_another_file_is_refused(void **state)
{
    const unsigned char other[KEYED_HASH_KEY_BYTES] = { 1, 2, 4 };
    struct spool_entry read;
    struct slice bytes = spool_entry_encode(&WHOLE, KEY, *state);
    assert_false(spool_entry_decode(bytes, other, *state, &read));
}

static void what_has_no_place_is_refused(void **state)
{
    static const struct slice alias = { "alias", 5 };
    static char long_name[300];
    memset(long_name, 'a', sizeof(long_name));
    struct spool_entry rows[8];
    for (size_t i = 0; i < COUNT(rows); i++)
        rows[i] = WHOLE;
    rows[0].link.target.max_clicks = 1;
    rows[1].link.target.version = 2;
    rows[2].link.code_is_alias = true;
    rows[3].link.aliases = &alias;
    rows[3].link.n_aliases = 1;
    rows[4].link.code.len = 0;
    rows[5].link.title = (struct slice){ long_name, 256 };
    rows[6].link.n_tags = LINK_TAGS_MAX + 1;
    rows[7].link.code = (struct slice){ long_name, 101 };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (spool_entry_encode(&rows[i], KEY, *state).len != 0)
            fail_msg("row %zu", i);
    }
}

static void the_longest_link_has_a_place(void **state)
{
    static char text[8000];
    struct slice tags[LINK_TAGS_MAX];
    memset(text, 'a', sizeof(text));
    for (unsigned i = 0; i < LINK_TAGS_MAX; i++)
        tags[i] = (struct slice){ text, LINK_TAG_MAX };
    struct spool_entry entry = WHOLE;
    struct spool_entry read;
    entry.link.target.long_url = (struct slice){ text, sizeof(text) };
    entry.link.expired_url = (struct slice){ text, sizeof(text) };
    entry.link.not_started_url = (struct slice){ text, sizeof(text) };
    entry.link.title = (struct slice){ text, LINK_TITLE_MAX };
    entry.link.owner = (struct slice){ text, USER_NAME_MAX };
    entry.link.code = (struct slice){ text, 100 };
    entry.link.tags = tags;
    entry.link.n_tags = LINK_TAGS_MAX;
    struct slice bytes = spool_entry_encode(&entry, KEY, *state);
    assert_true(spool_entry_decode(bytes, KEY, *state, &read));
    assert_true(same(&entry, &read));
}

static void sizes_that_cannot_be(void **state)
{
    static const struct {
        int line;
        unsigned char bytes[17];
        size_t len;
        size_t expected;
    } rows[] = {
        { __LINE__, { 0 }, 0, 0 },
        { __LINE__, { 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0 }, 15, 0 },
        { __LINE__, { 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0 }, 16, 21 },
        { __LINE__, { 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0 }, 16, 21 },
        { __LINE__, { 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 3, 0, 0, 0 }, 16, 0 },
        { __LINE__, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 }, 16, 0 },
        { __LINE__, { 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f, 0, 0, 1, 0, 0, 0 }, 16, 32768 },
        { __LINE__, { 0, 0, 0, 0, 0, 0, 0, 0, 0xf1, 0x7f, 0, 0, 1, 0, 0, 0 }, 16, 0 },
        { __LINE__, { 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0 }, 16, 0 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct slice bytes = { (const char *)rows[i].bytes, rows[i].len };
        if (spool_entry_size(bytes) != rows[i].expected)
            fail_msg("line %d", rows[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(come_back_as_they_were),
        cmocka_unit_test(bytes_are_these),
        cmocka_unit_test(entries_of_format_1_are_read),
        cmocka_unit_test(only_new_texts_need_a_new_format),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(cut_or_longer_is_refused),
        cmocka_unit_test(of_another_file_is_refused),
        cmocka_unit_test(what_has_no_place_is_refused),
        cmocka_unit_test(the_longest_link_has_a_place),
        cmocka_unit_test(sizes_that_cannot_be),
    };
    return cmocka_run_group_tests_name("spool_entry", tests, setup, arena_state_free);
}
