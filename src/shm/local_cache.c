/* SPDX-License-Identifier: MIT */
/* The local cache: lookups without a lock, writes under one lock a stripe. Drawn in local_layout.h.
 */
#include "shm/local_cache.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "link/keyed_hash.h"
#include "os/monotonic.h"
#include "shm/local_layout.h"
#include "shm/segment_layout.h"

enum {
    READ_TRIES = 4,
    LOCK_TRIES = 10,
    USED_BITS = (1 << LOCAL_WAYS) - 1,
    HAND_SHIFT = 8,
};

/* The hash and the stripe of a code. */
struct place {
    uint64_t hash; /* never 0 */
    unsigned stripe;
    struct local_stripe *state;
};

/* A way of a set. */
struct way {
    struct local_set *set;
    unsigned index;
    struct local_slot *slot;
    size_t slot_bytes;
};

/* --- words of the shared memory --- */

static uint64_t load(const uint64_t *at)
{
    return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

// NOLINTNEXTLINE(readability-non-const-parameter): the builtin does write
static void store(uint64_t *at, uint64_t value)
{
    __atomic_store_n(at, value, __ATOMIC_RELEASE);
}

// NOLINTNEXTLINE(readability-non-const-parameter): the builtin does write
static uint64_t add_one(uint64_t *at)
{
    return __atomic_add_fetch(at, 1, __ATOMIC_SEQ_CST);
}

/* --- opening --- */

/* Makes the random hash key, in the first process that opens the cache. */
static bool prepare_key(struct local_cache *cache, struct error *err)
{
    struct local_head *head = local_head_of(cache);
    bool ready = load(&head->ready) == 1;
    bool locked = !ready && (!cache->segment || segment_lock(cache->segment, SEGMENT_LOCAL));
    ready = ready || (locked && load(&head->ready) == 1);
    if (locked && !ready && getrandom(head->key, LOCAL_KEY, 0) == LOCAL_KEY) {
        store(&head->ready, 1);
        ready = true;
    }
    if (locked && cache->segment)
        segment_unlock(cache->segment, SEGMENT_LOCAL);
    if (!ready)
        error_set(err, "local cache: no random bytes for its key");
    memcpy(cache->key, head->key, LOCAL_KEY);
    return ready;
}

static bool find_memory(struct local_cache *cache, struct error *err)
{
    if (cache->segment) {
        cache->base = segment_region(cache->segment, SEGMENT_LOCAL);
        cache->bytes = segment_region_bytes(cache->segment, SEGMENT_LOCAL);
    } else {
        cache->base =
            mmap(NULL, cache->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (cache->base == MAP_FAILED)
            cache->base = NULL;
    }
    if (!cache->base)
        return error_set(err, "local cache: out of memory");
    if (local_layout_of(cache->bytes, &cache->layout))
        return true;
    return error_set(err, "local cache: %zu bytes are too few", cache->bytes);
}

struct local_cache *local_cache_open(struct segment *segment, size_t bytes, struct error *err)
{
    struct local_cache *cache = calloc(1, sizeof(*cache));
    if (!cache) {
        error_set(err, "local cache: out of memory");
        return NULL;
    }
    cache->segment = segment;
    cache->bytes = bytes;
    cache->arena = arena_new(2 * LOCAL_SLOT_MAX);
    if (!cache->arena)
        error_set(err, "local cache: out of memory");
    if (!cache->arena || !find_memory(cache, err) || !prepare_key(cache, err))
        local_cache_close(&cache);
    return cache;
}

void local_cache_close(struct local_cache **cache)
{
    if (!*cache)
        return;
    if (!(*cache)->segment && (*cache)->base)
        munmap((*cache)->base, (*cache)->bytes);
    arena_free(&(*cache)->arena);
    free(*cache);
    *cache = NULL;
}

size_t local_cache_capacity(const struct local_cache *cache)
{
    size_t slots = 0;
    for (unsigned i = 0; i < LOCAL_CLASSES; i++)
        slots += LOCAL_STRIPES * cache->layout.classes[i].sets_per_stripe * LOCAL_WAYS;
    return slots;
}

/* --- places --- */

static uint64_t hash_of(const struct local_cache *cache, const void *bytes, size_t len)
{
    return keyed_hash(cache->key, bytes, len);
}

uint64_t local_hash(const struct local_cache *cache, struct slice code)
{
    uint64_t hash = hash_of(cache, code.at, code.len);
    return hash ? hash : 1;
}

static struct place local_cache_place_of(const struct local_cache *cache, struct slice code)
{
    static_assert(LOCAL_STRIPES == 64, "six bits choose the stripe");
    uint64_t hash = local_hash(cache, code);
    unsigned stripe = (unsigned)(hash >> 58);
    return (struct place){ hash, stripe, &local_head_of(cache)->stripes[stripe] };
}

static struct way way_of(const struct local_cache *cache, const struct place *place, unsigned class,
                         unsigned index)
{
    const struct local_class *c = &cache->layout.classes[class];
    size_t set = place->stripe * c->sets_per_stripe + place->hash % c->sets_per_stripe;
    return (struct way){
        .set = (struct local_set *)(cache->base + c->sets_at) + set,
        .index = index,
        .slot = (struct local_slot *)(cache->base + c->slots_at +
                                      (set * LOCAL_WAYS + index) * c->slot_bytes),
        .slot_bytes = c->slot_bytes,
    };
}

static uint64_t local_cache_check_of(const struct local_cache *cache, const struct local_slot *slot)
{
    const unsigned char *from = (const unsigned char *)&slot->epoch;
    size_t len = offsetof(struct local_slot, bytes) - offsetof(struct local_slot, epoch);
    return hash_of(cache, from, len + slot->code_bytes + slot->record_bytes) ^ slot->hash;
}

/* How long an entry is kept after it is no longer fresh. */
static int64_t kept_ms(const struct local_policy *policy, enum cache_entry_kind kind)
{
    if (kind == ENTRY_TARGET || kind == ENTRY_LOWERED)
        return policy->stale_ms;
    return kind == ENTRY_TOMBSTONE ? LOCAL_TOMBSTONE_MS : 0;
}

struct local_lifetime local_lifetime_of(const struct local_policy *policy,
                                        const struct cache_entry *entry, int64_t now_ms)
{
    bool is_target = entry->kind == ENTRY_TARGET;
    int64_t ttl_ms = is_target ? policy->ttl_ms : policy->negative_ttl_ms;
    int64_t end_ms = now_ms + ttl_ms;
    return (struct local_lifetime){
        .fresh_until_ms = end_ms - (ttl_ms > LOCAL_PATIENCE_MS ? LOCAL_PATIENCE_MS : 0),
        .keep_until_ms = end_ms + kept_ms(policy, entry->kind),
    };
}

struct local_lifetime local_lifetime_offline(const struct local_policy *policy, int64_t now_ms)
{
    int64_t lifetime_ms = policy->stale_ms > policy->ttl_ms ? policy->stale_ms : policy->ttl_ms;
    return (struct local_lifetime){ .fresh_until_ms = now_ms + lifetime_ms,
                                    .keep_until_ms = now_ms + lifetime_ms };
}

/* --- reading --- */

/* Copies the slot to cache->scratch; NULL when it is being written, is damaged, or belongs to
 * another code. */
static const struct local_slot *copy_slot(struct local_cache *cache, const struct way *way,
                                          const struct place *place, struct slice code)
{
    struct local_slot *copy = (struct local_slot *)(void *)cache->scratch;
    for (int tries = 0; tries < READ_TRIES; tries++) {
        uint64_t before = load(&way->slot->sequence);
        memcpy(copy, way->slot, sizeof(*copy));
        size_t used = sizeof(*copy) + copy->code_bytes + copy->record_bytes;
        if (before & 1 || used > way->slot_bytes)
            return NULL;
        memcpy(copy->bytes, way->slot->bytes, used - sizeof(*copy));
        atomic_thread_fence(memory_order_acquire);
        if (load(&way->slot->sequence) != before)
            continue;
        bool ours = copy->hash == place->hash && copy->code_bytes == code.len &&
                    memcmp(copy->bytes, code.at, code.len) == 0;
        return ours && copy->check == local_cache_check_of(cache, copy) ? copy : NULL;
    }
    return NULL;
}

/* A copy of the valid slot of a code, and its way in *found; NULL when there is none. */
static const struct local_slot *local_cache_look_up(struct local_cache *cache,
                                                    const struct place *place, struct slice code,
                                                    struct way *found)
{
    uint64_t epoch = load(&place->state->epoch);
    for (unsigned class = 0; class < LOCAL_CLASSES; class ++) {
        struct way way = way_of(cache, place, class, 0);
        for (unsigned i = 0; i < LOCAL_WAYS; i++) {
            if (load(&way.set->tags[i]) != place->hash)
                continue;
            *found = way_of(cache, place, class, i);
            const struct local_slot *slot = copy_slot(cache, found, place, code);
            if (slot && slot->epoch == epoch)
                return slot;
        }
    }
    return NULL;
}

enum local_result local_cache_get(struct local_cache *cache, struct slice code, int64_t now_ms,
                                  struct arena *arena, struct local_found *out)
{
    struct place place = local_cache_place_of(cache, code);
    struct way way;
    out->stamp.changes = load(&place.state->changes);
    const struct local_slot *slot = local_cache_look_up(cache, &place, code, &way);
    if (!slot || now_ms >= slot->keep_until_ms)
        return LOCAL_MISS;
    struct slice bytes = { (const char *)slot->bytes + slot->code_bytes, slot->record_bytes };
    bytes.at = arena_copy(arena, bytes);
    if (!bytes.at || !cache_entry_decode(bytes, &out->entry))
        return LOCAL_MISS;
    uint64_t used = 1U << way.index;
    if (!(load(&way.set->meta) & used))
        __atomic_fetch_or(&way.set->meta, used, __ATOMIC_RELAXED);
    if (now_ms < slot->fresh_until_ms)
        return LOCAL_FRESH;
    int64_t late_ms = elapsed_ms(slot->fresh_until_ms, now_ms);
    return late_ms < LOCAL_PATIENCE_MS ? LOCAL_GRACE : LOCAL_STALE;
}

/* --- writing, with the stripe's lock held --- */

/* Second-chance replacement: advances the hand to the first way that was not used since the hand
 * last passed it. */
static unsigned second_chance(struct local_set *set)
{
    uint64_t meta = load(&set->meta);
    unsigned hand = (unsigned)(meta >> HAND_SHIFT) % LOCAL_WAYS;
    uint64_t used = meta & USED_BITS;
    while (used & 1U << hand) {
        used &= ~(uint64_t)(1U << hand);
        hand = (hand + 1) % LOCAL_WAYS;
    }
    store(&set->meta, used | (uint64_t)((hand + 1) % LOCAL_WAYS) << HAND_SHIFT);
    return hand;
}

/* Finds a way that is empty or invalid. */
static bool find_free(const struct local_cache *cache, const struct place *place, unsigned class,
                      struct way *free_way)
{
    uint64_t epoch = load(&place->state->epoch);
    for (unsigned i = 0; i < LOCAL_WAYS; i++) {
        struct way way = way_of(cache, place, class, i);
        if (load(&way.set->tags[i]) == 0 || load(&way.slot->sequence) & 1 ||
            load(&way.slot->epoch) != epoch) {
            *free_way = way;
            return true;
        }
    }
    return false;
}

/* The way for a new entry: a free one of its class or of a larger class, otherwise an evicted one
 * of its class. Sets fill unevenly: using larger classes increases the capacity by a tenth. */
static struct way victim(const struct local_cache *cache, const struct place *place, unsigned class)
{
    struct way way;
    for (unsigned larger = class; larger < LOCAL_CLASSES; larger++) {
        if (find_free(cache, place, larger, &way))
            return way;
    }
    way = way_of(cache, place, class, 0);
    return way_of(cache, place, class, second_chance(way.set));
}

/* Removes the code from every class. */
static void local_cache_forget(struct local_cache *cache, const struct place *place)
{
    for (unsigned class = 0; class < LOCAL_CLASSES; class ++) {
        struct way way = way_of(cache, place, class, 0);
        for (unsigned i = 0; i < LOCAL_WAYS; i++) {
            if (load(&way.set->tags[i]) == place->hash)
                store(&way.set->tags[i], 0);
        }
    }
}

static void local_cache_write_slot(const struct way *way, const struct place *place,
                                   const struct local_slot *content)
{
    struct local_slot *slot = way->slot;
    uint64_t odd = load(&slot->sequence) | 1;
    store(&slot->sequence, odd);
    atomic_thread_fence(memory_order_seq_cst);
    size_t from = offsetof(struct local_slot, hash);
    size_t used = sizeof(*slot) + content->code_bytes + content->record_bytes;
    memcpy((unsigned char *)slot + from, (const unsigned char *)content + from, used - from);
    store(&slot->sequence, odd + 1);
    store(&way->set->tags[way->index], place->hash);
}

/* Builds the slot's content in cache->scratch; returns the class that it fits in, or
 * LOCAL_CLASSES. */
static unsigned build(struct local_cache *cache, const struct place *place, struct slice code,
                      const struct cache_entry *entry, struct local_lifetime life)
{
    struct local_slot *content = (struct local_slot *)(void *)cache->scratch;
    arena_reset(cache->arena);
    struct slice encoded = cache_entry_encode(entry, cache->arena);
    size_t used = sizeof(*content) + code.len + encoded.len;
    unsigned class = 0;
    while (class < LOCAL_CLASSES && cache->layout.classes[class].slot_bytes < used)
        class ++;
    if (encoded.len == 0 || code.len > CODE_MAX || class == LOCAL_CLASSES)
        return LOCAL_CLASSES;
    *content = (struct local_slot){
        .hash = place->hash,
        .epoch = load(&place->state->epoch),
        .fresh_until_ms = life.fresh_until_ms,
        .keep_until_ms = life.keep_until_ms,
        .code_bytes = (uint16_t)code.len,
        .record_bytes = (uint16_t)encoded.len,
    };
    memcpy(content->bytes, code.at, code.len);
    memcpy(content->bytes + code.len, encoded.at, encoded.len);
    content->check = local_cache_check_of(cache, content);
    return class;
}

static void local_cache_write_record(struct local_cache *cache, const struct place *place,
                                     struct slice code, const struct cache_entry *entry,
                                     struct local_lifetime life)
{
    unsigned class = build(cache, place, code, entry, life);
    local_cache_forget(cache, place);
    if (class == LOCAL_CLASSES)
        return;
    struct way way = victim(cache, place, class);
    local_cache_write_slot(&way, place, (const struct local_slot *)(const void *)cache->scratch);
}

static bool lock_stripe(const struct local_cache *cache, const struct place *place)
{
    return !cache->segment || segment_try_lock(cache->segment, SEGMENT_LOCAL, 1 + place->stripe);
}

static void unlock_stripe(const struct local_cache *cache, const struct place *place)
{
    if (cache->segment)
        segment_unlock_byte(cache->segment, SEGMENT_LOCAL, 1 + place->stripe);
}

/* Waits for the stripe's lock, LOCK_TRIES ms at most: writers hold it for a moment only, unless one
 * is stopped. */
static bool lock_soon(const struct local_cache *cache, const struct place *place)
{
    for (int tries = 0; tries < LOCK_TRIES; tries++) {
        if (lock_stripe(cache, place))
            return true;
        monotonic_sleep_ms(1);
    }
    return false;
}

void local_cache_fill(struct local_cache *cache, struct slice code, const struct cache_entry *entry,
                      struct local_lifetime life, struct local_stamp stamp)
{
    struct place place = local_cache_place_of(cache, code);
    if (!lock_stripe(cache, &place))
        return;
    if (load(&place.state->changes) == stamp.changes)
        local_cache_write_record(cache, &place, code, entry, life);
    unlock_stripe(cache, &place);
}

/* Whether `entry` replaces the cached entry of the code. If there is none and `entry` is not a
 * first version, `entry` is stored as stale: it may have been delayed, and a newer version may have
 * been stored and evicted meanwhile. It is stored all the same, because memcached or a replica,
 * which are asked next, may have an older version. */
static bool is_news(struct local_cache *cache, const struct place *place, struct slice code,
                    const struct cache_entry *entry, struct local_lifetime *life)
{
    struct way way;
    struct cache_entry old;
    const struct local_slot *slot = local_cache_look_up(cache, place, code, &way);
    if (!slot && entry->target.version > 1)
        life->fresh_until_ms = 0;
    if (!slot)
        return true;
    struct slice bytes = { (const char *)slot->bytes + slot->code_bytes, slot->record_bytes };
    return !cache_entry_decode(bytes, &old) || cache_entry_supersedes(entry, &old);
}

void local_cache_publish(struct local_cache *cache, struct slice code,
                         const struct cache_entry *entry, struct local_lifetime life)
{
    struct place place = local_cache_place_of(cache, code);
    /* First, so that fills of entries that were read before this moment are discarded. If the lock
     * stays held, the new epoch invalidates all entries of the stripe. */
    add_one(&place.state->changes);
    if (!lock_soon(cache, &place)) {
        add_one(&place.state->epoch);
        return;
    }
    if (is_news(cache, &place, code, entry, &life))
        local_cache_write_record(cache, &place, code, entry, life);
    unlock_stripe(cache, &place);
}

void local_cache_confirm(struct local_cache *cache, struct slice code, uint64_t link_id,
                         struct local_lifetime life)
{
    struct place place = local_cache_place_of(cache, code);
    struct way way;
    struct cache_entry entry;
    add_one(&place.state->changes);
    if (!lock_soon(cache, &place)) {
        add_one(&place.state->epoch);
        return;
    }
    const struct local_slot *slot = local_cache_look_up(cache, &place, code, &way);
    if (slot) {
        struct slice bytes = { (const char *)slot->bytes + slot->code_bytes, slot->record_bytes };
        if (cache_entry_decode(bytes, &entry) && entry.kind == ENTRY_TARGET &&
            entry.target.link_id == link_id && entry.target.version == 1)
            local_cache_write_record(cache, &place, code, &entry, life);
    }
    unlock_stripe(cache, &place);
}

enum local_result local_cache_get_again(struct local_cache *cache, struct slice code,
                                        int64_t now_ms, struct arena *arena,
                                        struct local_found *out)
{
    struct place place = local_cache_place_of(cache, code);
    int64_t end_ms = monotonic_ms() + LOCAL_PATIENCE_MS;
    while (cache->segment && segment_is_locked(cache->segment, SEGMENT_LOCAL, 1 + place.stripe) &&
           monotonic_ms() < end_ms)
        monotonic_sleep_ms(1);
    return local_cache_get(cache, code, now_ms, arena, out);
}
