/* SPDX-License-Identifier: MIT */
/* What a database connection reports to its circuit breaker, and that it is not used while the
 * breaker is open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/db.h"
#include "db_faults.h"
#include "os/monotonic.h"

enum {
    FAILURES = 3,
    OPEN_MS = 60000,
};

struct guarded {
    struct breakers *breakers;
    struct breaker breaker;
    struct sql_options options;
    struct sql *sql;
    struct error err; /* of the last call */
};

/* A connection with a breaker that opens after `failures` failures. */
static struct guarded guard(struct faults *f, unsigned failures)
{
    const struct breaker_options options = { failures, OPEN_MS, 1, NULL };
    struct guarded g = { .options = f->options };
    g.breakers = breakers_open(NULL, &options, &g.err);
    g.breaker = breaker_find(g.breakers, SLICE("mysql"));
    g.options.breaker = g.breaker;
    g.options.writes = breaker_find(g.breakers, SLICE("mysql writes"));
    g.sql = sql_new(&g.options);
    return g;
}

static void drop(struct guarded *g)
{
    sql_free(&g->sql);
    breakers_close(&g->breakers);
}

static enum breaker_state state_of(const struct guarded *g)
{
    return breaker_state(g->breaker, monotonic_ms());
}

static enum sql_result ping(struct guarded *g)
{
    const struct sql_query query = { .id = STATEMENT_PING };
    return sql_run(g->sql, &query, NULL, &g->err);
}

static enum sql_result text(struct guarded *g, const char *statement)
{
    return sql_text(g->sql, slice_of(statement), NULL, NULL, &g->err);
}

static void nobody_listens(void **state)
{
    struct guarded g = guard(*state, FAILURES);
    g.options.socket = "/tmp/curt-nobody-listens-here";
    sql_free(&g.sql);
    g.sql = sql_new(&g.options);
    for (int i = 0; i < FAILURES; i++) {
        assert_int_equal(state_of(&g), BREAKER_CLOSED);
        assert_int_equal(i % 2 ? ping(&g) : text(&g, "SELECT 1"), SQL_LOST);
        assert_null(strstr(g.err.text, "circuit breaker open"));
    }
    assert_int_equal(state_of(&g), BREAKER_OPEN);
    assert_int_equal(ping(&g), SQL_LOST);
    assert_non_null(strstr(g.err.text, "circuit breaker open"));
    g.err.text[0] = '\0';
    assert_int_equal(text(&g, "SELECT 1"), SQL_LOST);
    assert_non_null(strstr(g.err.text, "circuit breaker open"));
    drop(&g);
}

/* What would be tried again is not while the breaker is open: all of it together takes no time. */
static void an_open_one_answers_at_once(void **state)
{
    struct faults *f = *state;
    struct guarded g = guard(f, 1);
    struct db *db = db_open(&g.options);
    struct link link = sample_link(1, "abc");
    struct target target;
    breaker_report(g.breaker, false, monotonic_ms());
    int64_t begin = monotonic_ms();
    for (int i = 0; i < 100; i++) {
        assert_result(db_resolve(db, SLICE("abc"), f->arena, &target, &err), DB_UNAVAILABLE);
        assert_result(db_link_insert(db, &link, NULL, &err), DB_UNAVAILABLE);
        assert_result(db_link_use(db, 1, 10, &err), DB_UNAVAILABLE);
        assert_result(db_ping(db, &err), DB_UNAVAILABLE);
    }
    assert_true(monotonic_ms() - begin < 200);
    db_close(&db);
    drop(&g);
}

/* Whatever the server says, it says something. */
static void errors_of_the_server_are_answers(void **state)
{
    static const char *const statements[] = {
        "SELECT nonsense FROM nothing",
        "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1290",
        "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1213",
        "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1062",
    };
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        struct guarded g = guard(*state, 2);
        breaker_report(g.breaker, false, monotonic_ms());
        assert_int_not_equal(text(&g, statements[i]), SQL_OK);
        breaker_report(g.breaker, false, monotonic_ms());
        if (state_of(&g) != BREAKER_CLOSED)
            fail_msg("%s was no answer", statements[i]);
        drop(&g);
    }
}

