/* SPDX-License-Identifier: MIT */
/* The real database, used by many processes at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "db_faults.h"

enum {
    RACERS = 8,
    TAKERS = 4,
    BLOCKS = 50, /* of each taker */
    CHANGERS = 8,
    CHANGES = 25, /* of each changer */
    CLIENTS = 50,
    VISITORS = 64,
};

static int race_for_aliases(struct db *db, int racer, void *context)
{
    (void)context;
    int wins = 0;
    for (int i = 0; i < 20; i++) {
        char code[24];
        snprintf(code, sizeof(code), "alias%d", i);
        struct link link = sample_link((uint64_t)racer * 1000 + (uint64_t)i + 1, code);
        link.code_is_alias = true;
        enum db_result result = db_link_insert(db, &link, NULL, NULL);
        if (result != DB_OK && result != DB_TAKEN)
            return 200 + (int)result;
        wins += result == DB_OK;
    }
    return wins;
}

static void test_one_of_many_gets_an_alias(void **state)
{
    struct faults *f = *state;
    int wins[RACERS];
    faults_in_processes(f, RACERS, race_for_aliases, NULL, wins);
    int all = 0;
    for (int i = 0; i < RACERS; i++)
        all += wins[i];
    assert_int_equal(all, 20);
    assert_int_equal(mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.link", f->name), 20);
    assert_int_equal(mariadb_number(&f->server,
                                    "SELECT COUNT(*) FROM %s.code c JOIN %s.link l"
                                    " ON l.id = c.link_id",
                                    f->name, f->name),
                     20);
}

static int take_blocks(struct db *db, int taker, void *context)
{
    struct id_range *mine = (struct id_range *)context + taker * BLOCKS;
    for (int i = 0; i < BLOCKS; i++) {
        if (db_range_take(db, "default", &mine[i], NULL) != DB_OK)
            return 1;
    }
    return 0;
}

static void test_blocks_are_disjoint_across_processes(void **state)
{
    enum { ALL = TAKERS * BLOCKS };
    struct faults *f = *state;
    size_t size = ALL * sizeof(struct id_range);
    struct id_range *all =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int results[TAKERS];
    faults_in_processes(f, TAKERS, take_blocks, all, results);
    bool seen[ALL] = { false };
    for (int i = 0; i < TAKERS; i++)
        assert_int_equal(results[i], 0);
    for (int i = 0; i < ALL; i++) {
        assert_int_equal(all[i].limit - all[i].next, 1000);
        assert_int_equal((all[i].next - 1) % 1000, 0);
        size_t block = (all[i].next - 1) / 1000;
        assert_true(block < ALL);
        assert_false(seen[block]);
        seen[block] = true;
    }
    munmap(all, size);
}

static int make_key(struct db *db, int racer, void *context)
{
    (void)context;
    struct api_key key = { .user = SLICE("ann"), .created_at = 1 };
    key.hash[0] = (unsigned char)racer;
    return db_key_insert(db, &key, NULL) == DB_OK ? (int)key.user_id : 0;
}

static void test_one_user_for_many_keys_at_once(void **state)
{
    struct faults *f = *state;
    int users[RACERS];
    faults_in_processes(f, RACERS, make_key, NULL, users);
    for (int i = 0; i < RACERS; i++)
        assert_int_equal(users[i], users[0]);
    assert_int_not_equal(users[0], 0);
    assert_int_equal(mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.user", f->name), 1);
    assert_int_equal(mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.api_key", f->name),
                     RACERS);
}

/* --- one link --- */

static long count(struct faults *f, const char *what)
{
    return mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.%s", f->name, what);
}

static void insert(struct faults *f, const struct link *link)
{
    assert_result(db_link_insert(f->db, link, NULL, &err), DB_OK);
}

/* Inserts the links 1 to `n`, which redirect `max_clicks` times; 0: without a limit. */
static void insert_many(struct faults *f, unsigned n, uint64_t max_clicks)
{
    for (unsigned id = 1; id <= n; id++) {
        char code[16];
        snprintf(code, sizeof(code), "code%u", id);
        struct link link = sample_link(id, code);
        link.target.max_clicks = max_clicks;
        insert(f, &link);
    }
}

/* Reads link `id`; the arena is the process's own. */
static struct link read_link(struct db *db, uint64_t id, struct arena *arena)
{
    struct link link = { 0 };
    arena_reset(arena);
    db_link_find_id(db, id, arena, &link, NULL);
    return link;
}

/* Each client has a link of its own and wants the same alias for it. */
static int claim_alias(struct db *db, int client, void *context)
{
    struct arena *arena = arena_new(1 << 20);
    struct link link = read_link(db, (uint64_t)client + 1, arena);
    (void)context;
    return (int)db_link_update(db, &link, SLICE("wanted"), NULL, NULL);
}

static void test_fifty_links_want_one_alias(void **state)
{
    struct faults *f = *state;
    insert_many(f, CLIENTS, 0);
    int results[CLIENTS];
    faults_in_processes(f, CLIENTS, claim_alias, NULL, results);
    int winner = -1;
    for (int i = 0; i < CLIENTS; i++) {
        assert_true(results[i] == DB_OK || results[i] == DB_TAKEN);
        assert_true(results[i] != DB_OK || winner < 0);
        winner = results[i] == DB_OK ? i : winner;
    }
    struct target target;
    assert_result(db_resolve(f->db, SLICE("wanted"), f->arena, &target, &err), DB_OK);
    assert_int_equal(target.link_id, winner + 1);
    assert_int_equal(count(f, "alias"), 1);
    assert_int_equal(count(f, "link WHERE version > 1"), 1);
}

/* Increments the number in the title as a client with If-Match does: reads, changes, tries again.
 */
static int add_up(struct db *db, int changer, void *context)
{
    struct arena *arena = arena_new(1 << 20);
    (void)changer;
    (void)context;
    for (int done = 0; done < CHANGES;) {
        struct link link = read_link(db, 1, arena);
        char title[16];
        snprintf(title, sizeof(title), "%.*s", SLICE_ARG(link.title));
        unsigned long number = strtoul(title, NULL, 10);
        snprintf(title, sizeof(title), "%lu", number + 1);
        link.title = slice_of(title);
        enum db_result result = db_link_update(db, &link, SLICE(""), NULL, NULL);
        if (result != DB_OK && result != DB_STALE)
            return 200 + (int)result;
        done += result == DB_OK;
    }
    return 0;
}

static void test_no_change_is_lost(void **state)
{
    struct faults *f = *state;
    struct link link = sample_link(1, "abc");
    insert(f, &link);
    int results[CHANGERS];
    faults_in_processes(f, CHANGERS, add_up, NULL, results);
    for (int i = 0; i < CHANGERS; i++)
        assert_int_equal(results[i], 0);
    link = read_link(f->db, 1, f->arena);
    assert_int_equal(link.target.version, 1 + CHANGERS * CHANGES);
    char wanted[16];
    snprintf(wanted, sizeof(wanted), "%d", CHANGERS * CHANGES);
    assert_slice(link.title, slice_of(wanted));
}

/* Even processes add aliases and tags to links that odd ones delete. */
static int change_or_delete(struct db *db, int who, void *context)
{
    struct arena *arena = arena_new(1 << 20);
    const struct slice tags[] = { SLICE("one"), SLICE("two") };
    (void)context;
    int wins = 0;
    for (unsigned id = 1; id <= 20; id++) {
        struct link link = read_link(db, id, arena);
        char alias[24];
        snprintf(alias, sizeof(alias), "a%d-%u", who, id);
        link.target.link_id = id;
        link.tags = tags;
        link.n_tags = 2;
        enum db_result result = who % 2 ? db_link_delete(db, id, 0, NULL)
                                        : db_link_update(db, &link, slice_of(alias), NULL, NULL);
        if (result != DB_OK && result != DB_MISSING && result != DB_STALE)
            return 200 + (int)result;
        wins += who % 2 && result == DB_OK;
    }
    return wins;
}

static void test_a_deletion_leaves_nothing_behind(void **state)
{
    struct faults *f = *state;
    insert_many(f, 20, 9);
    int results[RACERS];
    faults_in_processes(f, RACERS, change_or_delete, NULL, results);
    int deleted = 0;
    for (int i = 0; i < RACERS; i++) {
        assert_true(results[i] < 200);
        deleted += results[i];
    }
    assert_int_equal(deleted, 20); /* each by one */
    static const char *const tables[] = { "link", "code", "alias", "tag", "click_limit" };
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
        assert_int_equal(count(f, tables[i]), 0);
    uint64_t left = 77;
    assert_result(db_links_count(f->db, DB_OWNER_ANY, &left, &err), DB_OK);
    assert_int_equal(left, 0);
}

/* Even processes delete the links, odd ones restore them. */
static int hide_or_restore(struct db *db, int who, void *context)
{
    (void)context;
    int wins = 0;
    for (unsigned round = 0; round < 10; round++) {
        for (unsigned id = 1; id <= 4; id++) {
            enum db_result result = who % 2 ? db_link_restore(db, id, 0, NULL)
                                            : db_link_hide(db, id, 0, 1763000000, NULL);
            if (result != DB_OK && result != DB_MISSING)
                return 200 + (int)result;
            wins += result == DB_OK;
        }
    }
    return wins;
}

static void test_a_link_is_restored_as_often_as_it_is_deleted(void **state)
{
    struct faults *f = *state;
    insert_many(f, 4, 9);
    int results[RACERS];
    faults_in_processes(f, RACERS, hide_or_restore, NULL, results);
    int hidden = 0;
    int restored = 0;
    for (int i = 0; i < RACERS; i++) {
        assert_true(results[i] < 200);
        *(i % 2 ? &restored : &hidden) += results[i];
    }
    uint64_t left = 77;
    assert_result(db_links_count(f->db, DB_OWNER_ANY, &left, &err), DB_OK);
    assert_int_equal(left, 4 + restored - hidden);
    for (unsigned id = 1; id <= 4; id++)
        db_link_restore(f->db, id, 0, NULL);
    assert_int_equal(count(f, "deleted_link"), 0);
    assert_int_equal(count(f, "link"), 4);
    assert_int_equal(count(f, "code"), 4);
    assert_int_equal(count(f, "click_limit"), 4);
    for (unsigned id = 1; id <= 4; id++)
        assert_result(db_link_use(f->db, id, 9, &err), DB_OK);
}

static int visit(struct db *db, int visitor, void *context)
{
    int redirects = 0;
    (void)visitor;
    (void)context;
    for (int i = 0; i < 5; i++) {
        enum db_result result = db_link_use(db, 1, 100, NULL);
        if (result != DB_OK && result != DB_MISSING)
            return 200 + (int)result;
        redirects += result == DB_OK;
    }
    return redirects;
}

static void test_a_hundred_clicks_are_a_hundred(void **state)
{
    struct faults *f = *state;
    struct link link = sample_link(1, "abc");
    link.target.max_clicks = 100;
    insert(f, &link);
    int results[VISITORS];
    faults_in_processes(f, VISITORS, visit, NULL, results);
    int redirects = 0;
    for (int i = 0; i < VISITORS; i++) {
        assert_true(results[i] < 200);
        redirects += results[i];
    }
    assert_int_equal(redirects, 100);
    assert_int_equal(read_link(f->db, 1, f->arena).used, 100);
}

static int create_once(struct db *db, int client, void *context)
{
    char code[16];
    snprintf(code, sizeof(code), "code%d", client);
    struct link link = sample_link((uint64_t)client + 1, code);
    const struct idempotency key = { .created_at = 1000000 };
    (void)context;
    return (int)db_link_insert(db, &link, &key, NULL);
}

static void test_one_idempotency_key_makes_one_link(void **state)
{
    struct faults *f = *state;
    int results[CLIENTS];
    faults_in_processes(f, CLIENTS, create_once, NULL, results);
    int made = 0;
    for (int i = 0; i < CLIENTS; i++) {
        assert_true(results[i] == DB_OK || results[i] == DB_REPEATED);
        made += results[i] == DB_OK;
    }
    assert_int_equal(made, 1);
    assert_int_equal(count(f, "link"), 1);
    assert_int_equal(count(f, "code"), 1);
}

/* --- many links --- */

enum {
    BULK = 120,
};

/* All processes ask for the same aliases, each in another order. */
static int bulk(struct db *db, int racer, void *context)
{
    struct link links[BULK];
    char codes[BULK][16];
    enum db_result results[BULK];
    int wins = 0;
    (void)context;
    for (unsigned i = 0; i < BULK; i++) {
        unsigned alias = (i * 7 + (unsigned)racer * 31) % BULK;
        snprintf(codes[i], sizeof(codes[i]), "alias%u", alias);
        links[i] = sample_link((uint64_t)racer * 1000 + i + 1, codes[i]);
        links[i].code_is_alias = true;
    }
    struct error err = { "" };
    enum db_result result = db_links_insert_many(db, links, BULK, results, &err);
    if (result != DB_OK) {
        printf("# %s\n", err.text);
        return 200 + (int)result;
    }
    for (unsigned i = 0; i < BULK; i++)
        wins += results[i] == DB_OK;
    return wins;
}

static void test_bulks_share_the_aliases(void **state)
{
    struct faults *f = *state;
    int results[RACERS];
    faults_in_processes(f, RACERS, bulk, NULL, results);
    int wins = 0;
    for (int i = 0; i < RACERS; i++) {
        assert_true(results[i] < 200);
        wins += results[i];
    }
    assert_int_equal(wins, BULK);
    assert_int_equal(count(f, "link"), BULK);
    assert_int_equal(count(f, "alias"), BULK);
    uint64_t total = 0;
    assert_result(db_links_count(f->db, 0, &total, &err), DB_OK);
    assert_int_equal(total, BULK);
}

enum {
    EXPIRING = 900,
    PURGERS = 4,
};

/* Purges; the last process prolongs what it still finds. */
static int purge_or_prolong(struct db *db, int who, void *context)
{
    struct arena *arena = arena_new(1 << 20);
    unsigned *purged = context;
    const struct purge purge = { .expired_before = 1000, .limit = 50 };
    struct purge_done done = { .links = 1 };
    while (who < PURGERS && done.links > 0) {
        if (db_purge_batch(db, &purge, &done, NULL) != DB_OK)
            return 200;
        purged[who] += done.links;
    }
    for (unsigned id = EXPIRING; who == PURGERS && id >= 1; id -= 3) {
        struct link link = read_link(db, id, arena);
        link.target.link_id = id;
        link.target.expires_at = 0;
        if (link.code.len > 0 && db_link_update(db, &link, SLICE(""), NULL, NULL) == DB_OK)
            purged[PURGERS]++;
    }
    return 0;
}

/* Every link was purged by one or prolonged, and none was both. */
static void test_purgers_share_the_work(void **state)
{
    struct faults *f = *state;
    static struct link links[EXPIRING];
    static char codes[EXPIRING][16];
    static enum db_result stored[EXPIRING];
    for (unsigned i = 0; i < EXPIRING; i++) {
        snprintf(codes[i], sizeof(codes[i]), "code%u", i);
        links[i] = sample_link(i + 1, codes[i]);
        links[i].target.expires_at = 5;
    }
    assert_result(db_links_insert_many(f->db, links, EXPIRING, stored, &err), DB_OK);
    struct link alive = sample_link(EXPIRING + 1, "alive");
    alive.target.expires_at = 1000;
    insert(f, &alive);
    unsigned *purged = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int results[PURGERS + 1];
    faults_in_processes(f, PURGERS + 1, purge_or_prolong, purged, results);
    unsigned sum = 0;
    for (int i = 0; i <= PURGERS; i++) {
        assert_int_equal(results[i], 0);
        sum += purged[i];
    }
    assert_int_equal(sum, EXPIRING);
    assert_int_equal(count(f, "link"), purged[PURGERS] + 1);
    assert_int_equal(count(f, "code"), purged[PURGERS] + 1);
    assert_int_equal(count(f, "link WHERE expires_at = 5"), 0);
    uint64_t total = 0;
    assert_result(db_links_count(f->db, 0, &total, &err), DB_OK);
    assert_int_equal(total, purged[PURGERS] + 1);
    munmap(purged, 4096);
}

int main(void)
{
    const char *missing = mariadb_missing();
    if (missing) {
        printf("1..0 # SKIP %s\n", missing);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        FAULTS_CASE(test_one_of_many_gets_an_alias),
        FAULTS_CASE(test_blocks_are_disjoint_across_processes),
        FAULTS_CASE(test_one_user_for_many_keys_at_once),
        FAULTS_CASE(test_fifty_links_want_one_alias),
        FAULTS_CASE(test_no_change_is_lost),
        FAULTS_CASE(test_a_deletion_leaves_nothing_behind),
        FAULTS_CASE(test_a_link_is_restored_as_often_as_it_is_deleted),
        FAULTS_CASE(test_a_hundred_clicks_are_a_hundred),
        FAULTS_CASE(test_one_idempotency_key_makes_one_link),
        FAULTS_CASE(test_bulks_share_the_aliases),
        FAULTS_CASE(test_purgers_share_the_work),
    };
    return cmocka_run_group_tests_name("db_races", tests, faults_start, faults_stop);
}
