/* SPDX-License-Identifier: MIT */
/* The folder of migrations is read in order, and files are split into statements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/migrate_files.h"

struct folder {
    char dir[40];
    struct arena *arena;
};

static int set_up(void **state)
{
    struct folder *folder = calloc(1, sizeof(*folder));
    snprintf(folder->dir, sizeof(folder->dir), "/tmp/curt-folder-XXXXXX");
    folder->arena = arena_new(1 << 20);
    *state = folder;
    return mkdtemp(folder->dir) ? 0 : -1;
}

static void path_in(const struct folder *folder, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", folder->dir, name);
}

static void put(const struct folder *folder, const char *name, const char *text)
{
    char path[128];
    path_in(folder, name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void drop(const struct folder *folder, const char *name)
{
    char path[128];
    path_in(folder, name, path);
    assert_int_equal(unlink(path), 0);
}

static int tear_down(void **state)
{
    struct folder *folder = *state;
    arena_free(&folder->arena);
    int failed = rmdir(folder->dir);
    free(folder);
    return failed;
}

static void test_files_come_in_order(void **state)
{
    struct folder *folder = *state;
    static const char *const names[] = { "0010-ten.sql", "0002-two-b.sql", "README", "0001-a.sql",
                                         ".0003-hidden.sql" };
    for (size_t i = 0; i < 5; i++)
        put(folder, names[i], names[i]);
    struct migration_files files = { 0 };
    struct error err = { "" };
    assert_true(migration_files_read(folder->dir, folder->arena, &files, &err));
    assert_int_equal(files.n, 3);
    assert_int_equal(files.files[0].number, 1);
    assert_int_equal(files.files[1].number, 2);
    assert_int_equal(files.files[2].number, 10);
    assert_true(slice_eq(files.files[0].name, SLICE("a")));
    assert_true(slice_eq(files.files[1].name, SLICE("two-b")));
    assert_true(slice_eq(files.files[1].text, SLICE("0002-two-b.sql")));
    for (size_t i = 0; i < 5; i++)
        drop(folder, names[i]);
}

static void test_a_folder_that_makes_no_sense_is_refused(void **state)
{
    static const struct {
        const char *first;
        const char *second;
        const char *error; /* a part of it */
    } rows[] = {
        { "README", "notes.txt", "no migrations" },
        { "0001-a.sql", "0001-b.sql", "two migrations" },
        { "0001-a.sql", "2-b.sql", "NNNN-name.sql" },
        { "0001-a.sql", "0002_b.sql", "NNNN-name.sql" },
        { "0001-a.sql", "0002-.sql", "NNNN-name.sql" },
        { "0001-a.sql", "0000-zero.sql", "NNNN-name.sql" },
        { "0001-a.sql", "x001-x.sql", "NNNN-name.sql" },
    };
    struct folder *folder = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        put(folder, rows[i].first, "");
        put(folder, rows[i].second, "");
        struct migration_files files = { 0 };
        struct error err = { "" };
        assert_false(migration_files_read(folder->dir, folder->arena, &files, &err));
        if (!strstr(err.text, rows[i].error))
            fail_msg("row %zu: %s", i, err.text);
        drop(folder, rows[i].first);
        drop(folder, rows[i].second);
    }
    struct migration_files files = { 0 };
    struct error err = { "" };
    assert_false(migration_files_read("/no/such/folder", folder->arena, &files, &err));
    assert_non_null(strstr(err.text, "No such file"));
}

static void test_a_file_is_cut_into_statements(void **state)
{
    static const struct {
        const char *text;
        const char *statements; /* each followed by '|' */
    } rows[] = {
        { "", "" },
        { " \n\t;;\n", "" },
        { "-- nothing\n/* nothing; */\n# nothing", "" },
        { "A", "A|" },
        { "A;", "A|" },
        { "A;B", "A|B|" },
        { "A ; \n B;\n", "A |B|" },
        { "-- c\nA;", "A|" },
        { "A -- x;y\nB;C", "A -- x;y\nB|C|" },
        { "A # x;y\nB;C", "A # x;y\nB|C|" },
        { "A /* x;y */ B;C", "A /* x;y */ B|C|" },
        { "A ';' B;C", "A ';' B|C|" },
        { "A 'it''s;' B;C", "A 'it''s;' B|C|" },
        { "A '\\';' B;C", "A '\\';' B|C|" },
        { "A \";\" `;` B;C", "A \";\" `;` B|C|" },
        { "A `\\`;B", "A `\\`|B|" },
        { "A '-- ;' B;C", "A '-- ;' B|C|" },
        { "A 'open;", "A 'open;|" },
        { "A /* open;", "A /* open;|" },
        { "A 1-1; B 4/2", "A 1-1|B 4/2|" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char got[256] = "";
        size_t used = 0;
        struct slice rest = slice_of(rows[i].text);
        struct slice statement;
        while (migration_statement_next(&rest, &statement))
            used += (size_t)snprintf(got + used, sizeof(got) - used, "%.*s|", SLICE_ARG(statement));
        assert_string_equal(got, rows[i].statements);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_files_come_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_folder_that_makes_no_sense_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test(test_a_file_is_cut_into_statements),
    };
    return cmocka_run_group_tests_name("migrate_files", tests, NULL, NULL);
}
