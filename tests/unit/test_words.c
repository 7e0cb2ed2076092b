/* SPDX-License-Identifier: MIT */
/* Words of titles and searches: folding, cutting, comparing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/arena_state.h"
#include "text/words.h"

static int set_up(void **state)
{
    return arena_state_make(state, 1 << 20);
}

static int tear_down(void **state)
{
    arena_free((struct arena **)state);
    return 0;
}

/* The words with spaces between. */
static const char *text_of(const struct words *words, char *out, size_t size)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < words->n; i++)
        len += (size_t)snprintf(out + len, size - len, "%s%.*s", i ? " " : "",
                                SLICE_ARG(words->at[i]));
    return out;
}

static const struct {
    const char *text;
    enum words_use use;
    const char *words;
} cuts[] = {
    { "", WORDS_OF_TITLE, "" },
    { " -- !", WORDS_OF_TITLE, "" },
    { "Spring sale", WORDS_OF_TITLE, "sale spring" },
    { "spring SPRING Spring", WORDS_OF_TITLE, "spring" },
    { "don't e-mail v2.10", WORDS_OF_TITLE, "10 don e mail t v2" },
    { "M\u00fcller Stra\u00dfe \u00c9T\u00c9", WORDS_OF_TITLE, "ete muller strasse" },
    { "Mu\u0308ller", WORDS_OF_TITLE, "muller" },
    { "\uff21\uff22\uff23 \ufb01ne", WORDS_OF_TITLE, "abc fine" },
    { "\u0130stanbul", WORDS_OF_TITLE, "istanbul" },
    { "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", WORDS_OF_TITLE,
      "\u03c3\u03b9\u03c3\u03c5\u03c6\u03bf\u03c3" },
    /* Arabic: vowel signs, the stroke, and the hamza of an alif are dropped. */
    { "\u0623\u064e\u0647\u0652\u0644\u0640\u0627", WORDS_OF_TITLE, "\u0627\u0647\u0644\u0627" },
    /* Hindi: its vowel signs are part of a word. */
    { "\u0915\u0941\u0932", WORDS_OF_TITLE, "\u0915\u0941\u0932" },
    { "\u6771\u4eac A4\u7d19", WORDS_OF_TITLE, "a4\u7d19 \u4eac \u6771\u4eac \u7d19" },
    { "\u6771\u4eac A4\u7d19", WORDS_OF_SEARCH, "a4\u7d19 \u6771\u4eac" },
    { "abcdefghijklmnopqrstuvwxyz", WORDS_OF_TITLE, "abcdefghijklmnopqrstuvwx" },
    /* 23 bytes and a letter of two: cut before it. */
    { "abcdefghijklmnopqrstuvw\u03b1", WORDS_OF_TITLE, "abcdefghijklmnopqrstuvw" },
};

static void test_a_text_has_words(void **state)
{
    for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
        struct words words;
        char got[512];
        assert_true(words_find(slice_of(cuts[i].text), cuts[i].use, *state, &words));
        if (strcmp(text_of(&words, got, sizeof(got)), cuts[i].words) != 0)
            fail_msg("row %zu: \"%s\", not \"%s\"", i, got, cuts[i].words);
    }
}

static const struct {
    const char *search;
    const char *title;
    bool fits;
} fits[] = {
    { "spr", "Spring sale", true },
    { "sale spr", "Spring sale", true },
    { "ring", "Spring sale", false },
    { "spr sum", "Spring sale", false },
    { "m\u00fcl", "Muller", true },
    { "MUL", "m\u00fcller", true },
    { "\u4eac\u30bf", "\u6771\u4eac\u30bf\u30ef\u30fc", true },
    { "\u4eac\u6771", "\u6771\u4eac\u30bf\u30ef\u30fc", false },
    { "", "Spring", true },
    { "!", "Spring", true },
};

static void test_a_search_fits_a_title(void **state)
{
    for (size_t i = 0; i < sizeof(fits) / sizeof(*fits); i++) {
        struct words search;
        struct words title;
        assert_true(words_find(slice_of(fits[i].search), WORDS_OF_SEARCH, *state, &search));
        assert_true(words_find(slice_of(fits[i].title), WORDS_OF_TITLE, *state, &title));
        if (words_fit(&search, &title) != fits[i].fits)
            fail_msg("row %zu", i);
    }
}

static void test_the_longest_word_is_looked_up(void **state)
{
    struct words words;
    assert_true(words_find(SLICE("of springs sprouts"), WORDS_OF_SEARCH, *state, &words));
    assert_true(slice_eq(words_longest(&words), SLICE("springs")));
    words.n = 0;
    assert_int_equal(words_longest(&words).len, 0);
}

static void test_a_title_has_so_many_words(void **state)
{
    char text[4 * (WORDS_MAX + 10) + 1];
    struct words words;
    for (unsigned i = 0; i < WORDS_MAX + 10; i++)
        snprintf(text + (size_t)4 * i, 5, "%03u ", 999 - i);
    assert_true(words_find(slice_of(text), WORDS_OF_TITLE, *state, &words));
    assert_int_equal(words.n, WORDS_MAX);
    assert_true(slice_eq(words.at[WORDS_MAX - 1], SLICE("999")));
}

static void test_without_memory_there_are_none(void **state)
{
    struct arena *small = arena_new(16);
    struct words words;
    (void)state;
    assert_false(
        words_find(SLICE("a longer text than sixteen bytes"), WORDS_OF_TITLE, small, &words));
    arena_free(&small);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_text_has_words),
        CASE(test_a_search_fits_a_title),
        CASE(test_the_longest_word_is_looked_up),
        CASE(test_a_title_has_so_many_words),
        CASE(test_without_memory_there_are_none),
    };
    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
