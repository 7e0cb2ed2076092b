/* SPDX-License-Identifier: MIT */
/* The contract of cache.h, checked on the fake and on memcached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cache/cache.h"
#include "cache/link_cache.h"
#include "cache/memcached.h"
#include "fakes/cache_fake.h"
#include "fakes/db_fake.h"
#include "support/codes_key.h"
#include "support/memcached_process.h"

struct fixture {
    struct memcached_processes processes;
    struct cache *cache;
    struct db *db; /* has the key that memcached's records are sealed with */
    struct code_key_source code_key;
    struct arena *arena;
};

static const struct slice CODE = { "abc", 3 };

static struct cache_entry target(uint64_t link_id, uint32_t version, const char *url)
{
    return (struct cache_entry){ ENTRY_TARGET,
                                 { .link_id = link_id,
                                   .version = version,
                                   .redirect_status = 302,
                                   .long_url = slice_of(url) } };
}

static struct cache_entry tombstone(uint64_t link_id, uint32_t version)
{
    return (struct cache_entry){ ENTRY_TOMBSTONE, { .link_id = link_id, .version = version } };
}

static const struct cache_entry absent = { .kind = ENTRY_ABSENT };

static void publish(struct fixture *f, struct slice code, struct cache_entry entry)
{
    struct error err = { "" };
    if (!cache_publish(f->cache, code, &entry, 60, &err))
        fail_msg("publish: %s", err.text);
}

static struct cache_entry get(struct fixture *f, struct slice code)
{
    struct error err = { "" };
    struct cache_entry entry = { 0 };
    enum cache_result result = cache_get(f->cache, code, f->arena, &entry, &err);
    if (result != CACHE_HIT)
        fail_msg("no hit but %d, %s", (int)result, err.text);
    return entry;
}

static void assert_misses(struct fixture *f, struct slice code)
{
    struct error err = { "" };
    struct cache_entry entry;
    assert_int_equal(cache_get(f->cache, code, f->arena, &entry, &err), CACHE_MISS);
}

static void what_was_never_stored_is_a_miss(void **state)
{
    assert_misses(*state, CODE);
}

static void fill_stores_all_of_a_record(void **state)
{
    struct fixture *f = *state;
    struct cache_entry entry = target(7, 3, "http://example.org/\xff\x01?a=b#c");
    entry.target.flags = LINK_FORWARD_QUERY;
    entry.target.starts_at = 5;
    entry.target.expires_at = 6;
    entry.target.max_clicks = 8;
    cache_fill(f->cache, CODE, &entry, 60);
    struct cache_entry got = get(f, CODE);
    assert_int_equal(got.kind, ENTRY_TARGET);
    assert_int_equal(got.target.link_id, 7);
    assert_int_equal(got.target.version, 3);
    assert_int_equal(got.target.redirect_status, 302);
    assert_int_equal(got.target.flags, LINK_FORWARD_QUERY);
    assert_int_equal(got.target.starts_at, 5);
    assert_int_equal(got.target.expires_at, 6);
    assert_int_equal(got.target.max_clicks, 8);
    assert_true(slice_eq(got.target.long_url, entry.target.long_url));
}

static void what_was_got_outlives_the_next_get(void **state)
{
    struct fixture *f = *state;
    publish(f, CODE, target(1, 1, "http://one/"));
    publish(f, SLICE("other"), target(2, 1, "http://two/"));
    struct cache_entry one = get(f, CODE);
    struct cache_entry two = get(f, SLICE("other"));
    assert_true(slice_eq(one.target.long_url, SLICE("http://one/")));
    assert_true(slice_eq(two.target.long_url, SLICE("http://two/")));
}

static void fill_does_not_overwrite(void **state)
{
    struct fixture *f = *state;
    struct cache_entry old = target(1, 1, "http://old/");
    struct cache_entry newer = target(1, 9, "http://newer/");
    cache_fill(f->cache, CODE, &old, 60);
    cache_fill(f->cache, CODE, &newer, 60);
    assert_int_equal(get(f, CODE).target.version, 1);
}

static void a_lifetime_of_nothing_is_not_filled(void **state)
{
    struct fixture *f = *state;
    struct cache_entry entry = target(1, 1, "http://x/");
    cache_fill(f->cache, CODE, &entry, 0);
    cache_fill(f->cache, CODE, &entry, -1);
    assert_misses(f, CODE);
}

