/* SPDX-License-Identifier: MIT */
/* Aliases: the codes that people choose, and the words that no code may spell. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#define ALIAS_LENGTH_MIN_DEFAULT 3
#define ALIAS_LENGTH_MAX_DEFAULT 50

/* Words in lower case, sorted, each once. Start it as `{ 0 }`. */
struct word_list {
    const struct slice *words;
    size_t n;
};

/* Reads a list of words from the text of a list file: one word a line, white space around it
 * dropped, empty lines and what follows a '#' skipped, LF or CRLF. Letters are put in lower case;
 * words that cannot be an alias are kept, they only never match. The list is copied into `arena`,
 * which must outlive it. False when the arena is full; then *out is untouched. */
bool word_list_parse(struct slice text, struct arena *arena, struct word_list *out);

/* Whether `word` is one of the list, letters compared without regard to ASCII case. NULL is a list
 * without words. */
bool word_list_has(const struct word_list *list, struct slice word);

/* The lengths allowed, in bytes (`max_length` is at most CODE_MAX), and the site's own reserved
 * words (borrowed, may be NULL), which add to the built-in ones. */
struct alias_policy {
    size_t min_length;
    size_t max_length;
    const struct word_list *reserved;
};

enum alias_verdict { ALIAS_OK, ALIAS_INVALID, ALIAS_RESERVED };

/* Whether people may choose `alias`: [A-Za-z0-9_-] only, within the lengths, and neither a reserved
 * word nor one that spells an offensive word. On refusal *why (may be NULL) gets a sentence for
 * whoever asked. Whether the alias is taken is for the database to say. */
enum alias_verdict alias_check(struct slice alias, const struct alias_policy *policy,
                               struct error *why);

/* Whether a generated code must be passed over, because it is a reserved word (built in, or of the
 * site's own list, which may be NULL) or spells an offensive one. */
bool code_spells_listed_word(struct slice code, const struct word_list *reserved);
