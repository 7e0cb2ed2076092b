/* SPDX-License-Identifier: MIT */
/* Links that are created while the database is unavailable, and their replay. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cache/link_cache.h"
#include "fakes/cache_fake.h"
#include "fakes/db_fake.h"
#include "os/monotonic.h"
#include "service/create_bulk.h"
#include "service/manage.h"
#include "service/replay.h"
#include "service/resolve.h"
#include "support/between.h"
#include "support/codes_key.h"
#include "support/host_files.h"

enum {
    NOW = 1800000000,
    ALWAYS = 1000000, /* calls that fail */
};

static const struct local_policy POLICY = { 5000, 5000, 86400000 };

struct fixture {
    char path[64];
    struct arena *arena;
    struct db *db;
    struct cache *remote;
    struct local_cache *local;
    struct link_cache links;
    struct spool *spool;
    struct codes codes;
    struct resolver resolver;
    struct shortener shortener;
    struct error err;
};

static void open_caches(struct fixture *f)
{
    struct error err = { "" };
    f->remote = cache_fake_new();
    f->local = local_cache_open(NULL, LOCAL_BYTES_MIN, &err);
    assert_non_null(f->local);
    f->links = (struct link_cache){
        .remote = f->remote, .local = f->local, .policy = POLICY, .ttl_s = 3600, .negative_ttl_s = 5
    };
}

static void wire(struct fixture *f)
{
    f->codes = (struct codes){
        .db = f->db,
        .sequence = { .name = "default", .db = f->db },
        .length = 7,
    };
    f->resolver = (struct resolver){ .cache = &f->links, .spool = f->spool, .db = f->db };
    f->shortener = (struct shortener){
        .cache = &f->links,
        .db = f->db,
        .codes = &f->codes,
        .aliases = { .min_length = 3, .max_length = 50 },
        .own = { .host = SLICE("short.example") },
        .default_status = 302,
        .max_lifetime_s = 1000000,
        .spool = f->spool,
    };
}

/* A link is made first, so that there are ids and the key of the codes. */
static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct error err = { "" };
    snprintf(f->path, sizeof(f->path), "/tmp/curt-test-spooling-%d", (int)getpid());
    f->arena = arena_new(64 << 20);
    f->db = db_fake_new(1 << 20, 1000);
    open_caches(f);
    f->spool = host_spool_open(f->path, 1 << 20);
    codes_key_store(f->db, CODE_KEY);
    wire(f);
    uint64_t id;
    assert_true(codes_prepare(&f->codes, &err));
    assert_int_equal(codes_next_id(&f->codes, &id, &err), OUTCOME_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    spool_close(&f->spool);
    local_cache_close(&f->local);
    cache_close(&f->remote);
    db_close(&f->db);
    arena_free(&f->arena);
    host_files_clear(f->path);
    rmdir(f->path);
    free(f);
    return 0;
}

static void away(struct fixture *f)
{
    db_fake_fail(f->db, ALWAYS, DB_UNAVAILABLE, false);
}

static void back(struct fixture *f)
{
    db_fake_fail(f->db, 0, DB_OK, false);
}

static struct create_request request_of(struct fixture *f, const char *url)
{
    return (struct create_request){
        .fields = { .link.target.long_url = slice_of(url) },
        .body = slice_of(url),
        .caller = { .user_id = 1, .user = SLICE("ann") },
        .now = NOW,
        .arena = f->arena,
    };
}

static enum outcome make(struct fixture *f, const char *url, struct link *link)
{
    const struct create_request request = request_of(f, url);
    return create_link(&f->shortener, &request, link, &f->err);
}

static enum outcome make_named(struct fixture *f, const char *url, const char *name,
                               struct link *link)
{
    struct create_request request = request_of(f, url);
    request.idempotency_key = slice_of(name);
    return create_link(&f->shortener, &request, link, &f->err);
}

static enum outcome follow(struct fixture *f, struct slice code, struct resolution *out)
{
    const struct resolve_request request = {
        .code = code, .now = NOW, .now_ms = monotonic_ms(), .arena = f->arena
    };
    return resolve(&f->resolver, &request, out, &f->err);
}

static bool leads_to(struct fixture *f, struct slice code, const char *url)
{
    struct resolution found;
    return follow(f, code, &found) == OUTCOME_OK && slice_eq(found.target.long_url, slice_of(url));
}

