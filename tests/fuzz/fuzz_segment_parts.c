/* SPDX-License-Identifier: MIT */
/* The parts of the segment, one after the other. */
#include "fuzz_segment_parts.h"

#include <string.h>

#include "fuzz.h"
#include "link/keyed_hash.h"
#include "shm/breaker.h"
#include "shm/buckets.h"
#include "shm/invalidation_queue.h"
#include "shm/key_cache.h"
#include "shm/local_layout.h"
#include "shm/metrics.h"
#include "shm/replica_lag.h"
#include "shm/segment_layout.h"

static const char *const CODES[] = { "spring", "summer", "x" };

static struct slice code_of(unsigned byte)
{
    return slice_of(CODES[byte % (sizeof(CODES) / sizeof(CODES[0]))]);
}

/* --- ids */

void fuzz_segment_ids(struct fuzz_segment *s, struct slice *input)
{
    char name[SEQUENCE_NAME_MAX + 2] = { 0 };
    struct id_range range = { .next = fuzz_number(input) };
    uint64_t id;
    uint64_t left;
    range.limit = fuzz_number(input);
    fuzz_bytes(input, name, fuzz_byte(input) % sizeof(name));
    name[sizeof(name) - 1] = '\0';
    (void)segment_id_fetch_begin(s->segment, name, FUZZ_NOW_MS, 1000);
    (void)segment_id_put(s->segment, name, range);
    struct segment_id_stock stock = segment_id_stock(s->segment, name);
    MUST(stock.room <= SEGMENT_ID_RANGES);
    bool taken = segment_id_take(s->segment, name, &id, &left);
    MUST(taken == (stock.left > 0));
    MUST(!taken || (stock.left == UINT64_MAX ? left >= stock.left - 1 : left == stock.left - 1));
    (void)segment_id_end(s->segment, name);
    if (stock.left == 0)
        segment_id_drop(s->segment, name);
}

/* --- buckets */

static void check_verdict(const struct rate_verdict *verdict, const struct rate *rate)
{
    MUST(verdict->remaining >= 0 && verdict->remaining <= rate->burst);
    MUST(verdict->reset_us >= 0 && verdict->reset_us <= RATE_DEBT_MAX);
    MUST(verdict->retry_us >= 0);
}

void fuzz_segment_buckets(struct fuzz_segment *s, struct slice *input)
{
    const struct rate rate = { .interval_us = 1000000, .burst = 10 };
    struct error err = { "" };
    struct buckets *buckets = buckets_open(s->segment, &err);
    MUST(buckets != NULL);
    struct slice name = code_of(fuzz_byte(input));
    uint64_t tokens = fuzz_byte(input);
    int64_t now_us = (int64_t)FUZZ_NOW_MS * 1000;
    struct rate_verdict verdict = buckets_look(buckets, name, &rate, now_us);
    check_verdict(&verdict, &rate);
    verdict = buckets_take(buckets, name, &rate, tokens, now_us);
    check_verdict(&verdict, &rate);
    buckets_charge(buckets, name, &rate, tokens, now_us);
    verdict = buckets_look(buckets, name, &rate, now_us);
    check_verdict(&verdict, &rate);
    buckets_close(&buckets);
}

/* --- metrics */

static void count(void *context, const struct metric_reading *reading)
{
    MUST(reading->metric > METRIC_NONE && reading->metric < METRIC_N);
    ++*(size_t *)context;
}

static void read_metrics(struct segment *segment)
{
    size_t n = 0;
    struct error err = { "" };
    struct metrics *metrics = metrics_open(segment, &err);
    MUST(metrics != NULL);
    MUST(metrics_walk(metrics, count, &n) && n <= METRICS_SERIES_MAX);
    (void)metrics_get(metrics, METRIC_UNTRUSTED_PROXY, (struct metric_labels){ 0 });
    (void)metrics_dropped(metrics);
    for (unsigned holding = 0; holding < HOLDING_N; holding++)
        MUST(metrics_held(metrics, (enum metric_holding)holding) >= 0);
    metrics_close(&metrics);
}

void fuzz_segment_metrics(struct fuzz_segment *s, struct slice *input)
{
    struct error err = { "" };
    struct metrics *metrics = metrics_open(s->segment, &err);
    MUST(metrics != NULL);
    struct metric_labels labels = { .a = (uint8_t)fuzz_byte(input),
                                    .b = (uint8_t)fuzz_byte(input) };
    metrics_add(metrics, METRIC_HTTP_REQUESTS, labels, fuzz_byte(input));
    metrics_set(metrics, METRIC_IDS_LEFT, labels, (int64_t)fuzz_number(input));
    metrics_observe_us(metrics, METRIC_HTTP_DURATION, labels, (int64_t)fuzz_number(input));
    metrics_hold(metrics, HOLDING_WORKERS, 1);
    metrics_close(&metrics);
    read_metrics(s->segment);
}

