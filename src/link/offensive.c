/* SPDX-License-Identifier: MIT */
/* The built-in list of offensive words. It has none of three letters, and omits, for example, those
 * in "therapist", "saltwater", "internazionale", "Schwank" and "Scunthorpe". The stems given here
 * also match longer forms. The list is so short that only one in thousands of generated codes is
 * skipped. */
#include "link/offensive.h"

#include "base/ascii.h"
#include "link/code.h"

/* How a word is looked for in an alias. */
enum offensive_form {
    ANYWHERE, /* no harmless word is known that contains it */
    BEGINS,   /* where a word begins */
    WHOLE,    /* as a word of its own */
};

static const struct {
    struct slice word;
    enum offensive_form form;
} words[] = {
    { SLICE("arschloch"), ANYWHERE },  { SLICE("bastard"), WHOLE }, /* bastardilla */
    { SLICE("bitch"), WHOLE },                                      /* Bitche, bitcheck */
    { SLICE("bollocks"), ANYWHERE },   { SLICE("bullshit"), ANYWHERE },
    { SLICE("faggot"), ANYWHERE },     { SLICE("ficken"), ANYWHERE },
    { SLICE("fotze"), ANYWHERE },      { SLICE("fuck"), ANYWHERE },
    { SLICE("hitler"), ANYWHERE },     { SLICE("hurensohn"), ANYWHERE },
    { SLICE("kike"), WHOLE },                                     /* kikeriki, Kikelomo */
    { SLICE("mierda"), ANYWHERE },     { SLICE("nigga"), WHOLE }, /* niggardly */
    { SLICE("nigger"), BEGINS },                                  /* snigger */
    { SLICE("porn"), WHOLE },                                     /* Nattaporn, Pornic */
    { SLICE("pornhub"), ANYWHERE },    { SLICE("pornstar"), ANYWHERE },
    { SLICE("pussy"), WHOLE }, /* pussycat, octopussy */
    { SLICE("putain"), ANYWHERE },     { SLICE("scheiss"), ANYWHERE },
    { SLICE("schlampe"), WHOLE }, /* Tischlampe */
    { SLICE("shit"), WHOLE },     /* Matsushita, Harshit */
    { SLICE("shithead"), ANYWHERE },   { SLICE("shitty"), ANYWHERE },
    { SLICE("slut"), WHOLE },  /* beslut, slutspel */
    { SLICE("whore"), WHOLE }, /* whoreads */
    { SLICE("whorehouse"), ANYWHERE }, { SLICE("wichser"), ANYWHERE },
};

enum { WORDS = sizeof words / sizeof *words };

/* A letter in lower case; a digit as the letter it is used for. */
static char fold(char c)
{
    switch (c) {
    case '0':
        return 'o';
    case '1':
        return 'i';
    case '3':
        return 'e';
    case '4':
        return 'a';
    case '5':
        return 's';
    default:
        return ascii_to_lower(c);
    }
}

/* Folds the first CODE_MAX bytes. */
static struct slice fold_all(struct slice code, char folded[CODE_MAX])
{
    struct slice s = { folded, code.len < CODE_MAX ? code.len : CODE_MAX };
    for (size_t i = 0; i < s.len; i++)
        folded[i] = fold(code.at[i]);
    return s;
}

bool offensive_found(struct slice code)
{
    char folded[CODE_MAX];
    const struct slice all = fold_all(code, folded);
    for (struct slice s = all; s.len > 0; s = slice_from(s, 1)) {
        for (size_t i = 0; i < WORDS; i++) {
            if (slice_starts_with(s, words[i].word))
                return true;
        }
    }
    return false;
}

static bool is_upper(struct slice alias, size_t at)
{
    return at < alias.len && ascii_is_upper(alias.at[at]);
}

static bool is_lower(struct slice alias, size_t at)
{
    return at < alias.len && ascii_is_lower(alias.at[at]);
}

static bool word_begins(struct slice alias, size_t at)
{
    if (at == 0 || !ascii_is_letter(alias.at[at - 1]))
        return true;
    return is_lower(alias, at - 1) && is_upper(alias, at);
}

/* Whether a word ends before `at`. One capital at the start of a word does not end it. */
static bool word_ends(struct slice alias, size_t at)
{
    if (at >= alias.len || !ascii_is_letter(alias.at[at]))
        return true;
    if (is_upper(alias, at))
        return is_lower(alias, at - 1);
    return at >= 2 && is_upper(alias, at - 1) && is_upper(alias, at - 2);
}

/* Whether words[i], which begins at `at`, counts there. */
static bool offensive_counts(struct slice alias, struct slice folded, size_t at, size_t i)
{
    if (words[i].form == ANYWHERE)
        return true;
    size_t end = at + words[i].word.len;
    bool plural = end < folded.len && folded.at[end] == 's';
    return word_begins(alias, at) && (words[i].form == BEGINS || word_ends(alias, end) ||
                                      (plural && word_ends(alias, end + 1)));
}

bool offensive_found_in_alias(struct slice alias)
{
    char folded[CODE_MAX];
    const struct slice all = fold_all(alias, folded);
    for (size_t at = 0; at < all.len; at++) {
        for (size_t i = 0; i < WORDS; i++) {
            if (slice_starts_with(slice_from(all, at), words[i].word) &&
                offensive_counts(alias, all, at, i))
                return true;
        }
    }
    return false;
}
