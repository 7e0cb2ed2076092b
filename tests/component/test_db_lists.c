/* SPDX-License-Identifier: MIT */
/* Lists of many links on a real MariaDB: each returns the right links, and no call reads more rows
 * than its page needs. tests/bench/link_store.c measures the time among millions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "db/db.h"
#include "db/migrate.h"
#include "db/url_host.h"
#include "db_contract.h"
#include "support/between.h"
#include "support/link_crowd.h"
#include "support/mariadb_server.h"

enum {
    CROWD = 20000,
    PAGE = 100,
};

struct lists {
    struct mariadb_server server;
    char name[16];
    struct sql_options options;
    struct db *db;
    struct arena *arena;       /* of pages */
    struct arena *crowd_arena; /* of the links below */
    struct link *links;        /* link i + 1 */
};

/* A link of the crowd; some have clicks, some of these none by people, and every third one has a
 * tag more. */
static struct link link_of(uint64_t id, struct arena *arena)
{
    struct link link = crowd_link(id, arena);
    struct slice *tags = arena_alloc(arena, sizeof(*tags) * (link.n_tags + 1));
    link.clicks = id % 10 < 3 ? id * 7919 % 97 : 0;
    if (link.n_tags > 0)
        memcpy(tags, link.tags, sizeof(*tags) * link.n_tags);
    link.tags = tags;
    if (id % 3 == 0)
        tags[link.n_tags++] = SLICE("many");
    return link;
}

static int group_set_up(void **state)
{
    static struct lists lists;
    *state = &lists;
    mariadb_start(&lists.server);
    mariadb_database(&lists.server, lists.name);
    lists.options = mariadb_options(&lists.server, lists.name);
    const struct migrate_request request = { .sql = &lists.options, .dir = schema_dir() };
    if (migrate_run(&request, NULL) != MIGRATE_OK)
        return -1;
    lists.db = db_open(&lists.options);
    lists.arena = arena_new(64 << 20);
    lists.crowd_arena = arena_new(64 << 20);
    lists.links = calloc(CROWD, sizeof(*lists.links));
    for (unsigned i = 0; i < CROWD; i++)
        lists.links[i] = link_of(i + 1, lists.crowd_arena);
    assert_result(crowd_store(lists.db, 1, CROWD, &err), DB_OK);
    mariadb_run(&lists.server, "USE %s", lists.name);
    mariadb_run(&lists.server, "INSERT INTO click_total (link_id, clicks, visitors, bots)"
                               " SELECT id, id * 7919 %% 97, 0, 1 FROM link WHERE id %% 10 < 3");
    mariadb_run(&lists.server, "INSERT INTO tag (link_id, tag, owner_id)"
                               " SELECT id, 'many', owner_id FROM link WHERE id %% 3 = 0");
    mariadb_run(&lists.server, "ANALYZE TABLE link, code, alias, tag, click_limit, click_total,"
                               " link_expiry, owner_total");
    return 0;
}

static int group_tear_down(void **state)
{
    struct lists *lists = *state;
    db_close(&lists->db);
    mariadb_stop(&lists->server);
    arena_free(&lists->arena);
    arena_free(&lists->crowd_arena);
    free(lists->links);
    return 0;
}

/* --- what is on a list --- */

static bool has_tag(const struct link *link, struct slice tag)
{
    bool found = tag.len == 0;
    for (unsigned i = 0; i < link->n_tags && !found; i++)
        found = slice_eq(link->tags[i], tag);
    return found;
}

static bool is_found(const struct link *link, const struct link_query *query)
{
    bool alias = link->n_aliases > 0 && query->alias_prefix.len > 0 &&
                 slice_starts_with(link->aliases[0], query->alias_prefix);
    bool host = query->host_prefix.len > 0 &&
                slice_starts_with(url_host(link->target.long_url), query->host_prefix);
    return alias || host || query->alias_prefix.len + query->host_prefix.len == 0;
}

static bool is_on(const struct link *link, const struct link_query *query)
{
    enum link_state state = target_state(&link->target, link->used, query->now);
    return (query->owner_id == DB_OWNER_ANY || query->owner_id == link->owner_id) &&
           has_tag(link, query->tag) && is_found(link, query) &&
           (query->states == 0 || (query->states & LINK_STATE_BIT(state)) != 0);
}

/* What the list is ordered by, growing along the list. */
static int64_t rank_of(const struct link *link, enum link_order order)
{
    int64_t expires_at = link->target.expires_at;
    switch (order) {
    case LINK_ORDER_NEWEST:
        return -(int64_t)link->target.link_id;
    case LINK_ORDER_OLDEST:
        return (int64_t)link->target.link_id;
    case LINK_ORDER_MOST_CLICKS:
        return -(int64_t)link->clicks;
    case LINK_ORDER_LEAST_CLICKS:
        return (int64_t)link->clicks;
    case LINK_ORDER_EXPIRES_FIRST:
        return expires_at ? expires_at : INT64_MAX;
    case LINK_ORDER_EXPIRES_LAST:
        return expires_at ? -expires_at : INT64_MAX;
    }
    return 0;
}

