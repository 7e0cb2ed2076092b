/* SPDX-License-Identifier: MIT */
/* Each bucket is one 64-bit word, changed by compare-and-swap: a tag that identifies the bucket,
 * and the time when it will be full again. A word whose time is past counts as free. */
#include "shm/buckets.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "link/keyed_hash.h"
#include "shm/segment_layout.h"

enum {
    SETS = SEGMENT_BUCKET_SETS,
    TIME_BITS = 46, /* bits of a word: the time in microseconds, modulo 2.2 years */
};

#define TIME_MASK ((UINT64_C(1) << TIME_BITS) - 1)

static_assert((int)BUCKETS == (int)SETS * (int)BUCKET_WAYS, "the table holds so many");
static_assert((int)BUCKET_WAYS == (int)SEGMENT_BUCKET_WAYS, "a set has so many");
static_assert((int)KEYED_HASH_KEY_BYTES == (int)SEGMENT_BUCKETS_KEY, "the key fits");
static_assert(RATE_DEBT_MAX < (INT64_C(1) << (TIME_BITS - 1)),
              "every debt is distinguishable from a past time");

struct buckets {
    struct segment_buckets *table;
    bool own;
};

/* The set that a bucket belongs to, and the tag that identifies it there. */
struct place {
    uint64_t *words;
    uint64_t tag; /* in its bits of the word (above TIME_BITS); never 0 */
};

/* Makes the table's key unless it has one. The key is valid once `ready` is 1. */
static bool buckets_make_key(struct segment_buckets *table, struct error *err)
{
    if (table->ready)
        return true;
    if (getrandom(table->key, sizeof(table->key), 0) != (ssize_t)sizeof(table->key))
        return error_set(err, "getrandom: no random bytes available");
    __atomic_store_n(&table->ready, 1, __ATOMIC_SEQ_CST);
    return true;
}

static bool use_segment(struct buckets *buckets, struct segment *segment, struct error *err)
{
    buckets->table = segment_region(segment, SEGMENT_BUCKETS);
    if (__atomic_load_n(&buckets->table->ready, __ATOMIC_SEQ_CST))
        return true;
    if (!segment_lock(segment, SEGMENT_BUCKETS))
        return error_set(err, "the shared segment cannot be locked");
    bool ready = buckets_make_key(buckets->table, err);
    segment_unlock(segment, SEGMENT_BUCKETS);
    return ready;
}

static bool use_own(struct buckets *buckets, struct error *err)
{
    void *table = mmap(NULL, sizeof(*buckets->table), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED)
        return error_set(err, "buckets: %s", strerror(errno));
    buckets->own = true;
    buckets->table = table;
    return buckets_make_key(buckets->table, err);
}

struct buckets *buckets_open(struct segment *segment, struct error *err)
{
    struct buckets *buckets = calloc(1, sizeof(*buckets));
    if (!buckets)
        error_set(err, "out of memory");
    else if (!(segment ? use_segment(buckets, segment, err) : use_own(buckets, err)))
        buckets_close(&buckets);
    return buckets;
}

void buckets_close(struct buckets **buckets)
{
    if (*buckets && (*buckets)->own)
        munmap((*buckets)->table, sizeof(*(*buckets)->table));
    free(*buckets);
    *buckets = NULL;
}

static struct place buckets_place_of(const struct buckets *buckets, struct slice name)
{
    struct segment_buckets *table = buckets->table;
    uint64_t hash = keyed_hash(table->key, name.at, name.len);
    uint64_t tag = hash & ~TIME_MASK;
    return (struct place){ table->words[hash % SETS], tag ? tag : TIME_MASK + 1 };
}

static bool is_of(uint64_t word, struct place place)
{
    return (word & ~TIME_MASK) == place.tag;
}

/* The time until the bucket is full. A time farther away than RATE_DEBT_MAX is in the past. */
static int64_t debt_of(uint64_t word, int64_t now_us)
{
    int64_t debt = (int64_t)((word - (uint64_t)now_us) << (64 - TIME_BITS)) >> (64 - TIME_BITS);
    return word == 0 || debt < 0 || debt > RATE_DEBT_MAX ? 0 : debt;
}

