/* SPDX-License-Identifier: MIT */
/* Parsing a request: method, target, variables, Accept. */
#include "http/request.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/hex.h"

static const struct {
    const char *name;
    enum http_method method;
} METHODS[] = {
    { "GET", HTTP_GET },         { "HEAD", HTTP_HEAD },   { "POST", HTTP_POST },
    { "PUT", HTTP_PUT },         { "PATCH", HTTP_PATCH }, { "DELETE", HTTP_DELETE },
    { "OPTIONS", HTTP_OPTIONS },
};

enum {
    N_METHODS = sizeof(METHODS) / sizeof(METHODS[0]),
};

enum http_method http_method_of(struct slice name)
{
    for (size_t i = 0; i < N_METHODS; i++) {
        if (slice_eq(name, slice_of(METHODS[i].name)))
            return METHODS[i].method;
    }
    return HTTP_OTHER;
}

const char *http_method_name(enum http_method method)
{
    for (size_t i = 0; i < N_METHODS; i++) {
        if (METHODS[i].method == method)
            return METHODS[i].name;
    }
    return "OTHER";
}

void http_allow(unsigned methods, char out[HTTP_ALLOW_MAX])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < N_METHODS; i++) {
        if (!(methods & METHODS[i].method))
            continue;
        int n =
            snprintf(out + used, HTTP_ALLOW_MAX - used, "%s%s", used ? ", " : "", METHODS[i].name);
        used += (size_t)n;
    }
}

struct slice http_variable(const struct http_request *request, const char *name)
{
    for (const char *const *at = request->variables; at && *at; at++) {
        size_t len = 0; /* of what both begin with: most names differ in their first letters */
        while (name[len] && (*at)[len] == name[len])
            len++;
        if (!name[len] && (*at)[len] == '=')
            return slice_of(*at + len + 1);
    }
    return (struct slice){ NULL, 0 };
}

static bool is_unreserved(char c)
{
    return ascii_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

struct slice http_path_normalise(struct slice path, struct arena *arena)
{
    char *copy = slice_find(path, '%') < path.len ? arena_alloc(arena, path.len) : NULL;
    size_t n = 0;
    for (size_t i = 0; copy && i < path.len;) {
        char byte;
        bool decodes = hex_unescape(slice_from(path, i), &byte) && is_unreserved(byte);
        copy[n++] = decodes ? byte : path.at[i];
        i += decodes ? 3 : 1;
    }
    return copy ? (struct slice){ copy, n } : path;
}

struct slice http_media_type(const struct http_request *request)
{
    struct slice type = http_variable(request, "CONTENT_TYPE");
    type.len = slice_find(type, ';');
    return slice_trim(type);
}

/* The length of the URI scheme at the start of `s` (RFC 3986, 3.1); 0 when there is none. */
static size_t scheme_length(struct slice s)
{
    size_t n = 0;
    for (; n < s.len && s.at[n] != ':'; n++) {
        char c = s.at[n];
        bool letter = ascii_is_letter(c);
        bool later = ascii_is_digit(c) || c == '+' || c == '-' || c == '.';
        if (!letter && (n == 0 || !later))
            return 0;
    }
    return n < s.len ? n : 0;
}

/* The part of an absolute-form target after the authority; other targets unchanged. */
static struct slice origin_form(struct slice target)
{
    size_t scheme = scheme_length(target);
    struct slice rest = slice_from(target, scheme);
    if (scheme == 0 || !slice_starts_with(rest, SLICE("://")))
        return target;
    rest = slice_from(rest, 3);
    size_t slash = slice_find(rest, '/');
    size_t mark = slice_find(rest, '?');
    return slice_from(rest, slash < mark ? slash : mark);
}

void http_request_set_target(struct http_request *request, struct slice target)
{
    target.len = slice_find(target, '#');
    request->target = origin_form(target);
    size_t mark = slice_find(request->target, '?');
    request->path = (struct slice){ request->target.at, mark };
    request->query = slice_from(request->target, mark + 1);
    if (mark == 0) /* the path of an absolute form may be empty */
        request->path = SLICE("/");
}

/* A quality in thousandths: "0", "1", or a fraction of up to three digits (RFC 9110, 12.4.2). */
static int quality_parse(struct slice text)
{
    int quality = 0;
    int unit = 100;
    if (text.at[0] != '0')
        return text.at[0] == '1' ? 1000 : 0;
    for (size_t i = 2; i < text.len && i < 5 && ascii_is_digit(text.at[i]); i++, unit /= 10)
        quality += (text.at[i] - '0') * unit;
    return quality;
}

/* The quality of a media range in thousandths; 1000 when it has no q parameter. */
static int quality_of(struct slice parameters)
{
    while (parameters.len) {
        size_t end = slice_find(parameters, ';');
        struct slice one = slice_trim((struct slice){ parameters.at, end });
        parameters = slice_from(parameters, end + 1);
        if (one.len < 3 || !slice_eq_nocase((struct slice){ one.at, 2 }, SLICE("q=")))
            continue;
        return quality_parse(slice_from(one, 2));
    }
    return 1000;
}

/* Takes the first range off a list such as "text/html, text/plain;q=0.8"; false when it is empty.
 */
static bool take_range(struct slice *list, struct slice *range, int *quality)
{
    if (!list->len)
        return false;
    struct slice whole = { list->at, slice_find(*list, ',') };
    size_t mark = slice_find(whole, ';');
    *list = slice_from(*list, whole.len + 1);
    *range = slice_trim((struct slice){ whole.at, mark });
    *quality = quality_of(slice_from(whole, mark + 1));
    return true;
}

bool http_wants_html(const struct http_request *request)
{
    struct slice accept = http_variable(request, "HTTP_ACCEPT");
    int html = 0;
    int json = 0;
    struct slice type;
    for (int quality; take_range(&accept, &type, &quality);) {
        if (slice_eq_nocase(type, SLICE("text/html")))
            html = quality > html ? quality : html;
        else if (slice_eq_nocase(type, SLICE("application/json")) ||
                 slice_eq_nocase(type, SLICE("application/problem+json")))
            json = quality > json ? quality : json;
    }
    return html > 0 && html >= json;
}

/* The index of the language that a range asks for; `n` for none. */
static size_t language_of(struct slice range, const struct slice *offered, size_t n)
{
    struct slice first = { range.at, slice_find(range, '-') };
    if (slice_eq(range, SLICE("*")))
        return 0;
    size_t i = 0;
    while (i < n && !slice_eq_nocase(first, offered[i]))
        i++;
    return i;
}

size_t http_language(const struct http_request *request, const struct slice *offered, size_t n)
{
    struct slice accept = http_variable(request, "HTTP_ACCEPT_LANGUAGE");
    size_t best = 0;
    int best_quality = 0;
    struct slice range;
    for (int quality; take_range(&accept, &range, &quality);) {
        size_t language = language_of(range, offered, n);
        if (language < n && quality > best_quality) {
            best = language;
            best_quality = quality;
        }
    }
    return best;
}
