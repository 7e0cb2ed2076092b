/* SPDX-License-Identifier: MIT */
/* Creates a link: checks the fields, looks for an earlier link, allocates an id, and stores the
 * link in one transaction. */
#include "service/shorten.h"

#include "service/draft.h"
#include "service/idempotency.h"
#include "service/name.h"
#include "service/publish.h"
#include "service/spooling.h"

enum {
    /* Generated codes that are taken as aliases already; more in a row than this means that
     * something else is wrong. */
    COLLISIONS_MAX = 16,
};

static enum db_result insert(const struct shortener *shortener,
                             const struct shorten_request *request, const struct link *link,
                             struct error *err)
{
    if (request->idempotency_key.len == 0)
        return db_link_insert(shortener->db, link, err);
    const struct idempotency key = idempotency_of(request);
    return db_link_insert_once(shortener->db, link, &key, err);
}

/* A code of the link is taken, perhaps by the same create a moment ago. SHORTEN_MADE: try another
 * code. */
static enum shorten_outcome explain_taken(const struct shortener *shortener,
                                          const struct shorten_request *request, struct link *link,
                                          struct error *err)
{
    if (!link->code_is_alias)
        return SHORTEN_MADE;
    if (request->idempotency_key.len) {
        enum shorten_outcome outcome = idempotency_find(shortener, request, 0, link, err);
        if (outcome != SHORTEN_MADE)
            return outcome;
    }
    error_set(err, "the alias is taken");
    return SHORTEN_ALIAS_TAKEN;
}

static enum shorten_outcome shorten_store(struct shortener *shortener,
                                          const struct shorten_request *request, struct link *link,
                                          struct error *err)
{
    for (int tries = 0; tries < COLLISIONS_MAX; tries++) {
        enum shorten_outcome outcome = name_link(shortener->codes, request->arena, link, err);
        if (outcome != SHORTEN_MADE)
            return outcome;
        switch (insert(shortener, request, link, err)) {
        case DB_OK:
            return SHORTEN_MADE;
        case DB_TAKEN:
            outcome = explain_taken(shortener, request, link, err);
            break;
        case DB_REPEATED: /* by the same create at the same time, or by one that is being purged */
            outcome = idempotency_find(shortener, request, 0, link, err);
            break;
        case DB_MISSING:
        case DB_STALE:
        case DB_FAILED:
            outcome = SHORTEN_UNAVAILABLE;
            break;
        case DB_UNAVAILABLE:
            outcome = SHORTEN_AWAY;
            break;
        }
        if (outcome != SHORTEN_MADE)
            return outcome;
    }
    error_set(err, "%d attempts in a row have found their code taken", COLLISIONS_MAX);
    return SHORTEN_UNAVAILABLE;
}

/* Finds the link of an earlier, equal create. The spool is read before the database, so that a link
 * which is replayed in between is found in one of the two. */
static enum shorten_outcome shorten_recall(struct shortener *shortener,
                                           const struct shorten_request *request, struct link *link,
                                           struct error *err)
{
    enum shorten_outcome outcome = SHORTEN_MADE;
    if (request->idempotency_key.len)
        outcome = spooling_recall(shortener, request, link, err);
    if (outcome == SHORTEN_MADE && request->idempotency_key.len)
        outcome =
            idempotency_find(shortener, request, request->now - IDEMPOTENCY_LIFE_S, link, err);
    if (outcome != SHORTEN_MADE || !request->wishes.reuse)
        return outcome;
    struct link same = { .n_tags = 0 };
    outcome = link_find_equal(shortener, request, link, &same, err);
    if (outcome == SHORTEN_REUSED)
        *link = same;
    return outcome;
}

enum shorten_outcome shorten(struct shortener *shortener, const struct shorten_request *request,
                             struct link *out, struct error *err)
{
    struct link link;
    enum shorten_outcome outcome = draft_new(shortener, request, &link, err);
    if (outcome == SHORTEN_MADE)
        outcome = shorten_recall(shortener, request, &link, err);
    if (outcome == SHORTEN_MADE)
        outcome = shorten_store(shortener, request, &link, err);
    if (outcome == SHORTEN_MADE) {
        publish_link(shortener, &link, request->now);
        spooling_end(shortener);
    }
    if (outcome == SHORTEN_AWAY)
        outcome = spooling_keep(shortener, request, &link, err);
    *out = link;
    return outcome;
}
