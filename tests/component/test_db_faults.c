/* SPDX-License-Identifier: MIT */
/* The real database under bad conditions: races, lost connections at every point, kills, restarts.
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "db_contract.h"
#include "lossy_proxy.h"
#include "mariadb_server.h"
#include "store/db_sql.h"
#include "store/migrate.h"

enum {
    RACERS = 8,
    TAKERS = 4,
    BLOCKS = 50, /* of each taker */
    CUTS_MAX = 60,
};

struct faults {
    struct mariadb_server server;
    struct lossy_proxy proxy;
    char name[16];
    struct sql_options options;
    struct db *db;
    struct arena *arena;
};

#define assert_result(call, wanted)                                          \
    do {                                                                     \
        struct error err = { "" };                                           \
        enum db_result got_ = (call);                                        \
        if (got_ != (wanted))                                                \
            fail_msg("%s: %d, not %d: %s", #call, got_, (wanted), err.text); \
    } while (0)

static int group_set_up(void **state)
{
    static struct faults faults;
    mariadb_start(&faults.server);
    char path[80];
    snprintf(path, sizeof(path), "%s/proxy", faults.server.dir);
    lossy_proxy_start(&faults.proxy, path, faults.server.socket);
    *state = &faults;
    return 0;
}

static int group_tear_down(void **state)
{
    struct faults *f = *state;
    lossy_proxy_stop(&f->proxy);
    mariadb_stop(&f->server);
    return 0;
}

static int set_up(void **state)
{
    struct faults *f = *state;
    mariadb_database(&f->server, f->name);
    f->options = mariadb_options(&f->server, f->name);
    const struct migrate_request request = { .sql = &f->options, .dir = schema_dir() };
    f->db = db_sql_open(&f->options);
    f->arena = arena_new(1 << 20);
    return migrate_run(&request, NULL) == MIGRATE_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct faults *f = *state;
    db_close(&f->db);
    arena_free(&f->arena);
    mariadb_kill_connections(&f->server, f->name);
    mariadb_run(&f->server, "DROP DATABASE %s", f->name);
    return 0;
}

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

/* --- many processes ----------------------------------------------------------------------------
 */

/* Runs `work` in `n` processes at once, each with a database object of its own, and hands back what
 * they return. */
static void in_processes(struct faults *f, int n, int (*work)(struct db *, int, void *),
                         void *context, int *results)
{
    pid_t pids[RACERS];
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    for (int i = 0; i < n; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            char byte;
            close(gate[1]);
            struct db *db = db_sql_open(&f->options);
            db_ping(db, NULL);
            if (read(gate[0], &byte, 1) != 0) /* opens for all at once */
                _exit(255);
            _exit(work(db, i, context));
        }
    }
    close(gate[0]);
    char query[160];
    snprintf(query, sizeof(query),
             "SELECT COUNT(*) FROM information_schema.processlist WHERE db = '%s'", f->name);
    mariadb_wait(&f->server, n, query);
    close(gate[1]);
    for (int i = 0; i < n; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status));
        results[i] = WEXITSTATUS(status);
    }
}

static int race_for_aliases(struct db *db, int racer, void *context)
{
    (void)context;
    int wins = 0;
    for (int i = 0; i < 20; i++) {
        char code[24];
        snprintf(code, sizeof(code), "alias%d", i);
        struct link link = sample_link((uint64_t)racer * 1000 + (uint64_t)i + 1, code);
        link.code_is_alias = true;
        enum db_result result = db_link_insert(db, &link, NULL);
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
    in_processes(f, RACERS, race_for_aliases, NULL, wins);
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
    in_processes(f, TAKERS, take_blocks, all, results);
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
    in_processes(f, RACERS, make_key, NULL, users);
    for (int i = 0; i < RACERS; i++)
        assert_int_equal(users[i], users[0]);
    assert_int_not_equal(users[0], 0);
    assert_int_equal(mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.user", f->name), 1);
    assert_int_equal(mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.api_key", f->name),
                     RACERS);
}

/* --- lost at every point -----------------------------------------------------------------------
 */

struct trial {
    bool connected; /* before the connection is cut */
    bool answered;
};

static const struct trial trials[] = {
    { true, false }, { true, true }, { false, false }, { false, true }
};

/* Calls `call` with the connection cut at its first request, then at its second, … until nothing is
 * left to cut. Returns how many cuts there were. */
static int cut_everywhere(struct faults *f, struct trial trial,
                          void (*call)(struct faults *, struct db *, unsigned n))
{
    static unsigned n;
    struct sql_options options = f->options;
    options.socket = f->proxy.socket;
    for (int at = 1; at < CUTS_MAX; at++) {
        lossy_proxy_plan(&f->proxy, 0, false, false);
        struct db *db = db_sql_open(&options);
        if (trial.connected)
            assert_result(db_ping(db, &err), DB_OK);
        lossy_proxy_plan(&f->proxy, at, trial.answered, false);
        call(f, db, ++n);
        db_close(&db);
        if (f->proxy.plan->cuts == 0)
            return at - 1;
    }
    fail_msg("the call never ends");
    return 0;
}

static void insert_one(struct faults *f, struct db *db, unsigned n)
{
    char code[24];
    snprintf(code, sizeof(code), "code%u", n);
    struct link link = sample_link(n, code);
    assert_result(db_link_insert(db, &link, &err), DB_OK);
    /* The quit message of a connection is a request too, but comes after the call. */
    assert_one_link(f, n, code);
}

static void test_a_link_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < sizeof(trials) / sizeof(*trials); i++)
        assert_true(cut_everywhere(*state, trials[i], insert_one) >= 6);
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
        assert_true(cut_everywhere(*state, trials[i], take_one) >= 4);
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
    for (size_t i = 0; i < sizeof(trials) / sizeof(*trials); i++)
        assert_true(cut_everywhere(*state, trials[i], make_one_key) >= 8);
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
    assert_result(db_link_insert(f->db, &link, &err), DB_OK);
    for (size_t i = 0; i < 2; i++)
        assert_true(cut_everywhere(*state, trials[i], resolve_one) >= 2);
}

