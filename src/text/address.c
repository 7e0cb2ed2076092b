/* SPDX-License-Identifier: MIT */
/* Parsing and formatting addresses byte by byte: inet_pton takes no slices. */
#include "text/address.h"

#include <stdio.h>
#include <string.h>

enum {
    GROUPS = 8,
    IPV4_AT = 12, /* offset of the IPv4 address in the mapped address */
};

static const unsigned char MAPPED[IPV4_AT] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
static const unsigned char COMPATIBLE[IPV4_AT] = { 0 };
static const unsigned char NAT64[IPV4_AT] = { 0, 0x64, 0xff, 0x9b };
static const unsigned char LOOPBACK[ADDRESS_BYTES] = { 0, 0, 0, 0, 0, 0, 0, 0,
                                                       0, 0, 0, 0, 0, 0, 0, 1 };

/* Parses a decimal number of 1 to `digits` digits without leading zeros, at most `max`. */
static bool read_decimal(struct slice text, size_t digits, unsigned max, unsigned *out)
{
    unsigned value = 0;
    if (text.len == 0 || text.len > digits || (text.len > 1 && text.at[0] == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        value = value * 10 + (unsigned)(text.at[i] - '0');
    }
    *out = value;
    return value <= max;
}

static bool read_ipv4(struct slice text, unsigned char out[4])
{
    for (unsigned i = 0; i < 4; i++) {
        size_t len = slice_find(text, '.');
        unsigned value;
        if ((len == text.len) != (i == 3) ||
            !read_decimal((struct slice){ text.at, len }, 3, 255, &value))
            return false;
        out[i] = (unsigned char)value;
        text = slice_from(text, len + 1);
    }
    return true;
}

/* Parses one to four hexadecimal digits. */
static bool address_read_group(struct slice text, unsigned char out[2])
{
    unsigned value = 0;
    if (text.len == 0 || text.len > 4)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        char letter = (char)(c | 0x20);
        if (c >= '0' && c <= '9')
            value = value << 4 | (unsigned)(c - '0');
        else if (letter >= 'a' && letter <= 'f')
            value = value << 4 | (unsigned)(letter - 'a' + 10);
        else
            return false;
    }
    out[0] = (unsigned char)(value >> 8);
    out[1] = (unsigned char)value;
    return true;
}

/* Parses groups separated by ':'; with `tail` the last two may be an IPv4 address. Returns the
 * number of groups, 0 for an empty text, or -1. */
static int read_groups(struct slice text, bool tail, unsigned char out[ADDRESS_BYTES])
{
    int n = 0;
    while (text.len) {
        size_t len = slice_find(text, ':');
        struct slice group = { text.at, len };
        if (len == text.len && tail && n <= GROUPS - 2 && read_ipv4(group, out + (size_t)n * 2))
            return n + 2;
        if (n == GROUPS || !address_read_group(group, out + (size_t)n * 2))
            return -1;
        n++;
        if (len + 1 == text.len) /* the text ends in ':' */
            return -1;
        text = slice_from(text, len + 1);
    }
    return n;
}

/* Where "::" begins, or the length of the text. */
static size_t find_gap(struct slice text)
{
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.at[i] == ':' && text.at[i + 1] == ':')
            return i;
    }
    return text.len;
}

static bool read_ipv6(struct slice text, unsigned char out[ADDRESS_BYTES])
{
    unsigned char behind[ADDRESS_BYTES];
    size_t gap = find_gap(text);
    if (gap == text.len)
        return read_groups(text, true, out) == GROUPS;
    memset(out, 0, ADDRESS_BYTES);
    int n = read_groups((struct slice){ text.at, gap }, false, out);
    int n_behind = read_groups(slice_from(text, gap + 2), true, behind);
    if (n < 0 || n_behind < 0 || n + n_behind >= GROUPS)
        return false;
    memcpy(out + ADDRESS_BYTES - 2 * (size_t)n_behind, behind, 2 * (size_t)n_behind);
    return true;
}

bool address_parse(struct slice text, struct address *out)
{
    struct address address;
    memcpy(address.bytes, MAPPED, sizeof(MAPPED));
    bool good = slice_find(text, ':') < text.len ? read_ipv6(text, address.bytes)
                                                 : read_ipv4(text, address.bytes + IPV4_AT);
    if (good)
        *out = address;
    return good;
}

static bool is_port(struct slice text)
{
    unsigned ignored;
    return read_decimal(text, 5, 65535, &ignored);
}

static struct slice without_zone(struct slice text)
{
    size_t zone = slice_find(text, '%');
    if (zone + 1 < text.len && slice_find(text, ':') < zone)
        text.len = zone;
    return text;
}

bool address_parse_peer(struct slice text, struct address *out)
{
    if (text.len && text.at[0] == '[') {
        size_t end = slice_find(text, ']');
        struct slice port = slice_from(text, end + 1);
        struct slice inner = without_zone(slice_from((struct slice){ text.at, end }, 1));
        if (end == text.len || slice_find(inner, ':') == inner.len)
            return false;
        if (port.len && (port.at[0] != ':' || !is_port(slice_from(port, 1))))
            return false;
        return address_parse(inner, out);
    }
    size_t colon = slice_find(text, ':');
    struct slice port = slice_from(text, colon + 1);
    if (colon < text.len && slice_find(port, ':') == port.len) /* exactly one ':': not IPv6 */
        return is_port(port) && address_parse((struct slice){ text.at, colon }, out);
    return address_parse(without_zone(text), out);
}