static enum db_result step(struct fixture *f, struct replay_done *done)
{
    f->err = (struct error){ "" };
    return replay_step(&f->shortener, NOW, monotonic_ms(), done, &f->err);
}

/* Replays all; how many links that were. */
static unsigned replay(struct fixture *f)
{
    struct replay_done done;
    unsigned n = 0;
    do {
        assert_int_equal(step(f, &done), DB_OK);
        n += done.replayed;
    } while (done.more);
    return n;
}

static uint64_t waiting(struct fixture *f)
{
    struct spool_state state;
    spool_look(f->spool, &state);
    return state.entries;
}

static uint64_t rejected(struct fixture *f)
{
    struct spool_state state;
    spool_look(f->spool, &state);
    return state.rejected;
}

/* All that this host remembers of links, the spool apart. */
static void forget_caches(struct fixture *f)
{
    local_cache_close(&f->local);
    cache_close(&f->remote);
    open_caches(f);
    struct codes codes = f->codes;
    wire(f);
    f->codes = codes;
}

/* --- making --- */

static void a_link_is_made_without_the_database(void **state)
{
    struct fixture *f = *state;
    struct link link;
    struct link stored;
    away(f);
    assert_int_equal(make(f, "https://a.example/x", &link), OUTCOME_SPOOLED);
    assert_int_equal(link.code.len, 7);
    assert_true(leads_to(f, link.code, "https://a.example/x"));
    assert_int_equal(waiting(f), 1);
    back(f);
    assert_int_equal(replay(f), 1);
    assert_int_equal(waiting(f), 0);
    assert_int_equal(db_link_find(f->db, link.code, f->arena, &stored, &f->err), DB_OK);
    assert_int_equal(stored.target.link_id, link.target.link_id);
    assert_true(leads_to(f, link.code, "https://a.example/x"));
    assert_int_equal(make(f, "https://a.example/y", &link), OUTCOME_OK);
}

static void what_cannot_be_promised_is_refused(void **state)
{
    struct fixture *f = *state;
    struct link link;
    away(f);
    struct create_request request = request_of(f, "https://a.example/");
    request.fields.custom_alias = SLICE("alias");
    assert_int_equal(create_link(&f->shortener, &request, &link, &f->err), OUTCOME_UNAVAILABLE);
    request = request_of(f, "https://a.example/");
    request.fields.link.target.max_clicks = 5;
    assert_int_equal(create_link(&f->shortener, &request, &link, &f->err), OUTCOME_UNAVAILABLE);
    request = request_of(f, "no url");
    assert_int_equal(create_link(&f->shortener, &request, &link, &f->err), OUTCOME_INVALID_URL);
    f->shortener.spool = NULL;
    assert_int_equal(make(f, "https://a.example/", &link), OUTCOME_UNAVAILABLE);
    assert_int_equal(waiting(f), 0);
}

/* A database that answers, and refuses, is not away. */
static void a_refusal_is_no_outage(void **state)
{
    struct fixture *f = *state;
    struct link link;
    db_fake_fail(f->db, ALWAYS, DB_FAILED, false);
    assert_int_equal(make(f, "https://a.example/", &link), OUTCOME_UNAVAILABLE);
    assert_int_equal(make_named(f, "https://a.example/", "name", &link), OUTCOME_UNAVAILABLE);
    assert_int_equal(waiting(f), 0);
}

static void a_full_spool_refuses(void **state)
{
    struct fixture *f = *state;
    struct link link;
    away(f);
    f->shortener.spool = host_spool_open(f->path, 1000);
    unsigned n = 0;
    while (make(f, "https://a.example/", &link) == OUTCOME_SPOOLED)
        n++;
    assert_between(n, 2, 8);
    assert_non_null(strstr(f->err.text, "max_bytes"));
    assert_int_equal(waiting(f), n);
    spool_close(&f->shortener.spool);
}

static void without_ids_nothing_is_promised(void **state)
{
    struct fixture *f = *state;
    struct link link;
    away(f);
    f->codes.sequence.own = (struct id_range){ 0, 0 };
    assert_int_equal(make(f, "https://a.example/", &link), OUTCOME_UNAVAILABLE);
    assert_int_equal(waiting(f), 0);
}

/* `reuse` asks for an existing link; while the database is unavailable a new one is created. */
static void reuse_makes_a_new_one(void **state)
{
    struct fixture *f = *state;
    struct link first;
    struct link second;
    assert_int_equal(make(f, "https://a.example/", &first), OUTCOME_OK);
    away(f);
    struct create_request request = request_of(f, "https://a.example/");
    request.fields.reuse = true;
    assert_int_equal(create_link(&f->shortener, &request, &second, &f->err), OUTCOME_SPOOLED);
    assert_false(slice_eq(first.code, second.code));
}

