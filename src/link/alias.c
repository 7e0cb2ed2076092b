/* SPDX-License-Identifier: MIT */
/* The rules of aliases, and the built-in reserved words. */
#include "link/alias.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "link/code.h"
#include "link/link.h"
#include "link/offensive.h"

/* The first segments of Curt's own paths (web/routes.c), and of its pages: a link with such a code
 * would hide a path, or be hidden by it. In lower case and in the order of slice_order, on which
 * word_list_has depends (checked by a test). */
static const struct slice path_words[] = {
    SLICE("admin"),   SLICE("analytics"), SLICE("api"),    SLICE("favicon.ico"),
    SLICE("healthz"), SLICE("metrics"),   SLICE("readyz"), SLICE("robots.txt"),
    SLICE("shorten"), SLICE("urls"),
};

static const struct word_list paths = { path_words, sizeof path_words / sizeof *path_words };

/* Words that a site, or its web server, is likely to use itself; ordered likewise. */
static const struct slice reserved_words[] = {
    SLICE(".well-known"),
    SLICE("about"),
    SLICE("account"),
    SLICE("assets"),
    SLICE("auth"),
    SLICE("blog"),
    SLICE("callback"),
    SLICE("cgi-bin"),
    SLICE("config"),
    SLICE("contact"),
    SLICE("css"),
    SLICE("curt"),
    SLICE("curt.fcgi"),
    SLICE("dashboard"),
    SLICE("docs"),
    SLICE("export"),
    SLICE("fcgi-bin"),
    SLICE("flush"),
    SLICE("health"),
    SLICE("help"),
    SLICE("home"),
    SLICE("img"),
    SLICE("import"),
    SLICE("imprint"),
    SLICE("index"),
    SLICE("index.html"),
    SLICE("js"),
    SLICE("keys"),
    SLICE("legal"),
    SLICE("links"),
    SLICE("login"),
    SLICE("logout"),
    SLICE("new"),
    SLICE("oauth"),
    SLICE("openapi"),
    SLICE("openapi.json"),
    SLICE("ping"),
    SLICE("privacy"),
    SLICE("qr"),
    SLICE("register"),
    SLICE("rest"),
    SLICE("search"),
    SLICE("security.txt"),
    SLICE("server-info"),
    SLICE("server-status"),
    SLICE("settings"),
    SLICE("signin"),
    SLICE("signup"),
    SLICE("sitemap.xml"),
    SLICE("static"),
    SLICE("stats"),
    SLICE("status"),
    SLICE("support"),
    SLICE("terms"),
    SLICE("user"),
    SLICE("users"),
    SLICE("version"),
    SLICE("well-known"),
    SLICE("www"),
    SLICE("yourls-api"),
    SLICE("yourls-api.php"),
};

static const struct word_list built_in = { reserved_words,
                                           sizeof reserved_words / sizeof *reserved_words };

/* Less than, equal to or greater than 0 as `a` in lower case sorts before, equal to or after the
 * lower-case `b`. */
static int slice_order(struct slice a, struct slice b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        unsigned char x = (unsigned char)ascii_to_lower(a.at[i]), y = (unsigned char)b.at[i];
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a.len > b.len) - (a.len < b.len);
}

static int compare_words(const void *a, const void *b)
{
    const struct slice *x = a, *y = b;
    return slice_order(*x, *y);
}

bool word_list_has(const struct word_list *list, struct slice word)
{
    return list != NULL && list->n > 0 &&
           bsearch(&word, list->words, list->n, sizeof *list->words, compare_words) != NULL;
}

/* Removes the next line from `text` and returns its word, which may be empty. */
static struct slice next_word(struct slice *text)
{
    struct slice line = { text->at, slice_find(*text, '\n') };
    *text = slice_from(*text, line.len + 1);
    line.len = slice_find(line, '#');
    return slice_strip(line);
}

static size_t count_words(struct slice text)
{
    size_t n = 0;
    while (text.len > 0)
        n += next_word(&text).len > 0;
    return n;
}

/* Sorts the words and removes duplicates; returns how many remain. */
static size_t sort_words(struct slice *words, size_t n)
{
    size_t kept = 0;
    if (n > 0)
        qsort(words, n, sizeof *words, compare_words);
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || !slice_eq(words[kept - 1], words[i]))
            words[kept++] = words[i];
    }
    return kept;
}

