/* SPDX-License-Identifier: MIT */
/* The tables of URL schemes, and the checks that use them. */
#include "text/scheme.h"

#include "base/ascii.h"

/* The special schemes of the WHATWG URL standard without file, and their default ports. */
static const struct web_scheme {
    struct slice name;
    unsigned port;
} web_schemes[] = {
    { { "http", 4 }, 80 }, { { "https", 5 }, 443 }, { { "ws", 2 }, 80 },
    { { "wss", 3 }, 443 }, { { "ftp", 3 }, 21 },
};

/* Schemes that run code or read files in the visitor's browser. */
static const struct slice never_schemes[] = {
    SLICE("javascript"),
    SLICE("data"),
    SLICE("vbscript"),
    SLICE("file"),
};

static const struct slice default_schemes[] = { SLICE("http"), SLICE("https") };

static bool is_one_of(struct slice scheme, const struct slice *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (slice_eq_nocase(scheme, list[i]))
            return true;
    }
    return false;
}

unsigned scheme_default_port(struct slice scheme)
{
    for (size_t i = 0; i < sizeof web_schemes / sizeof *web_schemes; i++) {
        if (slice_eq_nocase(scheme, web_schemes[i].name))
            return web_schemes[i].port;
    }
    return 0;
}

bool scheme_is_web(struct slice scheme)
{
    return scheme_default_port(scheme) != 0;
}

struct slice scheme_of(struct slice input)
{
    size_t n = 0;
    while (n < input.len && (ascii_is_letter(input.at[n]) ||
                             (n > 0 && (ascii_is_digit(input.at[n]) || input.at[n] == '+' ||
                                        input.at[n] == '-' || input.at[n] == '.'))))
        n++;
    return (struct slice){ input.at, n < input.len && input.at[n] == ':' ? n : 0 };
}

static bool scheme_is_never(struct slice scheme)
{
    return is_one_of(scheme, never_schemes, sizeof never_schemes / sizeof *never_schemes);
}

bool scheme_is_allowable(struct slice scheme)
{
    for (size_t i = 0; i < scheme.len; i++) {
        char c = scheme.at[i];
        bool other = ascii_is_digit(c) || c == '+' || c == '.' || c == '-';
        if (!ascii_is_lower(c) && !(other && i > 0))
            return false;
    }
    return !scheme_is_never(scheme);
}

/* Whether `s` begins as what follows a scheme: "://" or the like, "//", or the ":" of no port. */
static bool is_after_scheme(struct slice s, bool is_http)
{
    static const struct slice starts[] = { SLICE("%3A"), SLICE("%3a"), SLICE("//"), SLICE("\\\\") };
    if (s.len > 0 && s.at[0] == ':')
        return s.len == 1 || !ascii_is_digit(s.at[1]);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (slice_starts_with(s, starts[i]))
            return i < 2 || is_http;
    }
    return false;
}

/* Whether the authority ends with "http:" or "https:" and two slashes follow. */
static bool has_scheme_at_end(struct slice authority, struct slice tail)
{
    struct slice ends[] = { SLICE("http:"), SLICE("https:") };
    for (size_t i = 0; i < 2 && slice_starts_with(tail, SLICE("//")); i++) {
        if (authority.len >= ends[i].len &&
            slice_eq_nocase(slice_from(authority, authority.len - ends[i].len), ends[i]))
            return true;
    }
    return false;
}

size_t scheme_authority_length(struct slice s)
{
    size_t n = 0;
    while (n < s.len && s.at[n] != '/' && s.at[n] != '?' && s.at[n] != '#')
        n++;
    return n;
}

bool scheme_is_repeated(struct slice scheme, struct slice input)
{
    struct slice rest = slice_from(input, scheme.len + 1);
    while (rest.len > 0 && (rest.at[0] == '/' || rest.at[0] == '\\' || rest.at[0] == ' '))
        rest = slice_from(rest, 1);
    if (rest.len == 0)
        return false;
    size_t letters = 0, authority = scheme_authority_length(rest);
    while (letters < rest.len && ascii_is_letter(rest.at[letters]))
        letters++;
    struct slice second = { rest.at, letters }, host = { rest.at, authority };
    if (!scheme_is_web(scheme) || slice_find(host, '@') < host.len)
        return false;
    bool is_http = is_one_of(second, default_schemes, 2);
    return (scheme_is_web(second) && is_after_scheme(slice_from(rest, letters), is_http)) ||
           has_scheme_at_end(host, slice_from(rest, authority));
}

/* Whether what looks like a scheme is the host of a URL without a scheme: "example.com:8080/x",
 * "localhost:8080". */
static bool is_host_with_port(struct slice scheme, struct slice input)
{
    struct slice rest = slice_from(input, scheme.len + 1);
    size_t digits = 0;
    while (digits < rest.len && ascii_is_digit(rest.at[digits]))
        digits++;
    bool port = digits > 0 && scheme_authority_length(slice_from(rest, digits)) == 0;
    return port || slice_find(scheme, '.') < scheme.len;
}

enum url_verdict scheme_check(struct slice scheme, struct slice input,
                              const struct url_policy *policy, struct error *why)
{
    const struct slice *allowed = policy->n_schemes > 0 ? policy->schemes : default_schemes;
    size_t n = policy->n_schemes > 0 ? policy->n_schemes
                                     : sizeof default_schemes / sizeof *default_schemes;
    bool never = scheme_is_never(scheme);
    if (scheme.len > 0 && !never && is_one_of(scheme, allowed, n))
        return URL_OK;
    if (scheme.len == 0 || (!never && is_host_with_port(scheme, input))) {
        error_set(why, "the scheme is missing: a URL begins with \"https://\", for example");
        return URL_INVALID;
    }
    error_set(why, "the scheme \"%.*s\" is %sallowed", SLICE_ARG(scheme),
              never ? "never " : "not ");
    return URL_UNSUPPORTED_SCHEME;
}
