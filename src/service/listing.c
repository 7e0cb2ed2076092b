/* SPDX-License-Identifier: MIT */
/* Turns a list request into one query of the database. */
#include "service/listing.h"

#include "base/ascii.h"
#include "db/link_position.h"
#include "link/code.h"

bool list_order_find(struct slice name, enum link_order *out)
{
    static const char *const names[] = {
        [LINK_ORDER_NEWEST] = "-created",       [LINK_ORDER_OLDEST] = "created",
        [LINK_ORDER_MOST_CLICKS] = "-clicks",   [LINK_ORDER_LEAST_CLICKS] = "clicks",
        [LINK_ORDER_EXPIRES_FIRST] = "expires", [LINK_ORDER_EXPIRES_LAST] = "-expires",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (slice_eq(name, slice_of(names[i]))) {
            *out = (enum link_order)i;
            return true;
        }
    }
    return false;
}

/* Finds the owner whose links are listed; OUTCOME_MISSING: there is no such user. */
static enum outcome listing_find_owner(struct db *db, const struct list_request *request,
                                       uint32_t *id, struct error *err)
{
    bool is_admin = request->caller.role == ROLE_ADMIN;
    *id = is_admin ? DB_OWNER_ANY : request->caller.user_id;
    if (request->owner.len == 0 || (!is_admin && slice_eq(request->owner, request->caller.user)))
        return OUTCOME_OK;
    if (!is_admin) {
        error_set(err, "Only an admin may list the links of others.");
        return OUTCOME_FORBIDDEN;
    }
    struct user user;
    enum db_result found = db_user_find(db, request->owner, request->arena, &user, err);
    if (found == DB_OK)
        *id = user.id;
    return outcome_of(found);
}

/* The search text as a host: in lower case, without "www.". */
static struct slice host_prefix(struct slice search, struct arena *arena)
{
    char *copy = arena_copy(arena, search);
    if (!copy)
        return (struct slice){ NULL, 0 };
    for (size_t i = 0; i < search.len; i++)
        copy[i] = ascii_to_lower(copy[i]);
    struct slice prefix = { copy, search.len };
    if (prefix.len > 4 && slice_starts_with(prefix, SLICE("www.")))
        prefix = slice_from(prefix, 4);
    return prefix;
}

static bool listing_fits(const struct link *link, const struct list_request *request)
{
    unsigned state = LINK_STATE_BIT(target_state(&link->target, link->used, request->now));
    bool is_tagged = request->tag.len == 0;
    for (unsigned i = 0; i < link->n_tags; i++)
        is_tagged |= slice_eq(link->tags[i], request->tag);
    return is_tagged && (request->states == 0 || request->states & state);
}

static int64_t value_of(const struct link *link, enum link_order order)
{
    if (!link_order_has_values(order))
        return 0;
    int64_t value =
        link_order_is_by_clicks(order) ? (int64_t)link->clicks : link->target.expires_at;
    return value ? value : link_order_rest(order);
}

/* Whether `a` comes before `b` in the list. */
static bool precedes(const struct link *a, const struct link *b, enum link_order order)
{
    int64_t left = value_of(a, order);
    int64_t right = value_of(b, order);
    if (left != right)
        return link_order_is_down(order) == (left > right);
    return link_order_is_down(order) == (a->target.link_id > b->target.link_id);
}

/* Puts a link in its place among the first n. */
static void list_sort_in(struct link *links, size_t n, const struct link *link,
                         enum link_order order)
{
    while (n > 0 && precedes(link, &links[n - 1], order)) {
        links[n] = links[n - 1];
        n--;
    }
    links[n] = *link;
}

/* Lists the owner's links to request->long_url. */
static enum outcome list_same_url(struct db *db, const struct list_request *request,
                                  uint32_t owner_id, struct link_page *out, struct error *err)
{
    const struct link_destination to = { owner_id, request->long_url };
    struct link_page all;
    if (db_links_same_url(db, &to, request->arena, &all, err) != DB_OK)
        return OUTCOME_UNAVAILABLE;
    struct link *links = arena_alloc(request->arena, all.n * sizeof(*links));
    if (!links)
        return OUTCOME_UNAVAILABLE;
    for (size_t i = 0; i < all.n; i++) {
        if (listing_fits(&all.links[i], request))
            list_sort_in(links, out->n++, &all.links[i], request->order);
    }
    out->links = links;
    if (out->n > request->limit)
        out->n = request->limit;
    return OUTCOME_OK;
}

enum outcome list_links(struct db *db, const struct list_request *request, struct link_page *out,
                        struct error *err)
{
    *out = (struct link_page){ .n = 0 };
    struct link_query query = {
        .tag = request->tag,
        .states = request->states,
        .now = request->now,
        .order = request->order,
        .limit = request->limit,
        .after = request->after,
        .deleted_since = request->now - request->restore_window_s,
    };
    struct words words;
    if (request->search.len) {
        if (!words_find(request->search, WORDS_OF_SEARCH, request->arena, &words))
            return OUTCOME_UNAVAILABLE;
        query.words = &words;
        query.host_prefix = host_prefix(request->search, request->arena);
        if (query.host_prefix.len == 0)
            return OUTCOME_UNAVAILABLE;
        if (code_is_wellformed(request->search))
            query.alias_prefix = request->search;
    }
    if (query.after.is_set && !link_position_fits(&query.after, &query)) {
        error_set(err, "This must be the next_cursor of the same list.");
        return OUTCOME_INVALID_FIELD;
    }
    enum outcome outcome = listing_find_owner(db, request, &query.owner_id, err);
    if (outcome != OUTCOME_OK)
        return outcome == OUTCOME_MISSING ? OUTCOME_OK : outcome;
    if (request->long_url.len) {
        uint32_t owner = request->owner.len ? query.owner_id : request->caller.user_id;
        return list_same_url(db, request, owner, out, err);
    }
    return outcome_of(request->deleted ? db_deleted_list(db, &query, request->arena, out, err)
                                       : db_links_list(db, &query, request->arena, out, err));
}