static uint64_t word_of(struct place place, int64_t debt_us, int64_t now_us)
{
    return place.tag | ((uint64_t)(now_us + debt_us) & TIME_MASK);
}

/* A snapshot of a bucket: its word, or the word that may be replaced by it, and its debt. */
struct sight {
    unsigned at;
    uint64_t word;
    bool found;
    int64_t debt_us;
};

static uint64_t look(struct place place, unsigned at)
{
    return __atomic_load_n(place.words + at, __ATOMIC_SEQ_CST);
}

static bool change(struct place place, unsigned at, uint64_t from, uint64_t to)
{
    return __atomic_compare_exchange_n(place.words + at, &from, to, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

static struct sight buckets_find(struct place place, int64_t now_us)
{
    struct sight fullest = { .debt_us = INT64_MAX };
    for (unsigned i = 0; i < BUCKET_WAYS; i++) {
        uint64_t word = look(place, i);
        int64_t debt = debt_of(word, now_us);
        if (is_of(word, place))
            return (struct sight){ i, word, true, debt };
        if (debt < fullest.debt_us)
            fullest = (struct sight){ i, word, false, debt };
    }
    fullest.debt_us = 0;
    return fullest;
}

/* Adds `debt_us` to the bucket at index `at` of the set, if it is still there. */
static void add_debt(struct place place, unsigned at, int64_t debt_us, int64_t now_us)
{
    uint64_t word;
    uint64_t sum;
    do {
        word = look(place, at);
        int64_t debt = debt_of(word, now_us);
        debt = debt_us < RATE_DEBT_MAX - debt ? debt + debt_us : RATE_DEBT_MAX;
        sum = word_of(place, debt, now_us);
    } while (is_of(word, place) && !change(place, at, word, sum));
}

/* Removes a duplicate after an entry was created at `at`: if another worker has created an entry of
 * the same bucket at the same time, the first of the two, which is the one that find() returns,
 * gets the debt of both. */
static void buckets_merge_duplicate(struct place place, unsigned at, int64_t now_us)
{
    unsigned first = 0;
    while (first < at && !is_of(look(place, first), place))
        first++;
    if (first == at)
        return;
    uint64_t mine;
    do {
        mine = look(place, at);
        if (!is_of(mine, place))
            return;
    } while (!change(place, at, mine, 0));
    add_debt(place, first, debt_of(mine, now_us), now_us);
}

/* Stores `debt_us` in the word of the snapshot; false when another worker has changed the word
 * since. */
static bool replace(const struct sight *seen, struct place place, int64_t debt_us, int64_t now_us)
{
    if (!change(place, seen->at, seen->word, word_of(place, debt_us, now_us)))
        return false;
    if (!seen->found)
        buckets_merge_duplicate(place, seen->at, now_us);
    return true;
}

struct rate_verdict buckets_take(struct buckets *buckets, struct slice name,
                                 const struct rate *rate, uint64_t tokens, int64_t now_us)
{
    struct place place = buckets_place_of(buckets, name);
    struct rate_verdict verdict;
    struct sight seen;
    do {
        seen = buckets_find(place, now_us);
        verdict = rate_take(rate, seen.debt_us, tokens);
        if (!verdict.allowed || rate_is_off(rate))
            break;
    } while (!replace(&seen, place, verdict.reset_us, now_us));
    return verdict;
}

struct rate_verdict buckets_look(struct buckets *buckets, struct slice name,
                                 const struct rate *rate, int64_t now_us)
{
    return rate_look(rate, buckets_find(buckets_place_of(buckets, name), now_us).debt_us);
}

void buckets_charge(struct buckets *buckets, struct slice name, const struct rate *rate,
                    uint64_t tokens, int64_t now_us)
{
    struct place place = buckets_place_of(buckets, name);
    struct sight seen;
    if (rate_is_off(rate))
        return;
    do
        seen = buckets_find(place, now_us);
    while (!replace(&seen, place, rate_charge(rate, seen.debt_us, tokens), now_us));
}
