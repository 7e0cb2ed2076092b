/* SPDX-License-Identifier: MIT */
/* What an import makes of titles and tags, what it remembers of a file, and how it counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "text/grapheme.h"
#include "text/utf8.h"
#include "transfer/import_mend.h"
#include "transfer/import_report.h"
#include "transfer/import_seen.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define BIT(change)  IMPORT_CHANGE_BIT(IMPORT_CHANGE_##change)
#define TEN          "0123456789"
#define FIFTY        TEN TEN TEN TEN TEN
#define TITLE_250    FIFTY FIFTY FIFTY FIFTY FIFTY

/* A text, and what is left of it in `max` bytes. */
static const struct {
    int line;
    const char *text;
    size_t max;
    const char *cut;
} CUTS[] = {
    { __LINE__, "", 0, "" },
    { __LINE__, "abc", 3, "abc" },
    { __LINE__, "abc", 2, "ab" },
    { __LINE__, "abc", 0, "" },
    { __LINE__, "K\u00e4se", 2, "K" },
    { __LINE__, "K\u00e4se", 3, "K\u00e4" },
    { __LINE__, "\U0001F4A9\U0001F4A9", 7, "\U0001F4A9" },
    /* an accent of its own, a flag, a family, a colour of skin, a syllable of Devanagari */
    { __LINE__, "ae\u0301", 2, "a" },
    { __LINE__, "ae\u0301", 3, "a" },
    { __LINE__, "ae\u0301x", 4, "ae\u0301" },
    { __LINE__, "a\U0001F1E9\U0001F1EA", 5, "a" },
    { __LINE__, "\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", 12, "\U0001F1E9\U0001F1EA" },
    { __LINE__, "a\U0001F468\u200D\U0001F469\u200D\U0001F467", 14, "a" },
    { __LINE__, "a\U0001F44D\U0001F3FD", 6, "a" },
    { __LINE__, "a\u0928\u093F", 5, "a" },
    { __LINE__, "a\r\nb", 2, "a" },
    /* one cluster that is too long is cut between two code points */
    { __LINE__, "e\u0301\u0302\u0303", 6, "e\u0301\u0302" },
    { __LINE__, "\U0001F4A9", 3, "" },
};

static void texts_are_cut_where_a_character_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CUTS); i++) {
        struct slice cut = grapheme_cut(slice_of(CUTS[i].text), CUTS[i].max);
        if (!slice_eq(cut, slice_of(CUTS[i].cut)))
            fail_msg("line %d: %zu bytes", CUTS[i].line, cut.len);
    }
}

static const struct {
    int line;
    struct slice text;
    const char *blanked;
} BLANKED[] = {
    { __LINE__, SLICE(""), "" },
    { __LINE__, SLICE("K\u00e4se"), "K\u00e4se" },
    { __LINE__, SLICE("a\nb\rc\r\nd"), "a b c d" },
    { __LINE__, SLICE("a\n\r\nb\t\x7F"), "a  b  " },
    { __LINE__, SLICE("a\0b"), "a b" },
    { __LINE__, SLICE("\xC2\x85\xC2\x9F\u00A0"), "  \u00A0" },
    { __LINE__, SLICE("a\xFF\n"), "a\xFF " },
};

static void controls_become_spaces(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(BLANKED); i++) {
        char out[32];
        struct slice blanked = { out, utf8_blank_controls(BLANKED[i].text, out) };
        if (!slice_eq(blanked, slice_of(BLANKED[i].blanked)))
            fail_msg("line %d: %.*s", BLANKED[i].line, SLICE_ARG(blanked));
    }
}

