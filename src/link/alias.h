/* SPDX-License-Identifier: MIT */
/* Aliases (codes chosen by users), and the reserved words, which no code may be. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

struct link;

#define ALIAS_LENGTH_MIN_DEFAULT 3
#define ALIAS_LENGTH_MAX_DEFAULT 50

/* Distinct words in lower case, sorted. Initialise it as `{ 0 }`. */
struct word_list {
    const struct slice *words;
    size_t n;
};

/* Parses a list file: one word per line, LF or CRLF. White space around a word, empty lines and
 * everything after a '#' are ignored. Letters are put in lower case; words that cannot be an alias
 * are kept and never match. The list is copied into `arena`, which must outlive it. False when the
 * arena is full; then *out is unchanged. */
bool word_list_parse(struct slice text, struct arena *arena, struct word_list *out);

/* Adds a word, in lower case. False when the arena is full; then *list is unchanged. */
bool word_list_add(struct word_list *list, struct slice word, struct arena *arena);

/* Whether `word` is in the list (ASCII case-insensitive). A list of NULL is empty. */
bool word_list_has(const struct word_list *list, struct slice word);

/* The allowed lengths in bytes (`max_length` is at most CODE_MAX), and the site's reserved words
 * (borrowed, may be NULL), in addition to the built-in ones. */
struct alias_policy {
    size_t min_length;
    size_t max_length;
    const struct word_list *reserved;
    bool ignores_case; /* letter case does not count: a link's alias with capitals has its
                        * lower-case form as one more code (link->lowered) */
};

/* Why an alias is refused. From ALIAS_RESERVED on it is policy alone: a link with that alias would
 * work (alias_is_policy). */
enum alias_verdict {
    ALIAS_OK,
    ALIAS_INVALID,   /* its length, or a character */
    ALIAS_PATH,      /* a path of Curt itself: a link with it could hide that, or be hidden */
    ALIAS_RESERVED,  /* a word of the built-in list, which a site is likely to need */
    ALIAS_LISTED,    /* a word of the site's list */
    ALIAS_OFFENSIVE, /* offensive_found_in_alias */
};

static inline bool alias_is_policy(enum alias_verdict verdict)
{
    return verdict >= ALIAS_RESERVED;
}

/* Whether `alias` is allowed: [A-Za-z0-9_-] only, of an allowed length, not a reserved word, and
 * without an offensive word in it; the first rule of enum alias_verdict that refuses it. Then *why
 * (may be NULL) is set to a text for the client that names the rule. Whether another link has the
 * alias is checked by the database. */
enum alias_verdict alias_check(struct slice alias, const struct alias_policy *policy,
                               struct error *why);

/* Whether the word is the first segment of a path of Curt's own, in any letter case. */
bool alias_is_path(struct slice word);

/* Whether a generated code must be skipped, because it is a reserved word (built-in, or in the
 * site's list `reserved`, which may be NULL) or contains an offensive word. */
bool code_spells_listed_word(struct slice code, const struct word_list *reserved);

/* The alias in lower case: itself if it has no capitals, otherwise a copy in `arena`; `at` is NULL
 * when that is full. */
struct slice alias_lower(struct slice alias, struct arena *arena);

/* Sets `link->lowered` to what its aliases need; false when the arena is full. */
bool alias_lower_all(struct link *link, struct arena *arena);
