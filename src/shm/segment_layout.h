/* SPDX-License-Identifier: MIT */
/* The layout of the shared segment. Private to the files of shm/.
 *
 *   page 0      ┌─ SEGMENT_HEADER ──────────────────────────────────────────────┐
 *               │ magic │ layout │ size │ boot id │ … │ lease │ … │ schedule    │
 *   page 1 …    ├─ SEGMENT_IDS ─────────────────────────────────────────────────┤
 *               │ sequence 0: name │ when the last fetch began │ end │ 64 ranges│
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
 *               │ revocations │ epoch │ code key │ 1,024 API keys, each with a  │
 *               │ checksum, as the database has confirmed them recently         │
 *               ├─ SEGMENT_REPLICAS ────────────────────────────────────────────┤
 *               │ the last heartbeat │ how far each backend's replica is behind │
 *               ├─ SEGMENT_INVALIDATIONS ───────────────────────────────────────┤
 *               │ count │ lost │ 4,096 codes to be deleted from memcached       │
 *               ├─ SEGMENT_LOCAL ───────────────────────────────────────────────┤
 *               │ the local cache: drawn in local_layout.h                      │
 *               └───────────────────────────────────────────────────────────────┘
 *
 * Every region begins on a page. A region is added by a line in the enum and one in the table of
 * segment.c. The layout number is computed from that table, so that a segment of a build with
 * another table is replaced and never misread.
 *
 * A region is locked by a lock of the open file description on its first byte (fcntl(2),
 * F_OFD_SETLK): the kernel releases it when the holder dies, and no repair is needed. Stores under
 * the lock are ordered so that a holder killed between any two instructions leaves consistent data.
 * The wait for a lock is bounded, because its holder may be stopped; every caller has a fallback
 * without the lock. Such locks do not exclude threads that share a struct segment. */
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
    SEGMENT_LOCAL, /* its size is configured, so it is the last region */
    SEGMENT_REGIONS,
};

enum {
    SEGMENT_BOOT_ID = 36,   /* bytes of /proc/sys/kernel/random/boot_id */
    SEGMENT_SEQUENCES = 4,  /* sequences with different names */
    SEGMENT_ID_RANGES = 64, /* blocks per sequence; adjacent ones are merged */
    SEGMENT_BUCKETS_KEY = 16,
    SEGMENT_BUCKET_SETS = 8192,
    SEGMENT_BUCKET_WAYS = 8, /* buckets of a set */
    SEGMENT_BREAKER_SLOTS = 96,
    SEGMENT_BREAKER_NAME = 119,
    SEGMENT_INVALIDATION_SLOTS = 4096,
    SEGMENT_INVALIDATION_CODE = 100, /* bytes */
    SEGMENT_KEY_SLOTS = 1024,
    SEGMENT_KEY_USER = 104, /* bytes of a user's name and padding */
    SEGMENT_CODE_KEY = 32,
};

struct segment_header {
    char magic[8];
    uint64_t layout;
    uint64_t size; /* bytes of the file */
    char boot_id[SEGMENT_BOOT_ID + 4];
};

/* The leader lease (shm/leader_lease.h). It has the same offset in every version, because it is
 * read before the version of the segment is known. All zero at first. */
struct segment_leader_lease {
    uint64_t number;
    uint64_t heartbeats;
};

enum {
    SEGMENT_LEADER_LEASE_PAGE = 4096,
    SEGMENT_LEADER_LEASE_AT = 2048,
};
static_assert(sizeof(struct segment_header) <= SEGMENT_LEADER_LEASE_AT,
              "the lease is after the header");

enum {
    SEGMENT_SCHEDULE_AT = 3072, /* also in the first page (shm/schedule.h) */
};
static_assert(SEGMENT_SCHEDULE_AT + sizeof(struct schedule) <= SEGMENT_LEADER_LEASE_PAGE,
              "the schedule ends with the page");

/* All zero at first. A sequence without a name is free; a range is empty when next >= limit. */
struct segment_sequence {
    char name[SEQUENCE_NAME_MAX + 8]; /* padded with NULs */
    int64_t fetch_at_ms;              /* when the last fetch began (monotonic); 0: none runs */
    uint64_t end;                     /* the host has had no id from here on */
    struct id_range ranges[SEGMENT_ID_RANGES];
};

struct segment_ids {
    struct segment_sequence sequences[SEGMENT_SEQUENCES];
};

