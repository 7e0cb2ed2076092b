/* SPDX-License-Identifier: MIT */
/* Replicas: their lag, which of them is asked, and when a resolver asks the primary instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/replicas.h"
#include "fakes/cache_fake.h"
#include "fakes/db_fake.h"
#include "os/monotonic.h"
#include "service/resolve.h"

#define BEAT INT64_C(1763000000000) /* of the primary's clock */
#define CODE SLICE("abc")

enum {
    N = 3,
    MAX_LAG_MS = 5000,
};

/* --- how far behind --- */

static const struct {
    const char *fact;
    int64_t age_ms, seen_ms, lag_ms; /* of the last beat; what the replica has of it */
} LAGS[] = {
    { "it has the last one", 500, 0, 0 },
    { "it has one that another host has written since", 500, 400, 0 },
    { "the last one has not arrived, the one before has", 500, -1000, 500 },
    { "right after a beat nobody is behind", 0, -1000, 0 },
    { "another host wrote between the two", 500, -300, 500 },
    { "two are missing", 500, -2000, 1500 },
    { "a minute", 500, -60000, 59500 },
    { "days", 500, -INT64_C(400000000), REPLICA_LAG_MAX_MS },
    { "it never had one", 500, -BEAT, REPLICA_LAG_MAX_MS },
    { "the primary is away: time stands still", 3600000, -1000, 2000 },
    { "the primary is away, and it has everything", 3600000, 0, 0 },
    { "measured before the beat was noted", -5, -1000, 0 },
};

static struct breakers *open_breakers(void)
{
    const struct breaker_options options = { .failures = 2, .open_ms = 60000, .probes = 1 };
    struct error err = { "" };
    return breakers_open(NULL, &options, &err);
}

static void lags(void **state)
{
    (void)state;
    struct error err = { "" };
    struct breakers *breakers = open_breakers();
    struct breaker b = breaker_find(breakers, SLICE("replica"));
    for (size_t i = 0; i < sizeof(LAGS) / sizeof(LAGS[0]); i++) {
        struct replica_lags *all = replica_lags_open(NULL, &err);
        replica_lags_beat(all, BEAT, 1000000);
        int64_t now_ms = 1000000 + LAGS[i].age_ms;
        int64_t lag_ms = replica_lags_see(all, b, BEAT + LAGS[i].seen_ms, now_ms);
        if (lag_ms != LAGS[i].lag_ms || replica_lags_get(all, b, now_ms) != lag_ms)
            fail_msg("%s: %lld ms", LAGS[i].fact, (long long)lag_ms);
        replica_lags_close(&all);
    }
    breakers_close(&breakers);
}

static void what_is_known_grows_old(void **state)
{
    (void)state;
    struct error err = { "" };
    struct breakers *breakers = open_breakers();
    struct breaker b = breaker_find(breakers, SLICE("one"));
    struct breaker other = breaker_find(breakers, SLICE("other"));
    struct replica_lags *all = replica_lags_open(NULL, &err);
    assert_int_equal(replica_lags_get(all, b, 1000000), -1);
    assert_int_equal(replica_lags_see(all, b, BEAT, 1000000), -1); /* nothing to compare with */
    assert_int_equal(replica_lags_get(all, b, 1000000), -1);
    replica_lags_beat(all, BEAT, 1000000);
    assert_int_equal(replica_lags_see(all, (struct breaker){ NULL, 0 }, BEAT, 1000000), -1);
    assert_int_equal(replica_lags_see(all, b, BEAT, 1000000), 0);
    assert_int_equal(replica_lags_get(all, b, 1000000 + REPLICA_LAG_KNOWN_MS), 0);
    assert_int_equal(replica_lags_get(all, b, 1000001 + REPLICA_LAG_KNOWN_MS), -1);
    assert_int_equal(replica_lags_get(all, b, 0), -1);
    assert_int_equal(replica_lags_get(all, other, 1000000), -1);
    replica_lags_close(&all);
    breakers_close(&breakers);
}

