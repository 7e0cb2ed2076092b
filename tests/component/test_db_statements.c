/* SPDX-License-Identifier: MIT */
/* Every statement of the program is explained by a real MariaDB with some thousand rows in each
 * table: none may scan a whole table or a whole index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "db/migrate.h"
#include "db/sql_errors.h"
#include "db/url_host.h"
#include "support/mariadb_server.h"
#include "support/statement_text.h"

struct explained {
    struct mariadb_server server;
    char name[16];
};

static const char *const fill[] = {
    "INSERT INTO link (id, owner_id, version, redirect_status, flags, created_at, expires_at,"
    " code_kind, code, long_url) SELECT seq, seq % 50, 1, 302, 0, seq,"
    " IF(seq % 2, seq, NULL), 0, 'c', CONCAT('https://example.org/', seq)"
    " FROM seq_1_to_4000",
    "INSERT INTO title_word SELECT seq % 50, IF(seq = 7, 'example', CONCAT('w', seq)), seq"
    " FROM seq_1_to_4000",
    "INSERT INTO link_expiry SELECT expires_at, id FROM link WHERE expires_at IS NOT NULL",
    "INSERT INTO link (id, owner_id, redirect_status, flags, created_at, code_kind, code, long_url)"
    " SELECT 9223372036854775808 + seq, 4294967295, 302, 0, seq, 0, 'c', 'https://example.org/'"
    " FROM seq_1_to_4000",
    "INSERT INTO deleted_link SELECT seq, seq % 50, seq FROM seq_1_to_4000",
    "INSERT INTO destination_change SELECT seq, 2, seq, 1, 'u', 'https://example.org/',"
    " 'https://example.com/' FROM seq_1_to_4000",
    "INSERT INTO code SELECT 1, IF(seq = 7, 'example', CONCAT('c', seq)), seq"
    " FROM seq_1_to_4000",
    "INSERT INTO alias SELECT seq, IF(seq = 7, 'example', CONCAT('c', seq)), 1, seq % 50"
    " FROM seq_1_to_4000",
    "INSERT INTO tag SELECT seq, IF(seq % 57 = 7, 'example', CONCAT('t', seq)), seq % 50"
    " FROM seq_1_to_4000",
    "INSERT INTO click_limit SELECT seq, 0 FROM seq_1_to_4000",
    "INSERT INTO click_limit SELECT 9223372036854775808 + seq, 0 FROM seq_1_to_4000",
    "INSERT INTO idempotency SELECT IF(seq = 7, '0123456789abcdef0123456789abcdef', seq), seq, seq,"
    " seq FROM seq_1_to_4000",
    "INSERT INTO owner_total SELECT seq, seq % 16, 1, 0, 0, 0 FROM seq_1_to_4000",
    "INSERT INTO click_total (link_id, clicks, visitors, bots) SELECT seq, seq, 1, 1 FROM "
    "seq_1_to_4000",
    "INSERT INTO click_rollup SELECT seq, seq % 10 = 9, IF(seq = 7, 20000, seq), seq % 3, 1, 1, 1,"
    " 'detail' FROM seq_1_to_4000",
    "INSERT INTO click_source SELECT IF(seq = 7, '0123456789abcdef', seq), seq, '', 1"
    " FROM seq_1_to_4000",
    "INSERT INTO user (name, role, created_at)"
    " SELECT IF(seq = 1, 'somebody', CONCAT('u', seq)), 0, seq FROM seq_1_to_4000",
    "INSERT INTO api_key (user_id, name, hash, created_at)"
    " SELECT 1 + seq % 4000, 'k', IF(seq = 4000, '0123456789abcdef0123456789abcdef', seq), seq"
    " FROM seq_1_to_4000",
    "INSERT INTO heartbeat VALUES (1, 1)",
    "INSERT INTO setting SELECT CONCAT('s', seq), seq FROM seq_1_to_4000",
    "INSERT INTO sequence SELECT CONCAT('s', seq), 1, 2, 1 FROM seq_1_to_4000",
    "INSERT INTO migration SELECT seq + 100, 'm', 'c', 1 FROM seq_1_to_4000",
    "ANALYZE TABLE link, code, alias, tag, click_limit, idempotency, owner_total, user, api_key,"
    " setting, sequence, migration, link_expiry, click_total, click_rollup, click_source, "
    "title_word, deleted_link, destination_change",
};

static int group_set_up(void **state)
{
    static struct explained explained;
    *state = &explained;
    mariadb_start(&explained.server);
    mariadb_database(&explained.server, explained.name);
    struct sql_options options = mariadb_options(&explained.server, explained.name);
    const struct migrate_request request = { .sql = &options, .dir = schema_dir() };
    if (migrate_run(&request, NULL) != MIGRATE_OK)
        return -1;
    mariadb_run(&explained.server, "USE %s", explained.name);
    mariadb_sequence(&explained.server, 4000);
    for (size_t i = 0; i < sizeof(fill) / sizeof(*fill); i++)
        mariadb_run(&explained.server, "%s", fill[i]);
    return 0;
}

static int group_tear_down(void **state)
{
    mariadb_stop(&((struct explained *)*state)->server);
    return 0;
}

/* What EXPLAIN says: how many steps, and the first one that scans. */
struct plan {
    unsigned steps;
    char scan[128];
};

