/* SPDX-License-Identifier: MIT */
/* Words of a text, as a search by their beginnings compares them: without letter case, accents and
 * the vowel signs of Arabic and Hebrew, in Unicode's compatibility form (UAX #15), so that "Müller"
 * is found by "mull" and "MÜL". A word is a sequence of letters, digits and marks. Scripts that put
 * no spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) have no words that can be
 * found without a dictionary: in a title each of their characters begins one. libunistring has the
 * properties of characters. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

enum {
    WORD_MAX = 24,  /* bytes; only the beginning of a longer word counts */
    WORDS_MAX = 64, /* in one text; later words do not count */
};

enum words_use {
    WORDS_OF_TITLE,
    WORDS_OF_SEARCH, /* without the additional words of scripts without spaces */
};

/* Different words, in the order of their bytes. */
struct words {
    struct slice at[WORDS_MAX];
    size_t n;
};

/* Finds the words of `text`, which is well-formed UTF-8. The words are in `arena`. False when
 * memory is out. */
bool words_find(struct slice text, enum words_use use, struct arena *arena, struct words *out);

/* The longest word, the first of several; empty when there is none. */
struct slice words_longest(const struct words *words);

/* Whether each word of `search` is the beginning of a word of `title`. */
bool words_fit(const struct words *search, const struct words *title);