static void many_are_each_for_themselves(void **state)
{
    struct fixture *f = *state;
    struct bulk_item items[4] = {
        { .fields = { .link.target.long_url = SLICE("https://a.example/0") } },
        { .fields = { .link.target.long_url = SLICE("nonsense") } },
        { .fields = { .link.target.long_url = SLICE("https://a.example/2"),
                      .custom_alias = SLICE("alias") } },
        { .fields = { .link.target.long_url = SLICE("https://a.example/3"), .reuse = true } },
    };
    static const enum outcome expected[] = { OUTCOME_SPOOLED, OUTCOME_INVALID_URL,
                                             OUTCOME_UNAVAILABLE, OUTCOME_SPOOLED };
    const struct create_request request = request_of(f, "");
    away(f);
    assert_int_equal(create_bulk(&f->shortener, &request, items, 4, &f->err), OUTCOME_OK);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(items[i].outcome, expected[i]);
    assert_true(leads_to(f, items[3].link.code, "https://a.example/3"));
    back(f);
    assert_int_equal(replay(f), 2);
    assert_int_equal(db_fake_links(f->db), 2);
}

/* --- following --- */

/* Evicted, voided, or gone with the memory of the machine: the spool knows. */
static void what_no_cache_has_the_spool_has(void **state)
{
    struct fixture *f = *state;
    struct link link;
    struct resolution found;
    away(f);
    assert_int_equal(make(f, "https://a.example/x", &link), OUTCOME_SPOOLED);
    forget_caches(f);
    assert_true(leads_to(f, link.code, "https://a.example/x"));
    assert_int_equal(follow(f, SLICE("nothing"), &found), OUTCOME_UNAVAILABLE);
    forget_caches(f);
    back(f); /* it is back, and has nothing yet */
    assert_true(leads_to(f, link.code, "https://a.example/x"));
}

/* Another host has asked for the code, and left in the shared cache that there is none. */
static void what_others_miss_does_not_matter(void **state)
{
    struct fixture *f = *state;
    struct link link;
    const struct cache_entry absent = { .kind = ENTRY_ABSENT };
    away(f);
    assert_int_equal(make(f, "https://a.example/x", &link), OUTCOME_SPOOLED);
    forget_caches(f);
    cache_fill(f->remote, link.code, &absent, 5);
    assert_true(leads_to(f, link.code, "https://a.example/x"));
}

static void expiry_is_exact_in_the_spool_too(void **state)
{
    struct fixture *f = *state;
    struct link link;
    struct resolution found;
    away(f);
    struct create_request request = request_of(f, "https://a.example/x");
    request.fields.link.target.expires_at = NOW + 10;
    assert_int_equal(create_link(&f->shortener, &request, &link, &f->err), OUTCOME_SPOOLED);
    struct resolve_request visit = {
        .code = link.code, .now = NOW + 9, .now_ms = monotonic_ms(), .arena = f->arena
    };
    assert_int_equal(resolve(&f->resolver, &visit, &found, &f->err), OUTCOME_OK);
    visit.now = NOW + 10;
    assert_int_equal(resolve(&f->resolver, &visit, &found, &f->err), OUTCOME_EXPIRED);
    forget_caches(f);
    assert_int_equal(resolve(&f->resolver, &visit, &found, &f->err), OUTCOME_EXPIRED);
}

/* Until the replay no server is asked; afterwards the host sees changes as usual. */
static void a_replayed_link_is_asked_for_again(void **state)
{
    struct fixture *f = *state;
    struct link link;
    struct resolution found;
    away(f);
    assert_int_equal(make(f, "https://a.example/x", &link), OUTCOME_SPOOLED);
    unsigned calls = db_fake_calls(f->db);
    assert_true(leads_to(f, link.code, "https://a.example/x"));
    assert_int_equal(db_fake_calls(f->db), calls);
    back(f);
    replay(f);
    /* Another host deletes it; the shared cache forgets its tombstone. */
    assert_int_equal(db_link_delete(f->db, link.target.link_id, 0, &f->err), DB_OK);
    cache_publish(f->remote, link.code, &(struct cache_entry){ .kind = ENTRY_ABSENT }, 0, &f->err);
    assert_int_equal(follow(f, link.code, &found), OUTCOME_OK); /* as after any create */
    const struct resolve_request later = { .code = link.code,
                                           .now = NOW,
                                           .now_ms = monotonic_ms() + POLICY.ttl_ms + 1000,
                                           .arena = f->arena };
    assert_int_equal(resolve(&f->resolver, &later, &found, &f->err), OUTCOME_MISSING);
}

