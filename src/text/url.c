/* SPDX-License-Identifier: MIT */
/* Long URLs. uriparser accepts only strict RFC 3986. It parses only the scheme and the authority,
 * in a copy in which non-ASCII bytes are replaced by a letter (the "shadow"); the ranges that it
 * finds are then read from the original. What follows the authority is not parsed: there only
 * bytes that RFC 3986 does not know are encoded. */
#include "text/url.h"

#include <string.h>

#include <uriparser/Uri.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/number.h"
#include "text/escape.h"
#include "text/host.h"
#include "text/scheme.h"
#include "text/utf8.h"

/* The parts of the URL, all of them ranges of the input. */
struct parts {
    struct slice scheme;
    struct slice before_tail; /* scheme, ":", and "//" with the authority where there is one */
    bool has_authority;
    struct slice userinfo;
    bool has_userinfo;
    struct slice host;
    bool is_ipv6;
    unsigned char ipv6[16];
    struct slice port;
    struct slice tail; /* path, query and fragment */
};

/* Finds the end of the authority, which is where uriparser stops and the tail begins. */
static enum url_verdict cut_tail(struct slice input, struct parts *p, struct error *why)
{
    struct slice rest = slice_from(input, p->scheme.len + 1);
    size_t len = p->scheme.len + 1;
    p->has_authority = slice_starts_with(rest, SLICE("//"));
    if (p->has_authority)
        len += 2 + scheme_authority_length(slice_from(rest, 2));
    else if (scheme_is_web(p->scheme) || rest.len == 0) {
        error_set(why, "\"%.*s:\" must be followed by \"//\" and the host", SLICE_ARG(p->scheme));
        return URL_INVALID;
    }
    p->before_tail = (struct slice){ input.at, len };
    p->tail = slice_from(input, len);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)input.at[i];
        if (c <= 0x20 || c == 0x7F || c == '\\') {
            error_set(why, "there is a space, a control character or a backslash before the path");
            return URL_INVALID;
        }
    }
    return URL_OK;
}

/* The bytes of the original at the position of `range` in the shadow. */
static struct slice original(const struct parts *p, const char *shadow, UriTextRangeA range)
{
    if (range.first == NULL)
        return (struct slice){ NULL, 0 };
    return (struct slice){ p->before_tail.at + (range.first - shadow),
                           (size_t)(range.afterLast - range.first) };
}

static void read_authority(struct parts *p, const char *shadow, const UriUriA *uri)
{
    p->has_userinfo = uri->userInfo.first != NULL;
    p->userinfo = original(p, shadow, uri->userInfo);
    p->host = original(p, shadow, uri->hostText);
    p->port = original(p, shadow, uri->portText);
    p->is_ipv6 = uri->hostData.ip6 != NULL;
    if (p->is_ipv6)
        memcpy(p->ipv6, uri->hostData.ip6->data, sizeof p->ipv6);
}

static enum url_verdict split_authority(struct parts *p, struct arena *arena, struct error *why)
{
    char *shadow = arena_copy(arena, p->before_tail);
    if (shadow == NULL)
        return URL_NO_MEMORY;
    for (size_t i = 0; i < p->before_tail.len; i++) {
        if ((unsigned char)shadow[i] >= 0x80)
            shadow[i] = 'x';
    }
    UriUriA uri;
    int result = uriParseSingleUriExA(&uri, shadow, shadow + p->before_tail.len, NULL);
    if (result == URI_ERROR_MALLOC)
        return URL_NO_MEMORY;
    if (result != URI_SUCCESS) {
        error_set(why, "the host or the port is malformed");
        return URL_INVALID;
    }
    bool future = uri.hostData.ipFuture.first != NULL;
    read_authority(p, shadow, &uri);
    uriFreeUriMembersA(&uri);
    if (future)
        error_set(why, "the text in brackets is not an IPv6 address");
    return future ? URL_INVALID : URL_OK;
}

static void add_lower(struct buf *b, struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        buf_add_byte(b, ascii_to_lower(s.at[i]));
}

