/* SPDX-License-Identifier: MIT */
/* What YOURLS does to the texts of a call before it uses them. */
#pragma once

#include "base/arena.h"
#include "base/slice.h"

enum {
    YOURLS_SHOWN_MAX = 60,  /* bytes of a long URL in a message */
    YOURLS_SHOWN_CUT = 55,  /* what is left of a longer one, before "[...]" */
    YOURLS_SHOWN_SIZE = 61, /* with a NUL */
};

/* The characters of a keyword. */
enum yourls_charset {
    YOURLS_CHARSET_36, /* digits and small letters */
    YOURLS_CHARSET_62, /* capitals, too */
};

/* The keyword without the characters that the set has not; `at` is NULL when the arena is full. */
struct slice yourls_clean_keyword(struct slice keyword, enum yourls_charset set,
                                  struct arena *arena);

/* The title without tags, with one space for each run of white space, and at most LINK_TITLE_MAX
 * bytes: cut between two characters. `at` is NULL when the arena is full. */
struct slice yourls_clean_title(struct slice title, struct arena *arena);

/* The long URL without white space around it and without a scheme before its scheme
 * ("http://https://"); with "http" before one that has no scheme but a host with a dot. `at` is
 * NULL when the arena is full. */
struct slice yourls_clean_url(struct slice url, struct arena *arena);

/* The long URL as messages show it. */
void yourls_shown_url(struct slice url, char out[YOURLS_SHOWN_SIZE]);

/* The code of `shorturl`, which is a code or a short URL below `base_url`. */
struct slice yourls_code_of(struct slice shorturl, struct slice base_url);