static void assert_order(const struct link_page *page, enum link_order order, int64_t *rank)
{
    for (size_t i = 0; i < page->n; i++) {
        int64_t next = rank_of(&page->links[i], order);
        assert_true(*rank <= next);
        *rank = next;
    }
}

/* Walks the list to its end: every link that must be there once, no other. */
static void assert_list(struct lists *lists, struct link_query query)
{
    static unsigned char seen[CROWD];
    memset(seen, 0, sizeof(seen));
    struct link_page page = { .more = true };
    bool searches = query.alias_prefix.len + query.host_prefix.len > 0;
    int64_t rank = INT64_MIN;
    char key[LINK_TAG_MAX + USER_NAME_MAX];
    for (unsigned pages = 0; page.more; pages++) {
        assert_true(pages <= CROWD);
        arena_reset(lists->arena);
        assert_result(db_links_list(lists->db, &query, lists->arena, &page, &err), DB_OK);
        if (!searches)
            assert_order(&page, query.order, &rank);
        for (size_t i = 0; i < page.n; i++)
            seen[page.links[i].target.link_id - 1]++;
        query.after = page.next;
        if (page.next.key.len > 0) /* the arena is reset */
            query.after.key = (struct slice){ memcpy(key, page.next.key.at, page.next.key.len),
                                              page.next.key.len };
    }
    for (unsigned i = 0; i < CROWD; i++)
        assert_int_equal(seen[i], is_on(&lists->links[i], &query));
}

static const struct row {
    uint32_t owner_id;
    const char *tag;
    const char *alias;
    const char *host;
    unsigned states;
    unsigned rows_max; /* that the first page of 20 may read */
} rows[] = {
    { DB_OWNER_ANY, "", "", "", 0, 300 },
    { 1, "", "", "", 0, 300 },
    { 7, "", "", "", 0, 300 },
    { DB_OWNER_ANY, "tag07", "", "", 0, 300 },
    { 1, "tag07", "", "", 0, 300 },
    { 7, "tag07", "", "", 0, 300 },
    { DB_OWNER_ANY, "many", "", "", 0, 300 },
    { 1, "many", "", "", 0, 300 },
    { DB_OWNER_ANY, "", "x", "", 0, 5000 },
    { 1, "", "x", "", 0, 5000 },
    { 7, "", "b", "", 0, 1000 },
    { DB_OWNER_ANY, "", "", "host01", 0, 6000 },
    { 1, "", "", "host01", 0, 5000 },
    { 1, "", "h", "host0123", 0, 5000 },
    { 1, "tag07", "h", "h", 0, 25000 },
    { DB_OWNER_ANY, "", "zz", "zz", 0, 6000 },
    { DB_OWNER_ANY, "", "", "", LINK_STATE_BIT(LINK_EXPIRED), 3000 },
    { 1, "", "", "", LINK_STATE_BIT(LINK_EXHAUSTED), 8000 },
    { 1, "", "", "", LINK_STATE_BIT(LINK_SCHEDULED), 40000 },
    { 7, "tag07", "", "", LINK_STATE_BIT(LINK_LIVE), 3000 },
};

static struct link_query query_of(const struct row *row)
{
    return (struct link_query){
        .owner_id = row->owner_id,
        .tag = slice_of(row->tag),
        .alias_prefix = slice_of(row->alias),
        .host_prefix = slice_of(row->host),
        .states = row->states,
        .now = CROWD_NOW,
        .limit = PAGE,
    };
}

static void test_lists_are_complete(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct link_query query = query_of(&rows[i]);
        for (query.order = LINK_ORDER_NEWEST; query.order <= LINK_ORDER_EXPIRES_LAST; query.order++)
            assert_list(*state, query);
    }
}

static void test_totals_are_true(void **state)
{
    struct lists *lists = *state;
    for (uint32_t owner = 1; owner <= CROWD_OWNERS + 1; owner++) {
        uint64_t wanted = 0;
        uint64_t got = 77;
        for (unsigned i = 0; i < CROWD; i++)
            wanted += lists->links[i].owner_id == owner;
        assert_result(db_links_count(lists->db, owner, &got, &err), DB_OK);
        assert_int_equal(got, wanted);
    }
}

/* --- how much is read --- */

/* Rows that the server has read since its counters were set to zero. */
static long rows_read(struct lists *lists)
{
    return mariadb_status(&lists->server,
                          "'Handler_read_first', 'Handler_read_key', 'Handler_read_last',"
                          " 'Handler_read_next', 'Handler_read_prev', 'Handler_read_rnd_next'");
}

static void test_a_page_reads_few_rows(void **state)
{
    struct lists *lists = *state;
    long before = rows_read(lists);
    long counting = rows_read(lists) - before; /* reads rows, too */
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct link_query query = query_of(&rows[i]);
        struct link_page page;
        query.limit = 20;
        arena_reset(lists->arena);
        before = rows_read(lists);
        assert_result(db_links_list(lists->db, &query, lists->arena, &page, &err), DB_OK);
        long read = rows_read(lists) - before - counting;
        if (read > (long)rows[i].rows_max || read < (long)page.n)
            fail_msg("row %zu read %ld rows", i, read);
    }
}