static void a_refused_password_is_an_answer(void **state)
{
    struct guarded g = guard(*state, 1);
    g.options.user = "nobody";
    g.options.password = "wrong";
    sql_free(&g.sql);
    g.sql = sql_new(&g.options);
    assert_int_equal(ping(&g), SQL_ERROR);
    assert_int_equal(state_of(&g), BREAKER_CLOSED);
    drop(&g);
}

/* A restart of the server between two calls does not count as a failure. */
static void a_connection_lost_meanwhile_is_no_failure(void **state)
{
    struct faults *f = *state;
    struct guarded g = guard(f, 1);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(ping(&g), SQL_OK);
        mariadb_kill_connections(&f->server, f->name);
        if (i % 2)
            assert_int_equal(ping(&g), SQL_OK); /* on a new connection */
        else
            assert_int_equal(text(&g, "DO 1"), SQL_LOST);
        assert_int_equal(state_of(&g), BREAKER_CLOSED);
    }
    drop(&g);
}

static void a_timeout_is_a_failure(void **state)
{
    struct guarded g = guard(*state, 1);
    g.options.read_timeout_ms = 1000;
    sql_free(&g.sql);
    g.sql = sql_new(&g.options);
    assert_int_equal(ping(&g), SQL_OK);
    assert_int_equal(text(&g, "SELECT SLEEP(3)"), SQL_LOST);
    assert_int_equal(state_of(&g), BREAKER_OPEN);
    drop(&g);
}

static enum breaker_state server_state(const struct guarded *g, const char *address)
{
    char name[BREAKER_NAME_MAX + 1];
    snprintf(name, sizeof(name), "mysql %s", address);
    return breaker_state(breaker_find(g->breakers, slice_of(name)), monotonic_ms());
}

/* Of the servers of a cluster the first that answers is used, and a preferred one when it is back;
 * here the two names are one server's. */
static void the_first_server_that_serves_is_used(void **state)
{
    struct faults *f = *state;
    char link[96], first[104], servers[512];
    struct guarded g = guard(f, FAILURES);
    snprintf(link, sizeof(link), "%s-link", f->options.socket);
    snprintf(first, sizeof(first), "unix:%s", link);
    snprintf(servers, sizeof(servers), "%s, unix:%s", first, f->options.socket);
    g.options.servers = servers;
    g.options.breakers = g.breakers;
    sql_free(&g.sql);
    g.sql = sql_new(&g.options);
    assert_int_equal(ping(&g), SQL_OK);
    assert_int_equal(server_state(&g, first), BREAKER_OPEN);
    assert_int_equal(state_of(&g), BREAKER_CLOSED);
    unsigned connections = sql_connections(g.sql);
    assert_int_equal(symlink(f->options.socket, link), 0);
    assert_int_equal(ping(&g), SQL_OK);
    assert_int_equal(sql_connections(g.sql), connections); /* its breaker is open */
    char name[BREAKER_NAME_MAX + 1];
    snprintf(name, sizeof(name), "mysql %s", first);
    struct breaker preferred = breaker_find(g.breakers, slice_of(name));
    assert_true(breaker_wants_probe(preferred, monotonic_ms()));
    breaker_report(preferred, true, monotonic_ms());
    assert_int_equal(ping(&g), SQL_OK);
    assert_int_equal(sql_connections(g.sql), connections + 1);
    /* A server that says it is read-only is left for the next one. */
    assert_int_equal(text(&g, "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1290"), SQL_LOST);
    assert_int_equal(server_state(&g, first), BREAKER_OPEN);
    assert_int_equal(ping(&g), SQL_OK);
    assert_int_equal(state_of(&g), BREAKER_CLOSED);
    unlink(link);
    drop(&g);
}