/* The URL being written: offsets of its parts in `text`, which may still be reallocated. */
struct draft {
    struct buf text;
    size_t host_at;
    size_t host_len;
    size_t path_at;
    size_t path_len;
    unsigned port;
};

static enum url_verdict add_host(struct draft *d, const struct parts *p, struct error *why)
{
    if (p->is_ipv6) {
        host_add_ipv6(&d->text, p->ipv6);
        return URL_OK;
    }
    if (!scheme_is_web(p->scheme)) {
        escape_url(&d->text, p->host, "");
        return URL_OK;
    }
    if (p->host.len == 0) {
        error_set(why, "the host is missing");
        return URL_INVALID;
    }
    return host_normalize(p->host, d->text.arena, &d->text, why);
}

/* Appends ":port" unless it is the default one. */
static enum url_verdict add_port(struct draft *d, const struct parts *p, struct error *why)
{
    uint64_t value;
    if (p->port.len == 0)
        return URL_OK;
    if (!number_parse(p->port, UINT16_MAX, &value) || value == 0) {
        error_set(why, "the port is not between 1 and 65535");
        return URL_INVALID;
    }
    if (value != scheme_default_port(p->scheme)) {
        d->port = (unsigned)value;
        buf_printf(&d->text, ":%u", d->port);
    }
    return URL_OK;
}

static enum url_verdict add_authority(struct draft *d, const struct parts *p,
                                      const struct url_policy *policy, struct error *why)
{
    if (p->has_userinfo && !policy->allow_credentials) {
        error_set(why, "the URL has credentials (\"user:password@\"), which are not allowed");
        return URL_INVALID;
    }
    buf_add_text(&d->text, "//");
    if (p->has_userinfo) {
        escape_url(&d->text, p->userinfo, "");
        buf_add_byte(&d->text, '@');
    }
    d->host_at = d->text.len;
    enum url_verdict verdict = add_host(d, p, why);
    d->host_len = d->text.len - d->host_at;
    return verdict == URL_OK ? add_port(d, p, why) : verdict;
}

/* What is encoded in each part of a web URL (URL_PATH_ENCODED and URL_QUERY_ENCODED in path and
 * query): the percent-encode sets of the WHATWG URL standard, and in path and query also the other
 * bytes that no URI has (RFC 3986, 3.3 and 3.4), which some clients encode, some send, and some
 * refuse. Brackets in a query are no URI either, but all clients send them. A page's scripts read
 * the fragment as it is, and no client sends it. */
static const char fragment_encoded[] = "\"<>`";
static const char other_encoded[] = "\"<>";

/* Browsers read a backslash in the path of a web URL as a slash. */
static void add_path(struct buf *b, struct slice path)
{
    for (size_t n; (n = slice_find(path, '\\')) < path.len; path = slice_from(path, n + 1)) {
        escape_url(b, (struct slice){ path.at, n }, URL_PATH_ENCODED);
        buf_add_byte(b, '/');
    }
    escape_url(b, path, URL_PATH_ENCODED);
}

static void add_tail(struct draft *d, struct slice tail, bool is_web)
{
    size_t fragment = slice_find(tail, '#');
    struct slice before = { tail.at, fragment };
    size_t query = slice_find(before, '?');
    struct slice path = { tail.at, query };
    d->path_at = d->text.len;
    if (is_web)
        add_path(&d->text, path);
    else
        escape_url(&d->text, path, other_encoded);
    d->path_len = d->text.len - d->path_at;
    escape_url(&d->text, slice_from(before, query), is_web ? URL_QUERY_ENCODED : other_encoded);
    escape_url(&d->text, slice_from(tail, fragment), is_web ? fragment_encoded : other_encoded);
}

static enum url_verdict check_scheme_once(struct slice scheme, struct slice text, struct error *why)
{
    if (!scheme_is_repeated(scheme, text))
        return URL_OK;
    error_set(why, "the scheme is there twice: behind \"%.*s:\" a URL begins anew",
              SLICE_ARG(scheme));
    return URL_INVALID;
}

