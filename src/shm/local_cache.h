/* SPDX-License-Identifier: MIT */
/* The local cache: records of codes in memory that all workers of the host share. A hit costs no
 * system call and no lock; a worker may be killed at any instruction. How it is laid out, and why
 * it stays sound, is drawn in local_cache.c.
 *
 * What is true comes first: a record that an author's change has replaced is never seen again by
 * any worker of the host, however slow the reader who fetched the old one was. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "link/cache_entry.h"
#include "shm/segment.h"

enum {
    LOCAL_BYTES_MIN = 8 << 20,  /* of the whole cache */
    LOCAL_TOMBSTONE_MS = 60000, /* how long a tombstone is kept when it is no longer fresh */
    LOCAL_PATIENCE_MS = 100,    /* how long others leave a fetch to whoever began it */
};

struct local_cache;

/* Times are monotonic milliseconds, the same clock for all workers of the host. */
struct local_lifetime {
    int64_t fresh_until_ms; /* then somebody should look again */
    int64_t keep_until_ms;  /* until then it may serve when nobody can be asked */
};

/* For how long what is kept. */
struct local_policy {
    int64_t ttl_ms;          /* a target is fresh */
    int64_t negative_ttl_ms; /* an absent code is fresh, and kept; a tombstone is fresh */
    int64_t stale_ms;        /* a target past its freshness is kept, for when nobody can be asked */
};

enum local_result {
    LOCAL_FRESH,
    LOCAL_GRACE, /* past its freshness by less than LOCAL_PATIENCE_MS */
    LOCAL_STALE, /* past it by more, still kept */
    LOCAL_MISS,
};

/* What a reader saw of the author's changes when it missed; its fill counts only if none came
 * since. */
struct local_stamp {
    uint64_t changes;
};

/* What a look-up found. */
struct local_found {
    struct cache_entry entry; /* meaningless after a miss */
    struct local_stamp stamp;
};

/* The cache in the segment's region (borrowed), or, with `segment` NULL, one of `bytes` for this
 * process alone. NULL with the reason when there is no memory, or too little. */
struct local_cache *local_cache_open(struct segment *segment, size_t bytes, struct error *err);

/* NULL is fine; sets *cache to NULL. */
void local_cache_close(struct local_cache **cache);

/* The life of a record that is stored at `now_ms`. Freshness ends LOCAL_PATIENCE_MS early, so that
 * a late record may still serve while one worker fetches and nobody is served one older than
 * ttl_ms. */
struct local_lifetime local_lifetime_of(const struct local_policy *policy,
                                        const struct cache_entry *entry, int64_t now_ms);

/* The life of a link that no database has yet: nobody needs to be asked about it for stale_ms. */
struct local_lifetime local_lifetime_offline(const struct local_policy *policy, int64_t now_ms);

/* The record of `code`, its long URL in `arena`, and the ticket for a fill that may follow. */
enum local_result local_cache_get(struct local_cache *cache, struct slice code, int64_t now_ms,
                                  struct arena *arena, struct local_found *out);

/* Stores what was fetched elsewhere, unless an author changed something since `ticket`, or somebody
 * else is writing nearby. */
void local_cache_fill(struct local_cache *cache, struct slice code, const struct cache_entry *entry,
                      struct local_lifetime life, struct local_stamp stamp);

/* Stores what an author has just made true, whatever was there; as stale, to be asked for again,
 * when the version before is not there. If that cannot be done at once it
 * makes sure that the old record is not seen again. */
void local_cache_publish(struct local_cache *cache, struct slice code,
                         const struct cache_entry *entry, struct local_lifetime life);

/* Ends what local_lifetime_offline began: the database has the first version of link `link_id` now,
 * and from now on its record has this life. Anything but that first version stays as it is. */
void local_cache_confirm(struct local_cache *cache, struct slice code, uint64_t link_id,
                         struct local_lifetime life);

/* Whether the caller should fetch `code`: false while another worker began to less than
 * LOCAL_PATIENCE_MS ago and has not filled or given up. */
bool local_cache_lease(struct local_cache *cache, struct slice code, int64_t now_ms);

/* Waits, for LOCAL_PATIENCE_MS at most, until somebody else's claim has ended in a record. What it
 * finds is as by local_cache_get at the end of the wait. */
enum local_result local_cache_wait(struct local_cache *cache, struct slice code,
                                   struct arena *arena, struct local_found *out);

/* Ends the caller's claim; also done by nobody, after LOCAL_PATIENCE_MS. */
void local_cache_release(struct local_cache *cache, struct slice code);

/* How many records it has room for, all classes together. */
size_t local_cache_capacity(const struct local_cache *cache);
