/* SPDX-License-Identifier: MIT */
/* The database's contract: aliases, tags, idempotency keys, changes, deletions, counted clicks. */
#include "db_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct link find(void **state, const char *code)
{
    struct link link = { .n_tags = 77 };
    assert_result(db_link_find(db_in(state), slice_of(code), arena_in(state), &link, &err), DB_OK);
    return link;
}

static void assert_missing(void **state, const char *code)
{
    struct link link;
    assert_result(db_link_find(db_in(state), slice_of(code), arena_in(state), &link, &err),
                  DB_MISSING);
}

static void assert_list(const struct slice *got, unsigned n, const char *wanted)
{
    char text[512] = "";
    size_t len = 0;
    for (unsigned i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s", i ? " " : "",
                                SLICE_ARG(got[i]));
    assert_string_equal(text, wanted);
}

static uint64_t count(void **state, uint32_t owner_id)
{
    uint64_t n = 4711;
    assert_result(db_links_count(db_in(state), owner_id, &n, &err), DB_OK);
    return n;
}

static void insert(void **state, const struct link *link)
{
    assert_result(db_link_insert(db_in(state), link, NULL, &err), DB_OK);
}

/* --- aliases and tags --- */

static void test_tags_come_back_sorted(void **state)
{
    const struct slice tags[] = { SLICE("b"), SLICE("Zoo"), SLICE("a b"), SLICE("ü") };
    struct link link = sample_link(7, "abc");
    link.tags = tags;
    link.n_tags = 4;
    insert(state, &link);
    struct link got = find(state, "abc");
    assert_list(got.tags, got.n_tags, "Zoo a b b ü");
    assert_int_equal(got.n_aliases, 0);
}

static void test_a_first_alias_is_among_the_aliases(void **state)
{
    struct link link = sample_link(7, "spring");
    link.code_is_alias = true;
    insert(state, &link);
    struct link got = find(state, "spring");
    assert_list(got.aliases, got.n_aliases, "spring");
    assert_int_equal(got.n_tags, 0);
}

static void test_aliases_resolve_and_keep_their_order(void **state)
{
    const struct slice aliases[] = { SLICE("zz"), SLICE("aa") };
    struct link link = sample_link(7, "abc");
    link.aliases = aliases;
    link.n_aliases = 2;
    insert(state, &link);
    static const char *const codes[] = { "abc", "zz", "aa" };
    for (size_t i = 0; i < 3; i++) {
        struct link got = find(state, codes[i]);
        assert_int_equal(got.target.link_id, 7);
        assert_slice(got.code, SLICE("abc"));
        assert_list(got.aliases, got.n_aliases, "zz aa");
    }
}

static void test_one_taken_alias_refuses_the_link(void **state)
{
    struct link first = sample_link(7, "abc");
    insert(state, &first);
    const struct slice aliases[] = { SLICE("free"), SLICE("abc") };
    struct link second = sample_link(8, "def");
    second.aliases = aliases;
    second.n_aliases = 2;
    assert_result(db_link_insert(db_in(state), &second, NULL, &err), DB_TAKEN);
    assert_missing(state, "def");
    assert_missing(state, "free");
    assert_int_equal(count(state, 0), 1);
}

static void test_a_link_is_found_by_its_id(void **state)
{
    struct link link = sample_link(7, "abc");
    insert(state, &link);
    struct link got;
    assert_result(db_link_find_id(db_in(state), 7, arena_in(state), &got, &err), DB_OK);
    assert_slice(got.code, SLICE("abc"));
    assert_result(db_link_find_id(db_in(state), 8, arena_in(state), &got, &err), DB_MISSING);
}

/* --- idempotency keys --- */

static struct idempotency sample_name(unsigned char fill, int64_t created_at)
{
    struct idempotency name = { .created_at = created_at };
    memset(name.key_hash, fill, sizeof(name.key_hash));
    memset(name.fingerprint, fill + 1, sizeof(name.fingerprint));
    return name;
}