/* The database fails again right after the replay: a code that redirected still redirects. */
static void a_replayed_link_outlives_the_next_outage(void **state)
{
    struct fixture *f = *state;
    struct link link;
    away(f);
    assert_int_equal(make(f, "https://a.example/x", &link), OUTCOME_SPOOLED);
    back(f);
    replay(f);
    cache_publish(f->remote, link.code, &(struct cache_entry){ .kind = ENTRY_ABSENT }, 0, &f->err);
    away(f);
    assert_true(leads_to(f, link.code, "https://a.example/x"));
}

/* Its details, changes and deletion have to wait; they are not a matter of 404. */
static void what_waits_is_not_missing(void **state)
{
    struct fixture *f = *state;
    struct link link;
    struct link shown;
    away(f);
    assert_int_equal(make(f, "https://a.example/x", &link), OUTCOME_SPOOLED);
    back(f);
    struct manage_request request = { .code = link.code,
                                      .caller = { .user_id = 1 },
                                      .now = NOW,
                                      .arena = f->arena,
                                      .spool = f->spool };
    assert_int_equal(manage_show(f->db, &request, &shown, &f->err), OUTCOME_UNAVAILABLE);
    assert_int_equal(manage_delete(&f->shortener, &request, &shown, &f->err), OUTCOME_UNAVAILABLE);
    request.caller.user_id = 2; /* another user */
    assert_int_equal(manage_show(f->db, &request, &shown, &f->err), OUTCOME_MISSING);
    request.caller.user_id = 1;
    replay(f);
    assert_int_equal(manage_delete(&f->shortener, &request, &shown, &f->err), OUTCOME_OK);
}

/* --- exactly once --- */

/* The COMMIT of the first try was heard of by the database alone. */
static void an_answer_lost_makes_no_second_link(void **state)
{
    struct fixture *f = *state;
    struct link link;
    struct link found;
    struct replay_done done;
    db_fake_fail(f->db, 1, DB_UNAVAILABLE, true);
    assert_int_equal(make(f, "https://a.example/x", &link), OUTCOME_SPOOLED);
    assert_int_equal(db_fake_links(f->db), 1);
    assert_int_equal(step(f, &done), DB_OK);
    assert_int_equal(done.replayed, 1);
    assert_string_equal(done.left_out.text, ""); /* nothing is left out: no error is logged */
    assert_int_equal(db_fake_links(f->db), 1);
    assert_int_equal(db_link_find(f->db, link.code, f->arena, &found, &f->err), DB_OK);
    assert_int_equal(found.target.link_id, link.target.link_id);
}

static void a_named_create_that_was_lost_is_one_link(void **state)
{
    struct fixture *f = *state;
    struct link first;
    struct link again;
    struct link found;
    /* Made, and its answer lost before the client heard of it: it asks again, in the outage. */
    assert_int_equal(make_named(f, "https://a.example/x", "name", &first), OUTCOME_OK);
    away(f);
    assert_int_equal(make_named(f, "https://a.example/x", "name", &again), OUTCOME_SPOOLED);
    assert_false(slice_eq(first.code, again.code));
    back(f);
    assert_int_equal(replay(f), 1);
    assert_int_equal(db_fake_links(f->db), 1);
    assert_int_equal(db_link_find(f->db, again.code, f->arena, &found, &f->err), DB_OK);
    assert_int_equal(found.target.link_id, first.target.link_id);
    assert_true(leads_to(f, first.code, "https://a.example/x"));
    assert_true(leads_to(f, again.code, "https://a.example/x"));
    /* Its owner's hand reaches both. */
    assert_int_equal(db_link_delete(f->db, found.target.link_id, 0, &f->err), DB_OK);
    link_cache_delete(&f->links, &found, NOW);
    assert_false(leads_to(f, again.code, "https://a.example/x"));
}

