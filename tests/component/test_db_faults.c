/* SPDX-License-Identifier: MIT */
/* The real database under faults: connections lost at every point, killed processes, restarts. */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/db.h"
#include "db_contract.h"
#include "db_faults.h"
#include "os/monotonic.h"
#include "support/between.h"

static void assert_one_link(struct faults *f, uint64_t id, const char *code)
{
    long links = mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.link WHERE id = %lu", f->name,
                                (unsigned long)id);
    long codes = mariadb_number(&f->server,
                                "SELECT COUNT(*) FROM %s.code WHERE code = '%s' AND link_id = %lu",
                                f->name, code, (unsigned long)id);
    assert_int_equal(links, 1);
    assert_int_equal(codes, 1);
}

/* --- lost at every point --- */

static void insert_one(struct faults *f, struct db *db, unsigned n)
{
    char code[24];
    snprintf(code, sizeof(code), "code%u", n);
    struct link link = sample_link(n, code);
    assert_result(db_link_insert(db, &link, NULL, &err), DB_OK);
    /* The quit message of a connection is a request too, but comes after the call. */
    assert_one_link(f, n, code);
}

static void test_a_link_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], insert_one) >= 6);
}

static void take_one(struct faults *f, struct db *db, unsigned n)
{
    (void)n;
    struct id_range range = { 0, 0 };
    long before = mariadb_number(&f->server, "SELECT next_id FROM %s.sequence", f->name);
    assert_result(db_range_take(db, "default", &range, &err), DB_OK);
    long after = mariadb_number(&f->server, "SELECT next_id FROM %s.sequence", f->name);
    assert_int_equal(range.limit, after);
    assert_int_equal(range.limit - range.next, 1000);
    assert_true((long)range.next >= before);
    assert_true(after - before <= 2000); /* at most one block is wasted */
}

/* Reads are not tried again on a connection that has only just been opened: that server is down. */
static void test_a_block_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < 2; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], take_one) >= 4);
}

static void make_one_key(struct faults *f, struct db *db, unsigned n)
{
    char user[24];
    snprintf(user, sizeof(user), "user%u", n);
    struct api_key key = { .user = slice_of(user), .created_at = 1 };
    snprintf((char *)key.hash, sizeof(key.hash), "%u", n);
    assert_result(db_key_insert(db, &key, &err), DB_OK);
    assert_int_equal(
        mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.user WHERE name = '%s'", f->name, user),
        1);
    assert_int_equal(mariadb_number(&f->server,
                                    "SELECT COUNT(*) FROM %s.api_key WHERE user_id = %u"
                                    " AND id = %u",
                                    f->name, key.user_id, key.id),
                     1);
    assert_int_equal(mariadb_number(&f->server,
                                    "SELECT COUNT(*) FROM %s.api_key WHERE user_id = %u", f->name,
                                    key.user_id),
                     1);
}

static void test_a_key_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], make_one_key) >= 8);
}

static void resolve_one(struct faults *f, struct db *db, unsigned n)
{
    (void)n;
    struct target target = { 0 };
    assert_result(db_resolve(db, SLICE("fixed"), f->arena, &target, &err), DB_OK);
    assert_int_equal(target.link_id, 1000000);
}

static void test_a_read_survives_a_loss_at_any_point(void **state)
{
    struct faults *f = *state;
    struct link link = sample_link(1000000, "fixed");
    assert_result(db_link_insert(f->db, &link, NULL, &err), DB_OK);
    for (size_t i = 0; i < 2; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], resolve_one) >= 2);
}

/* The server has committed, and nothing comes back but silence. */
static void test_silence_after_commit_is_resolved(void **state)
{
    struct faults *f = *state;
    struct sql_options options = f->options;
    options.socket = f->proxy.socket;
    options.read_timeout_ms = 1000;
    lossy_proxy_plan(&f->proxy, 0, false, false);
    struct db *db = db_open(&options);
    struct link link = sample_link(1, "first");
    assert_result(db_link_insert(db, &link, NULL, &err), DB_OK);
    /* Everything is prepared now: begin, three inserts, commit. */
    lossy_proxy_plan(&f->proxy, 5, true, true);
    link = sample_link(2, "second");
    assert_result(db_link_insert(db, &link, NULL, &err), DB_OK);
    assert_int_equal(f->proxy.plan->cuts, 1);
    assert_one_link(f, 2, "second");
    db_close(&db);
}