static void test_a_key_makes_one_link(void **state)
{
    struct idempotency name = sample_name(1, 1000000);
    struct link first = sample_link(7, "abc");
    struct link second = sample_link(8, "def");
    assert_result(db_link_insert(db_in(state), &first, &name, &err), DB_OK);
    assert_result(db_link_insert(db_in(state), &first, &name, &err), DB_OK);
    assert_result(db_link_insert(db_in(state), &second, &name, &err), DB_REPEATED);
    assert_missing(state, "def");
    struct idempotency got = sample_name(1, 0);
    assert_result(db_idempotency_find(db_in(state), &got, 999999, &err), DB_OK);
    assert_int_equal(got.link_id, 7);
    assert_int_equal(got.created_at, 1000000);
    assert_memory_equal(got.fingerprint, name.fingerprint, sizeof(name.fingerprint));
    assert_result(db_idempotency_find(db_in(state), &got, 1000000, &err), DB_MISSING);
    got = sample_name(2, 0);
    assert_result(db_idempotency_find(db_in(state), &got, 0, &err), DB_MISSING);
}

static void test_the_key_speaks_before_the_alias(void **state)
{
    struct idempotency name = sample_name(1, 1000000);
    struct link first = sample_link(7, "spring");
    struct link again = sample_link(8, "spring");
    assert_result(db_link_insert(db_in(state), &first, &name, &err), DB_OK);
    assert_result(db_link_insert(db_in(state), &again, &name, &err), DB_REPEATED);
}

static void test_a_failed_create_leaves_no_key(void **state)
{
    struct link first = sample_link(7, "abc");
    insert(state, &first);
    struct idempotency name = sample_name(1, 1000000);
    struct link second = sample_link(8, "abc");
    assert_result(db_link_insert(db_in(state), &second, &name, &err), DB_TAKEN);
    struct idempotency got = sample_name(1, 0);
    assert_result(db_idempotency_find(db_in(state), &got, 0, &err), DB_MISSING);
    second.code = SLICE("def");
    assert_result(db_link_insert(db_in(state), &second, &name, &err), DB_OK);
}

static void test_a_key_may_be_used_again_after_a_day(void **state)
{
    struct idempotency name = sample_name(1, 1000000);
    struct link first = sample_link(7, "abc");
    struct link second = sample_link(8, "def");
    assert_result(db_link_insert(db_in(state), &first, &name, &err), DB_OK);
    name.created_at += 24 * 3600 - 1;
    assert_result(db_link_insert(db_in(state), &second, &name, &err), DB_REPEATED);
    name.created_at += 1;
    assert_result(db_link_insert(db_in(state), &second, &name, &err), DB_OK);
    assert_result(db_idempotency_find(db_in(state), &name, 1000000, &err), DB_OK);
    assert_int_equal(name.link_id, 8);
}

/* --- changes --- */

static void test_everything_of_a_link_changes(void **state)
{
    const struct slice before[] = { SLICE("one"), SLICE("two") };
    const struct slice after[] = { SLICE("two"), SLICE("three") };
    struct link link = sample_link(7, "abc");
    link.tags = before;
    link.n_tags = 2;
    link.title = SLICE("before");
    link.expired_url = SLICE("https://example.org/after");
    link.target.starts_at = 5;
    link.owner_id = 3;
    insert(state, &link);

    link.target.long_url = SLICE("https://example.net/other");
    link.target.redirect_status = 308;
    link.target.flags = LINK_FORWARD_QUERY;
    link.target.starts_at = 0;
    link.target.expires_at = 2000000000;
    link.target.max_clicks = 9;
    link.title = SLICE("");
    link.expired_url = SLICE("");
    link.not_started_url = SLICE("https://example.org/soon");
    link.tags = after;
    link.updated_at = 1763000099;
    assert_result(db_link_update(db_in(state), &link, SLICE(""), NULL, &err), DB_OK);

    struct link got = find(state, "abc");
    assert_int_equal(got.target.version, 2);
    assert_slice(got.target.long_url, SLICE("https://example.net/other"));
    assert_int_equal(got.target.redirect_status, 308);
    assert_int_equal(got.target.flags, LINK_FORWARD_QUERY);
    assert_int_equal(got.target.starts_at, 0);
    assert_int_equal(got.target.expires_at, 2000000000);
    assert_int_equal(got.target.max_clicks, 9);
    assert_int_equal(got.title.len, 0);
    assert_int_equal(got.expired_url.len, 0);
    assert_slice(got.not_started_url, SLICE("https://example.org/soon"));
    assert_list(got.tags, got.n_tags, "three two");
    assert_int_equal(got.updated_at, 1763000099);
    assert_int_equal(got.created_at, 1763000000);
    assert_int_equal(got.owner_id, 3);
    assert_int_equal(count(state, 3), 1);
}

