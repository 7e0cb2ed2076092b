/* SPDX-License-Identifier: MIT */
/* IP addresses and networks: parsing and formatting. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum {
    ADDRESS_BYTES = 16,
    ADDRESS_TEXT_MAX = 40, /* bytes of a formatted address, with its NUL */
};

/* An IPv6 address in network byte order. An IPv4 address is stored as the IPv4-mapped address (RFC
 * 4291, 2.5.5.2), so that `1.2.3.4` and `::ffff:1.2.3.4` are equal. */
struct address {
    unsigned char bytes[ADDRESS_BYTES];
};

/* The addresses whose first `prefix` bits (0 to 128) are those of `base`. */
struct network {
    struct address base;
    unsigned prefix;
};

/* Parses four decimal bytes without leading zeros (RFC 6943, 3.1.1, the strict form), or an IPv6
 * address in any form of RFC 4291, 2.2, without brackets, port, zone or space. False, and *out
 * unchanged, for anything else. */
bool address_parse(struct slice text, struct address *out);

/* The same for an address as proxies write it: with or without a port ("1.2.3.4:80", "[::1]:80"),
 * an IPv6 address with or without brackets and zone ("fe80::1%eth0"). The port and the zone are
 * discarded. */
bool address_parse_peer(struct slice text, struct address *out);

/* The same for the normalised host of a URL: IPv4, or IPv6 in brackets. */
bool address_parse_host(struct slice host, struct address *out);

/* The mapped address of the IPv4 address in the four bytes at `bytes`, in network byte order. */
struct address address_of_ipv4(const void *bytes);

bool address_is_ipv4(const struct address *address);

/* The bytes that one household has: all of an IPv4 address, the first 8 (a /64) of an IPv6 address.
 * Borrowed from `address`. */
struct slice address_household(const struct address *address);

/* Replaces an address by the one that a connection to it reaches: an IPv4 address within an
 * IPv4-compatible address (RFC 4291, 2.5.5.1) or behind the well-known prefix of NAT64 (RFC 6052,
 * 2.1) becomes that IPv4 address; the unspecified addresses 0.0.0.0 and :: become 127.0.0.1, to
 * which Linux connects then. Other addresses are unchanged. */
void address_unwrap(struct address *address);

/* Parses "10.0.0.0/8", "2001:db8::/32" or a single address, which is a network of one. False for
 * anything else, and when bits after the prefix are set, which is a typing error. The prefix of an
 * IPv4 network is stored as the prefix of the mapped network, 96 bits longer. */
bool network_parse(struct slice text, struct network *out);

bool network_has(const struct network *network, const struct address *address);

/* Parses networks separated by spaces or commas into out[0..max). Returns their number, or -1 with
 * *bad set to the first word that is not a network or exceeds `max`. */
int network_list_parse(struct slice text, struct network *out, size_t max, struct slice *bad);

/* Formats an address as "1.2.3.4", or in the canonical form of RFC 5952. Returns the length without
 * the NUL. */
size_t address_format(const struct address *address, char out[ADDRESS_TEXT_MAX]);

/* The same in groups of hexadecimal digits for every address: "::ffff:102:304". */
size_t address_format_ipv6(const struct address *address, char out[ADDRESS_TEXT_MAX]);
