/* SPDX-License-Identifier: MIT */
/* The table of a link's fields: texts that are parsed and formatted, and comparison. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "link/link_fields.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *name;
    const char *text;
    bool parsed;
    const char *what; /* the same, formatted; or why it is refused */
} TEXTS[] = {
    { "code", "abc", true, "abc" },
    { "long_url", "anything", true, "anything" },
    { "title", "", true, "" },
    { "redirect_status", "302", true, "302" },
    { "redirect_status", "999", true, "999" },
    { "redirect_status", "1000", false, "redirect_status is not a whole number, or too large" },
    { "redirect_status", "3x2", false, "redirect_status is not a whole number, or too large" },
    { "forward_query", "true", true, "true" },
    { "forward_query", "false", true, "false" },
    { "extra_path", "", true, "" },
    { "extra_path", "404", true, "404" },
    { "extra_path", "append", true, "append" },
    { "extra_path", "ignore", true, "ignore" },
    { "extra_path", "Append", false, "extra_path is none of 404, append or ignore" },
    { "extra_path", "40", false, "extra_path is none of 404, append or ignore" },
    { "forward_query", "FALSE", true, "false" },
    { "forward_query", "True", true, "true" },
    { "forward_query", "1", true, "true" },
    { "forward_query", "0", true, "false" },
    { "forward_query", "yes", true, "true" },
    { "forward_query", "NO", true, "false" },
    { "forward_query", "Y", true, "true" },
    { "forward_query", "n", true, "false" },
    { "forward_query", "on", true, "true" },
    { "forward_query", "Off", true, "false" },
    { "forward_query", "t", true, "true" },
    { "forward_query", "F", true, "false" },
    { "forward_query", "2", false, "forward_query is neither true nor false" },
    { "forward_query", "", false, "forward_query is neither true nor false" },
    { "forward_query", "truex", false, "forward_query is neither true nor false" },
    { "forward_query", "wahr", false, "forward_query is neither true nor false" },
    { "created_at", "2027-01-15T08:00:00Z", true, "2027-01-15T08:00:00Z" },
    { "updated_at", "2027-01-15T09:00:00+01:00", true, "2027-01-15T08:00:00Z" },
    { "starts_at", "soon", false, "starts_at is not a time in RFC 3339 format" },
    { "expires_at", "1960-01-01T00:00:00Z", false, "expires_at is before 1970" },
    { "max_clicks", "9223372036854775807", true, "9223372036854775807" },
    { "max_clicks", "9223372036854775808", false,
      "max_clicks is not a whole number, or too large" },
    { "max_clicks", "-1", false, "max_clicks is not a whole number, or too large" },
    { "max_clicks", "0", true, "" },
    { "clicks", "0", true, "0" },
    { "clicks_imported", "0", true, "0" },
    { "used", "4", true, "" }, /* of a link without max_clicks */
    { "owner", "ann", true, "ann" },
};

static void texts_are_parsed_and_formatted(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(TEXTS); i++) {
        char scratch[FIELD_SCRATCH];
        struct link link = { 0 };
        struct error err = { "" };
        enum link_field field;
        const struct field_value value = { .text = slice_of(TEXTS[i].text) };
        assert_true(link_field_find(slice_of(TEXTS[i].name), &field));
        bool parsed = link_field_parse(&link, field, &value, &err);
        struct slice back =
            parsed ? link_field_format(&link, field, scratch).text : slice_of(err.text);
        if (parsed != TEXTS[i].parsed || !slice_eq(back, slice_of(TEXTS[i].what)))
            fail_msg("%s, %s: %.*s", TEXTS[i].name, TEXTS[i].text, SLICE_ARG(back));
    }
}

static void only_links_with_max_clicks_have_used(void **state)
{
    (void)state;
    char scratch[FIELD_SCRATCH];
    const struct link link = { .target = { .max_clicks = 9 } };
    assert_true(slice_eq(link_field_format(&link, FIELD_USED, scratch).text, SLICE("0")));
}