static void publish_replaces_what_is_older(void **state)
{
    struct fixture *f = *state;
    cache_fill(f->cache, CODE, &absent, 60);
    assert_int_equal(get(f, CODE).kind, ENTRY_ABSENT);
    publish(f, CODE, target(1, 1, "http://one/"));
    assert_int_equal(get(f, CODE).target.version, 1);
    publish(f, CODE, target(1, 2, "http://two/"));
    assert_true(slice_eq(get(f, CODE).target.long_url, SLICE("http://two/")));
    publish(f, CODE, tombstone(1, 3));
    assert_int_equal(get(f, CODE).kind, ENTRY_TOMBSTONE);
}

static void publish_never_replaces_what_is_newer(void **state)
{
    struct fixture *f = *state;
    publish(f, CODE, target(1, 5, "http://five/"));
    publish(f, CODE, target(1, 4, "http://four/"));
    publish(f, CODE, tombstone(1, 4));
    publish(f, CODE, absent);
    assert_true(slice_eq(get(f, CODE).target.long_url, SLICE("http://five/")));
}

static void a_tombstone_keeps_old_rows_out(void **state)
{
    struct fixture *f = *state;
    struct cache_entry old = target(1, 2, "http://old/");
    publish(f, CODE, tombstone(1, 3));
    cache_fill(f->cache, CODE, &old, 60);
    publish(f, CODE, old);
    assert_int_equal(get(f, CODE).kind, ENTRY_TOMBSTONE);
}

static void an_alias_passes_to_another_link(void **state)
{
    struct fixture *f = *state;
    publish(f, CODE, tombstone(1, 9));
    publish(f, CODE, target(2, 1, "http://new/"));
    publish(f, CODE, tombstone(1, 9));
    assert_true(slice_eq(get(f, CODE).target.long_url, SLICE("http://new/")));
}

static void publish_for_no_time_removes(void **state)
{
    struct fixture *f = *state;
    struct cache_entry entry = target(1, 1, "http://x/");
    struct error err = { "" };
    publish(f, CODE, entry);
    assert_true(cache_publish(f->cache, CODE, &entry, 0, &err));
    assert_misses(f, CODE);
    assert_true(cache_publish(f->cache, CODE, &entry, 0, &err));
}

static void a_long_lifetime_is_no_date(void **state)
{
    struct fixture *f = *state;
    const int64_t lifetimes[] = { 30 * 86400, 30 * 86400 + 1, 400 * 86400, INT64_MAX / 2 };
    for (size_t i = 0; i < sizeof(lifetimes) / sizeof(lifetimes[0]); i++) {
        char code[] = { 'l', (char)('0' + i), '\0' };
        struct cache_entry entry = target(1, 1, "http://x/");
        struct error err = { "" };
        cache_fill(f->cache, slice_of(code), &entry, lifetimes[i]);
        assert_int_equal(get(f, slice_of(code)).target.version, 1);
        entry.target.version = 2;
        assert_true(cache_publish(f->cache, slice_of(code), &entry, lifetimes[i], &err));
        assert_int_equal(get(f, slice_of(code)).target.version, 2);
    }
}

/* Imports bring all sorts of codes. */
static void every_code_is_its_own(void **state)
{
    struct fixture *f = *state;
    char longest[100];
    memset(longest, ' ', sizeof(longest));
    const struct slice codes[] = {
        SLICE("a b"),    SLICE("a_b"),      SLICE("a\r\nb"),      SLICE("a\0b"),
        SLICE("a\0c"),   SLICE("\xc3\xa9"), SLICE("c3a9"),        SLICE("xc3a9"),
        SLICE("\xff"),   SLICE("ff"),       SLICE("noreply 0 0"), { longest, sizeof(longest) },
        { longest, 99 },
    };
    enum { N = sizeof(codes) / sizeof(codes[0]) };
    for (unsigned i = 0; i < N; i++)
        publish(f, codes[i], target(i + 1, 1, "http://x/"));
    for (unsigned i = 0; i < N; i++)
        assert_int_equal(get(f, codes[i]).target.link_id, i + 1);
}

static void long_urls_come_back_whole(void **state)
{
    struct fixture *f = *state;
    static char url[8001];
    memset(url, 'u', sizeof(url) - 1);
    publish(f, CODE, target(1, 1, url));
    assert_true(slice_eq(get(f, CODE).target.long_url, slice_of(url)));
}

static void an_arena_that_is_full_is_a_miss(void **state)
{
    struct fixture *f = *state;
    publish(f, CODE, target(1, 1, "http://example.org/a-url-longer-than-the-arena"));
    struct arena *tiny = arena_new(16);
    struct error err = { "" };
    struct cache_entry entry;
    assert_int_equal(cache_get(f->cache, CODE, tiny, &entry, &err), CACHE_MISS);
    arena_free(&tiny);
}

/* --- the two implementations --- */

static int open_fake(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){ .cache = cache_fake_new(), .arena = arena_new(1 << 20) };
    *state = &fixture;
    return 0;
}