/* --- kills, locks, restarts --- */

static void test_a_connection_killed_while_idle_is_replaced(void **state)
{
    struct faults *f = *state;
    struct link link = sample_link(7, "abc");
    struct target target;
    struct id_range range;
    assert_result(db_ping(f->db, &err), DB_OK);
    mariadb_kill_connections(&f->server, f->name);
    assert_result(db_link_insert(f->db, &link, NULL, &err), DB_OK);
    mariadb_kill_connections(&f->server, f->name);
    assert_result(db_resolve(f->db, SLICE("abc"), f->arena, &target, &err), DB_OK);
    mariadb_kill_connections(&f->server, f->name);
    assert_result(db_range_take(f->db, "default", &range, &err), DB_OK);
    assert_one_link(f, 7, "abc");
}

/* Makes link 7 with code "abc" in a process of its own, which exits with the result. */
static pid_t insert_in_process(struct faults *f)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct db *db = db_open(&f->options);
    struct link link = sample_link(7, "abc");
    _exit((int)db_link_insert(db, &link, NULL, NULL));
}

static void wait_for_blocked_insert(struct faults *f)
{
    char query[200];
    snprintf(query, sizeof(query),
             "SELECT COUNT(*) FROM %s WHERE db = '%s' AND command = 'Execute'"
             " AND info LIKE 'INSERT INTO link%%'",
             mariadb_processlist(&f->server), f->name);
    mariadb_wait(&f->server, 1, query);
}

