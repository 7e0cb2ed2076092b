/* SPDX-License-Identifier: MIT */
/* Words: the text is folded as a whole, then cut. */
#include "text/words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include "text/utf8.h"

struct range {
    uint32_t first, last;
};

/* Marks that many leave out: accents, the points of Hebrew, and the vowel signs of Arabic, with the
 * stroke that only stretches a word. Marks of other scripts are part of their letters. */
static const struct range words_dropped[] = {
    { 0x300, 0x36F }, { 0x591, 0x5BD }, { 0x5BF, 0x5BF }, { 0x5C1, 0x5C2 }, { 0x5C4, 0x5C5 },
    { 0x5C7, 0x5C7 }, { 0x610, 0x61A }, { 0x640, 0x640 }, { 0x64B, 0x65F }, { 0x670, 0x670 },
    { 0x6D6, 0x6DC }, { 0x6DF, 0x6E4 }, { 0x6E7, 0x6E8 }, { 0x6EA, 0x6ED },
};

/* Thai and Lao, Burmese, Khmer, kana, Chinese characters. */
static const struct range words_unspaced[] = {
    { 0xE00, 0xEFF },   { 0x1000, 0x109F }, { 0x1780, 0x17FF },
    { 0x3040, 0x30FF }, { 0x3400, 0x9FFF }, { 0x20000, 0x3FFFF },
};

static bool words_is_in(uint32_t point, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    }
    return false;
}

#define IS_IN(point, ranges) words_is_in((point), (ranges), sizeof(ranges) / sizeof(*(ranges)))

/* --- folding --- */

/* Removes the marks in place; returns the new length. */
static size_t words_drop_marks(uint8_t *text, size_t len)
{
    size_t kept = 0;
    uint32_t point;
    for (size_t at = 0, n; at < len; at += n) {
        n = utf8_first((struct slice){ (const char *)text + at, len - at }, &point);
        if (n == 0)
            break;
        if (!IS_IN(point, words_dropped)) {
            memmove(text + kept, text + at, n);
            kept += n;
        }
    }
    return kept;
}

/* The folded text, in `arena`; its `at` is NULL when memory is out. */
static struct slice words_fold(struct slice text, struct arena *arena)
{
    struct slice folded = { NULL, 0 };
    size_t len = 0;
    uint8_t *apart =
        u8_casefold((const uint8_t *)text.at, text.len, NULL, UNINORM_NFKD, NULL, &len);
    if (!apart)
        return folded;
    len = words_drop_marks(apart, len);
    uint8_t *whole = u8_normalize(UNINORM_NFC, apart, len, NULL, &folded.len);
    if (whole)
        folded.at = arena_copy(arena, (struct slice){ (const char *)whole, folded.len });
    free(whole);
    free(apart);
    return folded;
}

/* --- cutting --- */

static int words_compare(struct slice a, struct slice b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.at, b.at, len) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* Puts a word in its place, unless it is there. */
static void words_add(struct words *words, struct slice word)
{
    size_t at = words->n;
    while (at > 0 && words_compare(words->at[at - 1], word) > 0)
        at--;
    if (words->n == WORDS_MAX || (at > 0 && slice_eq(words->at[at - 1], word)))
        return;
    memmove(words->at + at + 1, words->at + at, (words->n - at) * sizeof(*words->at));
    words->at[at] = word;
    words->n++;
}

static bool words_is_part(uint32_t point)
{
    return uc_is_general_category_withtable(point, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M |
                                                       UC_CATEGORY_MASK_N);
}

/* The word that `rest` begins with, cut between two characters. */
static struct slice words_first(struct slice rest)
{
    size_t len = 0;
    uint32_t point;
    for (size_t n; (n = utf8_first(slice_from(rest, len), &point)) > 0; len += n) {
        if (!words_is_part(point) || len + n > WORD_MAX)
            break;
    }
    return (struct slice){ rest.at, len };
}

static void words_cut(struct slice folded, enum words_use use, struct words *out)
{
    bool in_word = false;
    bool was_unspaced = false;
    uint32_t point;
    for (size_t at = 0, n; (n = utf8_first(slice_from(folded, at), &point)) > 0; at += n) {
        bool is_part = words_is_part(point);
        bool is_mark = uc_is_general_category_withtable(point, UC_CATEGORY_MASK_M);
        bool is_unspaced = IS_IN(point, words_unspaced);
        bool begins = !in_word || (use == WORDS_OF_TITLE && (is_unspaced || was_unspaced));
        if (is_part && !is_mark && begins)
            words_add(out, words_first(slice_from(folded, at)));
        in_word = is_part;
        was_unspaced = is_unspaced;
    }
}

bool words_find(struct slice text, enum words_use use, struct arena *arena, struct words *out)
{
    out->n = 0;
    if (text.len == 0)
        return true;
    struct slice folded = words_fold(text, arena);
    if (folded.at)
        words_cut(folded, use, out);
    return folded.at != NULL;
}

/* --- comparing --- */

struct slice words_longest(const struct words *words)
{
    struct slice longest = { NULL, 0 };
    for (size_t i = 0; i < words->n; i++) {
        if (words->at[i].len > longest.len)
            longest = words->at[i];
    }
    return longest;
}

bool words_fit(const struct words *search, const struct words *title)
{
    for (size_t i = 0; i < search->n; i++) {
        bool found = false;
        for (size_t at = 0; at < title->n && !found; at++)
            found = slice_starts_with(title->at[at], search->at[i]);
        if (!found)
            return false;
    }
    return true;
}