static int close_fake(void **state)
{
    struct fixture *f = *state;
    cache_close(&f->cache);
    arena_free(&f->arena);
    return f->cache ? -1 : 0;
}

static int open_memcached(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){ .arena = arena_new(1 << 20), .db = db_fake_new(1 << 20, 100) };
    fixture.code_key.db = fixture.db;
    codes_key_store(fixture.db, CODE_KEY);
    *state = &fixture;
    memcached_processes_init(&fixture.processes);
    if (!memcached_process_start(&fixture.processes, 0)) {
        print_message("# no memcached on this machine\n");
        return 0;
    }
    const struct memcached_options options = { .servers = fixture.processes.name[0],
                                               .connect_timeout_ms = 5000,
                                               .timeout_ms = 5000,
                                               .code_key = &fixture.code_key,
                                               .prefix = "test:" };
    struct error err = { "" };
    fixture.cache = memcached_open(&options, &err);
    return fixture.cache ? 0 : -1;
}

static int close_memcached(void **state)
{
    struct fixture *f = *state;
    cache_close(&f->cache);
    db_close(&f->db);
    arena_free(&f->arena);
    memcached_processes_end(&f->processes);
    return 0;
}

static void run_if_there(CMUnitTestFunction test, void **state)
{
    struct fixture *f = *state;
    if (!f->cache)
        skip();
    test(state);
}

/* What the fake can do besides. */
static void the_fake_obeys(void **state)
{
    struct fixture *f = *state;
    struct cache_entry entry = target(1, 1, "http://x/");
    struct error err = { "" };
    cache_fill(f->cache, CODE, &entry, 10);
    assert_int_equal(cache_fake_entries(f->cache), 1);
    cache_fake_set_down(f->cache, true);
    assert_int_equal(cache_get(f->cache, CODE, f->arena, &entry, &err), CACHE_DOWN);
    assert_true(err.text[0] != '\0');
    assert_false(cache_publish(f->cache, CODE, &entry, 60, &err));
    cache_fill(f->cache, SLICE("other"), &entry, 10);
    cache_fake_set_down(f->cache, false);
    assert_int_equal(cache_fake_entries(f->cache), 1);
    cache_fake_advance(f->cache, 9);
    assert_int_equal(get(f, CODE).target.version, 1);
    cache_fake_advance(f->cache, 1);
    assert_misses(f, CODE);
    assert_int_equal(cache_fake_entries(f->cache), 0);
    assert_int_equal(cache_fake_gets(f->cache), 3);
}

static void none_has_nothing(void **state)
{
    (void)state;
    const struct link_cache none = { .ttl_s = 60 };
    struct arena *arena = arena_new(1024);
    struct error err = { "" };
    struct link link = { .target = target(1, 1, "http://x/").target, .code = CODE };
    struct link_look_up look_up = { .code = CODE, .arena = arena };
    look_up.found.entry = (struct cache_entry){ ENTRY_TARGET, link.target };
    assert_true(link_cache_fill(&none, &look_up, LINK_FROM_PRIMARY));
    link_cache_publish(&none, &link, 1800000000);
    assert_false(link_cache_get(&none, &look_up));
    assert_false(link_cache_get_remote(&none, &look_up, &err));
    assert_false(look_up.remote_failed);
    arena_free(&arena);
}

#define CONTRACT(X)                         \
    X(what_was_never_stored_is_a_miss)      \
    X(fill_stores_all_of_a_record)          \
    X(what_was_got_outlives_the_next_get)   \
    X(fill_does_not_overwrite)              \
    X(a_lifetime_of_nothing_is_not_filled)  \
    X(publish_replaces_what_is_older)       \
    X(publish_never_replaces_what_is_newer) \
    X(a_tombstone_keeps_old_rows_out)       \
    X(an_alias_passes_to_another_link)      \
    X(publish_for_no_time_removes)          \
    X(a_long_lifetime_is_no_date)           \
    X(every_code_is_its_own)                \
    X(long_urls_come_back_whole)            \
    X(an_arena_that_is_full_is_a_miss)

#define WITH_FAKE(test) { "fake: " #test, test, open_fake, close_fake, NULL },
#define WITH_MEMCACHED(test) \
    { "memcached: " #test, memcached_##test, open_memcached, close_memcached, NULL },
#define DEFINE(test)                           \
    static void memcached_##test(void **state) \
    {                                          \
        run_if_there(test, state);             \
    }

CONTRACT(DEFINE)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONTRACT(WITH_FAKE)
            CONTRACT(WITH_MEMCACHED){ "fake: obeys", the_fake_obeys, open_fake, close_fake, NULL },
        cmocka_unit_test(none_has_nothing),
    };
    return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
