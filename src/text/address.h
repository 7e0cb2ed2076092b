/* SPDX-License-Identifier: MIT */
/* IP addresses and networks, as proxies, logs and configurations spell them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum {
    ADDRESS_BYTES = 16,
    ADDRESS_TEXT_MAX = 40, /* bytes of an address written out, with its NUL */
};

/* An IPv6 address in network order; an IPv4 address is the IPv4-mapped one (RFC 4291, 2.5.5.2), so
 * that `1.2.3.4` and `::ffff:1.2.3.4` are the same. */
struct address {
    unsigned char bytes[ADDRESS_BYTES];
};

/* The addresses whose first `prefix` bits (0 to 128) are those of `base`. */
struct network {
    struct address base;
    unsigned prefix;
};

/* Reads four decimal bytes without leading zeros (RFC 6943, 3.1.1, the strict form), or an IPv6
 * address in any spelling of RFC 4291, 2.2. No brackets, port, zone or space. False, and *out
 * untouched, for anything else. */
bool address_parse(struct slice text, struct address *out);

/* The same for what proxies write: an address with or without a port ("1.2.3.4:80", "[::1]:80"), an
 * IPv6 address with or without brackets and zone ("fe80::1%eth0"). The port and the zone are
 * dropped. */
bool address_parse_peer(struct slice text, struct address *out);

/* The same for the host of a URL in its normal spelling: IPv4, or IPv6 within brackets. */
bool address_parse_host(struct slice host, struct address *out);

bool address_is_ipv4(const struct address *address);

/* Where a connection to it ends, as far as its bits say: an IPv4 address within an IPv4-compatible
 * address (RFC 4291, 2.5.5.1) or behind the well-known prefix of NAT64 (RFC 6052, 2.1) becomes that
 * IPv4 address; the unspecified addresses 0.0.0.0 and :: become 127.0.0.1, to which Linux connects
 * then. Others stay. */
void address_unwrap(struct address *address);

/* Reads "10.0.0.0/8", "2001:db8::/32" or an address alone, which is a network of one. False for
 * anything else, and where bits behind the prefix are set: that is a typing error. The prefix of an
 * IPv4 network is kept as that of the mapped one, 96 more. */
bool network_parse(struct slice text, struct network *out);

bool network_has(const struct network *network, const struct address *address);

/* Reads networks separated by spaces or commas into out[0..max). Returns how many there are, or -1
 * with *bad at the first that is none or no longer fits. */
int network_list_parse(struct slice text, struct network *out, size_t max, struct slice *bad);

/* Writes it as "1.2.3.4", or in the canonical form of RFC 5952; returns how long that is. */
size_t address_format(const struct address *address, char out[ADDRESS_TEXT_MAX]);
