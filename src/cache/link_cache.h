/* SPDX-License-Identifier: MIT */
/* The link cache: the two levels in which a host caches links, memcached and the local cache.
 *
 * A look-up is link_cache_get; on a miss link_cache_get_remote, then the spool and the database,
 * which the caller asks; and link_cache_fill, which ends it. Of the workers of a host one holds the
 * lease on a missing code and does the latter steps, while the others wait a moment for its result.
 *
 * Changes, except those of a link that only the spool has, are published to memcached first and
 * then to the local cache: in this order no reader of
 * this host can fetch the old entry from memcached and keep it in the local cache. cache/cache.h
 * and shm/local_cache.h say why a slow reader never restores an entry from before a change. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "cache/cache.h"
#include "link/link.h"
#include "shm/invalidation_queue.h"
#include "shm/local_cache.h"
#include "text/url.h"

/* All parts are borrowed. Lifetimes are upper bounds in seconds, of entries in memcached;
 * cache_entry_lifetime shortens them. */
struct link_cache {
    struct cache *remote;      /* NULL: none */
    struct local_cache *local; /* NULL: none */
    struct local_policy policy;
    struct invalidation_queue *invalidations; /* gets the codes whose publishing to `remote` failed;
                                               * NULL: none */
    struct url_policy urls;                   /* rules for targets read from `remote` */
    int64_t ttl_s;
    int64_t negative_ttl_s;
    int64_t replica_ttl_s; /* of a replica's answer, which may be out of date */
};

/* The level that had the answer to a look-up. */
enum cache_level {
    LEVEL_NONE, /* none was asked, or none had it */
    LEVEL_LOCAL,
    LEVEL_MEMCACHED,
    LEVEL_DATABASE,
};

/* "local", "memcached", "database" or "none". */
const char *cache_level_name(enum cache_level level);

/* A look-up of one code, and what it has found so far. */
struct link_look_up {
    struct slice code;
    int64_t now;
    int64_t now_ms;  /* monotonic, for the local cache */
    uint32_t jitter; /* any random number */
    struct arena *arena;
    /* The results, all zero at first. `found` is set if `local` is not LOCAL_MISS, and after a step
     * that had an answer. */
    enum local_result local; /* the local cache's answer */
    struct local_found found;
    enum cache_level level;
    bool remote_failed; /* memcached did not answer */
};

/* Who gave the answer that a look-up is filled with. */
enum link_origin {
    LINK_FROM_NONE,
    LINK_FROM_REMOTE,
    LINK_FROM_SPOOL,
    LINK_FROM_REPLICA,
    LINK_FROM_PRIMARY,
};

/* Looks the code up in the local cache. True: the look-up has ended with the entry found. False:
 * the caller fetches the entry and calls link_cache_fill, because it got the lease, or because the
 * worker that has it took longer than LOCAL_PATIENCE_MS. */
bool link_cache_get(const struct link_cache *cache, struct link_look_up *look_up);

/* Looks the code up in memcached; false for a code in the invalidation queue, a target whose URL
 * could not have been shortened here, an entry that is older than the local cache's, and when
 * memcached does not answer, with the reason in *err. */
bool link_cache_get_remote(const struct link_cache *cache, struct link_look_up *look_up,
                           struct error *err);

/* Sets the look-up's entry to a replica's or memcached's answer; false if that is older than what
 * the local cache has, so that an author who asks the same host always sees the last change. */
bool link_look_up_accept(struct link_look_up *look_up, const struct cache_entry *answer);

/* Sets it to the primary's answer that the code does not exist. If the local cache has a tombstone,
 * that remains, because it still blocks older entries of slow readers and replicas. */
void link_look_up_set_absent(struct link_look_up *look_up);

/* Ends a look-up after a miss: stores its entry in the levels above `origin` and releases the
 * lease. A link from the spool gets the offline lifetime. With LINK_FROM_NONE nothing is stored,
 * and the answer is a stale entry of the local cache, or one that another worker completes
 * meanwhile; false when there is none. */
bool link_cache_fill(const struct link_cache *cache, struct link_look_up *look_up,
                     enum link_origin origin);

/* After a look-up that found its code absent, while an alias has its lower-case form: stores that
 * in the local cache, where it is kept as long as a target, for when the database is unavailable.
 */
void link_cache_fill_lowered(const struct link_cache *cache, const struct link_look_up *look_up);

/* --- writers --- */

/* Publishes a created or changed link under each of its codes. A memcached server that does not
 * answer keeps its old entry until the invalidation queue is worked off, or else until the entry's
 * lifetime ends. */
void link_cache_publish(const struct link_cache *cache, const struct link *link, int64_t now);

/* Publishes a link that is in the spool alone, with the offline lifetime. Needs a local cache. */
void link_cache_publish_offline(const struct link_cache *cache, const struct link *link,
                                int64_t now);

/* Publishes the deletion of a link whose last version was link->target.version. */
void link_cache_delete(const struct link_cache *cache, const struct link *link, int64_t now);

/* Ends the offline lifetime of a link whose first version has reached the database: its entry is
 * fresh until `fresh_until_ms` (monotonic). */
void link_cache_confirm(const struct link_cache *cache, const struct link *link,
                        int64_t fresh_until_ms);

/* Whether one of the levels has the link's code as another link's. Needs a local cache. */
bool link_cache_has_other(const struct link_cache *cache, const struct link *link,
                          struct arena *arena);
