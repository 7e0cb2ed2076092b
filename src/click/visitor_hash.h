/* SPDX-License-Identifier: MIT */
/* A pseudonymous hash of a visitor, under a key that is valid for one time window and never stored.
 * With the hashes but without the secret, one can neither find an address by trying all addresses,
 * nor recognise the same visitor in two windows or at two links. */
#pragma once

#include <stdint.h>

#include "base/slice.h"

enum {
    VISITOR_SECRET_BYTES = 32,
    VISITOR_KEY_BYTES = 16,
    VISITOR_ADDRESS_MAX = 64, /* bytes of an address that are hashed */
    VISITOR_AGENT_MAX = 1024, /* bytes of a User-Agent that are hashed */
};

struct visitor_key {
    unsigned char bytes[VISITOR_KEY_BYTES];
};

/* The key of a time window: BLAKE2b (RFC 7693), keyed by the secret, of the window's number, which
 * is the time divided by the window's length. */
void visitor_key_derive(const unsigned char secret[VISITOR_SECRET_BYTES], uint32_t window,
                        struct visitor_key *out);

/* SipHash-2-4 (Aumasson and Bernstein 2012) of the link and the visitor: 64 pseudorandom bits, but
 * never 0, which stands for no visitor. The same address must be passed in the same form each time:
 * best as the bytes of an IPv4 or IPv6 address. */
uint64_t visitor_hash(const struct visitor_key *key, uint64_t link_id, struct slice address,
                      struct slice user_agent);