static enum url_verdict write_url(struct draft *d, const struct parts *p,
                                  const struct url_policy *policy, struct error *why)
{
    add_lower(&d->text, p->scheme);
    buf_add_byte(&d->text, ':');
    if (p->has_authority) {
        enum url_verdict verdict = add_authority(d, p, policy, why);
        if (verdict != URL_OK)
            return verdict;
    }
    add_tail(d, p->tail, scheme_is_web(p->scheme));
    if (d->text.failed)
        return URL_NO_MEMORY;
    /* Once more where the text has changed, for hosts such as "h%74tp". */
    struct slice text = buf_slice(&d->text);
    struct slice input = { p->before_tail.at, p->before_tail.len + p->tail.len };
    return slice_eq(text, input) ? URL_OK : check_scheme_once(p->scheme, text, why);
}

static enum url_verdict split(struct slice input, const struct url_policy *policy,
                              struct arena *arena, struct parts *p, struct error *why)
{
    *p = (struct parts){ .scheme = scheme_of(input) };
    if (input.len == 0 || !utf8_valid(input)) {
        error_set(why, input.len == 0 ? "the URL is empty" : "the URL is not valid UTF-8");
        return URL_INVALID;
    }
    enum url_verdict verdict = scheme_check(p->scheme, input, policy, why);
    if (verdict == URL_OK)
        verdict = check_scheme_once(p->scheme, input, why);
    if (verdict == URL_OK)
        verdict = cut_tail(input, p, why);
    if (verdict == URL_OK && p->has_authority)
        verdict = split_authority(p, arena, why);
    return verdict;
}

static struct url finished(const struct draft *d, const struct parts *p)
{
    struct slice text = buf_slice(&d->text);
    return (struct url){
        .text = text,
        .scheme = { text.at, p->scheme.len },
        .host = { text.at + d->host_at, d->host_len },
        .path = { text.at + d->path_at, d->path_len },
        .port = d->port,
    };
}

static bool is_dropped(char c)
{
    return c == '\t' || c == '\n' || c == '\r';
}

/* What a URL is in its surroundings of white space, without the tabs and line breaks that mails,
 * cells of tables and source texts put into it. False: out of memory. */
static bool clean(struct slice *input, struct arena *arena)
{
    *input = utf8_strip(*input);
    size_t kept = 0;
    while (kept < input->len && !is_dropped(input->at[kept]))
        kept++;
    if (kept == input->len)
        return true;
    char *copy = arena_copy(arena, *input);
    if (!copy)
        return false;
    for (size_t i = kept; i < input->len; i++) {
        if (!is_dropped(input->at[i]))
            copy[kept++] = input->at[i];
    }
    *input = (struct slice){ copy, kept };
    return true;
}

enum url_verdict url_normalize(struct slice input, const struct url_policy *policy,
                               struct arena *arena, struct url *out, struct error *why)
{
    size_t max = policy->max_bytes > 0 ? policy->max_bytes : URL_MAX_BYTES_DEFAULT;
    struct parts parts;
    if (!clean(&input, arena))
        return URL_NO_MEMORY;
    if (input.len <= max) {
        enum url_verdict verdict = split(input, policy, arena, &parts, why);
        if (verdict != URL_OK)
            return verdict;
        /* Percent-encoding turns one byte into three; the length of punycode is limited by the
         * host. */
        struct draft draft = { .text = buf_in(arena, 3 * max + 1024) };
        verdict = write_url(&draft, &parts, policy, why);
        if (verdict != URL_OK)
            return verdict;
        if (draft.text.len <= max) {
            *out = finished(&draft, &parts);
            return URL_OK;
        }
    }
    error_set(why, "the URL is longer than %zu bytes", max);
    return URL_TOO_LONG;
}

bool url_may_be_ours(struct slice text, const struct url_policy *policy)
{
    return slice_is_graph(text) && scheme_check(scheme_of(text), text, policy, NULL) == URL_OK;
}
