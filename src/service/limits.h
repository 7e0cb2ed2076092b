/* SPDX-License-Identifier: MIT */
/* Rate limits: links created by a user or, without an API key, from an address; unknown codes
 * requested and invalid keys sent from an address. The buckets store a keyed hash of their name
 * alone. A limit holds for all workers of one host together; each of several hosts counts for
 * itself. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "link/rate.h"
#include "service/auth.h"
#include "shm/buckets.h"
#include "text/address.h"

/* Named like their keys in the configuration. */
enum limit_kind {
    LIMIT_CREATES_PER_USER = 1,
    LIMIT_CREATES_PER_ADDRESS,
    LIMIT_MISSES_PER_ADDRESS,
};

/* A rate of all zero, and `buckets` NULL, limit nothing. */
struct limits {
    struct buckets *buckets;
    struct rate creates_per_user;
    struct rate creates_per_address;
    struct rate misses_per_address;
    unsigned keys_per_user; /* valid API keys that a user may have created; 0: any number */
};

/* The client and the time. `address` is NULL where it is unknown; such clients share one bucket.
 * `now_us` is monotonic. */
struct limit_subject {
    const struct caller *caller;
    const struct address *address;
    int64_t now_us;
};

/* Takes `n` creates from the client's bucket if they are allowed; with an `n` of 0, only looks
 * whether one is. All keys of a user share one bucket, from whatever address; admins are not
 * limited; clients without a key are limited by address. An IPv6 address counts with its /64, which
 * is what one customer has. A full bucket allows more than it holds and is then overdrawn: nothing
 * is allowed until it has refilled, so that the rate holds and a large request need not fit into a
 * burst. */
struct rate_verdict limits_create(const struct limits *limits, const struct limit_subject *subject,
                                  uint64_t n);

/* Whether the address may request a code, or send a key that is not yet known to be valid; nothing
 * is taken. */
struct rate_verdict limits_ask(const struct limits *limits, const struct limit_subject *subject);

/* Takes one for a code that does not exist, or an invalid key. Concurrent workers may exceed the
 * limit by their number. */
void limits_missed(const struct limits *limits, const struct limit_subject *subject);

/* The limit that limits_create applies to `caller`. */
enum limit_kind limits_create_kind(const struct caller *caller);

/* "creates_per_user" and so on; "unknown" for any other value. */
const char *limit_kind_name(enum limit_kind kind);
