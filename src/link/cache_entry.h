/* SPDX-License-Identifier: MIT */
/* A cache entry: what the caches store for a code (a target, or the fact that there is none), as a
 * small binary record.
 *
 *   offset  size  field (little-endian)
 *        0     1  format, CACHE_ENTRY_FORMAT
 *        1     1  kind (enum cache_entry_kind)
 *        2     2  redirect_status
 *        4     2  flags
 *        6     4  version of the link row
 *       10     8  link id
 *       18     8  starts_at
 *       26     8  expires_at
 *       34     8  max_clicks
 *       42     4  length of the long URL, which ends the entry
 *       46     …  long URL
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "link/bijection.h"
#include "link/keyed_hash.h"
#include "link/link.h"

enum {
    CACHE_ENTRY_FORMAT = 1, /* increased when the layout changes; an entry of another format is a
                             * miss */
    CACHE_ENTRY_HEAD = 46,
};

enum cache_entry_kind {
    ENTRY_TARGET = 1,
    ENTRY_ABSENT = 2,    /* the code does not exist in the database; `version` is 0 */
    ENTRY_TOMBSTONE = 3, /* the link was deleted; prevents a slow reader from storing the old row
                          * again */
    ENTRY_LOWERED = 4,   /* like ENTRY_ABSENT, but an alias has the code's lower-case form; in the
                          * local cache alone */
};

struct cache_entry {
    enum cache_entry_kind kind;
    struct target target; /* all zero in ENTRY_ABSENT and ENTRY_LOWERED; only link_id and version
                           * are used in ENTRY_TOMBSTONE */
};

/* Encodes `entry`, in `arena`; returns an empty slice when the arena is full. */
struct slice cache_entry_encode(const struct cache_entry *entry, struct arena *arena);

/* Decodes an entry; false for anything but a complete entry of this format. Safe with any bytes.
 * The long URL is borrowed from `bytes`. */
bool cache_entry_decode(struct slice bytes, struct cache_entry *out);

/* Whether the current state of a code, `entry`, replaces `old` in a cache. Between entries of the
 * same link the higher version replaces the lower. An alias may pass to another link, and versions
 * of two links cannot be compared: then a target replaces anything (it was created after the other
 * link was deleted), and a tombstone replaces only an absent entry. An absent entry replaces
 * nothing. */
bool cache_entry_supersedes(const struct cache_entry *entry, const struct cache_entry *old);

/* How long a cache may keep `entry`, in seconds from `now`: `default_s`, shortened by up to a tenth
 * according to `jitter` (a random number, which spreads the expiry of entries that are stored
 * together), and at most until the link's expires_at or a starts_at in the future. 0: do not store
 * it. */
int64_t cache_entry_lifetime(const struct cache_entry *entry, int64_t default_s, uint32_t jitter,
                             int64_t now);

/* --- authenticated entries ---
 *
 * memcached has no users: any client that reaches it can write an entry, and an entry decides where
 * visitors are redirected. So in memcached each entry is followed by a seal, a message
 * authentication code of 8 bytes: SipHash-2-4 under a key that is derived from the code key
 * (db/code_key.h). A seal is valid for one code: an entry copied to another code is refused. It
 * does not detect the replay of an older entry of the same code. */

enum {
    CACHE_SEAL_BYTES = 8, /* little-endian, after the entry */
};

/* Secret: it must not be logged. */
struct cache_seal {
    unsigned char key[KEYED_HASH_KEY_BYTES];
};

/* Derives the key of the seals. The same code key gives the same one on every machine. */
void cache_seal_init(struct cache_seal *seal, const unsigned char code_key[BIJECTION_KEY_BYTES]);

/* Encodes `entry` (cache_entry_encode) and appends the seal for `code`, in `arena`; returns an
 * empty slice when the arena is full. */
struct slice cache_entry_seal(const struct cache_seal *seal, struct slice code,
                              const struct cache_entry *entry, struct arena *arena);

/* Decodes the result of cache_entry_seal for the same code; false for anything else. Safe with any
 * bytes. The long URL is borrowed from `bytes`. */
bool cache_entry_unseal(const struct cache_seal *seal, struct slice code, struct slice bytes,
                        struct cache_entry *out);