/* --- breakers */

static void check_breaker(void *context, unsigned slot, struct slice name, enum breaker_state state)
{
    (void)context;
    MUST(slot < BREAKERS_MAX && name.len > 0 && name.len <= BREAKER_NAME_MAX);
    MUST(state == BREAKER_CLOSED || state == BREAKER_OPEN || state == BREAKER_PROBING);
}

static void read_breakers(struct segment *segment)
{
    const struct breaker_options options = BREAKER_DEFAULTS;
    struct error err = { "" };
    struct breakers *breakers = breakers_open(segment, &options, &err);
    MUST(breakers != NULL);
    breakers_walk(breakers, FUZZ_NOW_MS, check_breaker, NULL);
    breakers_close(&breakers);
}

/* Whatever its word was: bad reports open a breaker within some minutes, and good probes close it.
 */
static void lease(struct breaker breaker)
{
    int64_t now_ms = FUZZ_NOW_MS;
    for (unsigned i = 0; i < 2 * BREAKER_COUNT_MAX; i++, now_ms += 100) {
        if (breaker_allows(breaker, now_ms))
            breaker_report(breaker, false, now_ms);
    }
    MUST(!breaker.all || breaker_state(breaker, now_ms - 100) == BREAKER_OPEN);
    now_ms += 10 * 60 * 1000;
    for (unsigned i = 0; i < 3; i++) {
        MUST(breaker_allows(breaker, now_ms));
        breaker_report(breaker, true, now_ms);
    }
    MUST(breaker_state(breaker, now_ms) == BREAKER_CLOSED);
}

void fuzz_segment_breakers(struct fuzz_segment *s, struct slice *input)
{
    const struct breaker_options options = BREAKER_DEFAULTS;
    struct error err = { "" };
    struct breakers *breakers = breakers_open(s->segment, &options, &err);
    MUST(breakers != NULL);
    struct breaker breaker = breaker_find(breakers, code_of(fuzz_byte(input)));
    (void)breaker_wants_probe(breaker, FUZZ_NOW_MS);
    (void)breaker_state(breaker, FUZZ_NOW_MS);
    lease(breaker);
    breakers_close(&breakers);
    read_breakers(s->segment);
}

/* --- keys */

void fuzz_segment_keys(struct fuzz_segment *s, struct slice *input)
{
    unsigned char code_key[BIJECTION_KEY_BYTES];
    struct api_key key = { .id = fuzz_byte(input), .user = code_of(fuzz_byte(input)) };
    struct api_key found;
    if (key_cache_find(s->segment, key.id, 0, s->arena, &found)) {
        MUST(found.id == key.id && found.user.len <= USER_NAME_MAX);
        MUST(found.role == ROLE_ADMIN || found.role == ROLE_USER);
    }
    key_cache_confirm(s->segment, &key, FUZZ_NOW_MS, key_cache_stamp(s->segment));
    MUST(key_cache_find(s->segment, key.id, 0, s->arena, &found));
    MUST(slice_eq(found.user, key.user) && found.role == key.role);
    key_cache_forget(s->segment, key.id);
    MUST(!key_cache_find(s->segment, key.id, 0, s->arena, &found));
    (void)key_cache_code_key(s->segment, code_key);
    memset(code_key, 1, sizeof(code_key));
    key_cache_set_code_key(s->segment, code_key);
    MUST(key_cache_code_key(s->segment, code_key) && code_key[0] == 1);
}

/* --- replicas */

void fuzz_segment_replicas(struct fuzz_segment *s, struct slice *input)
{
    const struct breaker_options options = BREAKER_DEFAULTS;
    struct error err = { "" };
    struct breakers *breakers = breakers_open(s->segment, &options, &err);
    struct replica_lags *lags = replica_lags_open(s->segment, &err);
    MUST(breakers != NULL && lags != NULL);
    struct breaker breaker = breaker_find(breakers, SLICE("a replica"));
    int64_t lag_ms = replica_lags_get(lags, breaker, FUZZ_NOW_MS);
    MUST(lag_ms >= -1 && lag_ms <= 2 * REPLICA_LAG_MAX_MS);
    int64_t seen_ms = (int64_t)(fuzz_number(input) >> 1);
    lag_ms = replica_lags_see(lags, breaker, seen_ms, FUZZ_NOW_MS);
    MUST(lag_ms >= -1 && lag_ms <= REPLICA_LAG_MAX_MS);
    MUST(lag_ms < 0 || replica_lags_get(lags, breaker, FUZZ_NOW_MS) == lag_ms);
    replica_lags_close(&lags);
    breakers_close(&breakers);
}

/* --- invalidation queue --- */

