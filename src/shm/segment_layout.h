/* SPDX-License-Identifier: MIT */
/* What lies where in the shared segment. Private to segment*.c.
 *
 *   page 0      ┌─ SEGMENT_HEADER ──────────────────────────────────────────────┐
 *               │ magic │ layout │ size │ boot id │ … │ turn │ … │ schedule     │
 *   page 1 …    ├─ SEGMENT_IDS ─────────────────────────────────────────────────┤
 *               │ sequence 0: name │ when the last fetch began │ 64 ranges      │
 *               │ …                                  range: next │ limit        │
 *               │ sequence 3                                                    │
 *               ├─ SEGMENT_BUCKETS ─────────────────────────────────────────────┤
 *               │ key │ ready │ 8,192 sets of 8 buckets, one word and one       │
 *               │ cache line each; no lock but while the key is made            │
 *               ├─ SEGMENT_METRICS ─────────────────────────────────────────────┤
 *               │ dropped │ 2,048 holders: what each of them holds              │
 *               │ 16 tables of 4,096 series: key │ value; no lock               │
 *               ├─ SEGMENT_BREAKERS ────────────────────────────────────────────┤
 *               │ 96 backends: one word of state │ name                         │
 *               ├─ SEGMENT_KEYS ────────────────────────────────────────────────┤
 *               │ revocations │ epoch │ key of the codes │ 1,024 API keys, each │
 *               │ with a checksum: what the database has confirmed lately       │
 *               ├─ SEGMENT_REPLICAS ────────────────────────────────────────────┤
 *               │ the last heartbeat │ how far each backend's replica is behind │
 *               ├─ SEGMENT_INVALIDATIONS ─────────────────────────────────────────┤
 *               │ count │ lost │ 4,096 codes that memcached has yet to be told  │
 *               ├─ SEGMENT_LOCAL ───────────────────────────────────────────────┤
 *               │ the local cache: drawn in local_layout.h                      │
 *               └───────────────────────────────────────────────────────────────┘
 *
 * Every region begins on a page. A region is added by a line in the enum and one in the table of
 * segment.c: the layout number is made from that table, so that a segment of any other build that
 * differs in it is replaced and never misread.
 *
 * A region is locked by a lock of the open file description on its first byte (fcntl(2),
 * F_OFD_SETLK): the kernel frees it when the holder dies, there is nothing to repair. What is
 * stored under the lock is ordered so that a holder killed between any two instructions leaves
 * something sound. Nobody waits for long for a holder that stands still; everybody who takes a lock
 * knows how to do without. Such locks do not keep threads that share a struct segment apart. */
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/account.h"
#include "shm/metrics.h"
#include "shm/schedule.h"
#include "shm/segment.h"

enum segment_region {
    SEGMENT_HEADER,
    SEGMENT_IDS,
    SEGMENT_BUCKETS,
    SEGMENT_METRICS,
    SEGMENT_BREAKERS,
    SEGMENT_KEYS,
    SEGMENT_REPLICAS,
    SEGMENT_INVALIDATIONS,
    SEGMENT_LOCAL, /* of a size that is configured: the last one */
    SEGMENT_REGIONS,
};

enum {
    SEGMENT_BOOT_ID = 36,   /* bytes of /proc/sys/kernel/random/boot_id */
    SEGMENT_SEQUENCES = 4,  /* names */
    SEGMENT_ID_RANGES = 64, /* blocks per name; adjacent ones are one */
    SEGMENT_BUCKETS_KEY = 16,
    SEGMENT_BUCKET_SETS = 8192,
    SEGMENT_BUCKET_WAYS = 8, /* buckets of a set */
    SEGMENT_BREAKER_SLOTS = 96,
    SEGMENT_BREAKER_NAME = 119,
    SEGMENT_INVALIDATION_SLOTS = 4096,
    SEGMENT_INVALIDATION_CODE = 100, /* bytes */
    SEGMENT_KEY_SLOTS = 1024,
    SEGMENT_KEY_USER = 104, /* bytes of a user's name, and padding */
    SEGMENT_CODE_KEY = 32,
};

struct segment_header {
    char magic[8];
    uint64_t layout;
    uint64_t size; /* bytes of the file */
    char boot_id[SEGMENT_BOOT_ID + 4];
};

/* Who keeps house (shm/leader_lease.h). It is at the same place in every version, and read by them
 * before they know which one the segment is of. All zero at first. */
struct segment_leader_lease {
    uint64_t number;
    uint64_t heartbeats;
};

enum {
    SEGMENT_LEADER_LEASE_PAGE = 4096,
    SEGMENT_LEADER_LEASE_AT = 2048,
};
static_assert(sizeof(struct segment_header) <= SEGMENT_LEADER_LEASE_AT,
              "the turn is behind the header");

enum {
    SEGMENT_SCHEDULE_AT = 3072, /* in the first page, too (shm/schedule.h) */
};
static_assert(SEGMENT_SCHEDULE_AT + sizeof(struct schedule) <= SEGMENT_LEADER_LEASE_PAGE,
              "the schedule ends with the page");