/* A title or a tag (`at` 0), what becomes of it, and what is reported. */
static const struct {
    int line;
    bool is_tag;
    const char *text;
    const char *mended; /* NULL: no tag remains */
    uint64_t changes;
} MENDED[] = {
    { __LINE__, false, "", "", 0 },
    { __LINE__, false, " a title ", "a title", 0 },
    { __LINE__, false, "two\r\nlines", "two lines", BIT(TITLE_LINE) },
    { __LINE__, false, "end\n", "end", 0 },
    { __LINE__, false, "\x01", "", BIT(TITLE_LINE) },
    { __LINE__, false, TITLE_250 "12345", TITLE_250 "12345", 0 },
    { __LINE__, false, TITLE_250 "123456", TITLE_250 "12345", BIT(TITLE_CUT) },
    { __LINE__, false, TITLE_250 "1234\u00e4", TITLE_250 "1234", BIT(TITLE_CUT) },
    { __LINE__, false, TITLE_250 "1 \u00e4e\u0301", TITLE_250 "1 \u00e4", BIT(TITLE_CUT) },
    { __LINE__, false, TITLE_250 "1234 678", TITLE_250 "1234", BIT(TITLE_CUT) },
    { __LINE__, false, TITLE_250 "\n" TEN, TITLE_250 " 0123", BIT(TITLE_CUT) | BIT(TITLE_LINE) },
    { __LINE__, false, "no UTF-8 \xFF\n.", "no UTF-8 \xFF\n.", 0 },
    { __LINE__, true, "a tag", "a tag", 0 },
    { __LINE__, true, "a\ttag", "a tag", BIT(TAG_LINE) },
    { __LINE__, true, FIFTY, FIFTY, 0 },
    { __LINE__, true, FIFTY "1", FIFTY, BIT(TAG_CUT) },
    { __LINE__, true, " ", NULL, BIT(TAG_EMPTY) },
    { __LINE__, true, "\x1B", NULL, BIT(TAG_LINE) | BIT(TAG_EMPTY) },
};

static void titles_and_tags_are_made_to_fit(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < COUNT(MENDED); i++) {
        const struct slice text = slice_of(MENDED[i].text);
        struct link_record record = { .changes = BIT(CODE_TRIMMED) };
        if (MENDED[i].is_tag)
            record.link.tags = &text, record.link.n_tags = 1;
        else
            record.link.title = text;
        assert_true(import_mend(&record, arena));
        struct slice mended = record.link.title;
        if (MENDED[i].is_tag)
            mended = record.link.n_tags ? record.link.tags[0] : (struct slice){ NULL, 0 };
        bool same = MENDED[i].mended ? slice_eq(mended, slice_of(MENDED[i].mended))
                                     : record.link.n_tags == 0;
        if (!same || record.changes != (MENDED[i].changes | BIT(CODE_TRIMMED)))
            fail_msg("line %d: %.*s", MENDED[i].line, SLICE_ARG(mended));
        arena_reset(arena);
    }
    arena_free(&arena);
}

static void tags_after_the_twentieth_are_dropped(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    for (unsigned n = LINK_TAGS_MAX; n <= LINK_TAGS_MAX + 1; n++) {
        struct slice tags[LINK_TAGS_MAX + 1];
        for (unsigned i = 0; i < n; i++)
            tags[i] = (struct slice){ TEN TEN TEN, i + 1 };
        struct link_record record = { .link = { .tags = tags, .n_tags = n } };
        assert_true(import_mend(&record, arena));
        assert_int_equal(record.link.n_tags, LINK_TAGS_MAX);
        assert_int_equal(record.link.tags[LINK_TAGS_MAX - 1].len, LINK_TAGS_MAX);
        assert_true(record.changes == (n > LINK_TAGS_MAX ? BIT(TAGS_DROPPED) : 0));
    }
    arena_free(&arena);
    struct arena *small = arena_new(64);
    struct slice long_title = SLICE(TITLE_250 "\n.");
    struct link_record record = { .link = { .title = long_title } };
    assert_false(import_mend(&record, small));
    arena_free(&small);
}

static void codes_are_remembered_up_to_a_limit(void **state)
{
    (void)state;
    enum { MAX = 10000 };
    struct import_seen seen = { .max = MAX };
    char code[16];
    assert_null(import_seen_find(&seen, import_seen_code(SLICE("c1"))));
    for (unsigned i = 1; i <= MAX + 1; i++) {
        snprintf(code, sizeof(code), "c%u", i);
        assert_false(seen.full);
        import_seen_add(&seen, import_seen_code(slice_of(code)), SLICE("https://a.example/"), i);
    }
    assert_true(seen.full);
    assert_int_equal(seen.n, MAX);
    for (unsigned i = 1; i <= MAX + 1; i++) {
        snprintf(code, sizeof(code), "c%u", i);
        const struct import_seen_entry *entry =
            import_seen_find(&seen, import_seen_code(slice_of(code)));
        if (i <= MAX ? !entry || entry->line != i : entry != NULL)
            fail_msg("%s", code);
    }
    import_seen_free(&seen);
    assert_true(import_seen_find(&seen, import_seen_code(SLICE("c1"))) == NULL);
}

