/* SPDX-License-Identifier: MIT */
/* The database's contract: lists, searches, and links to the same URL. */
#include "db_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "db/link_position.h"

enum {
    NOW = 1763000500,
};

/* The links of all cases. A row says all that lists ask about. */
static const struct sample {
    uint64_t id;
    uint32_t owner_id;
    const char *url;
    const char *aliases; /* with spaces between */
    const char *tags;
    int64_t starts_at;
    int64_t expires_at;
    uint64_t max_clicks;
    uint64_t used;
    uint64_t clicks;
    const char *title;
} samples[] = {
    { 1, 1, "https://www.example.org/a", "spring", "red", 0, 0, 0, 0, 5,
      "Spring sale in Z\u00fcrich" },
    { 2, 1, "https://example.com/b", "", "red blue", 0, NOW, 0, 0, 0, NULL },
    { 3, 2, "http://example.org:8080/c", "sprint spread", "red", NOW + 9, 0, 0, 0, 5, "Sprinkler" },
    { 4, 1, "https://exam.ple/d", "", "", 0, NOW + 1, 5, 4, 0, NULL },
    { 5, 2, "https://example.org/e", "", "blue", 0, 0, 5, 5, 9, "Sale of springs, Spring edition" },
    { 6, 0, "https://sprite.net/f", "", "", 0, 0, 0, 0, 0, "\u6771\u4eac\u30bf\u30ef\u30fc" },
    { 7, 1, "https://example.org?g", "sprout", "red", 0, NOW - 9, 5, 5, 0, NULL },
    { 8, 1, "https://example.org/h", "Spring", "red", 0, 0, 0, 0, 1, NULL },
    { 9, 2, "https://spring.io/i", "zebra", "", 0, 0, 0, 0, 0, "Salads for spring" },
    { 10, 1, "https://www.www.example/j#www", "", "Red", 0, 0, 0, 0, 0, NULL },
};

/* Cuts a text into words; the list lives in the arena. */
static const struct slice *words(void **state, const char *text, unsigned *n)
{
    struct slice *list = arena_alloc(arena_in(state), sizeof(*list) * 8);
    *n = 0;
    for (struct slice rest = slice_of(text); rest.len > 0;) {
        size_t len = slice_find(rest, ' ');
        list[(*n)++] = (struct slice){ rest.at, len };
        rest = slice_from(rest, len + 1);
    }
    return list;
}

static void store_samples(void **state)
{
    for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
        const struct sample *sample = &samples[i];
        char code[16];
        snprintf(code, sizeof(code), "gen%02u", (unsigned)sample->id);
        struct link link = sample_link(sample->id, code);
        link.target.long_url = slice_of(sample->url);
        link.target.starts_at = sample->starts_at;
        link.target.expires_at = sample->expires_at;
        link.target.max_clicks = sample->max_clicks;
        link.used = sample->used;
        link.clicks = sample->clicks;
        link.title = slice_of(sample->title ? sample->title : "");
        link.owner_id = sample->owner_id;
        link.aliases = words(state, sample->aliases, &link.n_aliases);
        link.tags = words(state, sample->tags, &link.n_tags);
        assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
    }
}

