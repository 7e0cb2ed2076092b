/* SPDX-License-Identifier: MIT */
/* Bulk create: drafts every link, then stores them in rounds of one transaction each; a further
 * round is only needed where a generated code was taken. */
#include "service/create_bulk.h"

#include "service/create_offline.h"
#include "service/draft.h"
#include "service/idempotency.h"
#include "service/name.h"

enum {
    ROUNDS_MAX = 16, /* as many codes as create_link() tries */
};

/* The links of a round, in an array for db_links_insert_many. */
struct round {
    struct link *links;
    enum db_result *results;
    struct bulk_item **items; /* the items they belong to */
    size_t n;
};

static bool round_new(struct round *round, struct arena *arena, size_t n)
{
    *round = (struct round){
        .links = arena_alloc(arena, n * sizeof(*round->links)),
        .results = arena_alloc(arena, n * sizeof(*round->results)),
        .items = arena_alloc(arena, n * sizeof(struct bulk_item *)),
    };
    return round->links && round->results && round->items;
}

/* Checks an item's fields and drafts its link, or finds an equal one for `reuse`. */
static void draft_item(const struct shortener *shortener, const struct create_request *request,
                       struct bulk_item *item)
{
    struct create_request own = *request;
    struct error why = { "" };
    own.fields = item->fields;
    own.refused = &item->field;
    item->outcome = draft_new(shortener, &own, &item->link, &why);
    if (item->outcome == OUTCOME_OK && own.fields.reuse) {
        struct link same = { .n_tags = 0 };
        item->outcome = link_find_equal(shortener, &own, &item->link, &same, &why);
        if (item->outcome == OUTCOME_REUSED)
            item->link = same;
        if (item->outcome == OUTCOME_NO_DATABASE)
            item->outcome = OUTCOME_OK; /* create a new one, which may be spooled */
    }
    const char *copy = item->outcome == OUTCOME_OK || item->outcome == OUTCOME_REUSED
                           ? NULL
                           : arena_copy(request->arena, slice_of(why.text));
    item->why = slice_of(copy);
}

static void refuse_taken(struct bulk_item *item)
{
    item->outcome = OUTCOME_ALIAS_TAKEN;
    item->field = FIELD_ALIASES;
    item->why = SLICE("the alias is taken");
}

/* Stores the links of a round; afterwards the round has the items whose generated code was
 * taken. */
static enum outcome store_round(struct shortener *shortener, struct arena *arena,
                                struct round *round, struct error *err)
{
    for (size_t i = 0; i < round->n; i++) {
        struct link *link = &round->items[i]->link;
        enum outcome outcome = name_link(shortener->codes, arena, link, err);
        if (outcome != OUTCOME_OK)
            return outcome;
        round->links[i] = *link;
    }
    enum db_result result =
        db_links_insert_many(shortener->db, round->links, round->n, round->results, err);
    if (result == DB_UNAVAILABLE && shortener->spool)
        return OUTCOME_NO_DATABASE;
    if (result != DB_OK)
        return OUTCOME_UNAVAILABLE;
    size_t left = 0;
    for (size_t i = 0; i < round->n; i++) {
        if (round->results[i] == DB_OK)
            continue;
        if (round->items[i]->link.code_is_alias)
            refuse_taken(round->items[i]);
        else
            round->items[left++] = round->items[i];
    }
    round->n = left;
    return OUTCOME_OK;
}

/* An alias may have been requested before it existed, and be cached as absent. A generated code
 * cannot have been: its first visitor fills the cache. */
static void publish_aliases(const struct shortener *shortener, const struct bulk_item *items,
                            size_t n, int64_t now)
{
    for (size_t i = 0; i < n; i++) {
        if (!items[i].refused && items[i].outcome == OUTCOME_OK && items[i].link.code_is_alias)
            link_cache_publish(shortener->cache, &items[i].link, now);
    }
}

enum outcome create_bulk(struct shortener *shortener, const struct create_request *request,
                         struct bulk_item *items, size_t n, struct error *err)
{
    struct round round;
    if (!round_new(&round, request->arena, n)) {
        error_set(err, "out of memory");
        return OUTCOME_UNAVAILABLE;
    }
    for (size_t i = 0; i < n; i++) {
        if (items[i].refused)
            continue;
        draft_item(shortener, request, &items[i]);
        if (items[i].outcome == OUTCOME_UNAVAILABLE) {
            error_set(err, "%.*s", SLICE_ARG(items[i].why));
            return OUTCOME_UNAVAILABLE;
        }
        if (items[i].outcome == OUTCOME_OK)
            round.items[round.n++] = &items[i];
    }
    for (int rounds = 0; rounds < ROUNDS_MAX && round.n; rounds++) {
        enum outcome outcome = store_round(shortener, request->arena, &round, err);
        if (outcome == OUTCOME_NO_DATABASE) {
            create_offline_many(shortener, request, round.items, round.n, err);
            round.n = 0;
        } else if (outcome != OUTCOME_OK) {
            return outcome;
        }
    }
    for (size_t i = 0; i < round.n; i++)
        round.items[i]->outcome = OUTCOME_UNAVAILABLE;
    publish_aliases(shortener, items, n, request->now);
    return OUTCOME_OK;
}