static void numbers_that_do_not_fit_are_the_largest(void **state)
{
    (void)state;
    struct link link = { .target = { .flags = (uint16_t)~LINK_FORWARD_QUERY } };
    const struct field_value large = { .number = 1 << 20 };
    link_field_put(&link, FIELD_REDIRECT_STATUS, &large);
    assert_int_equal(link.target.redirect_status, UINT16_MAX);
    link_field_put(&link, FIELD_FORWARD_QUERY, &large);
    assert_int_equal(link.target.flags, UINT16_MAX);
    link_field_put(&link, FIELD_FORWARD_QUERY, &(struct field_value){ 0 });
    assert_int_equal(link.target.flags, UINT16_MAX & ~LINK_FORWARD_QUERY);
}

/* Flags and words share a member: each leaves the others' bits as they are. */
static void a_word_is_in_its_bits_alone(void **state)
{
    (void)state;
    struct link link = { .target = { .flags = (uint16_t)~LINK_EXTRA_PATH } };
    for (uint64_t word = EXTRA_PATH_UNSET; word <= EXTRA_PATH_IGNORED; word++) {
        link_field_put(&link, FIELD_EXTRA_PATH, &(struct field_value){ .number = word });
        assert_int_equal(link.target.flags | LINK_EXTRA_PATH, UINT16_MAX);
        assert_int_equal(link_field_get(&link, FIELD_EXTRA_PATH).number, word);
        assert_int_equal(target_extra_path(&link.target), word);
    }
}

/* Changes each field in turn: that one differs then, and no other. */
static void each_field_is_compared(void **state)
{
    (void)state;
    static const struct slice items[] = { { "a", 1 }, { "b", 1 } };
    const struct field_value other = { 1, SLICE("x"), items, 2 };
    for (unsigned changed = 0; changed < LINK_FIELDS; changed++) {
        const struct link link = { .n_aliases = 0 };
        struct link copy = link;
        link_field_put(&copy, (enum link_field)changed, &other);
        for (unsigned i = 0; i < LINK_FIELDS; i++)
            assert_int_equal(link_field_equal(&link, &copy, (enum link_field)i), i != changed);
    }
}

static void lists_are_compared_in_order(void **state)
{
    (void)state;
    static const struct slice one[] = { { "a", 1 }, { "b", 1 } };
    static const struct slice two[] = { { "b", 1 }, { "a", 1 } };
    const struct link a = { .tags = one, .n_tags = 2 };
    const struct link b = { .tags = two, .n_tags = 2 };
    assert_true(link_field_equal(&a, &a, FIELD_TAGS));
    assert_false(link_field_equal(&a, &b, FIELD_TAGS));
}

static void a_create_sets_these(void **state)
{
    (void)state;
    assert_int_equal(link_fields_settable,
                     FIELD_BIT(FIELD_LONG_URL) | FIELD_BIT(FIELD_TITLE) | FIELD_BIT(FIELD_TAGS) |
                         FIELD_BIT(FIELD_REDIRECT_STATUS) | FIELD_BIT(FIELD_FORWARD_QUERY) |
                         FIELD_BIT(FIELD_EXTRA_PATH) | FIELD_BIT(FIELD_STARTS_AT) |
                         FIELD_BIT(FIELD_EXPIRES_AT) | FIELD_BIT(FIELD_MAX_CLICKS) |
                         FIELD_BIT(FIELD_EXPIRED_URL) | FIELD_BIT(FIELD_NOT_STARTED_URL));
    for (unsigned i = 0; i < LINK_FIELDS; i++)
        assert_int_equal(link_field_rows[i].is_settable, link_fields_settable >> i & 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_parsed_and_formatted),
        cmocka_unit_test(only_links_with_max_clicks_have_used),
        cmocka_unit_test(numbers_that_do_not_fit_are_the_largest),
        cmocka_unit_test(a_word_is_in_its_bits_alone),
        cmocka_unit_test(each_field_is_compared),
        cmocka_unit_test(lists_are_compared_in_order),
        cmocka_unit_test(a_create_sets_these),
    };
    return cmocka_run_group_tests_name("link_fields", tests, NULL, NULL);
}