/* Walks the whole list in pages of `limit` and writes the ids. Positions go through their bytes. */
static void walk(void **state, struct link_query query, unsigned limit, char *out, size_t size)
{
    size_t len = 0;
    out[0] = '\0';
    query.limit = limit;
    query.now = NOW;
    for (unsigned pages = 0; pages < 50; pages++) {
        struct link_page page;
        assert_result(db_links_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
        assert_true(page.n <= limit);
        for (size_t i = 0; i < page.n; i++)
            len += (size_t)snprintf(out + len, size - len, "%s%u", len ? " " : "",
                                    (unsigned)page.links[i].target.link_id);
        if (!page.more)
            return;
        struct slice bytes = link_position_encode(&page.next, arena_in(state));
        assert_true(link_position_decode(bytes, &query.after));
        assert_true(link_position_fits(&query.after, &query));
    }
    fail_msg("a list without an end: %s", out);
}

enum {
    LIVE = LINK_STATE_BIT(LINK_LIVE),
    EXPIRED = LINK_STATE_BIT(LINK_EXPIRED),
    EXHAUSTED = LINK_STATE_BIT(LINK_EXHAUSTED),
    SCHEDULED = LINK_STATE_BIT(LINK_SCHEDULED),
};

static const struct {
    uint32_t owner_id;
    const char *tag;
    const char *q; /* alias and host prefix */
    unsigned states;
    enum link_order order;
    const char *ids;
} LISTS[] = {
    { DB_OWNER_ANY, "", "", 0, LINK_ORDER_NEWEST, "10 9 8 7 6 5 4 3 2 1" },
    { DB_OWNER_ANY, "", "", 0, LINK_ORDER_OLDEST, "1 2 3 4 5 6 7 8 9 10" },
    { 1, "", "", 0, LINK_ORDER_NEWEST, "10 8 7 4 2 1" },
    { 2, "", "", 0, LINK_ORDER_OLDEST, "3 5 9" },
    { 0, "", "", 0, LINK_ORDER_NEWEST, "6" },
    { 77, "", "", 0, LINK_ORDER_NEWEST, "" },
    { DB_OWNER_ANY, "red", "", 0, LINK_ORDER_NEWEST, "8 7 3 2 1" },
    { DB_OWNER_ANY, "red", "", 0, LINK_ORDER_OLDEST, "1 2 3 7 8" },
    { 1, "red", "", 0, LINK_ORDER_NEWEST, "8 7 2 1" },
    { 2, "red", "", 0, LINK_ORDER_OLDEST, "3" },
    { 1, "Red", "", 0, LINK_ORDER_OLDEST, "10" },
    { 1, "green", "", 0, LINK_ORDER_OLDEST, "" },
    { DB_OWNER_ANY, "", "", LIVE, LINK_ORDER_NEWEST, "10 9 8 6 4 1" },
    { DB_OWNER_ANY, "", "", EXPIRED, LINK_ORDER_NEWEST, "7 2" },
    { DB_OWNER_ANY, "", "", EXHAUSTED, LINK_ORDER_NEWEST, "5" },
    { DB_OWNER_ANY, "", "", SCHEDULED, LINK_ORDER_NEWEST, "3" },
    { DB_OWNER_ANY, "", "", LIVE | SCHEDULED, LINK_ORDER_OLDEST, "1 3 4 6 8 9 10" },
    { 1, "red", "", LIVE, LINK_ORDER_NEWEST, "8 1" },
    /* Equal values are in the order of the ids; links that never expire come last. */
    { DB_OWNER_ANY, "", "", 0, LINK_ORDER_MOST_CLICKS, "5 3 1 8 10 9 7 6 4 2" },
    { DB_OWNER_ANY, "", "", 0, LINK_ORDER_LEAST_CLICKS, "2 4 6 7 9 10 8 1 3 5" },
    { 1, "", "", 0, LINK_ORDER_MOST_CLICKS, "1 8 10 7 4 2" },
    { 1, "", "", 0, LINK_ORDER_LEAST_CLICKS, "2 4 7 10 8 1" },
    { DB_OWNER_ANY, "red", "", 0, LINK_ORDER_MOST_CLICKS, "3 1 8 7 2" },
    { 1, "red", "", 0, LINK_ORDER_LEAST_CLICKS, "2 7 8 1" },
    { DB_OWNER_ANY, "", "", LIVE, LINK_ORDER_MOST_CLICKS, "1 8 10 9 6 4" },
    { 77, "", "", 0, LINK_ORDER_MOST_CLICKS, "" },
    { DB_OWNER_ANY, "", "", 0, LINK_ORDER_EXPIRES_FIRST, "7 2 4 1 3 5 6 8 9 10" },
    { DB_OWNER_ANY, "", "", 0, LINK_ORDER_EXPIRES_LAST, "4 2 7 10 9 8 6 5 3 1" },
    { 1, "", "", 0, LINK_ORDER_EXPIRES_FIRST, "7 2 4 1 8 10" },
    { 2, "", "", 0, LINK_ORDER_EXPIRES_LAST, "9 5 3" },
    { DB_OWNER_ANY, "red", "", 0, LINK_ORDER_EXPIRES_LAST, "2 7 8 3 1" },
    { 1, "red", "", 0, LINK_ORDER_EXPIRES_FIRST, "7 2 1 8" },
    { DB_OWNER_ANY, "", "", EXPIRED, LINK_ORDER_EXPIRES_LAST, "2 7" },
    { 1, "", "spr", 0, LINK_ORDER_MOST_CLICKS, "1 7" },
    /* Aliases first, in the order of bytes; then hosts, owner by owner. A link with two such
     * aliases is there once, and again once when its host begins so, too. */
    { DB_OWNER_ANY, "", "spr", 0, LINK_ORDER_NEWEST, "3 1 7 6 9" },
    { 2, "", "spr", 0, LINK_ORDER_NEWEST, "3 9" },
    { 1, "", "Spr", 0, LINK_ORDER_NEWEST, "8" },
    { DB_OWNER_ANY, "", "spring", 0, LINK_ORDER_NEWEST, "1 9" },
    { DB_OWNER_ANY, "", "zebra", 0, LINK_ORDER_NEWEST, "9" },
    { DB_OWNER_ANY, "red", "spr", 0, LINK_ORDER_NEWEST, "3 1 7" },
    { DB_OWNER_ANY, "", "spr", EXPIRED, LINK_ORDER_NEWEST, "7" },
    { 1, "", "example.com", 0, LINK_ORDER_NEWEST, "2" },
    { 2, "", "example.org:", 0, LINK_ORDER_NEWEST, "3" },
    { 1, "", "exam.", 0, LINK_ORDER_NEWEST, "4" },
    { 1, "", "www", 0, LINK_ORDER_NEWEST, "" },
    { DB_OWNER_ANY, "", "nothing", 0, LINK_ORDER_NEWEST, "" },
    { 1, "blue", "example.", 0, LINK_ORDER_NEWEST, "2" },
};

static void test_every_list_is_what_it_says(void **state)
{
    store_samples(state);
    for (size_t i = 0; i < sizeof(LISTS) / sizeof(*LISTS); i++) {
        const struct link_query query = {
            .owner_id = LISTS[i].owner_id,
            .tag = slice_of(LISTS[i].tag),
            .alias_prefix = slice_of(LISTS[i].q),
            .host_prefix = slice_of(LISTS[i].q),
            .states = LISTS[i].states,
            .order = LISTS[i].order,
        };
        for (unsigned limit = 1; limit <= 12; limit += limit == 3 ? 8 : 1) {
            char got[128];
            walk(state, query, limit, got, sizeof(got));
            if (strcmp(got, LISTS[i].ids) != 0)
                fail_msg("row %zu, pages of %u: %s, not %s", i, limit, got, LISTS[i].ids);
        }
    }
}

/* Of links to hosts that begin so, the order among links to one host means nothing. */
static void test_a_host_finds_its_links(void **state)
{
    static const struct {
        uint32_t owner_id;
        const char *host;
        unsigned mask; /* bits of the ids */
    } rows[] = {
        { 1, "example", 1 << 1 | 1 << 2 | 1 << 7 | 1 << 8 | 1 << 10 },
        { 2, "example", 1 << 3 | 1 << 5 },
        { DB_OWNER_ANY, "example.org", 1 << 1 | 1 << 3 | 1 << 5 | 1 << 7 | 1 << 8 },
        { DB_OWNER_ANY, "s", 1 << 6 | 1 << 9 },
        { DB_OWNER_ANY, "example.orgy", 0 },
    };
    store_samples(state);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct link_query query = { .owner_id = rows[i].owner_id,
                                    .host_prefix = slice_of(rows[i].host),
                                    .limit = 2,
                                    .now = NOW };
        unsigned mask = 0;
        struct link_page page = { .more = true };
        while (page.more) {
            assert_result(db_links_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
            for (size_t at = 0; at < page.n; at++) {
                unsigned bit = 1u << page.links[at].target.link_id;
                assert_int_equal(mask & bit, 0);
                mask |= bit;
            }
            query.after = page.next;
        }
        assert_int_equal(mask, rows[i].mask);
    }
}

static const struct {
    uint32_t owner_id;
    const char *q;
    const char *ids;
} SEARCHES[] = {
    /* After those found by alias and by host. */
    { DB_OWNER_ANY, "spr", "3 1 7 6 9 5" },
    { DB_OWNER_ANY, "sale", "1 5" },
    { DB_OWNER_ANY, "Sal", "1 9 5" },
    { 2, "sal", "9 5" },
    { 77, "sal", "" },
    { DB_OWNER_ANY, "zuri", "1" },
    { DB_OWNER_ANY, "Z\u00dcR", "1" },
    { DB_OWNER_ANY, "urich", "" },
    { DB_OWNER_ANY, "spring sal", "1 5 9" },
    { DB_OWNER_ANY, "ed sale", "5" },
    { DB_OWNER_ANY, "sale ed x", "" },
    { DB_OWNER_ANY, "\u4eac\u30bf", "6" },
    { DB_OWNER_ANY, "\u6771", "6" },
};

static struct link_query search_of(void **state, const char *q, uint32_t owner_id)
{
    struct words *found = arena_alloc(arena_in(state), sizeof(*found));
    assert_true(words_find(slice_of(q), WORDS_OF_SEARCH, arena_in(state), found));
    return (struct link_query){ .owner_id = owner_id,
                                .alias_prefix = slice_of(q),
                                .host_prefix = slice_of(q),
                                .words = found };
}

static void assert_search(void **state, const char *q, uint32_t owner_id, const char *ids)
{
    for (unsigned limit = 1; limit <= 12; limit += limit == 3 ? 8 : 1) {
        char got[128];
        walk(state, search_of(state, q, owner_id), limit, got, sizeof(got));
        if (strcmp(got, ids) != 0)
            fail_msg("%s of %u, pages of %u: %s, not %s", q, owner_id, limit, got, ids);
    }
}

static void test_words_of_titles_are_found(void **state)
{
    store_samples(state);
    for (size_t i = 0; i < sizeof(SEARCHES) / sizeof(*SEARCHES); i++)
        assert_search(state, SEARCHES[i].q, SEARCHES[i].owner_id, SEARCHES[i].ids);
}

static void test_words_follow_their_titles(void **state)
{
    struct link link = sample_link(1, "abc");
    link.owner_id = 1;
    link.title = SLICE("Old title");
    assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
    assert_search(state, "old", 1, "1");
    link.title = SLICE("New title");
    assert_result(db_link_update(db_in(state), &link, SLICE(""), NULL, &err), DB_OK);
    assert_search(state, "old", 1, "");
    assert_search(state, "ti ne", 1, "1");
    link.target.version++;
    link.title = SLICE("Newest title");
    link.owner_id = 2;
    assert_result(db_link_update(db_in(state), &link, SLICE(""), NULL, &err), DB_OK);
    assert_search(state, "new", 1, "");
    assert_search(state, "newest", 2, "1");
    const uint64_t id = 1;
    const struct owned_links links = { 2, &id, 1 };
    assert_result(db_links_transfer(db_in(state), &links, 3, NOW, &err), DB_OK);
    assert_search(state, "newest", 2, "");
    assert_search(state, "newest", 3, "1");
    assert_result(db_link_delete(db_in(state), 1, 0, &err), DB_OK);
    assert_search(state, "newest", DB_OWNER_ANY, "");
}

static void test_titles_from_before_get_their_words(void **state)
{
    struct title_words_filled done;
    store_samples(state);
    assert_result(db_title_words_fill(db_in(state), 0, 0, &done, &err), DB_FAILED);
    assert_result(db_title_words_fill(db_in(state), 0, DB_OWNED_MAX + 1, &done, &err), DB_FAILED);
    assert_result(db_title_words_fill(db_in(state), 10, 5, &done, &err), DB_OK);
    assert_int_equal(done.last_id, 10);
    assert_int_equal(done.links, 0);
    assert_result(db_title_words_fill(db_in(state), 0, 5, &done, &err), DB_OK);
    assert_int_equal(done.words, 0);
    assert_search(state, "sale", DB_OWNER_ANY, "1 5");
}

static void test_a_page_has_whole_links(void **state)
{
    store_samples(state);
    const struct link_query query = { .owner_id = 2, .order = LINK_ORDER_OLDEST, .limit = 3 };
    struct link_page page;
    assert_result(db_links_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 3);
    assert_false(page.more);
    assert_slice(page.links[0].code, SLICE("gen03"));
    assert_int_equal(page.links[0].n_aliases, 2);
    assert_slice(page.links[0].aliases[0], SLICE("sprint"));
    assert_slice(page.links[0].aliases[1], SLICE("spread"));
    assert_int_equal(page.links[0].n_tags, 1);
    assert_slice(page.links[0].tags[0], SLICE("red"));
    assert_slice(page.links[0].target.long_url, SLICE("http://example.org:8080/c"));
    assert_int_equal(page.links[1].used, 5);
    assert_slice(page.links[2].aliases[0], SLICE("zebra"));
    assert_int_equal(page.links[2].n_tags, 0);
}

/* What comes or goes between two pages is no reason to show a link twice or to leave one out. */
static void test_a_list_may_change_between_pages(void **state)
{
    store_samples(state);
    struct link_query query = { .owner_id = DB_OWNER_ANY, .limit = 4, .now = NOW };
    struct link_page page;
    assert_result(db_links_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.links[3].target.link_id, 7);
    assert_result(db_link_delete(db_in(state), 7, 0, &err), DB_OK);
    assert_result(db_link_delete(db_in(state), 6, 0, &err), DB_OK);
    struct link newer = sample_link(11, "newer");
    assert_result(db_link_insert(db_in(state), &newer, NULL, &err), DB_OK);
    query.after = page.next;
    assert_result(db_links_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 4);
    assert_int_equal(page.links[0].target.link_id, 5);
}

/* The same in the order of clicks, where all have the same value. */
static void test_equal_clicks_keep_their_places(void **state)
{
    store_samples(state);
    struct link_query query = {
        .owner_id = DB_OWNER_ANY, .order = LINK_ORDER_MOST_CLICKS, .limit = 2, .now = NOW
    };
    struct link_page page;
    assert_result(db_links_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.links[1].target.link_id, 3);
    struct link more = sample_link(11, "more");
    struct link same = sample_link(12, "same");
    more.clicks = 6;
    same.clicks = 5;
    assert_result(db_link_insert(db_in(state), &more, NULL, &err), DB_OK);
    assert_result(db_link_insert(db_in(state), &same, NULL, &err), DB_OK);
    assert_result(db_link_delete(db_in(state), 3, 0, &err), DB_OK);
    query.after = page.next;
    assert_result(db_links_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 2);
    assert_int_equal(page.links[0].target.link_id, 1);
    assert_int_equal(page.links[1].target.link_id, 8);
}

static void test_a_page_has_a_size(void **state)
{
    struct link_query query = { .owner_id = DB_OWNER_ANY, .limit = 0 };
    struct link_page page;
    assert_result(db_links_list(db_in(state), &query, arena_in(state), &page, &err), DB_FAILED);
    query.limit = DB_PAGE_MAX + 1;
    assert_result(db_links_list(db_in(state), &query, arena_in(state), &page, &err), DB_FAILED);
    query.limit = DB_PAGE_MAX;
    assert_result(db_links_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 0);
    assert_false(page.more);
}

/* 700 links, of which only the first and the last have the state asked for. */
static void test_a_rare_state_is_found(void **state)
{
    enum { N = 700 };
    struct link *links = arena_alloc(arena_in(state), sizeof(*links) * N);
    enum db_result results[N];
    for (unsigned i = 0; i < N; i++) {
        char code[16];
        int len = snprintf(code, sizeof(code), "r%u", i);
        links[i] = sample_link(i + 1, "");
        links[i].code = (struct slice){ arena_copy(arena_in(state), slice_of(code)), (size_t)len };
        links[i].target.expires_at = i == 0 || i == N - 1 ? 1 : 0;
    }
    assert_result(db_links_insert_many(db_in(state), links, N, results, &err), DB_OK);
    const struct link_query query = { .owner_id = DB_OWNER_ANY,
                                      .states = LINK_STATE_BIT(LINK_EXPIRED) };
    for (unsigned limit = 1; limit <= 3; limit++) {
        char got[64];
        walk(state, query, limit, got, sizeof(got));
        assert_string_equal(got, "700 1");
    }
}

static void test_the_same_url_is_found_again(void **state)
{
    for (uint64_t id = 1; id <= DB_SAME_URL_MAX + 10; id++) {
        char code[16];
        snprintf(code, sizeof(code), "s%u", (unsigned)id);
        struct link link = sample_link(id, code);
        link.owner_id = id <= 3 ? 1 : 2;
        link.title = id == 2 ? SLICE("two") : SLICE("");
        if (id == 3)
            link.target.long_url = SLICE("https://example.org/a?b=c%2Bd#E");
        assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
    }
    struct slice url = sample_link(1, "").target.long_url;
    struct link_page page;
    assert_result(db_links_same_url(db_in(state), &(struct link_destination){ 1, url },
                                    arena_in(state), &page, &err),
                  DB_OK);
    assert_int_equal(page.n, 2);
    assert_int_equal(page.links[0].target.link_id, 2);
    assert_slice(page.links[0].title, SLICE("two"));
    assert_int_equal(page.links[1].target.link_id, 1);
    assert_result(db_links_same_url(db_in(state), &(struct link_destination){ 2, url },
                                    arena_in(state), &page, &err),
                  DB_OK);
    assert_int_equal(page.n, DB_SAME_URL_MAX);
    assert_int_equal(page.links[0].target.link_id, DB_SAME_URL_MAX + 10);
    assert_result(db_links_same_url(db_in(state), &(struct link_destination){ 9, url },
                                    arena_in(state), &page, &err),
                  DB_OK);
    assert_int_equal(page.n, 0);
}

/* Which link has a destination; ids of owner 1 are below 1000, of owner 2 from there on. */
static const struct {
    uint32_t owner_id;
    const char *long_url;
    uint64_t first, last; /* the links that may be found; 0: none */
} DESTINATIONS[] = {
    { 1, "https://a.example/1", 1, 1 },        { 2, "https://a.example/1", 1001, 1001 },
    { 1, "https://a.example/3", 3, 3 },        { 1, "https://a.example/1", 1, 1 },
    { 1, "https://a.example/none", 0, 0 },     { 3, "https://a.example/1", 0, 0 },
    { 1, "https://b.example/9", 9, 9 },        { 1, "https://www.b.example/9", 0, 0 },
    { 1, "https://a.example/many", 100, 400 }, { 1, "https://a.example/MANY", 0, 0 },
    { 1, "https://a.example/2", 2, 2 },
};

static void insert_to(void **state, uint64_t id, uint32_t owner_id, const char *long_url)
{
    char code[16];
    snprintf(code, sizeof(code), "d%u", (unsigned)id);
    struct link link = sample_link(id, code);
    link.owner_id = owner_id;
    link.target.long_url = slice_of(long_url);
    assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
}

/* A URL of 301 links is no reason not to find the others. */
static void test_many_destinations_are_found(void **state)
{
    enum { N = sizeof(DESTINATIONS) / sizeof(*DESTINATIONS) };
    for (uint64_t id = 100; id <= 400; id++)
        insert_to(state, id, 1, "https://a.example/many");
    insert_to(state, 1, 1, "https://a.example/1");
    insert_to(state, 2, 1, "https://a.example/2");
    insert_to(state, 3, 1, "https://a.example/3");
    insert_to(state, 9, 1, "https://b.example/9");
    insert_to(state, 1001, 2, "https://a.example/1");
    struct link_destination to[N];
    uint64_t ids[N];
    memset(ids, 0xff, sizeof(ids));
    for (size_t i = 0; i < N; i++)
        to[i] = (struct link_destination){ DESTINATIONS[i].owner_id,
                                           slice_of(DESTINATIONS[i].long_url) };
    struct destination_list list = { to, N };
    assert_result(db_links_same_urls(db_in(state), &list, arena_in(state), ids, &err), DB_OK);
    for (size_t i = 0; i < N; i++) {
        if (ids[i] < DESTINATIONS[i].first || ids[i] > DESTINATIONS[i].last)
            fail_msg("row %zu: %u", i, (unsigned)ids[i]);
    }
    list.n = 0;
    assert_result(db_links_same_urls(db_in(state), &list, arena_in(state), ids, &err), DB_OK);
    list.n = DB_BULK_MAX + 1;
    assert_result(db_links_same_urls(db_in(state), &list, arena_in(state), ids, &err), DB_FAILED);
}

/* A changed URL is found where it is now. */
static void test_a_change_moves_a_link_in_the_search(void **state)
{
    struct link link = sample_link(1, "abc");
    assert_result(db_link_insert(db_in(state), &link, NULL, &err), DB_OK);
    link.target.long_url = SLICE("https://moved.example/");
    assert_result(db_link_update(db_in(state), &link, SLICE("alias"), NULL, &err), DB_OK);
    struct link_page page;
    assert_result(db_links_same_url(db_in(state),
                                    &(struct link_destination){ 0, link.target.long_url },
                                    arena_in(state), &page, &err),
                  DB_OK);
    assert_int_equal(page.n, 1);
    struct link_query query = { .owner_id = 0, .host_prefix = SLICE("moved"), .limit = 5 };
    assert_result(db_links_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 1);
    query.host_prefix = SLICE("example");
    assert_result(db_links_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 0);
    query = (struct link_query){ .owner_id = 0, .alias_prefix = SLICE("ali"), .limit = 5 };
    assert_result(db_links_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 1);
}

const struct CMUnitTest *db_contract_list(size_t *n)
{
    static const struct CMUnitTest tests[] = {
        DB_CASE(test_every_list_is_what_it_says),
        DB_CASE(test_a_host_finds_its_links),
        DB_CASE(test_words_of_titles_are_found),
        DB_CASE(test_words_follow_their_titles),
        DB_CASE(test_titles_from_before_get_their_words),
        DB_CASE(test_a_page_has_whole_links),
        DB_CASE(test_a_list_may_change_between_pages),
        DB_CASE(test_equal_clicks_keep_their_places),
        DB_CASE(test_a_page_has_a_size),
        DB_CASE(test_a_rare_state_is_found),
        DB_CASE(test_the_same_url_is_found_again),
        DB_CASE(test_many_destinations_are_found),
        DB_CASE(test_a_change_moves_a_link_in_the_search),
    };
    *n = sizeof(tests) / sizeof(*tests);
    return tests;
}