static void test_a_change_needs_the_version(void **state)
{
    struct link link = sample_link(7, "abc");
    insert(state, &link);
    assert_result(db_link_update(db_in(state), &link, SLICE(""), NULL, &err), DB_OK);
    link.title = SLICE("too late");
    assert_result(db_link_update(db_in(state), &link, SLICE("late"), NULL, &err), DB_STALE);
    assert_missing(state, "late");
    assert_int_equal(find(state, "abc").title.len, 0);
    link.target.version = 2;
    assert_result(db_link_update(db_in(state), &link, SLICE("late"), NULL, &err), DB_OK);
    assert_int_equal(find(state, "late").target.version, 3);
    link.target.link_id = 8;
    assert_result(db_link_update(db_in(state), &link, SLICE(""), NULL, &err), DB_MISSING);
}

static void test_a_change_of_the_destination_is_in_the_history(void **state)
{
    static const struct author ann = { { "ann", 3 }, 4 };
    static const struct author operator= { { "", 0 }, 0 };
    static const struct {
        const char *url;
        const struct author *by;
        int64_t at;
    } rows[] = { { "https://example.com/1", &ann, 100 },
                 { "https://example.com/1", &ann, 200 }, /* the same */
                 {
                     "https://example.com/1 ",
                     &operator,
                     300 },
                     { "https://example.com/3", NULL, 400 }, /* nobody wants to know */
                     { "https://example.com/4", &ann, 500 },
    };
    struct link link = sample_link(7, "abc");
    struct link other = sample_link(8, "other");
    const struct slice first = link.target.long_url;
    insert(state, &link);
    insert(state, &other);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        link.target.long_url = slice_of(rows[i].url);
        link.updated_at = rows[i].at;
        assert_result(db_link_update(db_in(state), &link, SLICE(""), rows[i].by, &err), DB_OK);
        link.target.version++;
    }
    struct history_query query = { .link_id = 7, .limit = 2 };
    struct history_page page;
    assert_result(db_history_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 2);
    assert_true(page.more);
    assert_int_equal(page.changes[0].version, 6);
    assert_int_equal(page.changes[0].changed_at, 500);
    assert_int_equal(page.changes[0].key_id, 4);
    assert_slice(page.changes[0].user, SLICE("ann"));
    assert_slice(page.changes[0].old_url, SLICE("https://example.com/3"));
    assert_slice(page.changes[0].new_url, SLICE("https://example.com/4"));
    assert_int_equal(page.changes[1].version, 4);
    assert_int_equal(page.changes[1].user.len, 0);
    assert_int_equal(page.changes[1].key_id, 0);
    assert_slice(page.changes[1].new_url, SLICE("https://example.com/1 "));
    query.below_version = 4;
    assert_result(db_history_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 1);
    assert_false(page.more);
    assert_int_equal(page.changes[0].version, 2);
    assert_slice(page.changes[0].old_url, first);
    query = (struct history_query){ .link_id = 8, .limit = DB_HISTORY_MAX };
    assert_result(db_history_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 0);
    query.limit++;
    assert_result(db_history_list(db_in(state), &query, arena_in(state), &page, &err), DB_FAILED);
}

/* How many changes of link 7 are in the history. */
static size_t history_length(void **state)
{
    const struct history_query query = { .link_id = 7, .limit = DB_HISTORY_MAX };
    struct history_page page;
    assert_result(db_history_list(db_in(state), &query, arena_in(state), &page, &err), DB_OK);
    return page.n;
}

static void test_the_history_ends_with_the_link_or_its_time(void **state)
{
    static const struct author ann = { { "ann", 3 }, 4 };
    struct link link = sample_link(7, "abc");
    insert(state, &link);
    for (int i = 1; i <= 3; i++) {
        char url[] = "https://example.com/0";
        url[sizeof(url) - 2] = (char)('0' + i);
        link.target.long_url = slice_of(url);
        link.updated_at = 100 * i;
        assert_result(db_link_update(db_in(state), &link, SLICE(""), &ann, &err), DB_OK);
        link.target.version++;
    }
    struct purge purge = { .changes_before = 0, .limit = 1 };
    struct purge_done done;
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_int_equal(done.changes, 0); /* for ever */
    purge.changes_before = 300;
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_int_equal(done.changes, 1);
    assert_true(done.more);
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_result(db_purge_batch(db_in(state), &purge, &done, &err), DB_OK);
    assert_int_equal(done.changes, 0);
    assert_int_equal(history_length(state), 1);
    assert_result(db_link_delete(db_in(state), 7, 0, &err), DB_OK);
    assert_int_equal(history_length(state), 0);
}

