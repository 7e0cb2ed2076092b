/* SPDX-License-Identifier: MIT */
/* What caches keep of a code: a target, or the knowledge that there is none, as a small binary
 * record.
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
 *       42     4  length of the long URL, which ends the record
 *       46     …  long URL
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "link/link.h"

enum {
    CACHE_ENTRY_FORMAT = 1, /* raised when the layout changes; other formats are misses */
    CACHE_ENTRY_HEAD = 46,
};

enum cache_entry_kind {
    ENTRY_TARGET = 1,
    ENTRY_ABSENT = 2,    /* the database has no such code; `version` is 0 */
    ENTRY_TOMBSTONE = 3, /* deleted; keeps a slow reader from putting the old row back */
};

struct cache_entry {
    enum cache_entry_kind kind;
    struct target target; /* of an absent code all zero; of a tombstone link_id and version count */
};

/* The bytes of `record`, in `arena`; an empty slice when the arena is full. */
struct slice cache_entry_encode(const struct cache_entry *entry, struct arena *arena);

/* Reads a record; false for anything but a whole record of this format, whatever the bytes are. The
 * long URL is borrowed from `bytes`. */
bool cache_entry_decode(struct slice bytes, struct cache_entry *out);

/* Whether what is true of a code now, `record`, takes the place of `old` in a cache. Of one link
 * the higher version does. An alias may pass to another link, and versions of two links say nothing
 * of each other: then a target takes the place of anything (it was made after the other link was
 * deleted), a tombstone of nothing but an absent record. An absent record never does. */
bool cache_entry_supersedes(const struct cache_entry *entry, const struct cache_entry *old);

/* How long a cache may keep `record`, in seconds from `now`: at most `default_s`, shortened by up
 * to a tenth according to `jitter` (any random number; it spreads the expiry of entries made
 * together), never past the link's expires_at or its starts_at still to come. 0: do not keep it. */
int64_t cache_entry_lifetime(const struct cache_entry *entry, int64_t default_s, uint32_t jitter,
                             int64_t now);
