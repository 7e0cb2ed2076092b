/* SPDX-License-Identifier: MIT */
/* Telling visitors apart without knowing who they are: a hash under a key that lasts for one window
 * of time and is never stored. Whoever has the hashes and not the secret can neither find out an
 * address by trying them all, nor tell that a visitor of two windows, or of two links, is the same.
 */
#pragma once

#include <stdint.h>

#include "base/slice.h"

enum {
    VISITOR_SECRET_BYTES = 32,
    VISITOR_KEY_BYTES = 16,
    VISITOR_ADDRESS_MAX = 64, /* bytes; of a longer address the rest is not looked at, */
    VISITOR_AGENT_MAX = 1024, /* nor is it of a longer User-Agent */
};

struct visitor_key {
    unsigned char bytes[VISITOR_KEY_BYTES];
};

/* The key of a window, whose number is the time divided by the window's length: BLAKE2b (RFC 7693)
 * of the number, keyed by the secret. */
void visitor_key_derive(const unsigned char secret[VISITOR_SECRET_BYTES], uint32_t window,
                        struct visitor_key *out);

/* SipHash-2-4 (Aumasson and Bernstein 2012) of the link and the visitor: 64 bits as good as random,
 * but never 0, which stands for no visitor. The address is one of its spellings, the same one each
 * time: best the bytes of an IPv4 or IPv6 address. */
uint64_t visitor_hash(const struct visitor_key *key, uint64_t link_id, struct slice address,
                      struct slice user_agent);