/* shm/buckets.c defines the contents of a word; 0 is a free word. */
struct segment_buckets {
    unsigned char key[SEGMENT_BUCKETS_KEY];
    uint64_t ready; /* 1 once the key is complete */
    alignas(64) uint64_t words[SEGMENT_BUCKET_SETS][SEGMENT_BUCKET_WAYS];
};

/* shm/metrics.c defines the contents of a key; 0 is a free slot. A key is set once and never
 * changes. */
struct segment_series {
    uint64_t key;
    uint64_t value;
};

/* The process that uses the slot has a lock on a byte of the region (shm/metrics.c). */
struct segment_holder {
    alignas(64) int64_t held[HOLDING_N];
};

struct segment_metrics {
    uint64_t dropped;
    struct segment_holder holders[METRICS_HOLDERS];
    alignas(64) struct segment_series shards[METRICS_SHARDS][METRICS_SERIES_MAX];
};

/* shm/breaker.c defines the contents of `state`. A slot is free while `claim` is 0; it is never
 * freed again. */
struct segment_breaker {
    alignas(64) uint64_t state;
    uint64_t claim;    /* hash of the name */
    uint64_t name_len; /* 0 until the name is complete */
    char name[SEGMENT_BREAKER_NAME + 1];
};

struct segment_breakers {
    struct segment_breaker slots[SEGMENT_BREAKER_SLOTS];
};

/* An API key that the database has confirmed (shm/key_cache.c). */
struct segment_key {
    uint64_t check; /* checksum of all that follows */
    uint64_t epoch; /* keys of other epochs are invalid */
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
    uint64_t revocations; /* so far: compared with struct key_stamp */
    uint64_t epoch;
    uint64_t code_key_check; /* checksum of code_key; 0: there is none yet */
    uint64_t code_key[SEGMENT_CODE_KEY / sizeof(uint64_t)];
    alignas(64) struct segment_key slots[SEGMENT_KEY_SLOTS];
};

/* shm/replica_lag.c defines the contents of a word of `lags`; 0: no lag is known. */
struct segment_replicas {
    int64_t beat_ms;                      /* the last heartbeat, by the primary's clock; 0: none */
    int64_t written_ms;                   /* when the heartbeat was written (monotonic) */
    uint64_t lags[SEGMENT_BREAKER_SLOTS]; /* of the replica with the breaker of the same slot */
};

/* A slot is free while `hash` is 0 (shm/invalidation_queue.c). */
struct segment_invalidation {
    uint64_t hash;      /* of the code */
    int64_t removed_ms; /* when the entry was first deleted from memcached (monotonic); 0: not
                         * yet */
    uint32_t generation;
    uint8_t len;
    char code[SEGMENT_INVALIDATION_CODE];
};

struct segment_invalidations {
    uint64_t count; /* slots in use; may be too high */
    uint64_t lost;  /* changed codes that could not be added */
    struct segment_invalidation slots[SEGMENT_INVALIDATION_SLOTS];
};

struct segment {
    int fd;
    size_t size;
    size_t local_bytes; /* size of SEGMENT_LOCAL */
    unsigned char *base;
    bool waited[SEGMENT_REGIONS]; /* the last wait for the region's lock timed out */
};

/* The region's memory. */
void *segment_region(const struct segment *segment, enum segment_region region);

/* The size of the region in bytes; 0 for SEGMENT_LOCAL without a local cache. */
size_t segment_region_bytes(const struct segment *segment, enum segment_region region);

/* Tries to take the lock on byte number `byte` of the region (1 or more; byte 0 is the region's own
 * lock), without waiting; segment_unlock_byte releases it. False when another process has it, or
 * when the call fails. */
bool segment_try_lock(const struct segment *segment, enum segment_region region, unsigned byte);
void segment_unlock_byte(const struct segment *segment, enum segment_region region, unsigned byte);

/* Whether another process has the lock on that byte. */
bool segment_is_locked(const struct segment *segment, enum segment_region region, unsigned byte);

enum {
    SEGMENT_PATIENCE_MS = 100, /* the maximum wait for a region's lock */
    SEGMENT_IMPATIENCE_MS = 5, /* the same after a wait that timed out */
};

/* Takes the region's lock; false when the wait timed out. Waits SEGMENT_PATIENCE_MS at most,
 * because its holder may be stopped (SIGSTOP, a debugger). After a time-out, and until it gets the
 * lock again, this process waits only SEGMENT_IMPATIENCE_MS. */
bool segment_lock(struct segment *segment, enum segment_region region);
void segment_unlock(const struct segment *segment, enum segment_region region);
