/* SPDX-License-Identifier: MIT */
/* Who may do how much: links and keys made by a user or, without a key, links made from an address;
 * unknown codes asked for and wrong keys shown from an address. The buckets know their owners by a
 * keyed hash alone. Limits count for the workers of one host together; several hosts each have
 * their own. */
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

/* Rates that are all zero, and a `buckets` of NULL, limit nothing. */
struct limits {
    struct buckets *buckets;
    struct rate creates_per_user;
    struct rate creates_per_address;
    struct rate misses_per_address;
    unsigned keys_per_user; /* valid API keys that a user may have made; 0: any number */
};

/* Who asks, and when: `address` is NULL where nobody knows it; such visitors share one bucket.
 * `now_us` is monotonic. */
struct limit_subject {
    const struct caller *caller;
    const struct address *address;
    int64_t now_us;
};

/* Whether `n` links may be made, and takes as many of those left; with an `n` of 0, whether one may
 * be made, and takes none. All keys of a user share one bucket wherever they are used from, admins
 * are not limited; who has no key is limited by address. An IPv6 address counts with its whole /64,
 * which is what one customer has. More than a full bucket holds are allowed when it is full, and
 * overdraw it: then nothing is allowed until it has recovered, so that the rate holds and a large
 * request need not fit into a burst. */
struct rate_verdict limits_create(const struct limits *limits, const struct limit_subject *subject,
                                  uint64_t n);

/* Whether an address may ask for a code, or show a key that nobody knows; nothing is taken. */
struct rate_verdict limits_ask(const struct limits *limits, const struct limit_subject *subject);

/* Takes one for a code that does not exist, or a key that is not valid. Workers that are at it at
 * the same moment may let as many too many through as they are. */
void limits_missed(const struct limits *limits, const struct limit_subject *subject);

/* Which limit limits_create keeps for `caller`. */
enum limit_kind limits_create_kind(const struct caller *caller);

/* "creates_per_user" and so on; "unknown" for what is none. */
const char *limit_kind_name(enum limit_kind kind);
