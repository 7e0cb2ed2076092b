/* SPDX-License-Identifier: MIT */
/* Extracts the host from a Referer header. */
#include "click/referrer.h"

#include <stdbool.h>

#include "base/ascii.h"
#include "base/number.h"

/* A byte of a host in lower case; 0 for a byte that a host cannot have. */
static char host_byte(char c)
{
    bool allowed = ascii_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '.';
    return (char)(allowed ? ascii_to_lower(c) : '\0');
}

/* What follows "//" in a URL with an accepted scheme; empty for any other. */
static struct slice referrer_after_scheme(struct slice url)
{
    static const struct slice SCHEMES[] = {
        { "https", 5 },
        { "http", 4 },
        { "android-app", 11 },
    };
    size_t colon = slice_find(url, ':');
    struct slice scheme = { url.at, colon };
    struct slice rest = slice_from(url, colon + 1);
    if (!slice_starts_with(rest, SLICE("//")))
        return (struct slice){ NULL, 0 };
    for (size_t i = 0; i < sizeof(SCHEMES) / sizeof(SCHEMES[0]); i++) {
        if (slice_eq_nocase(scheme, SCHEMES[i]))
            return slice_from(rest, 2);
    }
    return (struct slice){ NULL, 0 };
}

/* The part before the path, the query or the fragment. */
static struct slice authority(struct slice rest)
{
    size_t len = 0;
    while (len < rest.len && rest.at[len] != '/' && rest.at[len] != '?' && rest.at[len] != '#' &&
           rest.at[len] != '\\')
        len++;
    return (struct slice){ rest.at, len };
}

/* Removes credentials and port; empty when the port is invalid. */
static struct slice bare_host(struct slice authority)
{
    for (size_t at = slice_find(authority, '@'); at < authority.len;
         at = slice_find(authority, '@'))
        authority = slice_from(authority, at + 1);
    size_t colon = slice_find(authority, ':');
    struct slice port = slice_from(authority, colon + 1);
    bool is_valid = number_digits(port) == port.len;
    return is_valid ? (struct slice){ authority.at, colon } : (struct slice){ NULL, 0 };
}

static bool is_host(struct slice host)
{
    char before = '.';
    for (size_t i = 0; i < host.len; i++) {
        char c = host_byte(host.at[i]);
        if (!c || (c == '.' && before == '.'))
            return false;
        before = c;
    }
    return host.len > 0;
}

/* Removes a leading "www.", but not from a domain such as "www.com". */
static struct slice without_www(struct slice host)
{
    struct slice rest = slice_from(host, 4);
    struct slice www = { host.at, host.len - rest.len };
    bool is_www = slice_eq_nocase(www, SLICE("www.")) && slice_find(rest, '.') < rest.len;
    return is_www ? rest : host;
}

void referrer_host(struct slice referer_header, char out[CLICK_REFERRER_MAX], uint8_t *len)
{
    struct slice host = bare_host(authority(referrer_after_scheme(slice_trim(referer_header))));
    *len = 0;
    if (!is_host(host))
        return;
    if (host.at[host.len - 1] == '.')
        host.len--;
    host = without_www(host);
    if (host.len > CLICK_REFERRER_MAX)
        host = slice_from(host, host.len - CLICK_REFERRER_MAX);
    for (size_t i = 0; i < host.len; i++)
        out[i] = host_byte(host.at[i]);
    *len = (uint8_t)host.len;
}