static void a_named_create_is_repeated_in_the_outage(void **state)
{
    struct fixture *f = *state;
    struct link first;
    struct link again;
    away(f);
    assert_int_equal(make_named(f, "https://a.example/x", "name", &first), OUTCOME_SPOOLED);
    assert_int_equal(make_named(f, "https://a.example/x", "name", &again), OUTCOME_SPOOLED);
    assert_true(slice_eq(first.code, again.code));
    assert_true(slice_eq(again.owner, SLICE("ann")));
    assert_int_equal(make_named(f, "https://a.example/y", "name", &again), OUTCOME_KEY_CONFLICT);
    back(f); /* it is back, and does not know the name yet */
    assert_int_equal(make_named(f, "https://a.example/x", "name", &again), OUTCOME_SPOOLED);
    assert_int_equal(replay(f), 1);
    assert_int_equal(make_named(f, "https://a.example/x", "name", &again), OUTCOME_REPEATED);
    assert_true(slice_eq(first.code, again.code));
}

/* A name used for two things, once before the outage and once in it: both promises are kept. */
static void a_name_used_twice_makes_two_links(void **state)
{
    struct fixture *f = *state;
    struct link first;
    struct link second;
    assert_int_equal(make_named(f, "https://a.example/x", "name", &first), OUTCOME_OK);
    away(f);
    assert_int_equal(make_named(f, "https://a.example/y", "name", &second), OUTCOME_SPOOLED);
    back(f);
    assert_int_equal(replay(f), 1);
    assert_true(leads_to(f, first.code, "https://a.example/x"));
    forget_caches(f);
    assert_true(leads_to(f, second.code, "https://a.example/y"));
    assert_int_equal(db_fake_links(f->db), 2);
}

/* Copies the spool's files, to have them replayed again as after a crash. */
static void keep_copies(struct fixture *f, char copy[128])
{
    char command[512];
    snprintf(copy, 128, "%s-copy", f->path);
    snprintf(command, sizeof(command), "rm -rf %s && cp -a %s %s", copy, f->path, copy);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): paths of our own
}

static void bring_back(struct fixture *f, const char *copy)
{
    char command[512];
    spool_let_go(f->spool);
    snprintf(command, sizeof(command), "rm -f %s/*.spool && cp -a %s/*.spool %s && rm -rf %s",
             f->path, copy, f->path, copy);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): paths of our own
}

static void replaying_again_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct link links[5];
    char copy[128];
    away(f);
    for (unsigned i = 0; i < 5; i++) {
        const char *name = i & 1 ? "named" : "";
        char url[64];
        snprintf(url, sizeof(url), "https://a.example/%u", i & 1 ? 1 : i);
        const struct create_request request = request_of(f, arena_copy(f->arena, slice_of(url)));
        struct create_request named = request;
        named.idempotency_key = slice_of(name);
        assert_int_equal(create_link(&f->shortener, &named, &links[i], &f->err), OUTCOME_SPOOLED);
    }
    keep_copies(f, copy);
    back(f);
    assert_int_equal(replay(f), 4); /* the second that was named is the first */
    assert_int_equal(db_link_delete(f->db, links[2].target.link_id, 0, &f->err), DB_OK);
    link_cache_delete(&f->links, &links[2], NOW);
    bring_back(f, copy);
    assert_int_equal(replay(f), 4);
    assert_int_equal(db_fake_links(f->db), 3);
    assert_false(leads_to(f, links[2].code, "https://a.example/2"));
    assert_true(leads_to(f, links[4].code, "https://a.example/4"));
    assert_int_equal(rejected(f), 0);
}

/* The answer of any call of a replay may be lost, or it may not happen at all. */
static void a_replay_may_fail_at_any_call(void **state)
{
    struct fixture *f = *state;
    struct link link;
    for (unsigned lost = 0; lost < 2; lost++) {
        for (unsigned call = 0; call < 6; call++) {
            unsigned before = db_fake_links(f->db);
            struct replay_done done;
            away(f);
            for (unsigned i = 0; i < 5; i++)
                assert_int_equal(make(f, "https://a.example/x", &link), OUTCOME_SPOOLED);
            back(f);
            db_fake_fail(f->db, call, DB_UNAVAILABLE, lost);
            for (unsigned tries = 0; step(f, &done) != DB_OK; tries++)
                assert_between(tries, 0, 20);
            back(f);
            replay(f);
            assert_int_equal(db_fake_links(f->db) - before, 5);
            assert_int_equal(waiting(f), 0);
        }
    }
    assert_int_equal(rejected(f), 0);
}