/* Adds `alias` to link 7. */
static enum db_result add_alias(void **state, const char *alias)
{
    struct link link;
    assert_result(db_link_find_id(db_in(state), 7, arena_in(state), &link, &err), DB_OK);
    return db_link_update(db_in(state), &link, slice_of(alias), NULL, NULL);
}

static void test_a_new_alias_is_the_newest(void **state)
{
    struct link link = sample_link(7, "abc");
    insert(state, &link);
    static const struct {
        const char *alias;
        enum db_result result;
        const char *aliases;
    } rows[] = {
        { "mm", DB_OK, "mm" },           { "zz", DB_OK, "mm zz" },
        { "aa", DB_OK, "mm zz aa" },     { "mm", DB_OK, "zz aa mm" }, /* one it has already */
        { "mm", DB_OK, "zz aa mm" },                                  /* the newest it has */
        { "abc", DB_TAKEN, "zz aa mm" },                              /* its generated code */
        { "AA", DB_OK, "zz aa mm AA" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_int_equal(add_alias(state, rows[i].alias), rows[i].result);
        struct link got = find(state, "abc");
        assert_list(got.aliases, got.n_aliases, rows[i].aliases);
    }
    assert_int_equal(find(state, "zz").target.link_id, 7);
}

static void test_a_first_alias_may_become_the_newest_again(void **state)
{
    struct link link = sample_link(7, "spring");
    link.code_is_alias = true;
    insert(state, &link);
    assert_int_equal(add_alias(state, "summer"), DB_OK);
    assert_int_equal(add_alias(state, "spring"), DB_OK);
    struct link got = find(state, "summer");
    assert_list(got.aliases, got.n_aliases, "summer spring");
    assert_slice(got.code, SLICE("spring"));
}

static void test_a_taken_alias_changes_nothing(void **state)
{
    struct link first = sample_link(7, "abc");
    struct link other = sample_link(8, "def");
    insert(state, &first);
    insert(state, &other);
    first.title = SLICE("new");
    assert_result(db_link_update(db_in(state), &first, SLICE("def"), NULL, &err), DB_TAKEN);
    struct link got = find(state, "abc");
    assert_int_equal(got.target.version, 1);
    assert_int_equal(got.title.len, 0);
    assert_int_equal(find(state, "def").target.link_id, 8);
}

/* --- deletions --- */

static void test_a_deleted_link_is_gone_with_all_it_had(void **state)
{
    const struct slice names[] = { SLICE("one"), SLICE("two") };
    struct link link = sample_link(7, "abc");
    link.tags = link.aliases = names;
    link.n_tags = link.n_aliases = 2;
    link.target.max_clicks = 5;
    link.owner_id = 3;
    struct link other = sample_link(8, "def");
    other.owner_id = 3;
    insert(state, &link);
    insert(state, &other);
    assert_int_equal(count(state, 3), 2);
    assert_result(db_link_delete(db_in(state), 7, 0, &err), DB_OK);
    assert_missing(state, "abc");
    assert_missing(state, "one");
    assert_missing(state, "two");
    assert_int_equal(find(state, "def").target.link_id, 8);
    assert_int_equal(count(state, 3), 1);
    assert_result(db_link_delete(db_in(state), 7, 0, &err), DB_MISSING);
    assert_result(db_link_use(db_in(state), 7, 5, &err), DB_MISSING);
    /* Nothing is left: the aliases and even the id may be used again. */
    insert(state, &link);
    assert_list(find(state, "abc").tags, 2, "one two");
}

static void test_a_deletion_may_need_a_version(void **state)
{
    struct link link = sample_link(7, "abc");
    insert(state, &link);
    assert_result(db_link_delete(db_in(state), 7, 2, &err), DB_STALE);
    assert_int_equal(find(state, "abc").target.link_id, 7);
    assert_result(db_link_delete(db_in(state), 7, 1, &err), DB_OK);
    assert_result(db_link_delete(db_in(state), 7, 1, &err), DB_MISSING);
}

static void test_an_alias_is_removed(void **state)
{
    const struct slice names[] = { SLICE("one"), SLICE("two"), SLICE("three") };
    struct link link = sample_link(7, "one");
    link.code_is_alias = true;
    link.aliases = names;
    link.n_aliases = 3;
    insert(state, &link);
    struct link change = find(state, "one");
    change.code = SLICE("two");
    change.updated_at = 4711;
    assert_result(db_alias_delete(db_in(state), &change, SLICE("none"), &err), DB_MISSING);
    assert_result(db_alias_delete(db_in(state), &change, SLICE("one"), &err), DB_OK);
    assert_missing(state, "one");
    struct link got = find(state, "two");
    assert_list(got.aliases, got.n_aliases, "two three");
    assert_true(slice_eq(got.code, SLICE("two")));
    assert_int_equal(got.target.version, change.target.version + 1);
    assert_int_equal(got.updated_at, 4711);
    assert_result(db_alias_delete(db_in(state), &change, SLICE("three"), &err), DB_STALE);
    assert_result(db_alias_delete(db_in(state), &got, SLICE("three"), &err), DB_OK);
    got = find(state, "two");
    assert_list(got.aliases, got.n_aliases, "two");
    /* The alias may be used again, and added to the same link, too. */
    struct link other = sample_link(8, "three");
    insert(state, &other);
    assert_result(db_link_update(db_in(state), &got, SLICE("one"), NULL, &err), DB_OK);
    got = find(state, "one");
    assert_list(got.aliases, got.n_aliases, "two one");
    got.target.link_id = 9;
    assert_result(db_alias_delete(db_in(state), &got, SLICE("one"), &err), DB_MISSING);
}

/* --- lower-case forms --- */

/* Link 7 as it is now, with `lowered` in place of its lower-case forms. */
static struct link stored_with(void **state, const struct slice *lowered, unsigned n)
{
    struct link link;
    assert_result(db_link_find_id(db_in(state), 7, arena_in(state), &link, &err), DB_OK);
    link.lowered = lowered;
    link.n_lowered = n;
    return link;
}

static void assert_codes(void **state, const char *aliases, const char *lowered)
{
    struct link got = stored_with(state, NULL, 0);
    assert_list(got.aliases, got.n_aliases, aliases);
    assert_result(db_link_find_id(db_in(state), 7, arena_in(state), &got, &err), DB_OK);
    assert_list(got.lowered, got.n_lowered, lowered);
}

static void insert_spring(void **state)
{
    const struct slice names[] = { SLICE("Spring"), SLICE("spring") };
    struct link link = sample_link(7, "Spring");
    link.code_is_alias = true;
    link.aliases = names;
    link.n_aliases = 1;
    link.lowered = names + 1;
    link.n_lowered = 1;
    insert(state, &link);
}

static void test_a_lower_case_form_is_a_code(void **state)
{
    insert_spring(state);
    assert_codes(state, "Spring", "spring");
    assert_int_equal(find(state, "spring").target.link_id, 7);
    struct target target;
    assert_result(db_resolve(db_in(state), SLICE("spring"), arena_in(state), &target, &err), DB_OK);
    assert_int_equal(target.link_id, 7);
    struct link other = sample_link(8, "spring");
    assert_result(db_link_insert(db_in(state), &other, NULL, &err), DB_TAKEN);
    const struct slice lower = SLICE("spring");
    other = sample_link(8, "SPRING");
    other.lowered = &lower;
    other.n_lowered = 1;
    assert_result(db_link_insert(db_in(state), &other, NULL, &err), DB_TAKEN);
    enum db_result one;
    assert_result(db_links_insert_many(db_in(state), &other, 1, &one, &err), DB_OK);
    assert_int_equal(one, DB_TAKEN);
    assert_missing(state, "SPRING");
    assert_result(db_link_delete(db_in(state), 7, 0, &err), DB_OK);
    assert_missing(state, "spring");
    insert(state, &other);
    assert_int_equal(find(state, "spring").target.link_id, 8);
}

static void test_a_new_alias_may_bring_its_lower_case_form(void **state)
{
    const struct slice lowered[] = { SLICE("spring"), SLICE("summer") };
    insert_spring(state);
    struct link other = sample_link(8, "taken");
    insert(state, &other);
    struct link link = stored_with(state, lowered, 1);
    assert_result(db_link_update(db_in(state), &link, SLICE("Summer"), NULL, &err), DB_OK);
    assert_missing(state, "summer"); /* it was not asked for */
    link = stored_with(state, lowered, 2);
    assert_result(db_link_update(db_in(state), &link, SLICE("SUMMER"), NULL, &err), DB_OK);
    assert_codes(state, "Spring Summer SUMMER", "spring summer");
    link = stored_with(state, lowered, 2);
    assert_result(db_link_update(db_in(state), &link, SLICE("Summer"), NULL, &err), DB_OK);
    assert_codes(state, "Spring SUMMER Summer", "spring summer");
    const struct slice taken = SLICE("taken");
    link = stored_with(state, &taken, 1);
    assert_result(db_link_update(db_in(state), &link, SLICE("Taken"), NULL, &err), DB_TAKEN);
    assert_missing(state, "Taken");
    link = stored_with(state, lowered + 1, 1);
    assert_result(db_link_update(db_in(state), &link, SLICE("spring"), NULL, &err), DB_OK);
    assert_codes(state, "Spring SUMMER Summer spring", "summer");
}

static void test_an_alias_is_removed_with_its_lower_case_form(void **state)
{
    const struct slice lowered[] = { SLICE("spring") };
    insert_spring(state);
    struct link link = stored_with(state, lowered, 1);
    assert_result(db_link_update(db_in(state), &link, SLICE("SPRING"), NULL, &err), DB_OK);
    link = stored_with(state, lowered, 1);
    assert_result(db_link_update(db_in(state), &link, SLICE("other"), NULL, &err), DB_OK);
    link = stored_with(state, lowered, 1);
    link.code = SLICE("SPRING");
    assert_result(db_alias_delete(db_in(state), &link, SLICE("Spring"), &err), DB_OK);
    assert_codes(state, "SPRING other", "spring"); /* the other spelling needs it */
    link = stored_with(state, NULL, 0);
    assert_result(db_link_update(db_in(state), &link, SLICE("spring"), NULL, &err), DB_OK);
    assert_codes(state, "SPRING other spring", "");
    link = stored_with(state, lowered, 1);
    assert_result(db_alias_delete(db_in(state), &link, SLICE("spring"), &err), DB_OK);
    assert_codes(state, "SPRING other", "spring"); /* it remains, as a lower-case form */
    link = stored_with(state, NULL, 0);
    link.code = SLICE("other");
    link.aliases = &link.code;
    link.n_aliases = 1;
    assert_result(db_alias_delete(db_in(state), &link, SLICE("SPRING"), &err), DB_OK);
    assert_codes(state, "other", "");
    assert_missing(state, "spring");
    assert_missing(state, "SPRING");
}

static void test_a_lower_case_form_is_added_later(void **state)
{
    const struct slice name = SLICE("Spring");
    struct link link = sample_link(7, "abc");
    link.aliases = &name;
    link.n_aliases = 1;
    struct link other = sample_link(8, "taken");
    insert(state, &link);
    insert(state, &other);
    for (int tries = 0; tries < 2; tries++) {
        assert_result(db_alias_lower(db_in(state), &link, SLICE("spring"), &err), DB_OK);
        assert_codes(state, "Spring", "spring");
    }
    assert_int_equal(find(state, "spring").target.version, 1);
    assert_result(db_alias_lower(db_in(state), &link, SLICE("taken"), &err), DB_TAKEN);
    assert_result(db_alias_lower(db_in(state), &link, SLICE("abc"), &err), DB_TAKEN);
    link.target.version = 2;
    assert_result(db_alias_lower(db_in(state), &link, SLICE("other"), &err), DB_STALE);
    link.target.link_id = 9;
    assert_result(db_alias_lower(db_in(state), &link, SLICE("other"), &err), DB_MISSING);
    assert_missing(state, "other");
}

static void test_aliases_are_listed_in_order(void **state)
{
    insert_spring(state);
    const struct slice names[] = { SLICE("a"), SLICE("Zoo") };
    struct link other = sample_link(8, "generated");
    other.aliases = names;
    other.n_aliases = 2;
    insert(state, &other);
    struct alias_page page;
    assert_result(db_aliases_list(db_in(state), SLICE(""), arena_in(state), &page, &err), DB_OK);
    struct slice codes[4];
    assert_int_equal(page.n, 4);
    for (size_t i = 0; i < page.n; i++) {
        codes[i] = page.rows[i].code;
        assert_int_equal(page.rows[i].is_lowered, slice_eq(codes[i], SLICE("spring")));
        assert_int_equal(page.rows[i].link_id, i == 1 || i == 2 ? 8 : 7);
    }
    assert_list(codes, 4, "Spring Zoo a spring");
    assert_result(db_aliases_list(db_in(state), SLICE("Zoo"), arena_in(state), &page, &err), DB_OK);
    assert_int_equal(page.n, 2);
}

/* --- counted clicks --- */

static void test_max_clicks_are_spent_one_by_one(void **state)
{
    struct link link = sample_link(7, "abc");
    link.target.max_clicks = 3;
    insert(state, &link);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(find(state, "abc").used, i);
        assert_result(db_link_use(db_in(state), 7, 3, &err), DB_OK);
    }
    assert_result(db_link_use(db_in(state), 7, 3, &err), DB_MISSING);
    assert_int_equal(find(state, "abc").used, 3);
    assert_int_equal(find(state, "abc").clicks, 0);
}