/* --- which replica is asked --- */

struct fixture {
    struct breakers *breakers;
    struct replica_lags *lags;
    struct replicas *replicas;
    struct sql_options mysql;
    struct db *db[N]; /* the replicas' */
    struct db *primary;
    struct cache *cache;
    struct link_cache links;
    struct local_cache *local;
    struct arena *arena;
    struct resolver resolver;
};

/* Keeps what was opened, in order: NULL begins anew. */
struct db *db_open(const struct sql_options *options)
{
    static struct fixture *fixture;
    static unsigned n;
    if (!options->host && !options->socket) {
        fixture = (struct fixture *)(void *)(uintptr_t)options->password;
        n = 0;
        return NULL;
    }
    assert_string_equal(options->user, "curt");
    assert_non_null(options->breaker.all);
    return fixture->db[n++] = db_fake_new(1000, 10);
}

static int setup(void **state)
{
    static struct fixture f;
    struct error err = { "" };
    f = (struct fixture){ .mysql = { .user = "curt", .socket = "/primary" } };
    struct sql_options begin = { .password = (const char *)&f };
    db_open(&begin);
    f.breakers = open_breakers();
    f.lags = replica_lags_open(NULL, &err);
    const struct replicas_options options = {
        .servers = "one, two:3307, unix:/three",
        .max_lag_ms = MAX_LAG_MS,
        .primary = &f.mysql,
        .breakers = f.breakers,
        .lags = f.lags,
    };
    f.replicas = replicas_open(&options, &err);
    if (!f.replicas)
        fail_msg("%s", err.text);
    f.primary = db_fake_new(1000, 10);
    f.cache = cache_fake_new();
    f.local = local_cache_open(NULL, LOCAL_BYTES_MIN, &err);
    f.arena = arena_new(1 << 20);
    f.links = (struct link_cache){
        .remote = f.cache,
        .local = f.local,
        .policy = { .ttl_ms = 1000, .negative_ttl_ms = 1000, .stale_ms = 100000 },
        .ttl_s = 3600,
        .negative_ttl_s = 5,
        .replica_ttl_s = 5,
    };
    f.resolver = (struct resolver){ .cache = &f.links, .db = f.primary, .replicas = f.replicas };
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    replicas_close(&f->replicas);
    replica_lags_close(&f->lags);
    breakers_close(&f->breakers);
    db_close(&f->primary);
    local_cache_close(&f->local);
    cache_close(&f->cache);
    arena_free(&f->arena);
    return 0;
}

/* Measures that number `i` is `lag_ms` behind; -1: nothing is measured. */
static void set_lag(struct fixture *f, unsigned i, int64_t lag_ms)
{
    if (lag_ms < 0)
        return;
    int64_t now_ms = monotonic_ms();
    replica_lags_beat(f->lags, BEAT, now_ms);
    int64_t seen_ms = BEAT - (lag_ms ? lag_ms + REPLICA_BEAT_MS : 0);
    assert_int_equal(
        replica_lags_see(f->lags, replicas_server(f->replicas, i)->breaker, seen_ms, now_ms),
        lag_ms);
}

static struct link version(uint32_t n)
{
    struct link link = { .code = CODE, .owner_id = 1 };
    link.target = (struct target){
        .link_id = 7, .version = n, .redirect_status = 302, .long_url = SLICE("https://a.example/")
    };
    return link;
}

/* Puts the link into a database, which has nothing of it, as it was at version `n`. */
static void put(struct fixture *f, struct db *db, uint32_t n)
{
    struct error err = { "" };
    struct link link = version(1);
    (void)f;
    if (n == 0)
        return;
    assert_int_equal(db_link_insert(db, &link, NULL, &err), DB_OK);
    for (uint32_t i = 1; i < n; i++) {
        link = version(i);
        assert_int_equal(db_link_update(db, &link, SLICE(""), NULL, &err), DB_OK);
    }
}

