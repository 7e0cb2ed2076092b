/* SPDX-License-Identifier: MIT */
/* Changes and deletions in competition: a database in which another client is always faster. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/cache_fake.h"
#include "fakes/db_fake.h"
#include "service/manage.h"

enum {
    NOW = 1800000000,
    OWNER = 7,
};

/* Before each of the next `rivals` writes another client changes the title. */
struct rival {
    struct arena *arena;
    unsigned rivals;
    bool loses_answer; /* of the next write */
    bool writes;       /* the rival itself */
};

struct fixture {
    struct arena *arena;
    struct cache *cache;
    struct link_cache links;
    struct db *db;
    struct rival rival;
    struct shortener shortener;
};

static void interfere(void *context, struct db *db, uint64_t link_id)
{
    struct rival *rival = context;
    struct link link;
    struct error err;
    if (rival->writes)
        return;
    if (rival->loses_answer)
        db_fake_fail(db, 1, DB_UNAVAILABLE, true);
    rival->loses_answer = false;
    if (rival->rivals == 0)
        return;
    rival->rivals--;
    assert_int_equal(db_link_find_id(db, link_id, rival->arena, &link, &err), DB_OK);
    link.title = SLICE("the rival's");
    rival->writes = true;
    assert_int_equal(db_link_update(db, &link, (struct slice){ NULL, 0 }, NULL, &err), DB_OK);
    rival->writes = false;
}

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){ .arena = arena_new(4 << 20), .cache = cache_fake_new() };
    f.rival.arena = f.arena;
    f.db = db_fake_new(1 << 20, 100);
    db_fake_set_hooks(f.db,
                      &(struct db_fake_hooks){ .context = &f.rival, .link_changes = interfere });
    f.links = (struct link_cache){ .remote = f.cache, .ttl_s = 3600 };
    f.shortener = (struct shortener){
        .cache = &f.links,
        .db = f.db,
        .aliases = { .min_length = 3, .max_length = 50 },
        .default_status = 302,
        .max_lifetime_s = 1000000,
    };
    static const struct slice aliases[] = { { "first", 5 }, { "second", 6 } };
    const struct link link = {
        .target = { .link_id = 1,
                    .version = 1,
                    .redirect_status = 302,
                    .long_url = SLICE("http://a.example/") },
        .code = aliases[0],
        .code_is_alias = true,
        .aliases = aliases,
        .n_aliases = 2,
        .owner_id = OWNER,
        .created_at = NOW,
        .updated_at = NOW,
    };
    struct error err = { "" };
    assert_int_equal(db_link_insert(f.db, &link, NULL, &err), DB_OK);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    db_close(&f->db);
    cache_close(&f->cache);
    arena_free(&f->arena);
    return 0;
}

static struct manage_request asked_of(struct fixture *f, struct expected expected)
{
    return (struct manage_request){ .code = SLICE("second"),
                                    .caller = { .user_id = OWNER },
                                    .expected = expected,
                                    .now = NOW + 1,
                                    .arena = f->arena };
}

static enum outcome change(struct fixture *f, struct expected expected, struct link *out)
{
    static const struct slice tags[] = { { "mine", 4 } };
    const struct link_fields fields = { .given = FIELD_BIT(FIELD_TAGS),
                                        .link = { .tags = tags, .n_tags = 1 } };
    const struct manage_request request = asked_of(f, expected);
    struct error err = { "" };
    return manage_change(&f->shortener, &request, &fields, out, &err);
}

static void both_changes_stay(void **state)
{
    struct fixture *f = *state;
    struct link changed;
    f->rival.rivals = 3;
    assert_int_equal(change(f, (struct expected){ .given = false }, &changed), OUTCOME_OK);
    assert_int_equal(changed.target.version, 5);
    assert_true(slice_eq(changed.title, SLICE("the rival's")));
    assert_int_equal(changed.n_tags, 1);
}

static void another_version_than_expected_is_reported(void **state)
{
    struct fixture *f = *state;
    const struct expected first = { .given = true, .n = 1, .versions = { 1 } };
    struct link changed;
    f->rival.rivals = 1;
    assert_int_equal(change(f, first, &changed), OUTCOME_STALE);
    f->rival.rivals = 1;
    const struct manage_request request =
        asked_of(f, (struct expected){ .given = true, .n = 1, .versions = { 2 } });
    struct link link;
    struct error err = { "" };
    assert_int_equal(manage_delete(&f->shortener, &request, &link, &err), OUTCOME_STALE);
    const struct manage_request any = asked_of(f, (struct expected){ .given = false });
    f->rival.rivals = 1;
    assert_int_equal(manage_delete(&f->shortener, &any, &link, &err), OUTCOME_OK);
    assert_int_equal(manage_show(f->db, &any, &link, &err), OUTCOME_MISSING);
}

static void patience_has_an_end(void **state)
{
    struct fixture *f = *state;
    struct link changed;
    f->rival.rivals = 1000;
    assert_int_equal(change(f, (struct expected){ .given = false }, &changed), OUTCOME_UNAVAILABLE);
    assert_true(f->rival.rivals > 900);
}

static struct cache_entry cached(struct fixture *f, struct slice code)
{
    struct cache_entry entry = { .kind = ENTRY_ABSENT };
    struct error err = { "" };
    assert_int_equal(cache_get(f->cache, code, f->arena, &entry, &err), CACHE_HIT);
    return entry;
}

static void the_cache_hears_of_every_code(void **state)
{
    struct fixture *f = *state;
    const struct slice codes[] = { SLICE("first"), SLICE("second") };
    struct link changed;
    assert_int_equal(change(f, (struct expected){ .given = false }, &changed), OUTCOME_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(cached(f, codes[i]).kind, ENTRY_TARGET);
        assert_int_equal(cached(f, codes[i]).target.version, 2);
    }
    const struct manage_request request = asked_of(f, (struct expected){ .given = false });
    struct link link;
    struct error err = { "" };
    assert_int_equal(manage_delete(&f->shortener, &request, &link, &err), OUTCOME_OK);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(cached(f, codes[i]).kind, ENTRY_TOMBSTONE);
    /* A reader that was slow cannot put the old row back. */
    const struct cache_entry old = { .kind = ENTRY_TARGET, .target = changed.target };
    cache_fill(f->cache, codes[0], &old, 100);
    assert_int_equal(cached(f, codes[0]).kind, ENTRY_TOMBSTONE);
}

static void a_lost_answer_is_reported_and_tried_again(void **state)
{
    struct fixture *f = *state;
    struct link changed;
    const struct manage_request request = asked_of(f, (struct expected){ .given = false });
    struct link link;
    struct error err = { "" };
    f->rival.loses_answer = true;
    assert_int_equal(change(f, (struct expected){ .given = false }, &changed), OUTCOME_UNAVAILABLE);
    assert_int_equal(change(f, (struct expected){ .given = false }, &changed), OUTCOME_OK);
    f->rival.loses_answer = true;
    assert_int_equal(manage_delete(&f->shortener, &request, &link, &err), OUTCOME_UNAVAILABLE);
    assert_int_equal(manage_delete(&f->shortener, &request, &link, &err), OUTCOME_MISSING);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(both_changes_stay),
        TEST(another_version_than_expected_is_reported),
        TEST(patience_has_an_end),
        TEST(the_cache_hears_of_every_code),
        TEST(a_lost_answer_is_reported_and_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
