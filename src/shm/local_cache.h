/* SPDX-License-Identifier: MIT */
/* The local cache: cache entries in memory that all workers of the host share. A hit takes no
 * system call and no lock; a worker may be killed at any instruction. local_layout.h draws the
 * layout and says why it stays consistent.
 *
 * Consistency: once a change of a link is published, no worker of the host reads the old entry any
 * more, even if a slow reader that fetched the old one stores it later. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "link/cache_entry.h"
#include "shm/segment.h"

enum {
    LOCAL_BYTES_MIN = 8 << 20,  /* minimum size of the cache */
    LOCAL_TOMBSTONE_MS = 60000, /* how long a tombstone is kept after it is no longer fresh */
    LOCAL_PATIENCE_MS = 100,    /* the lifetime of a lease: how long other workers wait for the
                                 * worker that fetches an entry */
};

struct local_cache;

/* Times are monotonic milliseconds, the same clock for all workers of the host. */
struct local_lifetime {
    int64_t fresh_until_ms; /* from then on the entry should be fetched again */
    int64_t keep_until_ms;  /* until then a stale entry may be used if it cannot be fetched */
};

/* The configured lifetimes. */
struct local_policy {
    int64_t ttl_ms;          /* how long a target is fresh */
    int64_t negative_ttl_ms; /* how long an absent entry is fresh and kept, and a tombstone is
                              * fresh */
    int64_t
        stale_ms; /* how long a target, and ENTRY_LOWERED, is kept after it is no longer fresh */
};

enum local_result {
    LOCAL_FRESH,
    LOCAL_GRACE, /* no longer fresh, for less than LOCAL_PATIENCE_MS */
    LOCAL_STALE, /* no longer fresh, for longer, but still kept */
    LOCAL_MISS,
};

/* The number of changes published in the code's stripe when a reader missed. Its fill is discarded
 * if it has increased since. */
struct local_stamp {
    uint64_t changes;
};

/* What a look-up found. */
struct local_found {
    struct cache_entry entry; /* meaningless after a miss */
    struct local_stamp stamp;
};

/* The cache in `segment` (borrowed), or one of `bytes` in memory of this process when it is NULL.
 * NULL with the reason when memory is out, or when `bytes` are too few. */
struct local_cache *local_cache_open(struct segment *segment, size_t bytes, struct error *err);

/* Frees; sets *cache to NULL. *cache may be NULL. */
void local_cache_close(struct local_cache **cache);

/* The lifetime of an entry that is stored at `now_ms`. It stops being fresh LOCAL_PATIENCE_MS
 * before its TTL ends, so that an entry in grace may be used while one worker fetches it, and none
 * is used that is older than its TTL. */
struct local_lifetime local_lifetime_of(const struct local_policy *policy,
                                        const struct cache_entry *entry, int64_t now_ms);

/* The offline lifetime, of a link that is in the spool and not yet in the database: it is fresh for
 * stale_ms, or for ttl_ms if that is longer. */
struct local_lifetime local_lifetime_offline(const struct local_policy *policy, int64_t now_ms);

/* Finds the entry of `code`, its long URL in `arena`, and the stamp for a fill that may follow. */
enum local_result local_cache_get(struct local_cache *cache, struct slice code, int64_t now_ms,
                                  struct arena *arena, struct local_found *out);

/* Stores an entry that was fetched from memcached or the database. Discards it if a change was
 * published in the code's stripe since `stamp`, or if another worker is writing to the stripe. */
void local_cache_fill(struct local_cache *cache, struct slice code, const struct cache_entry *entry,
                      struct local_lifetime life, struct local_stamp stamp);

/* Stores the entry of a link that was just created, changed or deleted, unless the cache has an
 * entry that is as new. If `entry` has a version above 1 and the cache has no entry of the code, it
 * is stored as stale, so that it is fetched again. If another worker does not finish writing to the
 * stripe within 10 ms, all entries of the stripe are invalidated instead. */
void local_cache_publish(struct local_cache *cache, struct slice code,
                         const struct cache_entry *entry, struct local_lifetime life);

/* Replaces the offline lifetime by `life`, after the first version of link `link_id` has reached
 * the database. An entry of another link or version is unchanged. */
void local_cache_confirm(struct local_cache *cache, struct slice code, uint64_t link_id,
                         struct local_lifetime life);

/* Tries to take the lease on fetching `code`. False while another worker holds it: it took it less
 * than LOCAL_PATIENCE_MS ago and has not released it. */
bool local_cache_lease(struct local_cache *cache, struct slice code, int64_t now_ms);

/* Waits until the lease on `code` is released, at most LOCAL_PATIENCE_MS; then returns the result
 * of local_cache_get. */
enum local_result local_cache_wait(struct local_cache *cache, struct slice code,
                                   struct arena *arena, struct local_found *out);

/* Looks again for a code that was a miss and that was not found elsewhere either: another worker
 * may have been rewriting its entry. Waits for a worker that writes to the code's stripe, at most
 * LOCAL_PATIENCE_MS; then returns the result of local_cache_get. */
enum local_result local_cache_get_again(struct local_cache *cache, struct slice code,
                                        int64_t now_ms, struct arena *arena,
                                        struct local_found *out);

/* Releases the caller's lease, which otherwise ends after LOCAL_PATIENCE_MS. */
void local_cache_release(struct local_cache *cache, struct slice code);

/* The maximum number of entries, all classes together. */
size_t local_cache_capacity(const struct local_cache *cache);
