/* SPDX-License-Identifier: MIT */
/* Creates a link: checks the fields, looks for an earlier link, allocates an id, and stores the
 * link in one transaction. */
#include "service/create.h"

#include "service/create_offline.h"
#include "service/draft.h"
#include "service/idempotency.h"
#include "service/name.h"

enum {
    /* Generated codes that are taken as aliases already; more in a row than this means that
     * something else is wrong. */
    COLLISIONS_MAX = 16,
};

static enum db_result create_insert(const struct shortener *shortener,
                                    const struct create_request *request, const struct link *link,
                                    struct error *err)
{
    if (request->idempotency_key.len == 0)
        return db_link_insert(shortener->db, link, NULL, err);
    const struct idempotency key = idempotency_of(request);
    return db_link_insert(shortener->db, link, &key, err);
}

/* A code of the link is taken, perhaps by the same create a moment ago. OUTCOME_OK: try another
 * code. */
static enum outcome explain_taken(const struct shortener *shortener,
                                  const struct create_request *request, struct link *link,
                                  struct error *err)
{
    if (!link->code_is_alias)
        return OUTCOME_OK;
    if (request->idempotency_key.len) {
        enum outcome outcome = idempotency_find(shortener, request, 0, link, err);
        if (outcome != OUTCOME_OK)
            return outcome;
    }
    error_set(err, "the alias is taken");
    if (request->refused)
        *request->refused = FIELD_ALIASES;
    return OUTCOME_ALIAS_TAKEN;
}

static enum outcome create_store(struct shortener *shortener, const struct create_request *request,
                                 struct link *link, struct error *err)
{
    for (int tries = 0; tries < COLLISIONS_MAX; tries++) {
        enum outcome outcome = name_link(shortener->codes, request->arena, link, err);
        if (outcome != OUTCOME_OK)
            return outcome;
        switch (create_insert(shortener, request, link, err)) {
        case DB_OK:
            return OUTCOME_OK;
        case DB_TAKEN:
            outcome = explain_taken(shortener, request, link, err);
            break;
        case DB_REPEATED: /* by the same create at the same time, or by one that is being purged */
            outcome = idempotency_find(shortener, request, 0, link, err);
            break;
        case DB_MISSING:
        case DB_STALE:
        case DB_FAILED:
            outcome = OUTCOME_UNAVAILABLE;
            break;
        case DB_UNAVAILABLE:
            outcome = OUTCOME_NO_DATABASE;
            break;
        }
        if (outcome != OUTCOME_OK)
            return outcome;
    }
    error_set(err, "%d attempts in a row have found their code taken", COLLISIONS_MAX);
    return OUTCOME_UNAVAILABLE;
}

/* Finds the link of an earlier, equal create. The spool is read before the database, so that a link
 * which is replayed in between is found in one of the two. */
static enum outcome create_find_earlier(struct shortener *shortener,
                                        const struct create_request *request, struct link *link,
                                        struct error *err)
{
    enum outcome outcome = OUTCOME_OK;
    if (request->idempotency_key.len)
        outcome = create_offline_find(shortener, request, link, err);
    if (outcome == OUTCOME_OK && request->idempotency_key.len)
        outcome =
            idempotency_find(shortener, request, request->now - IDEMPOTENCY_LIFE_S, link, err);
    if (outcome != OUTCOME_OK || !request->fields.reuse)
        return outcome;
    struct link same = { .n_tags = 0 };
    outcome = link_find_equal(shortener, request, link, &same, err);
    if (outcome == OUTCOME_REUSED)
        *link = same;
    return outcome;
}

enum outcome create_link(struct shortener *shortener, const struct create_request *request,
                         struct link *out, struct error *err)
{
    struct link link;
    enum outcome outcome = draft_new(shortener, request, &link, err);
    if (outcome == OUTCOME_OK)
        outcome = create_find_earlier(shortener, request, &link, err);
    if (outcome == OUTCOME_OK)
        outcome = create_store(shortener, request, &link, err);
    if (outcome == OUTCOME_OK) {
        link_cache_publish(shortener->cache, &link, request->now);
        create_offline_end(shortener);
    }
    if (outcome == OUTCOME_NO_DATABASE)
        outcome = create_offline(shortener, request, &link, err);
    *out = link;
    return outcome;
}