bool word_list_parse(struct slice text, struct arena *arena, struct word_list *out)
{
    size_t n = 0;
    char *copy = arena_copy(arena, text);
    struct slice *words = arena_alloc(arena, count_words(text) * sizeof *words);
    if (copy == NULL || words == NULL)
        return false;
    for (size_t i = 0; i < text.len; i++)
        copy[i] = ascii_to_lower(copy[i]);
    for (struct slice rest = { copy, text.len }; rest.len > 0;) {
        struct slice word = next_word(&rest);
        if (word.len > 0)
            words[n++] = word;
    }
    *out = (struct word_list){ words, sort_words(words, n) };
    return true;
}

bool word_list_add(struct word_list *list, struct slice word, struct arena *arena)
{
    struct word_list one;
    struct slice *words = arena_alloc(arena, (list->n + 1) * sizeof *words);
    if (words == NULL || !word_list_parse(word, arena, &one))
        return false;
    for (size_t i = 0; i < list->n; i++)
        words[i] = list->words[i];
    if (one.n > 0)
        words[list->n] = one.words[0];
    *list = (struct word_list){ words, sort_words(words, list->n + (one.n > 0)) };
    return true;
}

bool alias_is_path(struct slice word)
{
    return word_list_has(&paths, word);
}

bool code_spells_listed_word(struct slice code, const struct word_list *reserved)
{
    return alias_is_path(code) || word_list_has(&built_in, code) || word_list_has(reserved, code) ||
           offensive_found(code);
}

/* Which list has the alias; ALIAS_OK: none. */
static enum alias_verdict alias_check_words(struct slice alias, const struct word_list *reserved,
                                            struct error *why)
{
    if (alias_is_path(alias)) {
        error_set(why, "the alias \"%.*s\" is a path of Curt itself", SLICE_ARG(alias));
        return ALIAS_PATH;
    }
    if (word_list_has(&built_in, alias)) {
        error_set(why, "the alias \"%.*s\" is reserved: a site is likely to need it",
                  SLICE_ARG(alias));
        return ALIAS_RESERVED;
    }
    if (word_list_has(reserved, alias)) {
        error_set(why, "the alias \"%.*s\" is in this site's list of reserved words",
                  SLICE_ARG(alias));
        return ALIAS_LISTED;
    }
    if (offensive_found_in_alias(alias)) {
        error_set(why, "the alias \"%.*s\" has an offensive word in it", SLICE_ARG(alias));
        return ALIAS_OFFENSIVE;
    }
    return ALIAS_OK;
}

enum alias_verdict alias_check(struct slice alias, const struct alias_policy *policy,
                               struct error *why)
{
    size_t max = policy->max_length < CODE_MAX ? policy->max_length : CODE_MAX;
    if (alias.len < policy->min_length || alias.len > max) {
        error_set(why, "an alias has %zu to %zu characters; this one has %zu", policy->min_length,
                  max, alias.len);
        return ALIAS_INVALID;
    }
    if (!code_is_wellformed(alias)) {
        error_set(why, "an alias is made of the letters A-Z and a-z, digits, \"_\" and \"-\"");
        return ALIAS_INVALID;
    }
    return alias_check_words(alias, policy->reserved, why);
}

struct slice alias_lower(struct slice alias, struct arena *arena)
{
    size_t n = 0;
    while (n < alias.len && ascii_to_lower(alias.at[n]) == alias.at[n])
        n++;
    if (n == alias.len)
        return alias;
    char *lower = arena_copy(arena, alias);
    for (; lower && n < alias.len; n++)
        lower[n] = ascii_to_lower(lower[n]);
    return (struct slice){ lower, lower ? alias.len : 0 };
}

bool alias_lower_all(struct link *link, struct arena *arena)
{
    struct slice *lowered = arena_alloc(arena, (link->n_aliases + 1) * sizeof(*lowered));
    if (!lowered)
        return false;
    link->lowered = lowered;
    link->n_lowered = 0;
    for (unsigned i = 0; i < link->n_aliases; i++) {
        struct slice lower = alias_lower(link->aliases[i], arena);
        if (!lower.at)
            return false;
        if (!link_has_alias(link, lower) && !link_has_lowered(link, lower))
            lowered[link->n_lowered++] = lower;
    }
    return true;
}
