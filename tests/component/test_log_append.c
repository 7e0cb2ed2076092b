/* SPDX-License-Identifier: MIT */
/* Appending to a log: whole lines only, to the file that has the path. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "follow/log_append.h"

enum { PATH_ROOM = 100 };

struct fixture {
    char dir[64];
    char path[PATH_ROOM];
    char old[PATH_ROOM];
    struct log_append append;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    if (!f)
        return -1;
    *state = f;
    (void)snprintf(f->dir, sizeof(f->dir), "/tmp/curt-append-XXXXXX");
    if (!mkdtemp(f->dir))
        return -1;
    (void)snprintf(f->path, sizeof(f->path), "%s/log", f->dir);
    (void)snprintf(f->old, sizeof(f->old), "%s/log.1", f->dir);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    log_append_close(&f->append);
    unlink(f->path);
    unlink(f->old);
    rmdir(f->dir);
    free(f);
    return 0;
}

static void begin(struct fixture *f)
{
    struct error err = { "" };
    if (!log_append_open(&f->append, f->path, &err))
        fail_msg("%s", err.text);
}

static bool put(struct fixture *f, const char *text, bool is_end)
{
    struct error err = { "" };
    size_t room;
    char *to = log_append_room(&f->append, &room);
    size_t n = 0;
    for (; text[n]; n++) {
        assert_true(n < room);
        to[n] = text[n];
    }
    return log_append_write(&f->append, n, is_end, &err);
}

static void assert_file(const char *path, const char *content)
{
    char text[1000];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    (void)fclose(file);
    assert_string_equal(text, content);
}

static void whole_lines(void **state)
{
    struct fixture *f = *state;
    struct stat status;
    begin(f);
    assert_true(put(f, "one\ntw", false));
    assert_file(f->path, "one\n");
    assert_true(put(f, "o", false));
    assert_file(f->path, "one\n");
    assert_true(put(f, "\nthree", true));
    assert_file(f->path, "one\ntwo\nthree\n");
    assert_int_equal(stat(f->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, LOG_APPEND_MODE & ~022);
}

/* A line that has begun before the file is renamed goes to the new one as a whole. */
static void renamed(void **state)
{
    struct fixture *f = *state;
    begin(f);
    assert_true(put(f, "one\ntw", false));
    assert_int_equal(rename(f->path, f->old), 0);
    assert_true(put(f, "o\n", false));
    assert_file(f->old, "one\n");
    assert_file(f->path, "two\n");
    unlink(f->path);
    assert_true(put(f, "", false));
    assert_file(f->path, "");
}

/* What a killed writer has left of a line does not spoil the next one. */
static void half_a_line(void **state)
{
    struct fixture *f = *state;
    FILE *file = fopen(f->path, "w");
    (void)fputs("one\ntw", file);
    (void)fclose(file);
    begin(f);
    assert_true(put(f, "three\n", false));
    assert_file(f->path, "one\ntw\nthree\n");
}

/* While the file cannot be written, lines wait, up to the limit. */
static void no_room(void **state)
{
    struct fixture *f = *state;
    struct rlimit before, limit;
    static char line[1001];
    memset(line, 'x', sizeof(line) - 2);
    line[sizeof(line) - 2] = '\n';
    begin(f);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){ 0, before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    for (unsigned i = 0; i < LOG_APPEND_ROOM / 1000; i++) {
        assert_false(put(f, line, false));
        assert_int_equal(f->append.lost, 0);
    }
    size_t room;
    log_append_room(&f->append, &room);
    assert_int_equal(room, LOG_APPEND_ROOM % 1000);
    line[room] = '\0';
    assert_false(put(f, line, false));
    assert_int_equal(f->append.lost, LOG_APPEND_ROOM / 1000 * 1000);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    struct stat status;
    assert_true(put(f, "\n", false));
    assert_int_equal(stat(f->path, &status), 0);
    assert_int_equal(status.st_size, room + 1);
}

static void refused(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    assert_false(log_append_open(&f->append, f->dir, &err));
    assert_non_null(strstr(err.text, f->dir));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(whole_lines), T(renamed), T(half_a_line), T(no_room), T(refused),
    };
    (void)signal(SIGXFSZ, SIG_IGN);
    umask(022);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