static int result_of(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_a_connection_killed_in_a_transaction_is_made_good(void **state)
{
    struct faults *f = *state;
    mariadb_run(&f->server, "START TRANSACTION");
    mariadb_run(&f->server,
                "INSERT INTO %s.link (id, owner_id, version, redirect_status,"
                " flags, created_at, updated_at, code_kind, code, long_url)"
                " VALUES (7, 0, 1, 302, 0, 0, 0, 0, 'x', 'x')",
                f->name);
    pid_t pid = insert_in_process(f);
    wait_for_blocked_insert(f);
    mariadb_kill_connections(&f->server, f->name);
    mariadb_run(&f->server, "ROLLBACK");
    assert_int_equal(result_of(pid), DB_OK);
    assert_one_link(f, 7, "abc");
}

/* Creates a link, and is stopped in the middle of the transaction, where it waits for the lock that
 * the test holds. */
static void test_a_client_stopped_in_a_transaction_loses_its_locks(void **state)
{
    struct faults *f = *state;
    char query[200];
    if (mariadb_lacks(&f->server, "idle_write_transaction_timeout"))
        skip();
    mariadb_run(&f->server, "START TRANSACTION");
    mariadb_run(&f->server,
                "INSERT INTO %s.link (id, owner_id, version, redirect_status,"
                " flags, created_at, updated_at, code_kind, code, long_url)"
                " VALUES (7, 0, 1, 302, 0, 0, 0, 0, 'x', 'x')",
                f->name);
    pid_t pid = insert_in_process(f);
    wait_for_blocked_insert(f);
    kill(pid, SIGSTOP);
    mariadb_run(&f->server, "ROLLBACK");
    /* Its rows are locked until the server takes them back. */
    int64_t began_ms = monotonic_ms();
    snprintf(query, sizeof(query), "SELECT COUNT(*) FROM %s WHERE db = '%s'",
             mariadb_processlist(&f->server), f->name);
    mariadb_wait(&f->server, 0, query);
    assert_between(monotonic_ms() - began_ms, 3000, 10000);
    assert_int_equal(mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.link", f->name), 0);
    kill(pid, SIGCONT);
    /* Its time is up, or it begins anew: half a link there is not. */
    int result = result_of(pid);
    assert_true(result == DB_OK || result == DB_UNAVAILABLE);
    assert_int_equal(mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.link", f->name),
                     result == DB_OK);
    assert_int_equal(mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.code", f->name),
                     result == DB_OK);
}

static void test_a_deadlock_is_tried_again(void **state)
{
    struct faults *f = *state;
    mariadb_run(&f->server, "START TRANSACTION");
    /* Heavy, so that the other transaction is the one to be given up. */
    for (int i = 0; i < 50; i++)
        mariadb_run(&f->server, "INSERT INTO %s.setting VALUES ('%d', '')", f->name, i);
    mariadb_run(&f->server,
                "INSERT INTO %s.link (id, owner_id, version, redirect_status,"
                " flags, created_at, updated_at, code_kind, code, long_url)"
                " VALUES (7, 0, 1, 302, 0, 0, 0, 0, 'x', 'x')",
                f->name);
    pid_t pid = insert_in_process(f);
    wait_for_blocked_insert(f);
    mariadb_run(&f->server, "INSERT INTO %s.code VALUES (1, 'abc', 99)", f->name);
    mariadb_run(&f->server, "ROLLBACK");
    assert_int_equal(result_of(pid), DB_OK);
    assert_one_link(f, 7, "abc");
}

/* Has the next `n` uses of max_clicks fail as by a conflict with another node of a cluster, which
 * rolls back all but the count of failures. */
static void let_uses_conflict(struct faults *f, unsigned n)
{
    mariadb_run(&f->server, "CREATE TABLE %s.conflict (n INT NOT NULL) ENGINE=MyISAM", f->name);
    mariadb_run(&f->server, "INSERT INTO %s.conflict VALUES (0)", f->name);
    mariadb_run(&f->server,
                "CREATE TRIGGER %s.meet BEFORE UPDATE ON %s.click_limit FOR EACH ROW BEGIN"
                " UPDATE conflict SET n = n + 1;"
                " IF (SELECT n FROM conflict) <= %u THEN"
                " SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213; END IF; END",
                f->name, f->name, n);
}

static long conflicts(struct faults *f)
{
    return mariadb_number(&f->server, "SELECT n FROM %s.conflict", f->name);
}

/* The row of a link's max_clicks is changed on all nodes, where many tries may fail in a row. */
static void test_a_statement_is_tried_again_for_a_time(void **state)
{
    struct faults *f = *state;
    struct link link = sample_link(7, "abc");
    link.target.max_clicks = 50;
    assert_result(db_link_insert(f->db, &link, NULL, &err), DB_OK);
    let_uses_conflict(f, 20);
    assert_result(db_link_use(f->db, 7, 50, &err), DB_OK);
    assert_int_equal(conflicts(f), 21);
    assert_int_equal(mariadb_number(&f->server, "SELECT used FROM %s.click_limit", f->name), 1);
}

static void test_a_statement_is_not_tried_for_ever(void **state)
{
    struct faults *f = *state;
    struct link link = sample_link(7, "abc");
    link.target.max_clicks = 50;
    assert_result(db_link_insert(f->db, &link, NULL, &err), DB_OK);
    let_uses_conflict(f, 1000000);
    int64_t start_ms = monotonic_ms();
    assert_result(db_link_use(f->db, 7, 50, &err), DB_UNAVAILABLE);
    int64_t ms = monotonic_ms() - start_ms;
    assert_true(ms >= 2500 && ms < 5000);
    assert_int_equal(mariadb_number(&f->server, "SELECT used FROM %s.click_limit", f->name), 0);
}

/* --- one after the other --- */

static long begun(struct faults *f)
{
    return mariadb_status(&f->server, "'Com_begin'");
}

static void insert_some(struct faults *f, unsigned first, unsigned n)
{
    for (unsigned id = first; id < first + n; id++) {
        char code[24];
        snprintf(code, sizeof(code), "row%u", id);
        struct link link = sample_link(id, code);
        link.target.max_clicks = 5;
        assert_result(db_link_insert(f->db, &link, NULL, &err), DB_OK);
        assert_one_link(f, id, code); /* as another client sees it */
    }
}

static void test_inserts_in_a_row_begin_with_a_commit(void **state)
{
    struct faults *f = *state;
    long before = begun(f);
    insert_some(f, 1, 20);
    assert_between(begun(f) - before, 1, 2);
}

/* No other client waits for the transaction that was begun early, and no other statement becomes
 * part of it. */
static void test_a_transaction_that_has_begun_early_holds_nothing(void **state)
{
    struct faults *f = *state;
    insert_some(f, 1, 3);
    assert_int_equal(
        mariadb_number(&f->server, "SELECT COUNT(*) FROM information_schema.INNODB_TRX"), 0);
    mariadb_run(&f->server, "SET lock_wait_timeout = 1");
    mariadb_run(&f->server, "ALTER TABLE %s.link COMMENT = 'changed'", f->name);
    insert_some(f, 4, 3);
    assert_result(db_link_use(f->db, 5, 5, &err), DB_OK);
    assert_int_equal(
        mariadb_number(&f->server, "SELECT used FROM %s.click_limit WHERE link_id = 5", f->name),
        1);
    insert_some(f, 7, 3);
    struct target target;
    assert_result(db_resolve(f->db, SLICE("row8"), f->arena, &target, &err), DB_OK);
    mariadb_run(&f->server, "ALTER TABLE %s.link COMMENT = 'once more'", f->name);
    mariadb_run(&f->server, "UPDATE %s.link SET long_url = 'https://new.example/' WHERE id = 8",
                f->name);
    assert_result(db_resolve(f->db, SLICE("row8"), f->arena, &target, &err), DB_OK);
    assert_true(slice_eq(target.long_url, SLICE("https://new.example/")));
}

static void test_a_connection_killed_between_inserts_is_replaced(void **state)
{
    struct faults *f = *state;
    insert_some(f, 1, 3);
    mariadb_kill_connections(&f->server, f->name);
    insert_some(f, 4, 3);
}

static void test_a_restart_is_survived(void **state)
{
    static const int signals[] = { SIGTERM, SIGKILL };
    struct faults *f = *state;
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
        char code[32];
        snprintf(code, sizeof(code), "restart%zu", i);
        struct link link = sample_link(i + 1, code);
        struct target target;
        assert_result(db_link_insert(f->db, &link, NULL, &err), DB_OK);
        mariadb_run(&f->server, "SET GLOBAL innodb_flush_log_at_trx_commit = 1");
        link.target.link_id += 100;
        link.code = SLICE("while-durable");
        link.code.len -= i;
        assert_result(db_link_insert(f->db, &link, NULL, &err), DB_OK);
        mariadb_down(&f->server, signals[i]);
        assert_result(db_resolve(f->db, slice_of(code), f->arena, &target, &err), DB_UNAVAILABLE);
        assert_result(db_link_insert(f->db, &link, NULL, &err), DB_UNAVAILABLE);
        assert_result(db_ping(f->db, &err), DB_UNAVAILABLE);
        mariadb_up(&f->server);
        assert_result(db_resolve(f->db, slice_of(code), f->arena, &target, &err), DB_OK);
        assert_result(db_link_insert(f->db, &link, NULL, &err), DB_OK);
    }
    assert_int_equal(mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.link", f->name), 4);
}

static void test_a_restart_between_two_calls_goes_unnoticed(void **state)
{
    struct faults *f = *state;
    struct link link = sample_link(7, "abc");
    struct target target;
    assert_result(db_link_insert(f->db, &link, NULL, &err), DB_OK);
    mariadb_down(&f->server, SIGTERM);
    mariadb_up(&f->server);
    assert_result(db_resolve(f->db, SLICE("abc"), f->arena, &target, &err), DB_OK);
    mariadb_down(&f->server, SIGTERM);
    mariadb_up(&f->server);
    assert_result(db_link_insert(f->db, &link, NULL, &err), DB_OK);
}

static void test_a_read_only_server_is_unavailable_for_writes(void **state)
{
    struct faults *f = *state;
    mariadb_run(&f->server, "CREATE USER IF NOT EXISTS plain@localhost");
    mariadb_run(&f->server, "GRANT ALL ON %s.* TO plain@localhost", f->name);
    f->options.user = "plain";
    struct db *db = db_open(&f->options);
    struct link link = sample_link(7, "abc");
    struct target target;
    mariadb_run(&f->server, "SET GLOBAL read_only = 1");
    enum db_result read = db_resolve(db, SLICE("abc"), f->arena, &target, NULL);
    enum db_result written = db_link_insert(db, &link, NULL, NULL);
    mariadb_run(&f->server, "SET GLOBAL read_only = 0");
    assert_int_equal(read, DB_MISSING);
    assert_int_equal(written, DB_UNAVAILABLE);
    assert_result(db_link_insert(db, &link, NULL, &err), DB_OK);
    db_close(&db);
}

/* --- connections --- */

static long connections(struct faults *f)
{
    return mariadb_number(&f->server, "SELECT COUNT(*) FROM %s WHERE db = '%s'",
                          mariadb_processlist(&f->server), f->name);
}

static void test_a_connection_is_opened_late_and_given_back_early(void **state)
{
    struct faults *f = *state;
    char query[160];
    snprintf(query, sizeof(query), "SELECT COUNT(*) FROM %s WHERE db = '%s'",
             mariadb_processlist(&f->server), f->name);
    mariadb_wait(&f->server, 0, query); /* the migration's own */
    f->options.idle_close_ms = 60000;
    struct db *db = db_open(&f->options);
    assert_int_equal(connections(f), 0);
    assert_result(db_ping(db, &err), DB_OK);
    assert_int_equal(connections(f), 1);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t now_ms = (int64_t)now.tv_sec * 1000;
    db_close_idle(db, now_ms + 30000);
    assert_int_equal(connections(f), 1);
    db_close_idle(db, now_ms + 90000);
    mariadb_wait(&f->server, 0, query);
    assert_result(db_ping(db, &err), DB_OK);
    db_close(&db);
}

static void test_a_refused_login_is_a_failure(void **state)
{
    struct faults *f = *state;
    static const char *const names[] = { "nobody", "root" };
    static const char *const databases[] = { "mysql", "no_such_database" };
    for (size_t i = 0; i < 2; i++) {
        struct sql_options options = mariadb_options(&f->server, databases[i]);
        options.user = names[i];
        options.password = i == 0 ? "wrong" : NULL;
        struct db *db = db_open(&options);
        assert_result(db_ping(db, &err), DB_FAILED);
        db_close(&db);
    }
}

/* The server has no TLS. */
static void test_required_tls_is_not_left_out(void **state)
{
    static const struct {
        enum sql_tls tls;
        enum db_result result;
    } rows[] = {
        { SQL_TLS_OFF, DB_OK },
        { SQL_TLS_PREFERRED, DB_OK },
        { SQL_TLS_REQUIRED, DB_FAILED },
        { SQL_TLS_VERIFY, DB_FAILED },
    };
    struct faults *f = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        f->options.tls = rows[i].tls;
        struct db *db = db_open(&f->options);
        enum db_result result = db_ping(db, NULL);
        if (rows[i].result == DB_OK)
            assert_int_equal(result, DB_OK);
        else
            assert_int_not_equal(result, DB_OK);
        db_close(&db);
    }
}

int main(void)
{
    const char *missing = mariadb_missing();
    if (missing) {
        printf("1..0 # SKIP %s\n", missing);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        FAULTS_CASE(test_a_link_survives_a_loss_at_any_point),
        FAULTS_CASE(test_a_block_survives_a_loss_at_any_point),
        FAULTS_CASE(test_a_key_survives_a_loss_at_any_point),
        FAULTS_CASE(test_a_read_survives_a_loss_at_any_point),
        FAULTS_CASE(test_silence_after_commit_is_resolved),
        FAULTS_CASE(test_a_connection_killed_while_idle_is_replaced),
        FAULTS_CASE(test_a_connection_killed_in_a_transaction_is_made_good),
        FAULTS_CASE(test_a_client_stopped_in_a_transaction_loses_its_locks),
        FAULTS_CASE(test_a_deadlock_is_tried_again),
        FAULTS_CASE(test_a_statement_is_tried_again_for_a_time),
        FAULTS_CASE(test_a_statement_is_not_tried_for_ever),
        FAULTS_CASE(test_inserts_in_a_row_begin_with_a_commit),
        FAULTS_CASE(test_a_transaction_that_has_begun_early_holds_nothing),
        FAULTS_CASE(test_a_connection_killed_between_inserts_is_replaced),
        FAULTS_CASE(test_a_restart_is_survived),
        FAULTS_CASE(test_a_restart_between_two_calls_goes_unnoticed),
        FAULTS_CASE(test_a_read_only_server_is_unavailable_for_writes),
        FAULTS_CASE(test_a_connection_is_opened_late_and_given_back_early),
        FAULTS_CASE(test_a_refused_login_is_a_failure),
        FAULTS_CASE(test_required_tls_is_not_left_out),
    };
    return cmocka_run_group_tests_name("db_faults", tests, faults_start, faults_stop);
}
