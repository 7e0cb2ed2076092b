/* SPDX-License-Identifier: MIT */
/* Queries the database and memcached, and reads the circuit breakers. */
#include "service/readiness.h"

/* The key that memcached is asked for: a reserved word, which is never a link's code. */
#define NOBODYS_CODE SLICE("readyz")

struct look {
    const struct readiness_sources *sources;
    struct readiness *out;
};

static enum backend_state readiness_state_of(enum breaker_state state)
{
    switch (state) {
    case BREAKER_OPEN:
        return BACKEND_DOWN;
    case BREAKER_PROBING:
        return BACKEND_PROBING;
    case BREAKER_CLOSED:
        break;
    }
    return BACKEND_UP;
}

/* A backend's kind is the first word of its breaker's name. */
static void look_at_backend(void *context, unsigned slot, struct slice name,
                            enum breaker_state state)
{
    struct look *look = context;
    struct slice kind = { name.at, slice_find(name, ' ') };
    struct readiness_group *group = NULL;
    if (slice_eq(kind, SLICE("memcached")))
        group = &look->out->memcached;
    else if (slice_eq(kind, SLICE("replica")))
        group = &look->out->replicas;
    if (group && breakers_use(look->sources->breakers, slot))
        group->states[group->n++] = readiness_state_of(state);
}

static bool all_are_up(const struct readiness_group *group)
{
    for (size_t i = 0; i < group->n; i++) {
        if (group->states[i] != BACKEND_UP)
            return false;
    }
    return true;
}

static bool one_is_up(const struct readiness_group *group)
{
    for (size_t i = 0; i < group->n; i++) {
        if (group->states[i] == BACKEND_UP)
            return true;
    }
    return false;
}

static enum readiness_status readiness_status_of(const struct readiness_sources *sources,
                                                 const struct readiness *r)
{
    bool database = r->mysql == BACKEND_UP;
    bool owes_links = r->spool_entries > 0 || r->spool_rejected > 0;
    if (database && all_are_up(&r->replicas) && all_are_up(&r->memcached) &&
        r->segment != BACKEND_DOWN && !owes_links)
        return READINESS_READY;
    if (database || one_is_up(&r->replicas) || one_is_up(&r->memcached) || sources->has_local_cache)
        return READINESS_DEGRADED;
    return READINESS_UNAVAILABLE;
}

void readiness_check(const struct readiness_sources *sources, int64_t now_ms, struct arena *arena,
                     struct readiness *out)
{
    const struct metric_labels none = { 0 };
    struct cache_entry entry;
    struct error unheard;
    *out = (struct readiness){ .segment = BACKEND_NONE };
    out->mysql = db_ping(sources->db, &unheard) == DB_OK ? BACKEND_UP : BACKEND_DOWN;
    if (sources->cache)
        (void)cache_get(sources->cache, NOBODYS_CODE, arena, &entry, &unheard);
    if (sources->breakers)
        breakers_walk(sources->breakers, now_ms, look_at_backend, &(struct look){ sources, out });
    if (sources->wants_segment)
        out->segment = sources->has_segment ? BACKEND_UP : BACKEND_DOWN;
    out->spool_entries = metrics_get(sources->metrics, METRIC_SPOOL_ENTRIES, none);
    out->spool_bytes = metrics_get(sources->metrics, METRIC_SPOOL_BYTES, none);
    out->spool_rejected = metrics_get(sources->metrics, METRIC_SPOOL_REJECTED_KEPT, none);
    out->status = readiness_status_of(sources, out);
}

const char *readiness_status_name(enum readiness_status status)
{
    switch (status) {
    case READINESS_READY:
        return "ready";
    case READINESS_DEGRADED:
        return "degraded";
    case READINESS_UNAVAILABLE:
        break;
    }
    return "unavailable";
}

const char *backend_state_name(enum backend_state state)
{
    switch (state) {
    case BACKEND_UP:
        return "up";
    case BACKEND_DOWN:
        return "down";
    case BACKEND_PROBING:
        return "probing";
    case BACKEND_NONE:
        break;
    }
    return "none";
}
