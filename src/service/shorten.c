/* SPDX-License-Identifier: MIT */
/* Making links: checks first, then an id, then one transaction. */
#include "service/shorten.h"

#include "service/draft.h"
#include "service/publish.h"

enum {
    /* Generated codes that aliases took before us; more in a row than this means that something
     * else is wrong. */
    COLLISIONS_MAX = 16,
};

/* Gives the link its id and, unless it has an alias, the code made from it. */
static enum shorten_outcome name(struct shortener *shortener, struct arena *arena,
                                 struct link *link, struct error *err)
{
    char code[CODE_MAX + 1];
    enum codes_result result = link->code_is_alias
                                   ? codes_next_id(shortener->codes, &link->target.link_id, err)
                                   : codes_next(shortener->codes, &link->target.link_id, code, err);
    if (result != CODES_OK)
        return result == CODES_EXHAUSTED ? SHORTEN_EXHAUSTED : SHORTEN_UNAVAILABLE;
    if (link->code_is_alias)
        return SHORTEN_MADE;
    const char *copy = arena_copy(arena, slice_of(code));
    link->code = slice_of(copy);
    return copy ? SHORTEN_MADE : SHORTEN_UNAVAILABLE;
}

static enum shorten_outcome store(struct shortener *shortener, struct arena *arena,
                                  struct link *link, struct error *err)
{
    for (int tries = 0; tries < COLLISIONS_MAX; tries++) {
        enum shorten_outcome outcome = name(shortener, arena, link, err);
        if (outcome != SHORTEN_MADE)
            return outcome;
        switch (db_link_insert(shortener->db, link, err)) {
        case DB_OK:
            return SHORTEN_MADE;
        case DB_TAKEN:
            if (link->code_is_alias) {
                error_set(err, "the alias is taken");
                return SHORTEN_ALIAS_TAKEN;
            }
            break; /* an alias spelt like our code was first: the next id */
        case DB_MISSING:
        case DB_STALE:
        case DB_REPEATED:
        case DB_UNAVAILABLE:
        case DB_FAILED:
            return SHORTEN_UNAVAILABLE;
        }
    }
    error_set(err, "%d generated codes in a row are taken", COLLISIONS_MAX);
    return SHORTEN_UNAVAILABLE;
}

enum shorten_outcome shorten(struct shortener *shortener, const struct shorten_request *request,
                             struct link *out, struct error *err)
{
    enum shorten_outcome outcome = draft_new(shortener, request, out, err);
    if (outcome == SHORTEN_MADE)
        outcome = store(shortener, request->arena, out, err);
    if (outcome != SHORTEN_MADE)
        return outcome;
    publish_link(shortener, out, request->now);
    return SHORTEN_MADE;
}
