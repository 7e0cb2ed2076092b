/* SPDX-License-Identifier: MIT */
/* Changes, deletions, bulk calls and purges whose connection is cut at every point: each is made,
 * and once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "db_faults.h"

static long count(struct faults *f, const char *what, unsigned n)
{
    return mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.%s = %u", f->name, what, n);
}

static void insert(struct faults *f, struct link *link, const char *code)
{
    link->code = slice_of(code);
    assert_result(db_link_insert(f->db, link, NULL, &err), DB_OK);
}

static void change_one(struct faults *f, struct db *db, unsigned n)
{
    const struct slice tags[] = { SLICE("t"), SLICE("u") };
    char code[24];
    char alias[24];
    snprintf(code, sizeof(code), "code%u", n);
    snprintf(alias, sizeof(alias), "alias%u", n);
    struct link link = sample_link(n, code);
    insert(f, &link, code);
    link.title = SLICE("changed");
    link.tags = tags;
    link.n_tags = 2;
    link.target.max_clicks = 3;
    assert_result(db_link_update(db, &link, slice_of(alias), NULL, &err), DB_OK);
    struct link got;
    arena_reset(f->arena);
    assert_result(db_link_find(f->db, slice_of(alias), f->arena, &got, &err), DB_OK);
    assert_int_equal(got.target.version, 2);
    assert_slice(got.title, SLICE("changed"));
    assert_int_equal(got.n_tags, 2);
    assert_int_equal(got.n_aliases, 1);
}

static void test_a_change_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], change_one) >= 10);
}

static void remove_alias_of_one(struct faults *f, struct db *db, unsigned n)
{
    char code[24];
    char alias[24];
    snprintf(code, sizeof(code), "code%u", n);
    snprintf(alias, sizeof(alias), "alias%u", n);
    struct link link = sample_link(n, code);
    insert(f, &link, code);
    assert_result(db_link_update(f->db, &link, slice_of(alias), NULL, &err), DB_OK);
    link.target.version = 2;
    assert_result(db_alias_delete(db, &link, slice_of(alias), &err), DB_OK);
    struct link got;
    arena_reset(f->arena);
    assert_result(db_link_find(f->db, slice_of(alias), f->arena, &got, &err), DB_MISSING);
    assert_result(db_link_find(f->db, slice_of(code), f->arena, &got, &err), DB_OK);
    assert_int_equal(got.target.version, 3);
    assert_int_equal(got.n_aliases, 0);
}

static void test_a_removal_of_an_alias_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], remove_alias_of_one) >= 6);
}

static void delete_one(struct faults *f, struct db *db, unsigned n)
{
    char code[24];
    snprintf(code, sizeof(code), "code%u", n);
    struct link link = sample_link(n, code);
    insert(f, &link, code);
    assert_result(db_link_delete(db, n, 1, &err), DB_OK);
    assert_int_equal(count(f, "link WHERE id", n), 0);
    assert_int_equal(count(f, "code WHERE link_id", n), 0);
    uint64_t total = 77;
    assert_result(db_links_count(f->db, 0, &total, &err), DB_OK);
    assert_int_equal(total, 0);
}

static void test_a_deletion_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], delete_one) >= 8);
}

static void hide_one(struct faults *f, struct db *db, unsigned n)
{
    char code[24];
    snprintf(code, sizeof(code), "code%u", n);
    struct link link = sample_link(n, code);
    insert(f, &link, code);
    assert_result(db_link_hide(db, n, 1, 1763000000, &err), DB_OK);
    assert_int_equal(count(f, "link WHERE id", n), 0);
    assert_int_equal(count(f, "deleted_link WHERE link_id", n), 1);
    uint64_t total = 77;
    assert_result(db_links_count(f->db, 0, &total, &err), DB_OK);
    assert_int_equal(total, 0);
}

static void test_a_hidden_link_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], hide_one) >= 7);
}

static void restore_one(struct faults *f, struct db *db, unsigned n)
{
    char code[24];
    snprintf(code, sizeof(code), "code%u", n);
    struct link link = sample_link(n, code);
    insert(f, &link, code);
    assert_result(db_link_hide(f->db, n, 1, 1763000000, &err), DB_OK);
    assert_result(db_link_restore(db, n, 0, &err), DB_OK);
    assert_int_equal(count(f, "link WHERE id", n), 1);
    assert_int_equal(count(f, "deleted_link WHERE link_id", n), 0);
    uint64_t total = 77;
    assert_result(db_links_count(f->db, 0, &total, &err), DB_OK);
    assert_int_equal(total, 1);
    assert_result(db_link_delete(f->db, n, 0, &err), DB_OK);
}

static void test_a_restored_link_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], restore_one) >= 7);
}

static void insert_some(struct faults *f, struct db *db, unsigned n)
{
    char codes[3][24];
    struct link links[3];
    enum db_result results[3];
    for (unsigned i = 0; i < 3; i++) {
        snprintf(codes[i], sizeof(codes[i]), "code%u-%u", n, i % 2);
        links[i] = sample_link((uint64_t)n * 10 + i, codes[i]);
        links[i].owner_id = n;
    }
    assert_result(db_links_insert_many(db, links, 3, results, &err), DB_OK);
    assert_int_equal(results[0], DB_OK);
    assert_int_equal(results[1], DB_OK);
    assert_int_equal(results[2], DB_TAKEN); /* the same code as the first */
    assert_int_equal(count(f, "link WHERE owner_id", n), 2);
    uint64_t total = 77;
    assert_result(db_links_count(f->db, n, &total, &err), DB_OK);
    assert_int_equal(total, 2);
}