/* As on a node of a cluster that waits for a dead one: all is answered but the COMMIT. */
static void a_commit_that_hangs_ends_all_writes(void **state)
{
    struct faults *f = *state;
    struct guarded g = guard(f, FAILURES);
    const struct sql_query beat = { .id = STATEMENT_HEARTBEAT_WRITE };
    g.options.read_timeout_ms = 1000;
    sql_free(&g.sql);
    g.sql = sql_new(&g.options);
    assert_int_equal(sql_begin(g.sql, &g.err), SQL_OK);
    assert_int_equal(text(&g, "INSERT INTO setting (name, value) VALUES ('x', 'y')"), SQL_OK);
    mariadb_run(&f->server, "FLUSH TABLES WITH READ LOCK");
    assert_int_equal(sql_commit(g.sql, &g.err), SQL_LOST);
    assert_int_equal(breaker_state(g.options.writes, monotonic_ms()), BREAKER_OPEN);
    assert_int_equal(state_of(&g), BREAKER_CLOSED);
    int64_t begin = monotonic_ms();
    for (int i = 0; i < 20; i++) {
        assert_int_equal(sql_begin(g.sql, &g.err), SQL_LOST);
        assert_non_null(strstr(g.err.text, "circuit breaker of writes open"));
        assert_int_equal(sql_run(g.sql, &beat, NULL, &g.err), SQL_LOST);
        assert_int_equal(ping(&g), SQL_OK);
    }
    assert_true(monotonic_ms() - begin < 500);
    mariadb_run(&f->server, "UNLOCK TABLES");
    drop(&g);
}

static void a_write_that_is_probed_ends_it(void **state)
{
    struct guarded g = guard(*state, 1);
    const struct sql_query beat = { .id = STATEMENT_HEARTBEAT_WRITE };
    breaker_open(g.options.writes, monotonic_ms() - OPEN_MS);
    assert_int_equal(sql_run(g.sql, &beat, NULL, &g.err), SQL_OK);
    assert_int_equal(breaker_state(g.options.writes, monotonic_ms()), BREAKER_CLOSED);
    breaker_open(g.options.writes, monotonic_ms() - OPEN_MS);
    assert_int_equal(sql_begin(g.sql, &g.err), SQL_OK);
    assert_int_equal(sql_commit(g.sql, &g.err), SQL_OK);
    assert_int_equal(breaker_state(g.options.writes, monotonic_ms()), BREAKER_CLOSED);
    drop(&g);
}

static void what_has_begun_is_ended(void **state)
{
    struct faults *f = *state;
    struct guarded g = guard(f, 1);
    assert_int_equal(sql_begin(g.sql, &g.err), SQL_OK);
    breaker_report(g.breaker, false, monotonic_ms());
    assert_int_equal(text(&g, "INSERT INTO setting (name, value) VALUES ('x', 'y')"), SQL_OK);
    assert_int_equal(sql_commit(g.sql, &g.err), SQL_OK);
    assert_int_equal(state_of(&g), BREAKER_OPEN);
    assert_int_equal(sql_begin(g.sql, &g.err), SQL_LOST);
    assert_false(sql_is_open(g.sql));
    assert_int_equal(
        mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.setting WHERE name = 'x'", f->name), 1);
    drop(&g);
}

static void a_good_probe_closes_it(void **state)
{
    struct guarded g = guard(*state, 1);
    breaker_report(g.breaker, false, monotonic_ms() - OPEN_MS);
    assert_int_equal(state_of(&g), BREAKER_PROBING);
    assert_int_equal(ping(&g), SQL_OK);
    assert_int_equal(state_of(&g), BREAKER_CLOSED);
    drop(&g);
}

int main(void)
{
    const char *missing = mariadb_missing();
    if (missing) {
        printf("1..0 # SKIP %s\n", missing);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        FAULTS_CASE(nobody_listens),
        FAULTS_CASE(an_open_one_answers_at_once),
        FAULTS_CASE(errors_of_the_server_are_answers),
        FAULTS_CASE(a_refused_password_is_an_answer),
        FAULTS_CASE(a_connection_lost_meanwhile_is_no_failure),
        FAULTS_CASE(a_timeout_is_a_failure),
        FAULTS_CASE(the_first_server_that_serves_is_used),
        FAULTS_CASE(a_commit_that_hangs_ends_all_writes),
        FAULTS_CASE(a_write_that_is_probed_ends_it),
        FAULTS_CASE(what_has_begun_is_ended),
        FAULTS_CASE(a_good_probe_closes_it),
    };
    return cmocka_run_group_tests_name("mysql_breaker", tests, faults_start, faults_stop);
}
