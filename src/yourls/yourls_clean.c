/* SPDX-License-Identifier: MIT */
/* Cleans keywords, titles and URLs. */
#include "yourls/yourls_clean.h"

#include "base/ascii.h"
#include "link/link.h"
#include "text/utf8.h"

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct slice yourls_clean_keyword(struct slice keyword, enum yourls_charset set,
                                  struct arena *arena)
{
    char *at = arena_alloc(arena, keyword.len + 1);
    size_t n = 0;
    for (size_t i = 0; at && i < keyword.len; i++) {
        const char c = keyword.at[i];
        if (ascii_is_digit(c) || ascii_is_lower(c) ||
            (set == YOURLS_CHARSET_62 && ascii_is_upper(c)))
            at[n++] = c;
    }
    return (struct slice){ at, n };
}

/* The bytes of the tag at the start of `text`; 0: there is none. */
static size_t tag_length(struct slice text)
{
    const bool may_be = text.len > 1 && text.at[0] == '<' &&
                        (ascii_is_letter(text.at[1]) || text.at[1] == '/' || text.at[1] == '!');
    const size_t end = may_be ? slice_find(text, '>') : text.len;
    return end < text.len ? end + 1 : 0;
}

/* The first characters of `text`, at most LINK_TITLE_MAX bytes; those that are not UTF-8 end it. */
static struct slice title_start(struct slice text)
{
    size_t n = 0;
    uint32_t c;
    for (size_t part; (part = utf8_first(slice_from(text, n), &c)) > 0; n += part) {
        if (n + part > LINK_TITLE_MAX)
            break;
    }
    return (struct slice){ text.at, n };
}

struct slice yourls_clean_title(struct slice title, struct arena *arena)
{
    char *at = arena_alloc(arena, title.len + 1);
    size_t n = 0;
    for (size_t i = 0; at && i < title.len;) {
        const size_t tag = tag_length(slice_from(title, i));
        const char c = title.at[i];
        i += tag ? tag : 1;
        if (tag || (is_space(c) && (n == 0 || at[n - 1] == ' ')))
            continue;
        if (is_space(c) || (unsigned char)c >= ' ')
            at[n++] = is_space(c) ? ' ' : c;
    }
    return at ? slice_strip(title_start((struct slice){ at, n })) : (struct slice){ NULL, 0 };
}

/* Whether a scheme may have the character behind its first letter (RFC 3986, 3.1). */
static bool is_in_scheme(char c)
{
    return ascii_is_letter(c) || ascii_is_digit(c) || c == '+' || c == '.' || c == '-';
}

/* The bytes of the scheme at the start of `url`, with its colon; 0: it has none. */
static size_t scheme_length(struct slice url)
{
    size_t n = 0;
    if (url.len == 0 || !ascii_is_letter(url.at[0]))
        return 0;
    while (n < url.len && is_in_scheme(url.at[n]))
        n++;
    return n > 1 && n < url.len && url.at[n] == ':' ? n + 1 : 0;
}

/* What to write before a URL without scheme. */
static struct slice missing_scheme(struct slice url)
{
    if (slice_starts_with(url, SLICE("//")))
        return SLICE("http:");
    size_t end = slice_find(url, '/');
    const size_t dot = slice_find(url, '.');
    return dot > 0 && dot < end && scheme_length(url) == 0 ? SLICE("http://") : SLICE("");
}

struct slice yourls_clean_url(struct slice url, struct arena *arena)
{
    url = slice_strip(url);
    const struct slice rest = slice_from(url, sizeof("http://") - 1);
    if (slice_starts_with(url, SLICE("http://")) &&
        (slice_starts_with(rest, SLICE("http://")) || slice_starts_with(rest, SLICE("https://"))))
        url = rest;
    const struct slice scheme = missing_scheme(url);
    char *at = arena_alloc(arena, scheme.len + url.len + 1);
    if (!at)
        return (struct slice){ NULL, 0 };
    memcpy(at, scheme.at, scheme.len);
    if (url.len)
        memcpy(at + scheme.len, url.at, url.len);
    return (struct slice){ at, scheme.len + url.len };
}

void yourls_shown_url(struct slice url, char out[YOURLS_SHOWN_SIZE])
{
    static const char dots[] = "[...]";
    const size_t n = url.len > YOURLS_SHOWN_MAX ? YOURLS_SHOWN_CUT : url.len;
    if (n)
        memcpy(out, url.at, n);
    memcpy(out + n, dots, url.len > n ? sizeof(dots) : 0);
    out[url.len > n ? n + sizeof(dots) - 1 : n] = '\0';
}

struct slice yourls_code_of(struct slice shorturl, struct slice base_url)
{
    const struct slice text = slice_strip(shorturl);
    const struct slice below = slice_from(text, base_url.len);
    const bool is_below = slice_starts_with(text, base_url) && below.len && below.at[0] == '/';
    return is_below ? slice_from(below, 1) : text;
}