void fuzz_segment_unpublished(struct fuzz_segment *s, struct slice *input)
{
    struct invalidation *codes = arena_alloc(s->arena, INVALIDATIONS_MAX * sizeof(*codes));
    struct invalidation_queue *invalidations = invalidation_queue_open(s->segment);
    MUST(codes != NULL && invalidations != NULL);
    struct slice code = code_of(fuzz_byte(input));
    if (invalidation_queue_add(invalidations, code, fuzz_byte(input) & 1))
        MUST(invalidation_queue_has(invalidations, code));
    size_t n = invalidation_queue_list(invalidations, codes, INVALIDATIONS_MAX, FUZZ_NOW_MS);
    MUST(n <= INVALIDATIONS_MAX);
    for (size_t i = 0; i < n; i++) {
        MUST(codes[i].slot < INVALIDATIONS_MAX && codes[i].len <= CODE_MAX);
        codes[i].is_removed = true;
    }
    invalidation_queue_removed(invalidations, codes, n, FUZZ_NOW_MS);
    (void)invalidation_queue_lost(invalidations);
    invalidation_queue_close(&invalidations);
}

/* --- the local cache */

void fuzz_segment_put_slot(struct fuzz_segment *s, struct slice *input)
{
    const struct local_class *class = &s->local->layout.classes[fuzz_byte(input) % LOCAL_CLASSES];
    struct slice code = code_of(fuzz_byte(input));
    size_t way = fuzz_byte(input) % LOCAL_WAYS;
    uint64_t hash = local_hash(s->local, code);
    size_t set = (hash >> 58) * class->sets_per_stripe + hash % class->sets_per_stripe;
    unsigned char *base = s->local->base;
    struct local_slot *slot =
        (void *)(base + class->slots_at + (set * LOCAL_WAYS + way) * class->slot_bytes);
    fuzz_bytes(input, &slot->epoch, sizeof(*slot) - offsetof(struct local_slot, epoch));
    size_t n = (size_t)fuzz_byte(input) << 8 | fuzz_byte(input);
    size_t room = class->slot_bytes - sizeof(*slot) - code.len;
    struct slice entry = fuzz_take(input, n < room ? n : room);
    memcpy(slot->bytes, code.at, code.len);
    if (entry.len)
        memcpy(slot->bytes + code.len, entry.at, entry.len);
    slot->code_bytes = (uint16_t)code.len;
    slot->record_bytes = (uint16_t)entry.len;
    slot->epoch %= 2;
    slot->hash = hash;
    slot->sequence = 2;
    slot->check =
        keyed_hash(s->local->key, &slot->epoch,
                   sizeof(*slot) - offsetof(struct local_slot, epoch) + code.len + entry.len) ^
        hash;
    ((struct local_set *)(void *)(base + class->sets_at))[set].tags[way] = hash;
}

static bool look_up(struct fuzz_segment *s, struct slice code, struct local_found *found)
{
    enum local_result result = local_cache_get(s->local, code, FUZZ_NOW_MS, s->arena, found);
    if (result == LOCAL_MISS)
        return false;
    MUST(found->entry.kind >= ENTRY_TARGET && found->entry.kind <= ENTRY_TOMBSTONE);
    MUST(found->entry.target.long_url.len < LOCAL_SLOT_MAX);
    return true;
}

void fuzz_segment_local(struct fuzz_segment *s, struct slice *input)
{
    const struct local_policy policy = { .ttl_ms = 5000, .negative_ttl_ms = 1000 };
    const struct cache_entry entry = { .kind = ENTRY_TARGET,
                                       .target = { .link_id = 1,
                                                   .version = 1 + fuzz_byte(input),
                                                   .redirect_status = 302,
                                                   .long_url = SLICE("https://a.example/") } };
    struct slice code = code_of(fuzz_byte(input));
    struct local_lifetime life = local_lifetime_of(&policy, &entry, FUZZ_NOW_MS);
    struct local_found found;
    bool known = look_up(s, code, &found);
    if (local_cache_lease(s->local, code, FUZZ_NOW_MS))
        local_cache_release(s->local, code);
    if (!known) {
        local_cache_fill(s->local, code, &entry, life, found.stamp);
        MUST(look_up(s, code, &found) && found.entry.target.version == entry.target.version);
    }
    local_cache_publish(s->local, code, &entry, life);
    local_cache_confirm(s->local, code, 1, life);
    (void)look_up(s, code, &found);
}

/* --- a mapping that cannot be written to --- */

void fuzz_segment_look(struct segment *segment)
{
    struct invalidation_queue *invalidations = invalidation_queue_open(segment);
    MUST(invalidations != NULL);
    (void)invalidation_queue_count(invalidations);
    (void)invalidation_queue_has(invalidations, SLICE("spring"));
    invalidation_queue_close(&invalidations);
    read_breakers(segment);
    read_metrics(segment);
    (void)segment_id_end(segment, "default");
}
