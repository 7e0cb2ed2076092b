/* SPDX-License-Identifier: MIT */
/* Host names to ASCII; IPv4 and IPv6 addresses to their normal form. */
#include "text/host.h"

#include <string.h>

#include "base/hex.h"
#include "base/number.h"
#include "text/idna.h"
#include "text/utf8.h"

#define LABEL_LENGTH_MAX 63
#define NAME_LENGTH_MAX  253
#define UTF8_LENGTH_MAX  4

/* Decodes in place. A '%' without two digits is kept, and refused later like every '%'. */
static size_t percent_decode(char *text, size_t len)
{
    size_t to = 0;
    for (size_t from = 0; from < len; to++) {
        char c = text[from];
        from += hex_unescape((struct slice){ text + from, len - from }, &c) ? 3 : 1;
        text[to] = c;
    }
    return to;
}

static bool is_ascii(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.at[i] >= 0x80)
            return false;
    }
    return true;
}

/* Whether a label begins with "xn--": then it is punycode, which has to be checked. */
static bool has_punycode(struct slice s)
{
    for (bool at_start = true; s.len > 0; s = slice_from(s, 1)) {
        if (at_start && s.len >= 4 && slice_eq_nocase((struct slice){ s.at, 4 }, SLICE("xn--")))
            return true;
        at_start = s.at[0] == '.';
    }
    return false;
}

/* The name in lower-case ASCII, in the arena. `name` is followed by a NUL and contains none. */
static enum url_verdict to_ascii(struct slice name, struct arena *arena, struct slice *ascii,
                                 struct error *why)
{
    if (is_ascii(name) && !has_punycode(name)) {
        *ascii = name;
        return URL_OK;
    }
    if (name.len > UTF8_LENGTH_MAX * NAME_LENGTH_MAX) {
        error_set(why, "the host is longer than any host name");
        return URL_INVALID;
    }
    return idna_to_ascii(name, arena, ascii, why);
}

static bool is_ldh(char c)
{
    return ascii_is_lower(c) || ascii_is_digit(c) || c == '-';
}

/* Whether a name consists of the unreserved characters and sub-delims of RFC 3986 without the
 * upper-case letters. */
static bool has_name_bytes_only(struct slice name)
{
    static const char others[] = "._~!$&'()*+,;=";
    for (size_t i = 0; i < name.len; i++) {
        if (!is_ldh(name.at[i]) && (name.at[i] == '\0' || strchr(others, name.at[i]) == NULL))
            return false;
    }
    return true;
}

/* Whether all labels are of 1 to 63 bytes; the last may be followed by a dot. */
static bool labels_fit(struct slice name)
{
    if (name.len > 0 && name.at[name.len - 1] == '.')
        name.len--;
    if (name.len > NAME_LENGTH_MAX)
        return false;
    for (;;) {
        size_t label = slice_find(name, '.');
        if (label == 0 || label > LABEL_LENGTH_MAX)
            return false;
        if (label == name.len)
            return true;
        name = slice_from(name, label + 1);
        if (name.len == 0)
            return false;
    }
}

/* A number of an IPv4 address: decimal, octal after "0", hexadecimal after "0x" ("0x" alone is 0).
 * A value of more than 32 bits becomes UINT64_MAX. False when it is not a number. */
static bool ipv4_number(struct slice text, uint64_t *out)
{
    unsigned base = 10;
    if (text.len == 0)
        return false;
    if (text.len >= 2 && text.at[0] == '0') {
        base = text.at[1] == 'x' ? 16 : 8;
        text = slice_from(text, base == 16 ? 2 : 1);
    }
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = hex_value(text.at[i]);
        if (digit >= base)
            return false;
        value = value > UINT32_MAX ? UINT64_MAX : value * base + digit;
    }
    *out = value;
    return true;
}

/* The last label of a name; a trailing dot is ignored. */
static struct slice last_label(struct slice name)
{
    if (name.at[name.len - 1] == '.')
        name.len--;
    size_t start = name.len;
    while (start > 0 && name.at[start - 1] != '.')
        start--;
    return (struct slice){ name.at + start, name.len - start };
}

/* Whether browsers parse the name as an IPv4 address, valid or not. */
static bool ends_in_number(struct slice name)
{
    struct slice last = last_label(name);
    uint64_t ignored;
    return number_digits(last) == last.len || ipv4_number(last, &ignored);
}

/* One to four numbers: each but the last is one byte, the last fills the remaining bits of the
 * 32. */
static bool ipv4_parse(struct slice name, uint32_t *address)
{
    uint64_t value = 0, number;
    if (name.at[name.len - 1] == '.')
        name.len--;
    for (unsigned bytes_left = 4; bytes_left > 0; bytes_left--) {
        size_t len = slice_find(name, '.');
        bool last = len == name.len;
        if (!ipv4_number((struct slice){ name.at, len }, &number) ||
            number > (last ? UINT32_MAX >> 8 * (4 - bytes_left) : 255))
            return false;
        if (last) {
            *address = (uint32_t)(value | number);
            return true;
        }
        value |= number << 8 * (bytes_left - 1);
        name = slice_from(name, len + 1);
    }
    return false;
}

static enum url_verdict add_ascii(struct slice name, struct buf *out, struct error *why)
{
    if (!has_name_bytes_only(name)) {
        error_set(why, "the host has a character that is not allowed in host names");
        return URL_INVALID;
    }
    if (!labels_fit(name)) {
        error_set(why,
                  "the host has an empty label, one of more than %d bytes, or more than %d "
                  "bytes in all",
                  LABEL_LENGTH_MAX, NAME_LENGTH_MAX);
        return URL_INVALID;
    }
    if (!ends_in_number(name)) {
        buf_add(out, name);
        return URL_OK;
    }
    uint32_t ip;
    if (!ipv4_parse(name, &ip)) {
        error_set(why, "the host ends in a number but is not an IPv4 address");
        return URL_INVALID;
    }
    buf_printf(out, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
    return URL_OK;
}

/* Sets *name to the percent-decoded host, its ASCII letters in lower case. */
static enum url_verdict host_decode(struct slice host, struct arena *arena, struct slice *name,
                                    struct error *why)
{
    char *decoded = arena_copy(arena, host);
    if (decoded == NULL)
        return URL_NO_MEMORY;
    *name = (struct slice){ decoded, percent_decode(decoded, host.len) };
    decoded[name->len] = '\0';
    if (slice_find(*name, '\0') < name->len || !utf8_valid(*name)) {
        error_set(why, "the host has a NUL or bytes that are not UTF-8");
        return URL_INVALID;
    }
    for (size_t i = 0; i < name->len; i++)
        decoded[i] = ascii_to_lower(decoded[i]);
    return URL_OK;
}

enum url_verdict host_normalize(struct slice host, struct arena *arena, struct buf *out,
                                struct error *why)
{
    struct slice name;
    enum url_verdict verdict = host_decode(host, arena, &name, why);
    if (verdict == URL_OK)
        verdict = to_ascii(name, arena, &name, why);
    if (verdict == URL_OK && name.len == 0) {
        error_set(why, "the host is missing");
        return URL_INVALID;
    }
    return verdict == URL_OK ? add_ascii(name, out, why) : verdict;
}

void host_add_ipv6(struct buf *out, const unsigned char address[ADDRESS_BYTES])
{
    struct address ipv6;
    char text[ADDRESS_TEXT_MAX];
    memcpy(ipv6.bytes, address, sizeof(ipv6.bytes));
    address_format_ipv6(&ipv6, text);
    buf_printf(out, "[%s]", text);
}
