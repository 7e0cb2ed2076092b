/* SPDX-License-Identifier: MIT */
/* Each breaker is one 64-bit word, changed by compare-and-swap. A word of 0 is a breaker that is
 * closed and has seen no failure, so that a successful use reads one word and writes none. */
#include "shm/breaker.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "shm/segment_layout.h"

/* The fields of the word, from its low bits on:
 *
 *   kind     2   enum breaker_state, as of the last change
 *   count   11   closed: consecutive failures; otherwise: consecutive successful probes
 *   through 11   probes that were allowed and not yet reported
 *   at_ms   40   monotonic: open: the last failure; probing: when a probe was last allowed
 */
enum {
    KIND_BITS = 2,
    COUNT_BITS = 11,
    THROUGH_BITS = 11,
    THROUGH_MAX = (1 << THROUGH_BITS) - 1,
    AHEAD_MAX_MS = 60000, /* a time farther in the future is damage */
};

static_assert((int)BREAKERS_MAX == (int)SEGMENT_BREAKER_SLOTS, "the table holds so many");
static_assert((int)BREAKER_NAME_MAX == (int)SEGMENT_BREAKER_NAME, "a name fits");
static_assert(BREAKER_COUNT_MAX < (1 << COUNT_BITS), "a count fits");

struct breakers {
    struct breaker_options options;
    struct segment_breakers *table;
    bool own;
    bool found[BREAKERS_MAX]; /* this process called breaker_find for the slot */
};

struct state {
    enum breaker_state kind;
    unsigned count;
    unsigned through;
    int64_t at_ms;
};

/* An invalid kind means that the word is damaged: the breaker is then closed, without failures. */
static struct state unpack(uint64_t word)
{
    unsigned kind = word & ((1U << KIND_BITS) - 1);
    if (kind > BREAKER_PROBING)
        return (struct state){ .kind = BREAKER_CLOSED };
    return (struct state){
        .kind = kind,
        .count = word >> KIND_BITS & ((1U << COUNT_BITS) - 1),
        .through = word >> (KIND_BITS + COUNT_BITS) & THROUGH_MAX,
        .at_ms = (int64_t)(word >> (KIND_BITS + COUNT_BITS + THROUGH_BITS)),
    };
}

static uint64_t pack(struct state state)
{
    return (uint64_t)state.kind | (uint64_t)state.count << KIND_BITS |
           (uint64_t)state.through << (KIND_BITS + COUNT_BITS) |
           (uint64_t)state.at_ms << (KIND_BITS + COUNT_BITS + THROUGH_BITS);
}

static unsigned at_most(unsigned value, unsigned max)
{
    return value < max ? value : max;
}

struct breakers *breakers_open(struct segment *segment, const struct breaker_options *options,
                               struct error *err)
{
    struct breakers *breakers = calloc(1, sizeof(*breakers));
    if (breakers) {
        breakers->options = (struct breaker_options){
            .failures = at_most(options->failures, BREAKER_COUNT_MAX),
            .open_ms = options->open_ms,
            .probes = options->probes ? at_most(options->probes, BREAKER_COUNT_MAX) : 1,
            .metrics = options->metrics,
        };
        breakers->own = !segment;
        breakers->table = segment ? segment_region(segment, SEGMENT_BREAKERS)
                                  : aligned_alloc(alignof(struct segment_breakers),
                                                  sizeof(struct segment_breakers));
    }
    if (!breakers || !breakers->table) {
        error_set(err, "out of memory");
        free(breakers);
        return NULL;
    }
    if (breakers->own)
        memset(breakers->table, 0, sizeof(*breakers->table));
    return breakers;
}

void breakers_close(struct breakers **breakers)
{
    if (*breakers && (*breakers)->own)
        free((*breakers)->table);
    free(*breakers);
    *breakers = NULL;
}

/* --- names --- */

/* Assigns the slot to `hash`; false when it is another backend's. */
static bool claim(struct segment_breaker *slot, uint64_t hash)
{
    uint64_t there = 0;
    return __atomic_compare_exchange_n(&slot->claim, &there, hash, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST) ||
           there == hash;
}