static enum db_result ask(struct fixture *f)
{
    struct error err = { "" };
    struct target target;
    return replicas_resolve(f->replicas, CODE, f->arena, &target, &err);
}

static void addresses_are_theirs_alone(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(replicas_count(f->replicas), N);
    assert_int_equal(replicas_count(NULL), 0);
    const struct sql_options *one = replicas_server(f->replicas, 0);
    const struct sql_options *two = replicas_server(f->replicas, 1);
    const struct sql_options *three = replicas_server(f->replicas, 2);
    assert_string_equal(one->host, "one");
    assert_int_equal(one->port, 3306);
    assert_null(one->socket);
    assert_int_equal(two->port, 3307);
    assert_string_equal(three->socket, "/three");
    assert_int_not_equal(one->breaker.slot, two->breaker.slot);
}

/* How many calls each of the three has had in N rounds. */
static const struct {
    const char *fact;
    int64_t lag_ms[N];
    bool fails[N];
    unsigned calls[N];
    enum db_result result;
} TURNS[] = {
    { "each in its turn", { 0, 0, 0 }, { 0 }, { 2, 2, 2 }, DB_OK },
    { "a lag up to the limit is fine", { MAX_LAG_MS, 0, 0 }, { 0 }, { 2, 2, 2 }, DB_OK },
    { "one too far behind is passed over", { MAX_LAG_MS + 1, 0, 0 }, { 0 }, { 0, 4, 2 }, DB_OK },
    { "so is one of which that is not known", { 0, -1, 0 }, { 0 }, { 2, 0, 4 }, DB_OK },
    { "after one that fails comes the next", { 0, 0, 0 }, { 0, 1, 0 }, { 2, 2, 4 }, DB_OK },
    { "two fail", { 0, 0, 0 }, { 1, 1, 0 }, { 2, 4, 6 }, DB_OK },
    { "all fail", { 0, 0, 0 }, { 1, 1, 1 }, { 6, 6, 6 }, DB_UNAVAILABLE },
    { "nothing is known", { -1, -1, -1 }, { 0 }, { 0, 0, 0 }, DB_UNAVAILABLE },
};

static void turns(void **state)
{
    for (size_t row = 0; row < sizeof(TURNS) / sizeof(TURNS[0]); row++) {
        assert_int_equal(setup(state), 0);
        struct fixture *f = *state;
        unsigned before[N];
        for (unsigned i = 0; i < N; i++) {
            set_lag(f, i, TURNS[row].lag_ms[i]);
            put(f, f->db[i], 1);
            before[i] = db_fake_calls(f->db[i]);
            db_fake_fail(f->db[i], TURNS[row].fails[i] ? 100 : 0, DB_UNAVAILABLE, false);
        }
        for (unsigned i = 0; i < 2 * N; i++) {
            if (ask(f) != TURNS[row].result)
                fail_msg("%s: another result", TURNS[row].fact);
        }
        for (unsigned i = 0; i < N; i++) {
            if (db_fake_calls(f->db[i]) - before[i] != TURNS[row].calls[i])
                fail_msg("%s: %u had %u calls", TURNS[row].fact, i,
                         db_fake_calls(f->db[i]) - before[i]);
        }
        teardown(state);
    }
}

/* --- which answer a resolver uses --- */

/* Versions of the same link: in replicas and primary (0: none), in a change that was just made on
 * this host (0: none; GONE: deleted at version 3), and in the answer. */
enum {
    GONE = 99,
};

static const struct {
    const char *fact;
    uint32_t replica, primary, told, answer;
} BELIEFS[] = {
    { "a replica is believed", 1, 1, 0, 1 },
    { "a replica may be a little behind", 1, 2, 0, 1 },
    { "what no replica has may have just been made", 0, 1, 0, 1 },
    { "what nobody has is unknown", 0, 0, 0, 0 },
    { "a replica behind what this host knows is passed over", 1, 2, 2, 2 },
    { "a replica as far as this host is believed", 2, 3, 2, 2 },
    { "a replica that still has what was deleted is passed over", 1, 0, GONE, 0 },
};