static bool read_step(void *context, const struct sql_value *columns, unsigned n)
{
    struct plan *plan = context;
    plan->steps++;
    unsigned type_at = n >= 12 ? 4 : 3; /* MySQL prints the partitions, too */
    struct slice kind = columns[1].bytes;
    if (columns[2].type == SQL_NULL || slice_eq(kind, SLICE("INSERT")))
        return true; /* no table is read */
    struct slice table = columns[2].bytes;
    struct slice type = columns[type_at].type == SQL_NULL ? SLICE("none") : columns[type_at].bytes;
    if (slice_eq(type, SLICE("ALL")) || slice_eq(type, SLICE("index")) ||
        slice_eq(type, SLICE("none")) || columns[type_at + 2].type == SQL_NULL)
        snprintf(plan->scan, sizeof(plan->scan), "%.*s: type %.*s", SLICE_ARG(table),
                 SLICE_ARG(type));
    return true;
}

static struct plan explain(struct explained *explained, const char *text)
{
    char query[4200];
    int len = snprintf(query, sizeof(query), "EXPLAIN FORMAT=TRADITIONAL %s", text);
    struct plan plan = { 0 };
    struct error err = { "" };
    if (sql_text(explained->server.admin, (struct slice){ query, (size_t)len }, read_step, &plan,
                 &err) != SQL_OK)
        fail_msg("%s: %s", text, err.text);
    return plan;
}

static void test_every_statement_uses_an_index(void **state)
{
    for (unsigned id = 0; id < STATEMENT_COUNT; id++) {
        char text[4096];
        assert_true(statement_with_examples((enum statement_id)id, text, sizeof(text)));
        struct plan plan = explain(*state, text);
        assert_true(plan.steps > 0);
        /* It sums all rows; MySQL calls that no range of the index, as MariaDB does. */
        if (id == STATEMENT_TOTAL_ALL && ((struct explained *)*state)->server.program.is_mysql)
            continue;
        if (plan.scan[0])
            fail_msg("%s: %s", statement_of((enum statement_id)id)->name, plan.scan);
    }
}

