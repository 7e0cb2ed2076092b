/* SPDX-License-Identifier: MIT */
/* Appends links to the spool, then publishes them to the caches. */
#include "service/create_offline.h"

#include "service/idempotency.h"
#include "service/name.h"

enum {
    /* Generated codes that the caches have as aliases of other links; more in a row than this means
     * that something else is wrong. */
    COLLISIONS_MAX = 16,
};

/* Why the link cannot be spooled; NULL: it can. */
static const char *create_offline_why_not(const struct shortener *shortener,
                                          const struct link *link)
{
    if (!shortener->spool)
        return "the database is unavailable";
    if (link->code_is_alias)
        return "the database, which knows whether the alias is free, is unavailable";
    if (link->target.max_clicks)
        return "the database, which counts max_clicks, is unavailable";
    return NULL;
}

/* --- codes --- */

/* Names the link. A code that is another link's in a cache is that link's alias; about other codes
 * the database decides when the link is replayed. */
static enum outcome create_offline_name(const struct shortener *shortener, struct arena *arena,
                                        struct link *link, struct error *err)
{
    bool is_named = link->target.link_id > 0;
    for (int tries = 0; tries < COLLISIONS_MAX; tries++) {
        enum outcome outcome =
            is_named ? OUTCOME_OK : name_link(shortener->codes, arena, link, err);
        if (outcome != OUTCOME_OK || !link_cache_has_other(shortener->cache, link, arena))
            return outcome;
        is_named = false; /* that code is taken, so the database has not stored the link */
    }
    error_set(err, "%d generated codes in a row are aliases of other links", COLLISIONS_MAX);
    return OUTCOME_UNAVAILABLE;
}

/* --- spooling --- */

static struct spool_entry entry_of(const struct create_request *request, const struct link *link)
{
    struct spool_entry entry = { .link = *link, .has_key = request->idempotency_key.len > 0 };
    if (entry.has_key)
        entry.key = idempotency_of(request);
    return entry;
}

static bool create_offline_append(const struct shortener *shortener,
                                  const struct spool_entry *entries, size_t n, struct error *err)
{
    const struct metric_labels none = { 0 };
    bool kept = spool_append(shortener->spool, entries, n, err);
    metrics_add(shortener->metrics, kept ? METRIC_SPOOL_ACCEPTED : METRIC_SPOOL_REFUSED, none, n);
    return kept;
}

enum outcome create_offline(struct shortener *shortener, const struct create_request *request,
                            struct link *link, struct error *err)
{
    if (create_offline_why_not(shortener, link))
        return OUTCOME_UNAVAILABLE;
    enum outcome outcome = create_offline_name(shortener, request->arena, link, err);
    if (outcome != OUTCOME_OK)
        return outcome;
    const struct spool_entry entry = entry_of(request, link);
    if (!create_offline_append(shortener, &entry, 1, err))
        return OUTCOME_UNAVAILABLE;
    link_cache_publish_offline(shortener->cache, link, request->now);
    return OUTCOME_SPOOLED;
}

void create_offline_many(struct shortener *shortener, const struct create_request *request,
                         struct bulk_item **items, size_t n, struct error *err)
{
    struct spool_entry *entries = arena_alloc(request->arena, (n + 1) * sizeof(*entries));
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct bulk_item *item = items[i];
        const char *why =
            entries ? create_offline_why_not(shortener, &item->link) : "out of memory";
        if (!why && create_offline_name(shortener, request->arena, &item->link, err) != OUTCOME_OK)
            why = "no code could be generated";
        item->why = slice_of(why);
        item->outcome = why ? OUTCOME_UNAVAILABLE : OUTCOME_SPOOLED;
        if (!why)
            entries[kept++] = entry_of(request, &item->link);
    }
    bool safe = kept > 0 && create_offline_append(shortener, entries, kept, err);
    for (size_t i = 0; i < n; i++) {
        struct bulk_item *item = items[i];
        if (item->outcome != OUTCOME_SPOOLED)
            continue;
        if (safe) {
            link_cache_publish_offline(shortener->cache, &item->link, request->now);
        } else {
            item->outcome = OUTCOME_UNAVAILABLE;
            item->why = SLICE("the spool is full or cannot be written");
        }
    }
}

/* --- look-up --- */

enum outcome create_offline_find(const struct shortener *shortener,
                                 const struct create_request *request, struct link *out,
                                 struct error *err)
{
    struct spool_entry entry;
    const struct idempotency wanted = idempotency_of(request);
    if (!shortener->spool ||
        !spool_find_key(shortener->spool, wanted.key_hash, request->arena, &entry))
        return OUTCOME_OK;
    if (memcmp(entry.key.fingerprint, wanted.fingerprint, sizeof(wanted.fingerprint)) != 0) {
        error_set(err, "the Idempotency-Key was used for another body");
        return OUTCOME_KEY_CONFLICT;
    }
    *out = entry.link;
    return OUTCOME_SPOOLED;
}

void create_offline_end(const struct shortener *shortener)
{
    if (shortener->spool)
        spool_let_go(shortener->spool);
}