/* Each process that finds the slot without its name writes it, because the first may have been
 * killed; all write the same bytes. */
static void write_name(struct segment_breaker *slot, struct slice name)
{
    if (__atomic_load_n(&slot->name_len, __ATOMIC_ACQUIRE) != 0)
        return;
    for (size_t i = 0; i < name.len; i++)
        __atomic_store_n(&slot->name[i], name.at[i], __ATOMIC_RELAXED);
    __atomic_store_n(&slot->name_len, name.len, __ATOMIC_RELEASE);
}

struct breaker breaker_find(struct breakers *breakers, struct slice name)
{
    if (name.len > BREAKER_NAME_MAX)
        name.len = BREAKER_NAME_MAX;
    uint64_t hash = fnv1a_nonzero(name);
    for (unsigned i = 0; breakers && name.len > 0 && i < BREAKERS_MAX; i++) {
        struct segment_breaker *slot = &breakers->table->slots[i];
        if (!claim(slot, hash))
            continue;
        write_name(slot, name);
        breakers->found[i] = true;
        return (struct breaker){ .all = breakers, .slot = i };
    }
    return (struct breaker){ .all = NULL };
}

/* --- the state machine --- */

/* Milliseconds since `at_ms`; INT64_MAX for a time so far in the future that it must be damaged. */
static int64_t elapsed(int64_t at_ms, int64_t now_ms)
{
    int64_t ms = now_ms - at_ms;
    return ms < -AHEAD_MAX_MS ? INT64_MAX : ms;
}

static bool is_over(const struct state *state, const struct breaker_options *options,
                    int64_t now_ms)
{
    return elapsed(state->at_ms, now_ms) >= options->open_ms;
}

/* Allows one probe; false when `probes` are running already. */
static bool let_through(struct state *state, const struct breaker_options *options, int64_t now_ms)
{
    if (state->through >= options->probes) {
        if (elapsed(state->at_ms, now_ms) < BREAKER_PATIENCE_MS)
            return false;
        state->through = 0;
    }
    state->through++;
    state->at_ms = now_ms;
    return true;
}

/* The state change of breaker_allows; returns whether the use is allowed. */
static bool allow(struct state *state, const struct breaker_options *options, int64_t now_ms)
{
    switch (state->kind) {
    case BREAKER_OPEN:
        if (!is_over(state, options, now_ms))
            return false;
        state->kind = BREAKER_PROBING;
        state->through = 0;
        return let_through(state, options, now_ms);
    case BREAKER_PROBING:
        return let_through(state, options, now_ms);
    case BREAKER_CLOSED:
        break;
    }
    return true;
}

/* The state change of breaker_wants_probe. An open breaker has one place for a probe, which the
 * maintenance thread may use repeatedly. */
static bool want(struct state *state, const struct breaker_options *options, int64_t now_ms)
{
    if (state->kind == BREAKER_PROBING)
        return let_through(state, options, now_ms);
    if (state->kind == BREAKER_OPEN)
        state->through = 1;
    return state->kind == BREAKER_OPEN;
}

/* The state changes of breaker_report; they return whether the kind of state has changed. A report
 * to a breaker that is not closed counts only if a probe is running: otherwise its use began before
 * the breaker opened. */
static bool hear_good(struct state *state, const struct breaker_options *options, int64_t now_ms)
{
    (void)now_ms;
    bool was_closed = state->kind == BREAKER_CLOSED;
    if (!was_closed && state->through == 0)
        return false;
    if (!was_closed && ++state->count < options->probes) {
        state->through--;
        return false;
    }
    *state = (struct state){ .kind = BREAKER_CLOSED };
    return !was_closed;
}

static bool hear_bad(struct state *state, const struct breaker_options *options, int64_t now_ms)
{
    bool was_open = state->kind == BREAKER_OPEN;
    if (state->kind == BREAKER_CLOSED ? ++state->count < options->failures : state->through == 0)
        return false;
    *state = (struct state){ .kind = BREAKER_OPEN, .at_ms = now_ms };
    return !was_open;
}