/* The server has committed, and nothing comes back but silence. */
static void test_silence_after_commit_is_resolved(void **state)
{
    struct faults *f = *state;
    struct sql_options options = f->options;
    options.socket = f->proxy.socket;
    options.read_timeout_ms = 1000;
    lossy_proxy_plan(&f->proxy, 0, false, false);
    struct db *db = db_sql_open(&options);
    struct link link = sample_link(1, "first");
    assert_result(db_link_insert(db, &link, &err), DB_OK);
    /* Everything is prepared now: begin, three inserts, commit. */
    lossy_proxy_plan(&f->proxy, 5, true, true);
    link = sample_link(2, "second");
    assert_result(db_link_insert(db, &link, &err), DB_OK);
    assert_int_equal(f->proxy.plan->cuts, 1);
    assert_one_link(f, 2, "second");
    db_close(&db);
}

/* --- kills, locks, restarts --------------------------------------------------------------------
 */

static void test_a_connection_killed_while_idle_is_replaced(void **state)
{
    struct faults *f = *state;
    struct link link = sample_link(7, "abc");
    struct target target;
    struct id_range range;
    assert_result(db_ping(f->db, &err), DB_OK);
    mariadb_kill_connections(&f->server, f->name);
    assert_result(db_link_insert(f->db, &link, &err), DB_OK);
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
    struct db *db = db_sql_open(&f->options);
    struct link link = sample_link(7, "abc");
    _exit((int)db_link_insert(db, &link, NULL));
}

static void wait_for_blocked_insert(struct faults *f)
{
    char query[200];
    snprintf(query, sizeof(query),
             "SELECT COUNT(*) FROM information_schema.processlist WHERE db = '%s' AND command ="
             " 'Execute' AND info LIKE 'INSERT INTO link%%'",
             f->name);
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
                "INSERT INTO %s.link (id, url_hash, owner_id, version, redirect_status,"
                " flags, created_at, updated_at, code_kind, code, long_url)"
                " VALUES (7, 0, 0, 1, 302, 0, 0, 0, 0, 'x', 'x')",
                f->name);
    pid_t pid = insert_in_process(f);
    wait_for_blocked_insert(f);
    mariadb_kill_connections(&f->server, f->name);
    mariadb_run(&f->server, "ROLLBACK");
    assert_int_equal(result_of(pid), DB_OK);
    assert_one_link(f, 7, "abc");
}

static void test_a_deadlock_is_tried_again(void **state)
{
    struct faults *f = *state;
    mariadb_run(&f->server, "START TRANSACTION");
    /* Heavy, so that the other transaction is the one to be given up. */
    for (int i = 0; i < 50; i++)
        mariadb_run(&f->server, "INSERT INTO %s.setting VALUES ('%d', '')", f->name, i);
    mariadb_run(&f->server,
                "INSERT INTO %s.link (id, url_hash, owner_id, version, redirect_status,"
                " flags, created_at, updated_at, code_kind, code, long_url)"
                " VALUES (7, 0, 0, 1, 302, 0, 0, 0, 0, 'x', 'x')",
                f->name);
    pid_t pid = insert_in_process(f);
    wait_for_blocked_insert(f);
    mariadb_run(&f->server, "INSERT INTO %s.code VALUES (1, 'abc', 99)", f->name);
    mariadb_run(&f->server, "ROLLBACK");
    assert_int_equal(result_of(pid), DB_OK);
    assert_one_link(f, 7, "abc");
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
        assert_result(db_link_insert(f->db, &link, &err), DB_OK);
        mariadb_run(&f->server, "SET GLOBAL innodb_flush_log_at_trx_commit = 1");
        link.target.link_id += 100;
        link.code = SLICE("while-durable");
        link.code.len -= i;
        assert_result(db_link_insert(f->db, &link, &err), DB_OK);
        mariadb_down(&f->server, signals[i]);
        assert_result(db_resolve(f->db, slice_of(code), f->arena, &target, &err), DB_UNAVAILABLE);
        assert_result(db_link_insert(f->db, &link, &err), DB_UNAVAILABLE);
        assert_result(db_ping(f->db, &err), DB_UNAVAILABLE);
        mariadb_up(&f->server);
        assert_result(db_resolve(f->db, slice_of(code), f->arena, &target, &err), DB_OK);
        assert_result(db_link_insert(f->db, &link, &err), DB_OK);
    }
    assert_int_equal(mariadb_number(&f->server, "SELECT COUNT(*) FROM %s.link", f->name), 4);
}

