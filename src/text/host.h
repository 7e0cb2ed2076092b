/* SPDX-License-Identifier: MIT */
/* The host of a web URL in its one normal spelling: what a browser would connect to. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"

enum host_verdict { HOST_OK, HOST_INVALID, HOST_NO_MEMORY };

/* Appends the normal spelling of `host` (a name or an IPv4 address, as it stands in the URL) to
 * *out; on refusal nothing is appended and *why gets a sentence. The steps are those of the WHATWG
 * URL standard, "host parsing": percent-decoding, UTS #46 non-transitional through libidn2, refusal
 * of forbidden code points, IPv4 in all the forms that inet_aton knows. Stricter than there: a name
 * is made of the characters of a reg-name (RFC 3986, 3.2.2), and its labels have 1 to 63 bytes, 253
 * in all, as DNS demands; one trailing dot is allowed. Narrower too: libidn2 holds non-ASCII labels
 * to IDNA2008, so emoji are taken in punycode alone; and a name with such labels has no ASCII but
 * letters, digits, "-" and "_". Scratch memory comes from `arena`. */
enum host_verdict host_normalize(struct slice host, struct arena *arena, struct buf *out,
                                 struct error *why);

/* Appends an IPv6 address in brackets as RFC 5952 spells it, its last 32 bits never as IPv4. */
void host_add_ipv6(struct buf *out, const unsigned char address[16]);