static void test_a_limit_may_come_go_and_grow(void **state)
{
    struct link link = sample_link(7, "abc");
    insert(state, &link);
    assert_result(db_link_use(db_in(state), 7, 1, &err), DB_MISSING);
    link.target.max_clicks = 1;
    assert_result(db_link_update(db_in(state), &link, SLICE(""), NULL, &err), DB_OK);
    assert_result(db_link_use(db_in(state), 7, 1, &err), DB_OK);
    assert_result(db_link_use(db_in(state), 7, 1, &err), DB_MISSING);
    link.target.version = 2;
    link.target.max_clicks = 0;
    assert_result(db_link_update(db_in(state), &link, SLICE(""), NULL, &err), DB_OK);
    link.target.version = 3;
    link.target.max_clicks = 2;
    assert_result(db_link_update(db_in(state), &link, SLICE(""), NULL, &err), DB_OK);
    assert_int_equal(find(state, "abc").used, 1); /* what was used stays used */
    assert_result(db_link_use(db_in(state), 7, 2, &err), DB_OK);
    assert_result(db_link_use(db_in(state), 7, 2, &err), DB_MISSING);
}

static void test_an_import_brings_what_was_used(void **state)
{
    struct link link = sample_link(7, "abc");
    link.target.max_clicks = 5;
    link.used = 4;
    insert(state, &link);
    assert_int_equal(find(state, "abc").used, 4);
    assert_result(db_link_use(db_in(state), 7, 5, &err), DB_OK);
    assert_result(db_link_use(db_in(state), 7, 5, &err), DB_MISSING);
}