static void test_a_bulk_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], insert_some) >= 8);
}

static void insert_with_key(struct faults *f, struct db *db, unsigned n)
{
    char code[24];
    snprintf(code, sizeof(code), "code%u", n);
    struct link link = sample_link(n, code);
    struct idempotency key = { .created_at = 1000000 };
    snprintf((char *)key.key_hash, sizeof(key.key_hash), "%u", n);
    assert_result(db_link_insert(db, &link, &key, &err), DB_OK);
    assert_int_equal(count(f, "link WHERE id", n), 1);
    assert_int_equal(count(f, "idempotency WHERE link_id", n), 1);
}

static void test_a_create_with_a_key_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], insert_with_key) >= 8);
}

/* The number of the trial makes hashes that differ. */
static void sign_in_once(struct faults *f, struct db *db, unsigned n)
{
    struct api_key key = { .user = SLICE("ann"), .created_at = 5 };
    struct session session = { .created_at = 1000, .agent = SLICE("Firefox on Linux") }, found;
    struct sign_in token = { .expires_at = 2000 };
    memcpy(key.hash, &n, sizeof(n));
    memcpy(session.hash, &n, sizeof(n));
    memcpy(token.hash, &n, sizeof(n));
    assert_result(db_key_insert(f->db, &key, &err), DB_OK);
    token.key_id = key.id;
    assert_result(db_sign_in_insert(f->db, &token, &err), DB_OK);
    arena_reset(f->arena);
    assert_result(db_session_insert(db, &session, token.hash, f->arena, &err), DB_OK);
    assert_int_equal(session.key.id, key.id);
    assert_result(db_session_find(f->db, session.hash, f->arena, &found, &err), DB_OK);
    assert_int_equal(found.id, session.id);
    assert_int_equal(count(f, "session WHERE key_id", key.id), 1);
    assert_int_equal(count(f, "sign_in WHERE key_id", key.id), 0);
}

static void test_a_sign_in_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], sign_in_once) >= 6);
}

/* Each transaction gives the tag to all links that have it still. */
static void rename_tag(struct faults *f, struct db *db, unsigned n)
{
    char code[24], tag[24];
    snprintf(code, sizeof(code), "code%u", n);
    snprintf(tag, sizeof(tag), "tag%u", n);
    const struct slice tags[] = { slice_of(tag) };
    struct link link = sample_link(n, code), got;
    link.owner_id = 1;
    link.tags = tags;
    link.n_tags = 1;
    insert(f, &link, code);
    const struct tag_rename rename = { 1, slice_of(tag), SLICE("new"), 1763000099 };
    struct tag_renamed renamed;
    assert_result(db_tag_rename(db, &rename, &renamed, &err), DB_OK);
    arena_reset(f->arena);
    assert_result(db_link_find(f->db, slice_of(code), f->arena, &got, &err), DB_OK);
    assert_int_equal(got.n_tags, 1);
    assert_slice(got.tags[0], SLICE("new"));
    assert_int_equal(got.target.version, 2);
}

