/* SPDX-License-Identifier: MIT */
/* The built-in list of offensive words. It has words that are rarely part of harmless words, and
 * none of three letters; it omits, for example, those in "therapist", "saltwater",
 * "internazionale", "Schwank" and "Scunthorpe". The stems given here also match longer forms. The
 * list is so short that only one in thousands of generated codes is skipped. */
#include "link/offensive.h"

#include "base/ascii.h"
#include "link/code.h"

static const struct slice words[] = {
    SLICE("arschloch"), SLICE("bastard"), SLICE("bitch"),   SLICE("bollocks"), SLICE("faggot"),
    SLICE("ficken"),    SLICE("fotze"),   SLICE("fuck"),    SLICE("hitler"),   SLICE("hurensohn"),
    SLICE("kike"),      SLICE("mierda"),  SLICE("nigga"),   SLICE("nigger"),   SLICE("porn"),
    SLICE("pussy"),     SLICE("putain"),  SLICE("scheiss"), SLICE("schlampe"), SLICE("shit"),
    SLICE("slut"),      SLICE("whore"),   SLICE("wichser"),
};

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

static bool contains(struct slice s, struct slice word)
{
    for (; s.len >= word.len; s = slice_from(s, 1)) {
        if (slice_starts_with(s, word))
            return true;
    }
    return false;
}

bool offensive_found(struct slice code)
{
    char folded[CODE_MAX];
    struct slice s = { folded, code.len < CODE_MAX ? code.len : CODE_MAX };
    for (size_t i = 0; i < s.len; i++)
        folded[i] = fold(code.at[i]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (contains(s, words[i]))
            return true;
    }
    return false;
}