bool address_parse_host(struct slice host, struct address *out)
{
    bool in_brackets = host.len >= 2 && host.at[0] == '[' && host.at[host.len - 1] == ']';
    if (in_brackets)
        host = (struct slice){ host.at + 1, host.len - 2 };
    return in_brackets == (slice_find(host, ':') < host.len) && address_parse(host, out);
}

bool address_is_ipv4(const struct address *address)
{
    return memcmp(address->bytes, MAPPED, sizeof(MAPPED)) == 0;
}

void address_unwrap(struct address *address)
{
    static const unsigned char unspecified[4] = { 0, 0, 0, 0 };
    unsigned char *last = address->bytes + IPV4_AT;
    bool is_compatible = memcmp(address->bytes, COMPATIBLE, IPV4_AT) == 0 &&
                         memcmp(address->bytes, LOOPBACK, ADDRESS_BYTES) != 0;
    if (is_compatible || memcmp(address->bytes, NAT64, IPV4_AT) == 0)
        memcpy(address->bytes, MAPPED, IPV4_AT);
    if (address_is_ipv4(address) && memcmp(last, unspecified, sizeof(unspecified)) == 0)
        memcpy(last, (const unsigned char[]){ 127, 0, 0, 1 }, 4);
}

/* Whether the bits of `a` and `b` from the bit `from` up to the bit `to` are the same. */
static bool same_bits(const struct address *a, const struct address *b, unsigned from, unsigned to)
{
    for (unsigned bit = from; bit < to; bit++) {
        unsigned mask = 0x80U >> bit % 8;
        if ((a->bytes[bit / 8] ^ b->bytes[bit / 8]) & mask)
            return false;
    }
    return true;
}

bool network_parse(struct slice text, struct network *out)
{
    static const struct address zero = { { 0 } };
    struct network network = { .prefix = 8 * ADDRESS_BYTES };
    size_t slash = slice_find(text, '/');
    if (!address_parse((struct slice){ text.at, slash }, &network.base))
        return false;
    if (slash < text.len) {
        unsigned above = slice_find(text, ':') < text.len ? 0 : 8 * IPV4_AT;
        if (!read_decimal(slice_from(text, slash + 1), 3, 8 * ADDRESS_BYTES - above,
                          &network.prefix))
            return false;
        network.prefix += above;
    }
    if (!same_bits(&network.base, &zero, network.prefix, 8 * ADDRESS_BYTES))
        return false;
    *out = network;
    return true;
}

bool network_has(const struct network *network, const struct address *address)
{
    unsigned whole = network->prefix / 8;
    return memcmp(network->base.bytes, address->bytes, whole) == 0 &&
           same_bits(&network->base, address, whole * 8, network->prefix);
}

int network_list_parse(struct slice text, struct network *out, size_t max, struct slice *bad)
{
    size_t n = 0;
    while (text.len) {
        size_t end = 0;
        while (end < text.len && text.at[end] != ' ' && text.at[end] != '\t' && text.at[end] != ',')
            end++;
        struct slice one = { text.at, end };
        text = slice_from(text, end + 1);
        if (end == 0)
            continue;
        if (n == max || !network_parse(one, &out[n])) {
            *bad = one;
            return -1;
        }
        n++;
    }
    return (int)n;
}

static unsigned group_of(const struct address *address, unsigned i)
{
    return (unsigned)address->bytes[2 * i] << 8 | address->bytes[2 * i + 1];
}

/* The first of the longest runs of two or more zero groups: returns where it begins, and sets *end
 * to where it ends. */
static unsigned longest_gap(const struct address *address, unsigned *end)
{
    unsigned best = GROUPS;
    *end = GROUPS;
    for (unsigned i = 0, length = 1; i < GROUPS; i++) {
        unsigned stop = i;
        while (stop < GROUPS && group_of(address, stop) == 0)
            stop++;
        if (stop - i > length) {
            length = stop - i;
            best = i;
            *end = stop;
        }
    }
    return best;
}

size_t address_format(const struct address *address, char out[ADDRESS_TEXT_MAX])
{
    const unsigned char *b = address->bytes;
    if (address_is_ipv4(address))
        return (size_t)snprintf(out, ADDRESS_TEXT_MAX, "%d.%d.%d.%d", b[12], b[13], b[14], b[15]);
    unsigned gap_end;
    unsigned gap = longest_gap(address, &gap_end);
    size_t len = 0;
    for (unsigned i = 0; i < GROUPS; i++) {
        if (i == gap) {
            len += (size_t)snprintf(out + len, ADDRESS_TEXT_MAX - len, "::");
            i = gap_end - 1;
            continue;
        }
        const char *colon = i == 0 || i == gap_end ? "" : ":";
        len += (size_t)snprintf(out + len, ADDRESS_TEXT_MAX - len, "%s%x", colon,
                                group_of(address, i));
    }
    return len;
}
