/* SPDX-License-Identifier: MIT */
/* The host of a web URL in its normal form: the host that a browser would connect to. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"
#include "text/address.h"
#include "text/url_verdict.h"

/* Appends the normal form of `host` (a name or an IPv4 address, as in the URL) to *out. URL_OK,
 * URL_NO_MEMORY, or URL_INVALID: then nothing is appended and *why says why. The steps are those of
 * the WHATWG URL standard, "host parsing": percent-decoding, UTS #46 (text/idna.h), rejection of
 * forbidden code points, IPv4 in all forms that inet_aton accepts. Stricter than the standard: a
 * name is made of the characters of a reg-name (RFC 3986, 3.2.2), and its labels have 1 to 63
 * bytes, 253 in all, as DNS demands; one trailing dot is allowed. Temporary memory comes from
 * `arena`. */
enum url_verdict host_normalize(struct slice host, struct arena *arena, struct buf *out,
                                struct error *why);

/* The name without the dot at its end, which is the same host. */
static inline struct slice host_without_dot(struct slice name)
{
    if (name.len && name.at[name.len - 1] == '.')
        name.len--;
    return name;
}

/* Appends an IPv6 address in brackets in the form of RFC 5952, but never with its last 32 bits in
 * dotted decimal. */
void host_add_ipv6(struct buf *out, const unsigned char address[ADDRESS_BYTES]);
