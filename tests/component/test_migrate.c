/* SPDX-License-Identifier: MIT */
/* Migrations on a real MariaDB: each is applied once and in order, by one of several processes, and
 * a file that was changed is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/db.h"
#include "db/migrate.h"
#include "db/migrate_files.h"
#include "support/between.h"
#include "support/mariadb_server.h"

enum {
    AT_ONCE = 4,
};

struct world {
    struct mariadb_server server;
    char name[16];
    char dir[96];
    struct sql_options options;
    struct migrate_request request;
    char events[256]; /* what was reported: a letter and the number each */
};

static const char *const foundation =
    "CREATE TABLE IF NOT EXISTS migration (number INT UNSIGNED NOT NULL PRIMARY KEY,"
    " name VARBINARY(100) NOT NULL, checksum BINARY(32) NOT NULL, applied_at BIGINT NOT NULL);\n"
    "CREATE TABLE IF NOT EXISTS setting (name VARBINARY(64) NOT NULL PRIMARY KEY,"
    " value VARBINARY(1024) NOT NULL);\n";

static void put(const struct world *world, const char *name, const char *text)
{
    char path[160];
    snprintf(path, sizeof(path), "%s/%s", world->dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void drop(const struct world *world, const char *name)
{
    char path[160];
    snprintf(path, sizeof(path), "%s/%s", world->dir, name);
    assert_int_equal(unlink(path), 0);
}

static void note(void *context, enum migrate_event event, const struct migration *migration)
{
    static const char states[] = { [MIGRATION_APPLIED] = 'a',
                                   [MIGRATION_PENDING] = 'p',
                                   [MIGRATION_CHANGED] = 'c',
                                   [MIGRATION_UNKNOWN] = 'u' };
    struct world *world = context;
    size_t used = strlen(world->events);
    unsigned number = migration ? migration->number : 0;
    char letter = event == MIGRATE_APPLYING ? '>' : event == MIGRATE_APPLIED ? '<' : 'k';
    if (event == MIGRATE_FOUND && migration)
        letter = states[migration->state];
    snprintf(world->events + used, sizeof(world->events) - used, "%c%u ", letter, number);
}

static int group_set_up(void **state)
{
    static struct world world;
    mariadb_start(&world.server);
    *state = &world;
    return 0;
}

static int group_tear_down(void **state)
{
    mariadb_stop(&((struct world *)*state)->server);
    return 0;
}

static int set_up(void **state)
{
    struct world *world = *state;
    mariadb_database(&world->server, world->name);
    world->options = mariadb_options(&world->server, world->name);
    snprintf(world->dir, sizeof(world->dir), "%s/%sXXXXXX", world->server.dir, world->name);
    if (!mkdtemp(world->dir))
        return -1;
    put(world, "0001-base.sql", foundation);
    put(world, "0002-more.sql", "CREATE TABLE IF NOT EXISTS more (id INT PRIMARY KEY);");
    world->request = (struct migrate_request){
        .sql = &world->options, .dir = world->dir, .report = note, .context = world
    };
    world->events[0] = '\0';
    return 0;
}

#define assert_migrate(call, wanted, reports)                                \
    do {                                                                     \
        struct error err = { "" };                                           \
        world->events[0] = '\0';                                             \
        enum migrate_result got_ = (call);                                   \
        if (got_ != (wanted))                                                \
            fail_msg("%s: %d, not %d: %s", #call, got_, (wanted), err.text); \
        assert_string_equal(world->events, reports);                         \
        if (got_ > MIGRATE_PENDING)                                          \
            assert_string_not_equal(err.text, "");                           \
    } while (0)

static void test_an_empty_database_gets_everything(void **state)
{
    struct world *world = *state;
    assert_migrate(migrate_status(&world->request, &err), MIGRATE_PENDING, "p1 p2 ");
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_OK, "p1 p2 >1 <1 >2 <2 k0 ");
    assert_migrate(migrate_status(&world->request, &err), MIGRATE_OK, "a1 a2 ");
    assert_int_equal(mariadb_number(&world->server, "SELECT COUNT(*) FROM %s.more", world->name),
                     0);
    assert_int_equal(mariadb_number(&world->server,
                                    "SELECT COUNT(*) FROM %s.migration WHERE ABS(applied_at -"
                                    " UNIX_TIMESTAMP()) < 60",
                                    world->name),
                     2);
}

static void test_status_changes_nothing(void **state)
{
    struct world *world = *state;
    assert_migrate(migrate_status(&world->request, &err), MIGRATE_PENDING, "p1 p2 ");
    assert_int_equal(mariadb_number(&world->server,
                                    "SELECT COUNT(*) FROM information_schema.tables"
                                    " WHERE table_schema = '%s'",
                                    world->name),
                     0);
}

static void test_a_second_run_does_nothing(void **state)
{
    struct world *world = *state;
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_OK, "p1 p2 >1 <1 >2 <2 k0 ");
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_OK, "a1 a2 ");
    put(world, "0003-late.sql", "INSERT INTO more VALUES (1);");
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_OK, "a1 a2 p3 >3 <3 ");
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_OK, "a1 a2 a3 ");
}