static void test_a_restart_between_two_calls_goes_unnoticed(void **state)
{
    struct faults *f = *state;
    struct link link = sample_link(7, "abc");
    struct target target;
    assert_result(db_link_insert(f->db, &link, &err), DB_OK);
    mariadb_down(&f->server, SIGTERM);
    mariadb_up(&f->server);
    assert_result(db_resolve(f->db, SLICE("abc"), f->arena, &target, &err), DB_OK);
    mariadb_down(&f->server, SIGTERM);
    mariadb_up(&f->server);
    assert_result(db_link_insert(f->db, &link, &err), DB_OK);
}

static void test_a_read_only_server_is_unavailable_for_writes(void **state)
{
    struct faults *f = *state;
    mariadb_run(&f->server, "CREATE USER IF NOT EXISTS plain@localhost");
    mariadb_run(&f->server, "GRANT ALL ON %s.* TO plain@localhost", f->name);
    f->options.user = "plain";
    struct db *db = db_sql_open(&f->options);
    struct link link = sample_link(7, "abc");
    struct target target;
    mariadb_run(&f->server, "SET GLOBAL read_only = 1");
    enum db_result read = db_resolve(db, SLICE("abc"), f->arena, &target, NULL);
    enum db_result written = db_link_insert(db, &link, NULL);
    mariadb_run(&f->server, "SET GLOBAL read_only = 0");
    assert_int_equal(read, DB_MISSING);
    assert_int_equal(written, DB_UNAVAILABLE);
    assert_result(db_link_insert(db, &link, &err), DB_OK);
    db_close(&db);
}

/* --- connections -------------------------------------------------------------------------------
 */

static long connections(struct faults *f)
{
    return mariadb_number(
        &f->server, "SELECT COUNT(*) FROM information_schema.processlist WHERE db = '%s'", f->name);
}

static void test_a_connection_is_opened_late_and_given_back_early(void **state)
{
    struct faults *f = *state;
    char query[160];
    snprintf(query, sizeof(query),
             "SELECT COUNT(*) FROM information_schema.processlist WHERE db = '%s'", f->name);
    mariadb_wait(&f->server, 0, query); /* the migration's own */
    f->options.idle_close_ms = 60000;
    struct db *db = db_sql_open(&f->options);
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
        struct db *db = db_sql_open(&options);
        assert_result(db_ping(db, &err), DB_FAILED);
        db_close(&db);
    }
}

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
        f->options.tls = rows[i].tls; /* the server has no certificate */
        struct db *db = db_sql_open(&f->options);
        enum db_result result = db_ping(db, NULL);
        if (rows[i].result == DB_OK)
            assert_int_equal(result, DB_OK);
        else
            assert_int_not_equal(result, DB_OK);
        db_close(&db);
    }
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const char *missing = mariadb_missing();
    if (missing) {
        printf("1..0 # SKIP %s\n", missing);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        CASE(test_one_of_many_gets_an_alias),
        CASE(test_blocks_are_disjoint_across_processes),
        CASE(test_one_user_for_many_keys_at_once),
        CASE(test_a_link_survives_a_loss_at_any_point),
        CASE(test_a_block_survives_a_loss_at_any_point),
        CASE(test_a_key_survives_a_loss_at_any_point),
        CASE(test_a_read_survives_a_loss_at_any_point),
        CASE(test_silence_after_commit_is_resolved),
        CASE(test_a_connection_killed_while_idle_is_replaced),
        CASE(test_a_connection_killed_in_a_transaction_is_made_good),
        CASE(test_a_deadlock_is_tried_again),
        CASE(test_a_restart_is_survived),
        CASE(test_a_restart_between_two_calls_goes_unnoticed),
        CASE(test_a_read_only_server_is_unavailable_for_writes),
        CASE(test_a_connection_is_opened_late_and_given_back_early),
        CASE(test_a_refused_login_is_a_failure),
        CASE(test_required_tls_is_not_left_out),
    };
    return cmocka_run_group_tests_name("db_faults", tests, group_set_up, group_tear_down);
}
