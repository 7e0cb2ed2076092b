/* SPDX-License-Identifier: MIT */
/* Making links: checks first, then an id, then one transaction. */
#include "service/shorten.h"

#include <inttypes.h>

enum {
    /* Generated codes that aliases took before us; more in a row than this means that something
     * else is wrong. */
    COLLISIONS_MAX = 16,
};

static enum shorten_outcome check_url(const struct shortener *shortener,
                                      const struct shorten_request *request, struct link *link,
                                      struct error *err)
{
    struct url url;
    switch (url_normalize(request->wishes.long_url, &shortener->urls, request->arena, &url, err)) {
    case URL_OK:
        break;
    case URL_INVALID:
        return SHORTEN_INVALID_URL;
    case URL_UNSUPPORTED_SCHEME:
        return SHORTEN_UNSUPPORTED_SCHEME;
    case URL_TOO_LONG:
        return SHORTEN_URL_TOO_LONG;
    case URL_NO_MEMORY:
        return SHORTEN_UNAVAILABLE;
    }
    if (destination_is_own(&url, &shortener->own)) {
        error_set(err, "the URL is one of this shortener's own");
        return SHORTEN_URL_IS_SHORT_URL;
    }
    link->target.long_url = url.text;
    return SHORTEN_MADE;
}

static enum shorten_outcome check_alias(const struct shortener *shortener,
                                        const struct shorten_request *request, struct link *link,
                                        struct error *err)
{
    if (!request->wishes.custom_alias.at)
        return SHORTEN_MADE;
    switch (alias_check(request->wishes.custom_alias, &shortener->aliases, err)) {
    case ALIAS_OK:
        break;
    case ALIAS_INVALID:
        return SHORTEN_INVALID_ALIAS;
    case ALIAS_RESERVED:
        return SHORTEN_RESERVED_ALIAS;
    }
    link->code = request->wishes.custom_alias;
    link->code_is_alias = true;
    return SHORTEN_MADE;
}

static enum shorten_outcome check_rules(const struct shortener *shortener,
                                        const struct shorten_request *request, struct link *link,
                                        struct error *err)
{
    const struct wishes *wishes = &request->wishes;
    if (wishes->expires_at && wishes->expires_at <= request->now) {
        error_set(err, "expires_at is in the past");
        return SHORTEN_INVALID_TIME;
    }
    if (wishes->expires_at && wishes->expires_at - request->now > shortener->max_lifetime_s) {
        error_set(err, "expires_at is more than %" PRId64 " seconds away",
                  shortener->max_lifetime_s);
        return SHORTEN_INVALID_TIME;
    }
    int64_t status =
        wishes->redirect_status ? wishes->redirect_status : (int64_t)shortener->default_status;
    if (!redirect_status_is_valid(status)) {
        error_set(err, "redirect_status is one of 301, 302, 303, 307 and 308");
        return SHORTEN_INVALID_STATUS;
    }
    link->target.expires_at = wishes->expires_at;
    link->target.redirect_status = (uint16_t)status;
    return SHORTEN_MADE;
}

/* Fills `link` from the wishes; nothing but memory and the clock decides. */
static enum shorten_outcome draft(const struct shortener *shortener,
                                  const struct shorten_request *request, struct link *link,
                                  struct error *err)
{
    *link = (struct link){
        .target = { .version = 1 },
        .owner_id = request->caller.user_id,
        .owner = request->caller.user,
        .created_at = request->now,
        .updated_at = request->now,
    };
    enum shorten_outcome outcome = check_url(shortener, request, link, err);
    if (outcome == SHORTEN_MADE)
        outcome = check_alias(shortener, request, link, err);
    if (outcome == SHORTEN_MADE)
        outcome = check_rules(shortener, request, link, err);
    return outcome;
}

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
    enum shorten_outcome outcome = draft(shortener, request, out, err);
    if (outcome == SHORTEN_MADE)
        outcome = store(shortener, request->arena, out, err);
    if (outcome != SHORTEN_MADE)
        return outcome;
    /* A cache that is away may keep saying "absent" until its negative lifetime is over: no harm.
     */
    struct record record = { .kind = RECORD_TARGET, .target = out->target };
    int64_t lifetime = record_lifetime(&record, shortener->ttl_s, 0, request->now);
    cache_publish(shortener->cache, out->code, &record, lifetime, NULL);
    return SHORTEN_MADE;
}