static void test_the_code_key_is_drawn_once(void **state)
{
    struct world *world = *state;
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_OK, "p1 p2 >1 <1 >2 <2 k0 ");
    char text[160];
    snprintf(text, sizeof(text),
             "SELECT CRC32(value) FROM %s.setting WHERE name = 'code_key' AND LENGTH(value) = 32",
             world->name);
    long key = mariadb_number(&world->server, "%s", text);
    assert_int_not_equal(key, 0);
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_OK, "a1 a2 ");
    assert_int_equal(mariadb_number(&world->server, "%s", text), key);
    mariadb_run(&world->server, "DELETE FROM %s.setting", world->name);
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_OK, "a1 a2 k0 ");
    assert_int_not_equal(mariadb_number(&world->server, "%s", text), key);
}

static void test_a_changed_migration_is_refused(void **state)
{
    struct world *world = *state;
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_OK, "p1 p2 >1 <1 >2 <2 k0 ");
    put(world, "0002-more.sql", "CREATE TABLE IF NOT EXISTS other (id INT PRIMARY KEY);");
    put(world, "0003-late.sql", "INSERT INTO more VALUES (1);");
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_REFUSED, "a1 c2 p3 ");
    assert_migrate(migrate_status(&world->request, &err), MIGRATE_REFUSED, "a1 c2 p3 ");
    assert_int_equal(mariadb_number(&world->server, "SELECT COUNT(*) FROM %s.more", world->name),
                     0);
}

static void test_an_unknown_migration_is_refused(void **state)
{
    struct world *world = *state;
    put(world, "0003-late.sql", "INSERT INTO more VALUES (1);");
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_OK,
                   "p1 p2 p3 >1 <1 >2 <2 >3 <3 k0 ");
    drop(world, "0002-more.sql");
    put(world, "0004-later.sql", "INSERT INTO more VALUES (2);");
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_REFUSED, "a1 u2 a3 p4 ");
    drop(world, "0003-late.sql");
    assert_migrate(migrate_status(&world->request, &err), MIGRATE_REFUSED, "a1 u2 u3 p4 ");
    assert_int_equal(mariadb_number(&world->server, "SELECT COUNT(*) FROM %s.more", world->name),
                     1);
}

static void test_a_failed_migration_is_applied_again(void **state)
{
    struct world *world = *state;
    put(world, "0003-late.sql",
        "INSERT IGNORE INTO more VALUES (1); INSERT INTO nowhere VALUES (1);");
    put(world, "0004-last.sql", "INSERT INTO more VALUES (4);");
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_FAILED,
                   "p1 p2 p3 p4 >1 <1 >2 <2 >3 ");
    assert_int_equal(mariadb_number(&world->server, "SELECT COUNT(*) FROM %s.more", world->name),
                     1);
    put(world, "0003-late.sql", "INSERT IGNORE INTO more VALUES (1); INSERT INTO more VALUES (3);");
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_OK, "a1 a2 p3 p4 >3 <3 >4 <4 k0 ");
    assert_int_equal(mariadb_number(&world->server, "SELECT COUNT(*) FROM %s.more", world->name),
                     3);
}

static void test_many_at_once_apply_it_once(void **state)
{
    struct world *world = *state;
    /* Not to be run twice, and slow enough for the others to come in between. */
    put(world, "0003-count.sql",
        "CREATE TABLE IF NOT EXISTS count (n INT);\n"
        "INSERT INTO count SELECT COUNT(*) FROM more WHERE SLEEP(0) = 0;\n"
        "INSERT INTO count SELECT SLEEP(0.3);");
    pid_t pids[AT_ONCE];
    for (int i = 0; i < AT_ONCE; i++) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        world->events[0] = '\0';
        enum migrate_result result = migrate_run(&world->request, NULL);
        bool applied = strchr(world->events, '<') != NULL;
        _exit(result != MIGRATE_OK ? 2 : applied);
    }
    int applied = 0;
    for (int i = 0; i < AT_ONCE; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status));
        assert_between(WEXITSTATUS(status), 0, 1);
        applied += WEXITSTATUS(status);
    }
    assert_int_equal(applied, 1);
    assert_int_equal(mariadb_number(&world->server, "SELECT COUNT(*) FROM %s.count", world->name),
                     2);
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_OK, "a1 a2 a3 ");
}

