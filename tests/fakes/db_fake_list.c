/* SPDX-License-Identifier: MIT */
/* Lists in memory: collects all matching links, sorts them, and returns the page after the
 * position. */
#include "fakes/db_fake_private.h"

#include <stdlib.h>

#include "db/url_host.h"

struct entry {
    struct link_position at;
    const struct link *link;
};

/* --- matching --- */

static int compare_bytes(struct slice a, struct slice b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.at, b.at, len) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static bool has_tag(const struct link *link, struct slice tag)
{
    bool found = tag.len == 0;
    for (unsigned i = 0; i < link->n_tags && !found; i++)
        found = slice_eq(link->tags[i], tag);
    return found;
}

static bool passes(const struct link *link, const struct link_query *query)
{
    enum link_state state = target_state(&link->target, link->used, query->now);
    return (query->owner_id == DB_OWNER_ANY || query->owner_id == link->owner_id) &&
           has_tag(link, query->tag) &&
           (query->states == 0 || (query->states & LINK_STATE_BIT(state)) != 0);
}

/* The first of the link's aliases with the prefix, or NULL. */
static const struct slice *first_alias(const struct link *link, struct slice prefix)
{
    const struct slice *first = NULL;
    unsigned n = link->n_aliases + link->n_lowered;
    for (unsigned i = 0; i < n && prefix.len > 0; i++) {
        const struct slice *alias =
            i < link->n_aliases ? &link->aliases[i] : &link->lowered[i - link->n_aliases];
        if (slice_starts_with(*alias, prefix) && (!first || compare_bytes(*alias, *first) < 0))
            first = alias;
    }
    return first;
}

static void add_alias_row(struct alias_page *page, struct alias_row row, struct slice after)
{
    size_t at = page->n;
    if (compare_bytes(row.code, after) <= 0)
        return;
    while (at > 0 && compare_bytes(page->rows[at - 1].code, row.code) > 0)
        at--;
    if (at == DB_ALIASES_MAX)
        return;
    page->n += page->n < DB_ALIASES_MAX;
    memmove(page->rows + at + 1, page->rows + at, (page->n - 1 - at) * sizeof(*page->rows));
    page->rows[at] = row;
}

enum db_result db_aliases_list(struct db *db, struct slice after, struct arena *arena,
                               struct alias_page *out, struct error *err)
{
    *out = (struct alias_page){ .rows = arena_alloc(arena, DB_ALIASES_MAX * sizeof(*out->rows)) };
    if (db_fake_fails(db, false, err))
        return db->failure;
    if (!out->rows)
        return DB_FAILED;
    for (size_t i = 0; i < db->n_links; i++) {
        const struct link link = db_fake_link(db, &db->links[i], arena);
        for (unsigned a = 0; a < link.n_aliases; a++)
            add_alias_row(out, (struct alias_row){ link.target.link_id, link.aliases[a], false },
                          after);
        for (unsigned a = 0; a < link.n_lowered; a++)
            add_alias_row(out, (struct alias_row){ link.target.link_id, link.lowered[a], true },
                          after);
    }
    return DB_OK;
}

static void place_by_value(const struct link *link, const struct link_query *query,
                           struct link_position *out)
{
    bool by_clicks = link_order_is_by_clicks(query->order);
    int64_t value = by_clicks ? (int64_t)link->clicks : link->target.expires_at;
    if (!link_order_has_values(query->order))
        return;
    out->part = LINK_PART_VALUES;
    out->value = value ? value : link_order_rest(query->order);
}

/* The key is the first word of the title that begins with the longest one of the search. */
static bool place_by_title(const struct link *link, const struct link_query *query,
                           struct arena *arena, struct link_position *out)
{
    struct words words;
    out->part = LINK_PART_TITLES;
    if (!query->words || query->words->n == 0 ||
        !words_find(link->title, WORDS_OF_TITLE, arena, &words) || !words_fit(query->words, &words))
        return false;
    size_t first = 0;
    while (!slice_starts_with(words.at[first], words_longest(query->words)))
        first++;
    out->key = words.at[first];
    return true;
}

/* The position of the link in the list; false when it does not match. */
static bool place(const struct link *link, const struct link_query *query, struct arena *arena,
                  struct link_position *out)
{
    *out = (struct link_position){ .is_set = true, .link_id = link->target.link_id };
    const struct slice *alias = first_alias(link, query->alias_prefix);
    if (alias) {
        out->part = LINK_PART_ALIASES;
        out->key = *alias;
        return true;
    }
    if (!link_query_searches(query)) {
        place_by_value(link, query, out);
        return true;
    }
    out->part = LINK_PART_HOSTS;
    out->key = url_host(link->target.long_url);
    out->owner_id = link->owner_id;
    return (query->host_prefix.len > 0 && slice_starts_with(out->key, query->host_prefix)) ||
           place_by_title(link, query, arena, out);
}