/* The state change of breaker_open; returns whether the kind of state has changed. */
static bool open_at_once(struct state *state, const struct breaker_options *options, int64_t now_ms)
{
    (void)options;
    bool was_open = state->kind == BREAKER_OPEN;
    if (!was_open)
        *state = (struct state){ .kind = BREAKER_OPEN, .at_ms = now_ms };
    return !was_open;
}

/* --- the word --- */

static uint64_t *word_of(struct breaker breaker)
{
    return &breaker.all->table->slots[breaker.slot].state;
}

static bool never_opens(struct breaker breaker)
{
    return !breaker.all || breaker.all->options.failures == 0;
}

typedef bool change_state(struct state *state, const struct breaker_options *options,
                          int64_t now_ms);

/* Applies a state change atomically; returns its result. */
static bool breaker_change(struct breaker breaker, change_state *how, int64_t now_ms)
{
    uint64_t *word = word_of(breaker);
    uint64_t seen = __atomic_load_n(word, __ATOMIC_SEQ_CST);
    struct state state;
    bool answer;
    do {
        state = unpack(seen);
        answer = how(&state, &breaker.all->options, now_ms);
    } while (pack(state) != seen &&
             !__atomic_compare_exchange_n(word, &seen, pack(state), false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_SEQ_CST));
    return answer;
}

static bool is_closed(struct breaker breaker)
{
    return unpack(__atomic_load_n(word_of(breaker), __ATOMIC_RELAXED)).kind == BREAKER_CLOSED;
}

bool breaker_allows(struct breaker breaker, int64_t now_ms)
{
    return never_opens(breaker) || is_closed(breaker) || breaker_change(breaker, allow, now_ms);
}

bool breaker_wants_probe(struct breaker breaker, int64_t now_ms)
{
    return !never_opens(breaker) && !is_closed(breaker) && breaker_change(breaker, want, now_ms);
}

void breaker_report(struct breaker breaker, bool good, int64_t now_ms)
{
    if (never_opens(breaker))
        return;
    bool turned = breaker_change(breaker, good ? hear_good : hear_bad, now_ms);
    if (turned && !good)
        metrics_count(breaker.all->options.metrics, METRIC_BREAKER_OPENED, (uint8_t)breaker.slot);
}

void breaker_open(struct breaker breaker, int64_t now_ms)
{
    if (!never_opens(breaker) && breaker_change(breaker, open_at_once, now_ms))
        metrics_count(breaker.all->options.metrics, METRIC_BREAKER_OPENED, (uint8_t)breaker.slot);
}

enum breaker_state breaker_state(struct breaker breaker, int64_t now_ms)
{
    if (never_opens(breaker))
        return BREAKER_CLOSED;
    struct state state = unpack(__atomic_load_n(word_of(breaker), __ATOMIC_SEQ_CST));
    if (state.kind == BREAKER_OPEN && is_over(&state, &breaker.all->options, now_ms))
        return BREAKER_PROBING;
    return state.kind;
}

const char *breaker_state_name(enum breaker_state state)
{
    switch (state) {
    case BREAKER_CLOSED:
        return "closed";
    case BREAKER_OPEN:
        return "open";
    case BREAKER_PROBING:
        break;
    }
    return "probing";
}

void breakers_walk(const struct breakers *breakers, int64_t now_ms, breakers_each *each,
                   void *context)
{
    for (unsigned i = 0; i < BREAKERS_MAX; i++) {
        const struct segment_breaker *slot = &breakers->table->slots[i];
        size_t len = __atomic_load_n(&slot->name_len, __ATOMIC_ACQUIRE);
        if (len == 0 || len > BREAKER_NAME_MAX)
            continue;
        const struct breaker breaker = { .all = (struct breakers *)breakers, .slot = i };
        each(context, i, (struct slice){ slot->name, len }, breaker_state(breaker, now_ms));
    }
}

bool breakers_use(const struct breakers *breakers, unsigned slot)
{
    return slot < BREAKERS_MAX && breakers->found[slot];
}