static void test_nothing_happens_without_a_server_or_files(void **state)
{
    struct world *world = *state;
    world->options.socket = "/no/such/socket";
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_UNAVAILABLE, "");
    assert_migrate(migrate_status(&world->request, &err), MIGRATE_UNAVAILABLE, "");
    world->request.dir = "/no/such/folder";
    assert_migrate(migrate_run(&world->request, &err), MIGRATE_FAILED, "");
}

/* Workers of the next version wait for it before they take over. */
static void test_the_newest_migration_is_known(void **state)
{
    struct world *world = *state;
    struct error err = { "" };
    unsigned newest = 99;
    assert_int_equal(migrate_newest(world->request.sql, &newest, &err), MIGRATE_OK);
    assert_int_equal(newest, 0);
    world->request.dir = schema_dir();
    assert_int_equal(migrate_run(&world->request, &err), MIGRATE_OK);
    assert_int_equal(migrate_newest(world->request.sql, &newest, &err), MIGRATE_OK);
    assert_int_equal(newest, MIGRATION_NEWEST);
    assert_int_equal(tables_age(newest), TABLES_FIT);
    assert_int_equal(tables_age(0), TABLES_MISSING);
    assert_int_equal(tables_age(1), TABLES_OLDER);
    assert_int_equal(tables_age(newest - 1), TABLES_OLDER);
    assert_int_equal(tables_age(newest + 1), TABLES_NEWER);
}

static void test_the_real_schema_may_be_applied_again(void **state)
{
    struct world *world = *state;
    world->request.dir = schema_dir();
    struct error err = { "" };
    assert_int_equal(migrate_run(&world->request, &err), MIGRATE_OK);
    mariadb_run(&world->server, "UPDATE %s.sequence SET next_id = 5001", world->name);
    mariadb_run(&world->server, "DELETE FROM %s.migration", world->name);
    assert_int_equal(migrate_run(&world->request, &err), MIGRATE_OK);
    assert_int_equal(mariadb_number(&world->server, "SELECT next_id FROM %s.sequence", world->name),
                     5001);
    assert_int_equal(mariadb_number(&world->server,
                                    "SELECT limit_id = POW(62, 7) + POW(62, 8) FROM %s.sequence",
                                    world->name),
                     1);
}

/* --- links become narrow --- */

enum {
    NARROW = 5, /* the number of the migration */
    OLD_LINKS = 100,
};

/* A database as it was before migration `number`. */
static void make_before(struct world *world, const struct migration_files *files, unsigned number)
{
    struct error err = { "" };
    set_up((void **)&world);
    drop(world, "0001-base.sql");
    drop(world, "0002-more.sql");
    for (size_t i = 0; i < files->n && files->files[i].number < number; i++) {
        const struct migration_file *file = &files->files[i];
        char name[MIGRATION_NAME_MAX + 16];
        snprintf(name, sizeof(name), "%04u-%.*s.sql", file->number, SLICE_ARG(file->name));
        char *text = strndup(file->text.at, file->text.len);
        put(world, name, text);
        free(text);
    }
    assert_int_equal(migrate_run(&world->request, &err), MIGRATE_OK);
    mariadb_run(&world->server, "USE %s", world->name);
}

static void make_old(struct world *world, const struct migration_files *files)
{
    make_before(world, files, NARROW);
    mariadb_sequence(&world->server, OLD_LINKS);
    mariadb_run(&world->server,
                "INSERT INTO link (id, url_hash, owner_id, version, redirect_status, flags,"
                " created_at, updated_at, expires_at, code_kind, code, long_url) SELECT seq,"
                " seq, 1, 1, 302, seq %% 2, 5, 5 + seq %% 3, IF(seq %% 4, NULL, seq), 0, seq,"
                " CONCAT('https://example.org/', seq) FROM seq_1_to_%d",
                OLD_LINKS);
}