static void test_the_other_reads_are_small_too(void **state)
{
    struct lists *lists = *state;
    struct link_page page;
    uint64_t n;
    long before = rows_read(lists);
    long counting = rows_read(lists) - before;
    before = rows_read(lists);
    assert_result(db_links_same_url(
                      lists->db, &(struct link_destination){ 1, lists->links[0].target.long_url },
                      lists->arena, &page, &err),
                  DB_OK);
    assert_int_equal(page.n, 1);
    assert_between(rows_read(lists) - before - counting, 1, 20);
    before = rows_read(lists);
    assert_result(db_links_count(lists->db, 1, &n, &err), DB_OK);
    assert_between(rows_read(lists) - before - counting, 1, 40);
}

/* --- words of titles --- */

static long word_rows(struct lists *lists, uint32_t owner_id)
{
    return mariadb_number(&lists->server, "SELECT COUNT(*) FROM title_word WHERE owner_id = %u",
                          owner_id);
}

/* Fills from the last links of the crowd on. */
static uint64_t fill_words(struct lists *lists)
{
    struct title_words_filled done = { .last_id = CROWD - 10, .links = 1 };
    uint64_t added = 0;
    while (done.links > 0) {
        assert_result(db_title_words_fill(lists->db, done.last_id, 7, &done, &err), DB_OK);
        added += done.words;
    }
    return added;
}

static void test_each_word_has_one_row(void **state)
{
    enum { OWNER = 900 };
    struct lists *lists = *state;
    struct link link = crowd_link(CROWD + 2, lists->crowd_arena);
    const uint64_t id = CROWD + 2;
    const struct owned_links links = { OWNER, &id, 1 };
    link.owner_id = OWNER;
    link.title = SLICE("One title, one Title");
    assert_result(db_link_insert(lists->db, &link, NULL, &err), DB_OK);
    assert_int_equal(word_rows(lists, OWNER), 2);
    link.title = SLICE("One more");
    assert_result(db_link_update(lists->db, &link, SLICE(""), NULL, &err), DB_OK);
    assert_int_equal(word_rows(lists, OWNER), 2);
    assert_int_equal(fill_words(lists), 0);
    mariadb_run(&lists->server, "DELETE FROM title_word");
    assert_int_equal(fill_words(lists), 2);
    assert_int_equal(word_rows(lists, OWNER), 2);
    assert_result(db_links_transfer(lists->db, &links, OWNER + 1, CROWD_NOW, &err), DB_OK);
    assert_int_equal(word_rows(lists, OWNER), 0);
    assert_int_equal(word_rows(lists, OWNER + 1), 2);
    assert_result(db_link_delete(lists->db, CROWD + 2, 0, &err), DB_OK);
    assert_int_equal(word_rows(lists, OWNER + 1), 0);
}

/* --- what purges read --- */

/* How many rows of link_expiry there are; each is a link's, and each link that expires has one. */
static long expiry_rows(struct lists *lists)
{
    long n = mariadb_number(&lists->server, "SELECT COUNT(*) FROM link_expiry");
    assert_int_equal(mariadb_number(&lists->server, "SELECT COUNT(expires_at) FROM link"), n);
    assert_int_equal(mariadb_number(&lists->server,
                                    "SELECT COUNT(*) FROM link_expiry JOIN link ON link.id ="
                                    " link_id AND link.expires_at = link_expiry.expires_at"),
                     n);
    return n;
}

static void test_each_link_that_expires_has_one_row(void **state)
{
    struct lists *lists = *state;
    long crowd = expiry_rows(lists);
    assert_between(crowd, CROWD / 40, CROWD / 10);
    struct link link = crowd_link(CROWD + 1, lists->crowd_arena);
    link.target.expires_at = 5;
    assert_result(db_link_insert(lists->db, &link, NULL, &err), DB_OK);
    assert_int_equal(expiry_rows(lists), crowd + 1);
    static const int64_t times[] = { 5, 6, 0, 0, 7 };
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        link.target.expires_at = times[i];
        assert_result(db_link_update(lists->db, &link, SLICE(""), NULL, &err), DB_OK);
        assert_int_equal(expiry_rows(lists), crowd + (times[i] ? 1 : 0));
        link.target.version++;
    }
    assert_result(db_link_delete(lists->db, CROWD + 1, 0, &err), DB_OK);
    assert_int_equal(expiry_rows(lists), crowd);
}

int main(void)
{
    const char *missing = mariadb_missing();
    if (missing) {
        printf("1..0 # SKIP %s\n", missing);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_are_complete),
        cmocka_unit_test(test_totals_are_true),
        cmocka_unit_test(test_a_page_reads_few_rows),
        cmocka_unit_test(test_the_other_reads_are_small_too),
        cmocka_unit_test(test_each_word_has_one_row),
        cmocka_unit_test(test_each_link_that_expires_has_one_row),
    };
    return cmocka_run_group_tests_name("db_lists", tests, group_set_up, group_tear_down);
}
