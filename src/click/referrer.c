/* SPDX-License-Identifier: MIT */
/* Extracts the host from a Referer header. */
#include "click/referrer.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/number.h"
#include "text/address.h"

/* A byte of a host in lower case; 0 for a byte that a host cannot have. */
static char host_byte(char c)
{
    bool allowed = ascii_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '.' || c == '_';
    return (char)(allowed ? ascii_to_lower(c) : '\0');
}

/* What follows "//" in a URL with an accepted scheme; empty for any other. */
static struct slice referrer_after_scheme(struct slice url)
{
    static const struct slice SCHEMES[] = {
        { "https", 5 },
        { "http", 4 },
        { "android-app", 11 },
        { "ios-app", 7 },
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

/* Removes credentials and port; empty when the port is invalid. An IPv6 address is in brackets. */
static struct slice bare_host(struct slice authority)
{
    for (size_t at = slice_find(authority, '@'); at < authority.len;
         at = slice_find(authority, '@'))
        authority = slice_from(authority, at + 1);
    bool in_brackets = slice_starts_with(authority, SLICE("["));
    size_t len = in_brackets ? slice_find(authority, ']') + 1 : slice_find(authority, ':');
    struct slice port = slice_from(authority, len), digits = slice_from(port, 1);
    bool is_valid = slice_starts_with(port, SLICE(":")) && number_digits(digits) == digits.len;
    if (port.len > 0 && !is_valid)
        return (struct slice){ NULL, 0 };
    return (struct slice){ authority.at, authority.len - port.len };
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

/* Writes "[2001:db8::1]", or the IPv4 address that an IPv6 address maps. Returns the length. */
static uint8_t referrer_write_address(const struct address *address, char out[CLICK_REFERRER_MAX])
{
    char text[ADDRESS_TEXT_MAX];
    size_t len = address_format(address, text), bracket = address_is_ipv4(address) ? 0 : 1;
    out[0] = '[';
    memcpy(out + bracket, text, len);
    out[bracket + len] = ']';
    return (uint8_t)(len + 2 * bracket);
}

void referrer_host(struct slice referer_header, char out[CLICK_REFERRER_MAX], uint8_t *len)
{
    struct slice host = bare_host(authority(referrer_after_scheme(slice_trim(referer_header))));
    struct address address;
    *len = 0;
    if (slice_starts_with(host, SLICE("[")) && address_parse_host(host, &address))
        *len = referrer_write_address(&address, out);
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
