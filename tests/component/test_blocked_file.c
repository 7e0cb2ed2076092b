/* SPDX-License-Identifier: MIT */
/* The file of blocked domains: when it is read, what is kept when it cannot be read, and the memory
 * and time for a million lines. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "files/blocked_file.h"

enum {
    MILLION = 1000000,
    MEMORY_MAX_KIB = 16 * 1024,
    SECONDS_MAX = 10, /* of processor time; far above what it takes, under sanitizers too */
};

struct place {
    char folder[32];
    char path[48];
    struct blocked_file file;
};

static int set_up(void **state)
{
    static struct place place;
    place = (struct place){ .folder = "/tmp/curt-blocked-XXXXXX" };
    if (!mkdtemp(place.folder))
        return -1;
    snprintf(place.path, sizeof(place.path), "%s/list", place.folder);
    place.file.path = place.path;
    *state = &place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    blocked_file_close(&place->file);
    unlink(place->path);
    rmdir(place->folder);
    return 0;
}

static void write_list(const struct place *place, const char *text)
{
    FILE *out = fopen(place->path, "we");
    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, strlen(text), out), strlen(text));
    assert_int_equal(fclose(out), 0);
}

static bool is_blocked(struct place *place, const char *host, int64_t now)
{
    struct error err = { "" };
    if (!blocked_file_refresh(&place->file, now, &err))
        fail_msg("%s", err.text);
    return blocked_set_has(&place->file.set, slice_of(host));
}

static void no_file_blocks_nothing(void **state)
{
    (void)state;
    static const char *const paths[] = { NULL, "" };
    for (int i = 0; i < 2; i++) {
        struct blocked_file file = { .path = paths[i] };
        assert_true(blocked_file_refresh(&file, 1, NULL));
        assert_false(blocked_set_has(&file.set, SLICE("evil.example")));
        blocked_file_close(&file);
    }
}

static void read_again_when_it_changed(void **state)
{
    struct place *place = *state;
    write_list(place, "# list\nevil.example\nnot a name\nbad.example");
    assert_true(is_blocked(place, "www.evil.example", 100));
    assert_true(is_blocked(place, "bad.example", 100));
    assert_int_equal(place->file.invalid, 1);
    write_list(place, "worse.example\n");
    assert_false(is_blocked(place, "worse.example", 100)); /* looked at within this second */
    assert_true(is_blocked(place, "worse.example", 101));
    assert_false(is_blocked(place, "evil.example", 101));
    assert_int_equal(place->file.invalid, 0);
    assert_true(is_blocked(place, "worse.example", 102));
    assert_int_equal(place->file.loads, 2);
}

static void replaced_by_one_of_the_same_size_and_time(void **state)
{
    struct place *place = *state;
    struct timespec times[2] = { { 1000, 0 }, { 1000, 0 } };
    write_list(place, "aaa.example\n");
    assert_int_equal(utimensat(AT_FDCWD, place->path, times, 0), 0);
    assert_true(is_blocked(place, "aaa.example", 1));
    char fresh[64];
    snprintf(fresh, sizeof(fresh), "%s.new", place->path);
    FILE *out = fopen(fresh, "we");
    assert_non_null(out);
    fputs("bbb.example\n", out);
    fclose(out);
    assert_int_equal(utimensat(AT_FDCWD, fresh, times, 0), 0);
    assert_int_equal(rename(fresh, place->path), 0);
    assert_true(is_blocked(place, "bbb.example", 2));
}

static void missing_at_first_is_an_error_and_later_is_not(void **state)
{
    struct place *place = *state;
    struct error err = { "" };
    assert_false(blocked_file_refresh(&place->file, 1, &err));
    assert_non_null(strstr(err.text, place->path));
    write_list(place, "evil.example\n");
    assert_true(is_blocked(place, "evil.example", 1)); /* nothing to go by: looked at again */
    assert_string_equal(place->file.fault.text, "");
    unlink(place->path);
    assert_true(is_blocked(place, "evil.example", 2));
    assert_non_null(strstr(place->file.fault.text, "No such file"));
    assert_int_equal(mkdir(place->path, 0700), 0);
    assert_true(is_blocked(place, "evil.example", 3));
    assert_non_null(strstr(place->file.fault.text, "not a regular file"));
    rmdir(place->path);
    write_list(place, "");
    assert_false(is_blocked(place, "evil.example", 4));
    assert_string_equal(place->file.fault.text, "");
}

static void write_million(const struct place *place)
{
    FILE *out = fopen(place->path, "we");
    assert_non_null(out);
    for (unsigned i = 0; i < MILLION; i++)
        fprintf(out, "host-%u.blocked-domain-%u.example\n", i, i % 1000);
    assert_int_equal(fclose(out), 0);
}

/* Loads the list in a process of its own, loads it again while the first is in use, and looks up a
 * domain. Returns the growth of the process's peak memory in KiB, or -1. */
static long load_twice(struct place *place)
{
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    if (!blocked_file_refresh(&place->file, 1, NULL))
        return -1;
    place->file.identity.size = 0; /* as if it had changed */
    if (!blocked_file_refresh(&place->file, 2, NULL) || place->file.loads != 2)
        return -1;
    getrusage(RUSAGE_SELF, &after);
    if (place->file.set.n != MILLION ||
        !blocked_set_has(&place->file.set, SLICE("a.host-999999.blocked-domain-999.example")))
        return -2;
    return after.ru_maxrss - before.ru_maxrss;
}

static void a_million_lines(void **state)
{
    struct place *place = *state;
    struct rusage children;
    write_million(place);
    int ends[2];
    long grown = -3;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_return_code(child, 0);
    if (child == 0) {
        grown = load_twice(place);
        _exit(write(ends[1], &grown, sizeof(grown)) == sizeof(grown) ? 0 : 1);
    }
    assert_int_equal(read(ends[0], &grown, sizeof(grown)), sizeof(grown));
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ends[0]);
    close(ends[1]);
    assert_return_code(getrusage(RUSAGE_CHILDREN, &children), 0);
    long seconds = children.ru_utime.tv_sec + children.ru_stime.tv_sec;
    print_message("# two loads of a million lines: %ld KiB more at the peak, %ld s\n", grown,
                  seconds);
    assert_true(grown > 0);
    assert_true(seconds <= SECONDS_MAX);
#ifndef __SANITIZE_ADDRESS__
    assert_true(grown <= MEMORY_MAX_KIB + 512);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_file_blocks_nothing),
        cmocka_unit_test_setup_teardown(read_again_when_it_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(replaced_by_one_of_the_same_size_and_time, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(missing_at_first_is_an_error_and_later_is_not, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_million_lines, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