static void the_first_of_a_key_stays(void **state)
{
    (void)state;
    struct import_seen seen = { .max = 10 };
    const struct slice url = SLICE("https://a.example/");
    uint64_t key = import_seen_code(SLICE("abc"));
    import_seen_add(&seen, key, url, 3);
    import_seen_add(&seen, key, SLICE("https://b.example/"), 4);
    import_seen_add(&seen, import_seen_user(SLICE("abc")), url, UINT64_C(1) << 40);
    const struct import_seen_entry *entry = import_seen_find(&seen, key);
    assert_int_equal(entry->line, 3);
    assert_true(import_seen_is(entry, url));
    assert_false(import_seen_is(entry, SLICE("https://b.example/")));
    assert_int_equal(import_seen_find(&seen, import_seen_user(SLICE("abc")))->line, UINT32_MAX);
    assert_null(import_seen_find(&seen, import_seen_destination(SLICE("abc"), SLICE(""))));
    assert_true(import_seen_destination(SLICE("ab"), SLICE("c")) !=
                import_seen_destination(SLICE("a"), SLICE("bc")));
    import_seen_free(&seen);
}

static void rows_are_counted_by_kind(void **state)
{
    (void)state;
    struct import_report report = { 0 };
    char longer[CODE_MAX + 10];
    memset(longer, 'x', sizeof(longer));
    const struct link first = { .code = SLICE("first") };
    const struct link second = { .code = SLICE("second") };
    import_report_take(&report, 2, &first, 0);
    import_report_take(&report, 3, &second, BIT(TITLE_CUT) | BIT(CLICKS_TOTAL));
    import_report_take(&report, 4, &first, BIT(TITLE_CUT));
    import_report_refuse(&report, IMPORT_REFUSAL_URL_INVALID, 9, SLICE("later"));
    import_report_refuse(&report, IMPORT_REFUSAL_URL_INVALID, 5, SLICE("a\x1B[b\xFF"));
    import_report_refuse(&report, IMPORT_REFUSAL_CODE_INVALID, 6,
                         (struct slice){ longer, sizeof(longer) });
    import_report_refuse(&report, IMPORT_REFUSAL_URL_INVALID, 7, SLICE("c"));
    import_report_refuse(&report, IMPORT_REFUSAL_ALIAS_TAKEN, 8, (struct slice){ NULL, 0 });
    assert_int_equal(report.imported, 3);
    assert_int_equal(report.changed, 2);
    assert_int_equal(report.refused, 4);
    assert_int_equal(report.conflicts, 1);
    assert_int_equal(import_report_rows(&report), 8);
    assert_int_equal(report.changes[IMPORT_CHANGE_TITLE_CUT].n, 2);
    assert_int_equal(report.changes[IMPORT_CHANGE_TITLE_CUT].line, 3);
    assert_string_equal(report.changes[IMPORT_CHANGE_TITLE_CUT].code, "second");
    assert_int_equal(report.changes[IMPORT_CHANGE_CLICKS_TOTAL].n, 1);
    assert_int_equal(report.refusals[IMPORT_REFUSAL_URL_INVALID].n, 3);
    assert_int_equal(report.refusals[IMPORT_REFUSAL_URL_INVALID].line, 5);
    assert_string_equal(report.refusals[IMPORT_REFUSAL_URL_INVALID].code, "a?[b?");
    assert_int_equal(strlen(report.refusals[IMPORT_REFUSAL_CODE_INVALID].code), CODE_MAX);
    assert_string_equal(report.refusals[IMPORT_REFUSAL_ALIAS_TAKEN].code, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_cut_where_a_character_ends),
        cmocka_unit_test(controls_become_spaces),
        cmocka_unit_test(titles_and_tags_are_made_to_fit),
        cmocka_unit_test(tags_after_the_twentieth_are_dropped),
        cmocka_unit_test(codes_are_remembered_up_to_a_limit),
        cmocka_unit_test(the_first_of_a_key_stays),
        cmocka_unit_test(rows_are_counted_by_kind),
    };
    return cmocka_run_group_tests_name("rows of an import", tests, NULL, NULL);
}