static enum outcome resolve_at(struct fixture *f, int64_t now_ms, struct resolution *out)
{
    const struct resolve_request request = {
        .code = CODE, .now = 1763000000, .now_ms = now_ms, .arena = f->arena
    };
    struct error err = { "" };
    return resolve(&f->resolver, &request, out, &err);
}

/* A change that was made on this host, so long ago that the entry is fetched again. */
static void tell(struct fixture *f, uint32_t told, int64_t now_ms)
{
    struct cache_entry entry = { .kind = ENTRY_TARGET, .target = version(told).target };
    if (told == GONE)
        entry = (struct cache_entry){ ENTRY_TOMBSTONE, { .link_id = 7, .version = 3 } };
    if (told != 0)
        local_cache_publish(f->local, CODE, &entry,
                            local_lifetime_of(&f->links.policy, &entry, now_ms));
}

static void beliefs(void **state)
{
    for (size_t row = 0; row < sizeof(BELIEFS) / sizeof(BELIEFS[0]); row++) {
        assert_int_equal(setup(state), 0);
        struct fixture *f = *state;
        int64_t now_ms = monotonic_ms();
        for (unsigned i = 0; i < N; i++) {
            set_lag(f, i, 0);
            put(f, f->db[i], BELIEFS[row].replica);
        }
        put(f, f->primary, BELIEFS[row].primary);
        tell(f, BELIEFS[row].told, now_ms);
        for (int again = 1; again < 4; again++) { /* whoever comes later, too */
            struct resolution found;
            enum outcome outcome = resolve_at(f, now_ms + again * 2000, &found);
            if (outcome != (BELIEFS[row].answer ? OUTCOME_OK : OUTCOME_MISSING) ||
                (BELIEFS[row].answer && found.target.version != BELIEFS[row].answer))
                fail_msg("%s: version %u", BELIEFS[row].fact, found.target.version);
            cache_fake_advance(f->cache, 6); /* what a replica said is soon asked for again */
        }
        teardown(state);
    }
}

/* The author's host still prefers its own entry to that of memcached. */
static void memcached_is_no_oracle_either(void **state)
{
    struct fixture *f = *state;
    struct resolution found;
    int64_t now_ms = monotonic_ms();
    struct cache_entry old = { .kind = ENTRY_TARGET, .target = version(1).target };
    put(f, f->primary, 2);
    cache_fill(f->cache, CODE, &old, 3600);
    tell(f, 2, now_ms);
    assert_int_equal(resolve_at(f, now_ms + 2000, &found), OUTCOME_OK);
    assert_int_equal(found.target.version, 2);
    assert_int_equal(found.level, LEVEL_DATABASE);
}

static void the_primary_is_needed_when_no_replica_knows(void **state)
{
    struct fixture *f = *state;
    struct resolution found;
    for (unsigned i = 0; i < N; i++)
        set_lag(f, i, 0);
    db_fake_fail(f->primary, 100, DB_UNAVAILABLE, false);
    assert_int_equal(resolve_at(f, monotonic_ms(), &found), OUTCOME_UNAVAILABLE);
    for (unsigned i = 0; i < N; i++)
        put(f, f->db[i], 1);
    assert_int_equal(resolve_at(f, monotonic_ms(), &found), OUTCOME_OK);
    assert_int_equal(found.level, LEVEL_DATABASE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lags),
        cmocka_unit_test(what_is_known_grows_old),
        cmocka_unit_test_setup_teardown(addresses_are_theirs_alone, setup, teardown),
        cmocka_unit_test(turns),
        cmocka_unit_test(beliefs),
        cmocka_unit_test_setup_teardown(memcached_is_no_oracle_either, setup, teardown),
        cmocka_unit_test_setup_teardown(the_primary_is_needed_when_no_replica_knows, setup,
                                        teardown),
    };
    return cmocka_run_group_tests_name("replicas", tests, NULL, NULL);
}