const struct CMUnitTest *db_contract_change(size_t *n)
{
    static const struct CMUnitTest tests[] = {
        DB_CASE(test_tags_come_back_sorted),
        DB_CASE(test_a_first_alias_is_among_the_aliases),
        DB_CASE(test_aliases_resolve_and_keep_their_order),
        DB_CASE(test_one_taken_alias_refuses_the_link),
        DB_CASE(test_a_link_is_found_by_its_id),
        DB_CASE(test_a_key_makes_one_link),
        DB_CASE(test_the_key_speaks_before_the_alias),
        DB_CASE(test_a_failed_create_leaves_no_key),
        DB_CASE(test_a_key_may_be_used_again_after_a_day),
        DB_CASE(test_everything_of_a_link_changes),
        DB_CASE(test_a_change_needs_the_version),
        DB_CASE(test_a_change_of_the_destination_is_in_the_history),
        DB_CASE(test_the_history_ends_with_the_link_or_its_time),
        DB_CASE(test_a_new_alias_is_the_newest),
        DB_CASE(test_a_first_alias_may_become_the_newest_again),
        DB_CASE(test_a_taken_alias_changes_nothing),
        DB_CASE(test_a_deleted_link_is_gone_with_all_it_had),
        DB_CASE(test_an_alias_is_removed),
        DB_CASE(test_a_lower_case_form_is_a_code),
        DB_CASE(test_a_new_alias_may_bring_its_lower_case_form),
        DB_CASE(test_an_alias_is_removed_with_its_lower_case_form),
        DB_CASE(test_a_lower_case_form_is_added_later),
        DB_CASE(test_aliases_are_listed_in_order),
        DB_CASE(test_a_deletion_may_need_a_version),
        DB_CASE(test_max_clicks_are_spent_one_by_one),
        DB_CASE(test_a_limit_may_come_go_and_grow),
        DB_CASE(test_an_import_brings_what_was_used),
    };
    *n = sizeof(tests) / sizeof(*tests);
    return tests;
}