/* The examples find their rows: otherwise the server would plan nothing. */
static void test_a_join_has_a_step_for_each_table(void **state)
{
    static const struct {
        enum statement_id id;
        unsigned steps;
    } rows[] = {
        { STATEMENT_RESOLVE, 2 },
        { STATEMENT_LINK_FIND, 5 },
        { STATEMENT_KEY_FIND, 2 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[4096];
        assert_true(statement_with_examples(rows[i].id, text, sizeof(text)));
        assert_int_equal(explain(*state, text).steps, rows[i].steps);
    }
}

static void test_a_scan_would_be_found(void **state)
{
    static const char *const scans[] = {
        "SELECT id FROM link WHERE title = 'x'",
        "SELECT link_id FROM code WHERE code = 'example'",
        "SELECT COUNT(*) FROM link",
        "UPDATE sequence SET next_id = 1 WHERE limit_id = 5",
        "DELETE FROM api_key WHERE created_at < 5",
        "INSERT INTO setting SELECT name, name FROM user",
    };
    for (size_t i = 0; i < sizeof(scans) / sizeof(*scans); i++) {
        if (explain(*state, scans[i]).scan[0] == '\0')
            fail_msg("not found: %s", scans[i]);
    }
}

static void test_names_are_fit_for_metrics(void **state)
{
    (void)state;
    for (unsigned id = 0; id < STATEMENT_COUNT; id++) {
        const char *name = statement_of((enum statement_id)id)->name;
        assert_non_null(name);
        assert_true(*name && name[strspn(name, "abcdefghijklmnopqrstuvwxyz_")] == '\0');
        for (unsigned other = 0; other < id; other++)
            assert_string_not_equal(name, statement_of((enum statement_id)other)->name);
    }
}

static void test_only_selects_are_read_again(void **state)
{
    (void)state;
    for (unsigned id = 0; id < STATEMENT_COUNT; id++) {
        const struct statement *statement = statement_of((enum statement_id)id);
        assert_int_equal(statement->reads, strncmp(statement->text, "SELECT ", 7) == 0);
    }
}

static void test_error_numbers_have_classes(void **state)
{
    static const struct {
        unsigned number;
        enum sql_result result;
    } rows[] = {
        { 1062, SQL_DUPLICATE },
        { 1213, SQL_RETRY },
        { 1205, SQL_RETRY },
        { 2002, SQL_LOST },
        { 2003, SQL_LOST },
        { 2006, SQL_LOST },
        { 2013, SQL_LOST },
        { 2055, SQL_LOST },
        { 2026, SQL_LOST },
        { 1053, SQL_LOST },
        { 1927, SQL_LOST },
        { 1290, SQL_LOST },
        { 1836, SQL_LOST },
        { 1040, SQL_LOST },
        { 1047, SQL_LOST },
        { 4031, SQL_LOST },
        /* Galera without a majority, group replication, Spider */
        { 1180, SQL_LOST },
        { 3100, SQL_LOST },
        { 3101, SQL_RETRY },
        { 1429, SQL_LOST },
        { 12701, SQL_LOST },
        { 1317, SQL_LOST },
        { 3024, SQL_LOST },
        { 1020, SQL_RETRY },
        { 1045, SQL_ERROR },
        { 1146, SQL_ERROR },
        { 1064, SQL_ERROR },
        { 1406, SQL_ERROR },
        { 1142, SQL_ERROR },
        { 1049, SQL_ERROR },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (sql_error_class(rows[i].number) != rows[i].result)
            fail_msg("%u", rows[i].number);
    }
}

/* What the server makes of a long URL is what url_host makes of it. */
static void test_the_host_is_the_servers(void **state)
{
    static const struct {
        const char *url;
        const char *host;
    } rows[] = {
        { "https://example.org/", "example.org" },
        { "https://www.example.org/path", "example.org" },
        { "https://www.www.example.org/", "example.org" },
        { "https://www./", "" },
        { "https://wwww.example.org/", "wwww.example.org" },
        { "http://example.org:8080/a", "example.org:8080" },
        { "https://example.org?q=https://other.example/", "example.org" },
        { "https://example.org#a@b", "example.org" },
        { "https://example.org/a@b", "example.org" },
        { "https://user:p@ss@www.example.org/", "example.org" },
        { "https://[::1]:80/", "[::1]:80" },
        { "https://xn--bcher-kva.example/", "xn--bcher-kva.example" },
        { "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example/",
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
        { "mailto:someone@example.org", "example.org" },
        { "tel:+49123", "l:+49123" }, /* it is not searched there, but both must return the same */
        { "x", "" },
        { "", "" },
    };
    struct explained *explained = *state;
    mariadb_run(&explained->server, "USE %s", explained->name);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct slice host = url_host(slice_of(rows[i].url));
        if (!slice_eq(host, slice_of(rows[i].host)))
            fail_msg("%s: %.*s", rows[i].url, SLICE_ARG(host));
        mariadb_run(&explained->server, "UPDATE link SET long_url = '%s' WHERE id = 4000",
                    rows[i].url);
        if (mariadb_number(&explained->server, "SELECT host = '%s' FROM link WHERE id = 4000",
                           rows[i].host) != 1)
            fail_msg("%s is not %s to the server", rows[i].url, rows[i].host);
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
        cmocka_unit_test(test_every_statement_uses_an_index),
        cmocka_unit_test(test_a_join_has_a_step_for_each_table),
        cmocka_unit_test(test_a_scan_would_be_found),
        cmocka_unit_test(test_names_are_fit_for_metrics),
        cmocka_unit_test(test_only_selects_are_read_again),
        cmocka_unit_test(test_error_numbers_have_classes),
        cmocka_unit_test(test_the_host_is_the_servers),
    };
    return cmocka_run_group_tests_name("db_statements", tests, group_set_up, group_tear_down);
}