static void assert_narrow(struct world *world)
{
    static const struct {
        const char *query;
        long wanted;
    } rows[] = {
        { "SELECT COUNT(*) FROM link WHERE flags = id % 2 AND updated_at = 5 + id % 3", OLD_LINKS },
        { "SELECT COUNT(*) FROM link FORCE INDEX (link_owner_host) WHERE owner_id = 1 AND host ="
          " 'example.org' AND url_crc = (CRC32(CONCAT('https://example.org/', id)) & 16777215)",
          OLD_LINKS },
        { "SELECT COUNT(*) FROM link_expiry", OLD_LINKS / 4 },
        { "SELECT COUNT(*) FROM link_expiry JOIN link ON id = link_id"
          " WHERE link.expires_at = link_expiry.expires_at",
          OLD_LINKS / 4 },
        { "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()"
          " AND table_name = 'link' AND column_name = 'url_hash'",
          0 },
        { "SELECT COUNT(DISTINCT index_name) FROM information_schema.statistics"
          " WHERE table_schema = DATABASE() AND table_name = 'link'",
          3 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_int_equal(mariadb_number(&world->server, "%s", rows[i].query), rows[i].wanted);
}

/* After each of its statements the program may have been ended, and begins anew. */
static void test_links_become_narrow_from_wherever_it_stopped(void **state)
{
    struct world *world = *state;
    struct error err = { "" };
    struct arena *arena = arena_new(16 << 20);
    struct migration_files files;
    assert_true(migration_files_read(schema_dir(), arena, &files, &err));
    assert_true(files.n >= NARROW && files.files[NARROW - 1].number == NARROW);
    struct slice done = files.files[NARROW - 1].text;
    struct slice statement;
    for (unsigned stop = 0; migration_statement_next(&done, &statement); stop++) {
        if (stop > 0 && !slice_starts_with(statement, SLICE("EXECUTE")))
            continue; /* the others change nothing that stays */
        make_old(world, &files);
        struct slice rest = files.files[NARROW - 1].text;
        for (unsigned i = 0; i <= stop && migration_statement_next(&rest, &statement); i++)
            assert_int_equal(sql_text(world->server.admin, statement, NULL, NULL, &err), SQL_OK);
        world->request.dir = schema_dir();
        assert_int_equal(migrate_run(&world->request, &err), MIGRATE_OK);
        assert_narrow(world);
    }
    arena_free(&arena);
}

/* --- keys get an end and a scope --- */

/* A key as the version before stores one. */
static void add_old_key(struct world *world, const char *hash)
{
    mariadb_run(&world->server,
                "INSERT INTO api_key (user_id, name, hash, created_at, revoked_at)"
                " VALUES (1, 'old', '%s', 5, NULL)",
                hash);
}

/* The columns come while workers of the version before go on making, reading and using keys. */
static void test_keys_get_limits_beside_workers_of_the_version_before(void **state)
{
    enum { LIMITS = 6 };
    struct world *world = *state;
    struct error err = { "" };
    struct arena *arena = arena_new(16 << 20);
    struct migration_files files;
    assert_true(migration_files_read(schema_dir(), arena, &files, &err));
    make_before(world, &files, LIMITS);
    mariadb_run(&world->server, "INSERT INTO user (name, role, created_at) VALUES ('ann', 1, 5)");
    add_old_key(world, "0123456789abcdef0123456789abcdef");
    world->request.dir = schema_dir();
    assert_int_equal(migrate_run(&world->request, &err), MIGRATE_OK);
    mariadb_run(&world->server, "DELETE FROM migration WHERE number = %d", LIMITS);
    assert_int_equal(migrate_run(&world->request, &err), MIGRATE_OK); /* once more */
    add_old_key(world, "fedcba98765432100123456789abcdef");
    mariadb_run(&world->server, "UPDATE api_key SET last_used_at = 7"
                                " WHERE id = 1 AND (last_used_at IS NULL OR last_used_at < 7)");
    assert_int_equal(mariadb_number(&world->server,
                                    "SELECT COUNT(*) FROM api_key JOIN user ON user.id = user_id"
                                    " WHERE api_key.name = 'old' AND revoked_at IS NULL"),
                     2);
    struct db *db = db_open(&world->options);
    for (uint32_t id = 1; id <= 2; id++) {
        struct api_key key;
        assert_int_equal(db_key_find(db, id, arena, &key, &err), DB_OK);
        assert_int_equal(key.scope, KEY_SCOPE_MANAGE);
        assert_int_equal(key.expires_at, 0);
        assert_int_equal(key.role, ROLE_ADMIN);
    }
    db_close(&db);
    arena_free(&arena);
}

/* --- clicks that were imported --- */

/* Links of the version before: imported and clicked, imported, clicked, all three in days and
 * months. */
static void add_old_clicks(struct world *world)
{
    mariadb_run(&world->server, "INSERT INTO click_total (link_id, clicks, visitors, bots) VALUES"
                                " (1, 1007, 3, 0), (2, 50, 0, 0), (3, 9, 2, 1), (4, 0, 0, 8)");
    mariadb_run(
        &world->server,
        "INSERT INTO click_rollup (link_id, unit, at, stage, clicks, visitors, bots, detail)"
        " VALUES (1, 0, 20000, 0, 5, 2, 0, ''), (1, 1, 19967, 2, 2, 1, 0, ''),"
        " (3, 0, 20000, 0, 4, 1, 1, ''), (3, 0, 20001, 1, 5, 1, 0, ''),"
        " (4, 0, 20000, 0, 0, 0, 8, '')");
}

/* A flush of the version before, which does not know the column. */
static void flush_as_before(struct world *world)
{
    mariadb_run(&world->server,
                "INSERT INTO click_total (link_id, clicks, visitors, bots) VALUES (1, 1, 1, 0),"
                " (5, 1, 1, 0) ON DUPLICATE KEY UPDATE clicks = clicks + VALUES(clicks),"
                " visitors = visitors + VALUES(visitors), bots = bots + VALUES(bots)");
    mariadb_run(&world->server,
                "UPDATE click_rollup SET clicks = 6 WHERE link_id = 1 AND unit = 0");
    mariadb_run(
        &world->server,
        "INSERT INTO click_rollup (link_id, unit, at, stage, clicks, visitors, bots, detail)"
        " VALUES (5, 0, 20000, 0, 1, 1, 0, '')");
}

/* Whatever was imported before is found, and once more finds the same, also where it was cut off
 * before. */
static void test_imported_clicks_are_found(void **state)
{
    enum { IMPORTED = 7 };
    static const long wanted[] = { 1000, 50, 0, 0, 0 };
    struct world *world = *state;
    struct error err = { "" };
    struct arena *arena = arena_new(16 << 20);
    struct migration_files files;
    assert_true(migration_files_read(schema_dir(), arena, &files, &err));
    make_before(world, &files, IMPORTED);
    add_old_clicks(world);
    world->request.dir = schema_dir();
    for (int run = 0; run < 2; run++) {
        assert_int_equal(migrate_run(&world->request, &err), MIGRATE_OK);
        for (int i = 0; i < 4 + run; i++)
            assert_int_equal(mariadb_number(&world->server,
                                            "SELECT imported FROM click_total WHERE link_id = %d",
                                            i + 1),
                             wanted[i]);
        mariadb_run(&world->server, "DELETE FROM migration WHERE number = %d", IMPORTED);
        mariadb_run(&world->server, "CREATE TABLE click_import (link_id BIGINT UNSIGNED NOT NULL"
                                    " PRIMARY KEY, clicks BIGINT NOT NULL)");
        mariadb_run(&world->server, "INSERT INTO click_import VALUES (1, 1000)");
        if (run == 0)
            flush_as_before(world);
    }
    arena_free(&arena);
}

#define CASE(function) cmocka_unit_test_setup(function, set_up)

int main(void)
{
    const char *missing = mariadb_missing();
    if (missing) {
        printf("1..0 # SKIP %s\n", missing);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        CASE(test_an_empty_database_gets_everything),
        CASE(test_status_changes_nothing),
        CASE(test_a_second_run_does_nothing),
        CASE(test_the_code_key_is_drawn_once),
        CASE(test_a_changed_migration_is_refused),
        CASE(test_an_unknown_migration_is_refused),
        CASE(test_a_failed_migration_is_applied_again),
        CASE(test_many_at_once_apply_it_once),
        CASE(test_nothing_happens_without_a_server_or_files),
        CASE(test_the_newest_migration_is_known),
        CASE(test_the_real_schema_may_be_applied_again),
        CASE(test_links_become_narrow_from_wherever_it_stopped),
        CASE(test_imported_clicks_are_found),
        CASE(test_keys_get_limits_beside_workers_of_the_version_before),
    };
    return cmocka_run_group_tests_name("migrate", tests, group_set_up, group_tear_down);
}