/* All zero at first. A sequence without a name is free; a range is empty when next >= limit. */
struct segment_sequence {
    char name[SEQUENCE_NAME_MAX + 8]; /* padded with NULs */
    int64_t fetch_at_ms;              /* when the last fetch began (monotonic); 0: none runs */
    struct id_range ranges[SEGMENT_ID_RANGES];
};

struct segment_ids {
    struct segment_sequence sequences[SEGMENT_SEQUENCES];
};

/* What a word says is for shm/buckets.c; 0 is a free one. */
struct segment_buckets {
    unsigned char key[SEGMENT_BUCKETS_KEY];
    uint64_t ready; /* 1 once the key is whole */
    alignas(64) uint64_t words[SEGMENT_BUCKET_SETS][SEGMENT_BUCKET_WAYS];
};

/* What a key says is for shm/metrics.c; 0 is a free place. A key is never changed again. */
struct segment_series {
    uint64_t key;
    uint64_t value;
};

/* Whoever has the place has a lock on a byte of the region (shm/metrics.c). */
struct segment_holder {
    alignas(64) int64_t held[HOLDING_N];
};

struct segment_metrics {
    uint64_t dropped;
    struct segment_holder holders[METRICS_HOLDERS];
    alignas(64) struct segment_series shards[METRICS_SHARDS][METRICS_SERIES_MAX];
};

/* What `state` says is for shm/breaker.c. A slot is free while `claim` is 0; it is never given
 * back. */
struct segment_breaker {
    alignas(64) uint64_t state;
    uint64_t claim;    /* a hash of the name */
    uint64_t name_len; /* 0 until the name is whole */
    char name[SEGMENT_BREAKER_NAME + 1];
};

struct segment_breakers {
    struct segment_breaker slots[SEGMENT_BREAKER_SLOTS];
};

/* What the database has said of an API key (shm/key_cache.c). */
struct segment_key {
    uint64_t check; /* of all that follows */
    uint64_t epoch; /* keys of other epochs are void */
    uint32_t key_id;
    uint32_t user_id;
    uint32_t role;
    uint32_t user_bytes;
    uint32_t scope;
    uint32_t padding; /* 0 */
    int64_t expires_at;
    int64_t confirmed_at;
    int64_t default_ttl_s;
    int64_t max_ttl_s;
    unsigned char hash[KEY_HASH_BYTES];
    char user[SEGMENT_KEY_USER];
};

struct segment_keys {
    uint64_t revocations; /* so far: what a ticket is compared with */
    uint64_t epoch;
    uint64_t code_key_check; /* 0: there is none yet */
    uint64_t code_key[SEGMENT_CODE_KEY / sizeof(uint64_t)];
    alignas(64) struct segment_key slots[SEGMENT_KEY_SLOTS];
};

/* What a word of `lags` says is for shm/replica_lag.c; 0: nothing is known. */
struct segment_replicas {
    int64_t beat_ms;                      /* the last heartbeat, by the primary's clock; 0: none */
    int64_t written_ms;                   /* when it was written (monotonic) */
    uint64_t lags[SEGMENT_BREAKER_SLOTS]; /* of the replica with that breaker */
};

/* A slot is free while `hash` is 0 (shm/invalidation_queue.c). */
struct segment_invalidation {
    uint64_t hash;      /* of the code */
    int64_t removed_ms; /* when it was removed for the first time (monotonic); 0: it was not */
    uint32_t generation;
    uint8_t len;
    char code[SEGMENT_INVALIDATION_CODE];
};

struct segment_invalidations {
    uint64_t count; /* slots in use, or a few more */
    uint64_t lost;  /* codes for which there was no room */
    struct segment_invalidation slots[SEGMENT_INVALIDATION_SLOTS];
};

struct segment {
    int fd;
    size_t size;
    size_t local_bytes; /* of SEGMENT_LOCAL */
    unsigned char *base;
    bool waited[SEGMENT_REGIONS]; /* in vain for the region's lock */
};

/* The region's memory. */
void *segment_region(const struct segment *segment, enum segment_region region);

/* How many bytes the region has; 0 for a local cache that is not wanted. */
size_t segment_region_bytes(const struct segment *segment, enum segment_region region);

/* Takes, if it is free, the lock on the region's byte number `byte` (1 or more: 0 is the region's
 * own lock), or gives it back. */
bool segment_try_lock(const struct segment *segment, enum segment_region region, unsigned byte);
void segment_unlock_byte(const struct segment *segment, enum segment_region region, unsigned byte);

/* Whether somebody else has the lock on that byte. */
bool segment_is_locked(const struct segment *segment, enum segment_region region, unsigned byte);

enum {
    SEGMENT_PATIENCE_MS = 100, /* how long a region's lock is waited for */
    SEGMENT_IMPATIENCE_MS = 5, /* the same after a wait in vain */
};

/* Waits for the region's lock, SEGMENT_PATIENCE_MS at most: a worker may stand still with it
 * (SIGSTOP, a debugger), and nobody else shall. After that, and until the lock could be had once
 * more, this process waits SEGMENT_IMPATIENCE_MS. False when it could not be had. */
bool segment_lock(struct segment *segment, enum segment_region region);
void segment_unlock(const struct segment *segment, enum segment_region region);
