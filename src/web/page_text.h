/* SPDX-License-Identifier: MIT */
/* The texts of the small HTML pages, in each language. The pages that need scripts have theirs in
 * www/pages/text-*.js. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "http/request.h"
#include "web/problem.h"

enum page_language {
    PAGE_ENGLISH,
    PAGE_GERMAN,
    PAGE_ARABIC,
    PAGE_LANGUAGES,
};

enum page_text {
    TEXT_SHORT_LINKS,       /* the heading of a site without a name */
    TEXT_MAKES_SHORT_LINKS, /* what this site is */
    TEXT_RUN_BY,            /* "%s" is who runs it */
    TEXT_SIGN_IN,
    TEXT_LEADS_WHERE, /* the heading of a preview without a title */
    TEXT_LEADS_TO,
    TEXT_LIMITED,          /* the heading of a link with max_clicks that has no title */
    TEXT_LIMITED_SECRET,   /* why its destination is not shown */
    TEXT_LIMITED_PROGRAMS, /* why a program is not redirected */
    TEXT_OPEN,
    TEXT_MADE_AT, /* "%s" is a day, TEXT_COMMA and a time ago */
    TEXT_COMMA,
    TEXT_JUST_NOW,
    TEXT_AGO,       /* "%s" is a duration */
    TEXT_TRY_AGAIN, /* "%s" is a duration */
    TEXT_IMPRINT,
    TEXT_PRIVACY,
    TEXT_ABUSE,
    TEXT_REQUEST, /* before the request's id */
    PAGE_TEXTS,
};

/* The language that the request prefers; English where there is none of its. */
enum page_language page_language_of(const struct http_request *request);

/* The language's subtag, "en", and its direction of writing, "ltr" or "rtl". */
const char *page_language_tag(enum page_language language);
const char *page_language_direction(enum page_language language);

const char *page_text(enum page_language language, enum page_text text);

/* The title and the meaning of a problem for visitors. Problems that visitors do not meet are
 * English in every language. */
struct page_problem {
    const char *title;
    const char *meaning;
};
struct page_problem page_problem(enum page_language language, enum problem_id problem);

/* Units of durations. */
enum page_unit {
    PAGE_SECONDS,
    PAGE_MINUTES,
    PAGE_HOURS,
    PAGE_DAYS,
    PAGE_MONTHS, /* of 30 days */
    PAGE_YEARS,  /* of 365 days */
    PAGE_UNITS,
};

/* A duration of `seconds` (not negative) in whole units of the largest one that it contains,
 * rounded down: "3 days". */
void page_add_age(struct buf *b, enum page_language language, int64_t seconds);

/* The same for a time to wait, rounded up: up to 119 seconds and 119 minutes, else hours. */
void page_add_wait(struct buf *b, enum page_language language, int64_t seconds);

/* Appends a text with `value` in the place of its "%s". */
void page_add_text(struct buf *b, const char *text, struct slice value);