/* --- order --- */

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare(const struct link_position *a, const struct link_position *b)
{
    int order = compare_numbers(a->part, b->part);
    if (order == 0 && (a->part == LINK_PART_HOSTS || a->part == LINK_PART_TITLES))
        order = compare_numbers(a->owner_id, b->owner_id);
    if (order == 0)
        order = compare_bytes(a->key, b->key);
    if (order == 0)
        order = (a->value > b->value) - (a->value < b->value);
    return order ? order : compare_numbers(a->link_id, b->link_id);
}

static int upwards(const void *a, const void *b)
{
    return compare(&((const struct entry *)a)->at, &((const struct entry *)b)->at);
}

static int downwards(const void *a, const void *b)
{
    return upwards(b, a);
}

/* --- the interface --- */

static struct entry *collect(const struct db *db, const struct link_query *query,
                             struct arena *arena, size_t *n)
{
    struct entry *entries = calloc(db->n_links + 1, sizeof(*entries));
    if (!entries)
        abort();
    *n = 0;
    for (size_t i = 0; i < db->n_links; i++) {
        entries[*n].link = &db->links[i];
        *n += passes(&db->links[i], query) && place(&db->links[i], query, arena, &entries[*n].at);
    }
    return entries;
}

static void fill_page(const struct db *db, const struct entry *entries, size_t n,
                      struct arena *arena, struct link_page *out)
{
    for (size_t i = 0; i < n; i++)
        out->links[out->n++] = db_fake_link(db, entries[i].link, arena);
    if (n > 0) {
        out->next = entries[n - 1].at;
        out->next.key = db_fake_keep(arena, out->next.key);
    }
}

enum db_result db_links_list(struct db *db, const struct link_query *query, struct arena *arena,
                             struct link_page *out, struct error *err)
{
    *out = (struct link_page){ .next = query->after };
    if (db_fake_fails(db, false, err))
        return db->failure;
    out->links = arena_alloc(arena, sizeof(*out->links) * query->limit);
    if (!out->links || query->limit == 0 || query->limit > DB_PAGE_MAX)
        return DB_FAILED;
    bool down = !link_query_searches(query) && link_order_is_down(query->order);
    size_t n = 0;
    struct entry *entries = collect(db, query, arena, &n);
    qsort(entries, n, sizeof(*entries), down ? downwards : upwards);
    size_t from = 0;
    const struct entry after = { .at = query->after };
    while (query->after.is_set && from < n &&
           (down ? downwards : upwards)(&entries[from], &after) <= 0)
        from++;
    size_t count = n - from < query->limit ? n - from : query->limit;
    fill_page(db, entries + from, count, arena, out);
    out->more = from + count < n;
    free(entries);
    return DB_OK;
}

enum db_result db_links_same_url(struct db *db, const struct link_destination *to,
                                 struct arena *arena, struct link_page *out, struct error *err)
{
    *out = (struct link_page){ 0 };
    if (db_fake_fails(db, false, err))
        return db->failure;
    const struct link_query query = { .owner_id = to->owner_id, .limit = DB_SAME_URL_MAX };
    out->links = arena_alloc(arena, sizeof(*out->links) * DB_SAME_URL_MAX);
    if (!out->links)
        return DB_FAILED;
    size_t n = 0;
    struct entry *entries = collect(db, &query, arena, &n);
    qsort(entries, n, sizeof(*entries), downwards);
    for (size_t i = 0; i < n && out->n < DB_SAME_URL_MAX; i++) {
        if (slice_eq(entries[i].link->target.long_url, to->long_url))
            out->links[out->n++] = db_fake_link(db, entries[i].link, arena);
    }
    free(entries);
    return DB_OK;
}

enum db_result db_links_same_urls(struct db *db, const struct destination_list *to,
                                  struct arena *arena, uint64_t *ids, struct error *err)
{
    if (db_fake_fails(db, false, err))
        return db->failure;
    if (to->n > DB_BULK_MAX)
        return DB_FAILED;
    for (size_t i = 0; i < to->n; i++) {
        const struct link_query query = { .owner_id = to->at[i].owner_id };
        size_t n = 0;
        struct entry *entries = collect(db, &query, arena, &n);
        ids[i] = 0;
        for (size_t e = 0; e < n; e++) {
            if (slice_eq(entries[e].link->target.long_url, to->at[i].long_url))
                ids[i] = entries[e].link->target.link_id;
        }
        free(entries);
    }
    return DB_OK;
}

/* Words are found in the titles themselves: there is nothing to add. */
enum db_result db_title_words_fill(struct db *db, uint64_t after, unsigned limit,
                                   struct title_words_filled *out, struct error *err)
{
    *out = (struct title_words_filled){ .last_id = after };
    if (db_fake_fails(db, true, err))
        return db->failure;
    return limit == 0 || limit > DB_OWNED_MAX ? DB_FAILED : DB_OK;
}

enum db_result db_links_count(struct db *db, uint32_t owner_id, uint64_t *out, struct error *err)
{
    *out = 0;
    if (db_fake_fails(db, false, err))
        return db->failure;
    for (size_t i = 0; i < db->n_links; i++)
        *out += owner_id == DB_OWNER_ANY || db->links[i].owner_id == owner_id;
    return DB_OK;
}