static void test_a_renamed_tag_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], rename_tag) >= 6);
}

enum {
    LOCKED_MAX_S = 10,
};

/* The server may hold the locks of a connection that was cut for a moment longer; a purge passes
 * over what is locked, and a later one finds it. */
static void purge_the_rest(struct faults *f, const struct purge *purge, unsigned link_id)
{
    struct purge_done done;
    time_t end = time(NULL) + LOCKED_MAX_S;
    while (count(f, "link WHERE id", link_id) > 0 && time(NULL) < end)
        assert_result(db_purge_batch(f->db, purge, &done, &err), DB_OK);
}

/* An answer that is lost may make the report too small, never the deed too large. */
static void purge_some(struct faults *f, struct db *db, unsigned n)
{
    char code[24];
    char alive[24];
    snprintf(code, sizeof(code), "code%u", n);
    snprintf(alive, sizeof(alive), "alive%u", n);
    struct link link = sample_link((uint64_t)n * 2, code);
    link.target.expires_at = 5;
    insert(f, &link, code);
    link = sample_link((uint64_t)n * 2 + 1, alive);
    link.target.expires_at = 1000;
    insert(f, &link, alive);
    const struct purge purge = { .expired_before = 1000, .idempotency_before = 1, .limit = 100 };
    struct purge_done done;
    assert_result(db_purge_batch(db, &purge, &done, &err), DB_OK);
    assert_true(done.links <= 1);
    purge_the_rest(f, &purge, n * 2);
    assert_int_equal(count(f, "link WHERE id", n * 2), 0);
    assert_int_equal(count(f, "link WHERE id", n * 2 + 1), 1);
}

static void test_a_purge_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], purge_some) >= 8);
}

/* A counted click whose answer was lost may have been used without a redirect; there is never one
 * redirect too many. */
static void use_one(struct faults *f, struct db *db, unsigned n)
{
    char code[24];
    snprintf(code, sizeof(code), "code%u", n);
    struct link link = sample_link(n, code);
    link.target.max_clicks = 10;
    insert(f, &link, code);
    assert_result(db_link_use(db, n, 10, &err), DB_OK);
    long used = mariadb_number(&f->server, "SELECT used FROM %s.click_limit WHERE link_id = %u",
                               f->name, n);
    assert_true(used == 1 || used == 2);
}

static void test_a_click_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], use_one) >= 2);
}

int main(void)
{
    const char *missing = mariadb_missing();
    if (missing) {
        printf("1..0 # SKIP %s\n", missing);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        FAULTS_CASE(test_a_change_survives_a_loss_at_any_point),
        FAULTS_CASE(test_a_removal_of_an_alias_survives_a_loss_at_any_point),
        FAULTS_CASE(test_a_deletion_survives_a_loss_at_any_point),
        FAULTS_CASE(test_a_hidden_link_survives_a_loss_at_any_point),
        FAULTS_CASE(test_a_restored_link_survives_a_loss_at_any_point),
        FAULTS_CASE(test_a_bulk_survives_a_loss_at_any_point),
        FAULTS_CASE(test_a_create_with_a_key_survives_a_loss_at_any_point),
        FAULTS_CASE(test_a_sign_in_survives_a_loss_at_any_point),
        FAULTS_CASE(test_a_renamed_tag_survives_a_loss_at_any_point),
        FAULTS_CASE(test_a_purge_survives_a_loss_at_any_point),
        FAULTS_CASE(test_a_click_survives_a_loss_at_any_point),
    };
    return cmocka_run_group_tests_name("db_losses", tests, faults_start, faults_stop);
}