static void thousands_are_replayed(void **state)
{
    struct fixture *f = *state;
    struct link link;
    away(f);
    for (unsigned i = 0; i < 2 * REPLAY_BATCH + 7; i++)
        assert_int_equal(make(f, "https://a.example/x", &link), OUTCOME_SPOOLED);
    back(f);
    unsigned calls = db_fake_calls(f->db);
    assert_int_equal(replay(f), 2 * REPLAY_BATCH + 7);
    assert_int_equal(db_fake_calls(f->db) - calls, 3);
    assert_int_equal(db_fake_links(f->db), 2 * REPLAY_BATCH + 7);
}

/* --- what cannot be kept --- */

static struct link somebodys(struct slice code)
{
    return (struct link){
        .target = { .link_id = 999999,
                    .version = 1,
                    .redirect_status = 302,
                    .long_url = SLICE("https://other.example/") },
        .code = code,
        .code_is_alias = true,
        .owner_id = 7,
    };
}

static void a_taken_code_is_reported(void **state)
{
    struct fixture *f = *state;
    struct link links[3];
    struct replay_done done;
    away(f);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(make(f, "https://a.example/x", &links[i]), OUTCOME_SPOOLED);
    back(f);
    const struct link other = somebodys(links[1].code);
    assert_int_equal(db_link_insert(f->db, &other, NULL, &f->err), DB_OK);
    assert_int_equal(step(f, &done), DB_OK);
    assert_int_equal(done.replayed, 2);
    assert_int_equal(done.rejected, 1);
    assert_non_null(strstr(done.left_out.text, "cannot be stored"));
    assert_int_equal(rejected(f), 1);
    assert_true(leads_to(f, links[1].code, "https://other.example/"));
    assert_true(leads_to(f, links[2].code, "https://a.example/x"));
}

/* If a cache has an alias that is equal to the next generated code, that code is skipped, so that
 * no visitor is sent to the wrong URL. */
static void a_code_known_as_an_alias_is_passed_over(void **state)
{
    struct fixture *f = *state;
    struct link link;
    char code[CODE_MAX + 1];
    assert_true(code_from_id(&f->codes.scheme, f->codes.sequence.own.next, code));
    const struct link other = somebodys(slice_of(code));
    link_cache_publish(&f->links, &other, NOW);
    away(f);
    assert_int_equal(make(f, "https://a.example/x", &link), OUTCOME_SPOOLED);
    assert_false(slice_eq(link.code, slice_of(code)));
    assert_true(leads_to(f, slice_of(code), "https://other.example/"));
}

/* A database that stores nothing at all (read-only, no schema) rejects no entry. */
static void a_database_that_refuses_all_is_waited_for(void **state)
{
    struct fixture *f = *state;
    struct link link;
    struct replay_done done;
    away(f);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(make(f, "https://a.example/x", &link), OUTCOME_SPOOLED);
    db_fake_fail(f->db, ALWAYS, DB_FAILED, false);
    assert_int_equal(step(f, &done), DB_FAILED);
    assert_int_equal(waiting(f), 3);
    back(f);
    assert_int_equal(replay(f), 3);
    assert_int_equal(rejected(f), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_link_is_made_without_the_database),
        TEST(what_cannot_be_promised_is_refused),
        TEST(a_refusal_is_no_outage),
        TEST(a_full_spool_refuses),
        TEST(without_ids_nothing_is_promised),
        TEST(reuse_makes_a_new_one),
        TEST(many_are_each_for_themselves),
        TEST(what_no_cache_has_the_spool_has),
        TEST(what_others_miss_does_not_matter),
        TEST(expiry_is_exact_in_the_spool_too),
        TEST(a_replayed_link_is_asked_for_again),
        TEST(a_replayed_link_outlives_the_next_outage),
        TEST(what_waits_is_not_missing),
        TEST(an_answer_lost_makes_no_second_link),
        TEST(a_named_create_that_was_lost_is_one_link),
        TEST(a_named_create_is_repeated_in_the_outage),
        TEST(a_name_used_twice_makes_two_links),
        TEST(replaying_again_changes_nothing),
        TEST(a_replay_may_fail_at_any_call),
        TEST(thousands_are_replayed),
        TEST(a_taken_code_is_reported),
        TEST(a_code_known_as_an_alias_is_passed_over),
        TEST(a_database_that_refuses_all_is_waited_for),
    };
    return cmocka_run_group_tests_name("spooling", tests, NULL, NULL);
}
