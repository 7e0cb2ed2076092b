/* SPDX-License-Identifier: MIT */
/* Parsing by inet_pton(3); formatting by the rules of RFC 5952, which inet_ntop(3) does not follow
 * for addresses like ::1.2.3.4. */
#include "text/address.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

#include "base/number.h"

enum {
    GROUPS = 8,
    IPV4_AT = 12, /* offset of the IPv4 address in the mapped address */
};

static const unsigned char MAPPED[IPV4_AT] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
static const unsigned char COMPATIBLE[IPV4_AT] = { 0 };
static const unsigned char NAT64[IPV4_AT] = { 0, 0x64, 0xff, 0x9b };
static const unsigned char LOOPBACK[ADDRESS_BYTES] = { 0, 0, 0, 0, 0, 0, 0, 0,
                                                       0, 0, 0, 0, 0, 0, 0, 1 };

/* Parses a decimal number without leading zeros. */
static bool read_decimal(struct slice text, unsigned max, unsigned *out)
{
    uint64_t value;
    if ((text.len > 1 && text.at[0] == '0') || !number_parse(text, max, &value))
        return false;
    *out = (unsigned)value;
    return true;
}

struct address address_of_ipv4(const void *bytes)
{
    struct address address;
    memcpy(address.bytes, MAPPED, sizeof(MAPPED));
    memcpy(address.bytes + IPV4_AT, bytes, ADDRESS_BYTES - IPV4_AT);
    return address;
}

bool address_parse(struct slice text, struct address *out)
{
    struct address address;
    struct in_addr ipv4;
    char copy[INET6_ADDRSTRLEN];
    if (text.len == 0 || text.len >= sizeof(copy) || slice_find(text, '\0') < text.len)
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, &ipv4) == 1)
        address = address_of_ipv4(&ipv4);
    else if (inet_pton(AF_INET6, copy, address.bytes) != 1)
        return false;
    *out = address;
    return true;
}

static bool is_port(struct slice text)
{
    unsigned ignored;
    return read_decimal(text, UINT16_MAX, &ignored);
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

struct slice address_household(const struct address *address)
{
    enum { IPV6_NETWORK_BYTES = 8 };
    return (struct slice){
        (const char *)address->bytes,
        address_is_ipv4(address) ? (size_t)ADDRESS_BYTES : (size_t)IPV6_NETWORK_BYTES,
    };
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
        if (!read_decimal(slice_from(text, slash + 1), 8 * ADDRESS_BYTES - above, &network.prefix))
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

size_t address_format_ipv6(const struct address *address, char out[ADDRESS_TEXT_MAX])
{
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

size_t address_format(const struct address *address, char out[ADDRESS_TEXT_MAX])
{
    const unsigned char *b = address->bytes;
    if (address_is_ipv4(address))
        return (size_t)snprintf(out, ADDRESS_TEXT_MAX, "%d.%d.%d.%d", b[12], b[13], b[14], b[15]);
    return address_format_ipv6(address, out);
}
