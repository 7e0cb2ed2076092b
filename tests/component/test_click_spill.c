/* SPDX-License-Identifier: MIT */
/* Spill files: each click is read once and complete; files are limited in size and removed after
 * they were read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "clicklog/click_spill.h"
#include "clicklog/click_spill_layout.h"
#include "support/between.h"
#include "support/host_files.h"

enum { ROOM = 1 << 20, NOW = 1800000000, BATCH = 1000, HEADER = sizeof(struct click_spill_header) };

struct fixture {
    char dir[64];
    struct click_spill spill;
    struct click_spill_file file; /* the one that was looked at last */
    struct click_event events[BATCH];
    struct click_spill_part part;
    struct error err;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    char dir[] = "/tmp/curt-spill-XXXXXX";
    *state = f;
    if (!mkdtemp(dir))
        return -1;
    memcpy(f->dir, dir, sizeof(dir));
    f->spill = (struct click_spill){ .dir = f->dir, .max_bytes = ROOM, .fd = -1 };
    f->file.fd = -1;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    click_spill_let_go(&f->spill);
    click_spill_close(&f->file);
    host_files_clear(f->dir);
    rmdir(f->dir);
    free(f);
    return 0;
}

/* --- helpers */

static struct click_event click(uint64_t link_id, uint64_t number, uint32_t at)
{
    struct click_event event = { .link_id = link_id, .visitor = number, .at = at };
    memset(event.referrer, (int)(number % 256), sizeof(event.referrer));
    return event;
}

static bool append_at(struct fixture *f, uint64_t number, uint32_t at)
{
    const struct click_event event = click(7, number, at);
    f->err.text[0] = '\0';
    bool done = click_spill_append(&f->spill, &event, &f->err);
    assert_int_equal(done, f->err.text[0] == '\0');
    return done;
}

static void append_all(struct fixture *f, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++) {
        if (!append_at(f, i, NOW))
            fail_msg("%s", f->err.text);
    }
}

/* Opens the directory's first file that can be read; false when there is none. */
static bool look(struct fixture *f)
{
    struct error err = { "" };
    click_spill_close(&f->file);
    struct click_spill_dir *dir = click_spill_dir_open(f->dir, &err);
    if (!dir)
        fail_msg("%s", err.text);
    bool found = click_spill_next(dir, &f->file);
    click_spill_dir_close(&dir);
    return found;
}

static unsigned count_files(struct fixture *f)
{
    struct click_spill_dir *dir = click_spill_dir_open(f->dir, NULL);
    struct click_spill_file file;
    unsigned n = 0;
    while (click_spill_next(dir, &file)) {
        click_spill_close(&file);
        n++;
    }
    click_spill_dir_close(&dir);
    return n;
}

static size_t read_from(struct fixture *f, uint64_t from, size_t max)
{
    f->part.events = f->events;
    f->part.max = max;
    if (!click_spill_read(&f->file, from, &f->part, &f->err))
        fail_msg("%s", f->err.text);
    for (size_t i = 0; i < f->part.n; i++) {
        const struct click_event expected =
            click(f->events[i].link_id, f->events[i].visitor, f->events[i].at);
        assert_memory_equal(&f->events[i], &expected, sizeof(expected));
    }
    return f->part.n;
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* --- tests */

static void comes_out_in_order(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    mode_t mask = umask(0);
    append_all(f, 0, 10);
    umask(mask);
    assert_true(look(f));
    assert_int_equal(stat(f->file.path, &st), 0);
    assert_int_equal(st.st_mode, S_IFREG | 0600);
    assert_int_equal(f->file.events, 10);
    assert_int_equal(read_from(f, 0, 4), 4);
    assert_int_equal(f->part.next, 4);
    assert_int_equal(read_from(f, 4, BATCH), 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(f->events[i].visitor, 4 + i);
    assert_int_equal(read_from(f, 10, BATCH), 0);
    append_all(f, 10, 11);
    assert_true(look(f));
    assert_int_equal(read_from(f, 10, BATCH), 1);
    assert_int_equal(count_files(f), 0); /* while the file is being read */
    click_spill_close(&f->file);
    assert_int_equal(count_files(f), 1);
}

static void goes_nowhere_unless_there_is_a_place(void **state)
{
    struct fixture *f = *state;
    f->spill.max_bytes = 0;
    assert_false(append_at(f, 1, NOW));
    f->spill.max_bytes = ROOM;
    f->spill.dir = "";
    assert_false(append_at(f, 1, NOW));
    f->spill.dir = NULL;
    assert_false(append_at(f, 1, NOW));
    f->spill.dir = "/nonexistent/spool";
    assert_false(append_at(f, 1, NOW));
    assert_non_null(strstr(f->err.text, "/nonexistent/spool/clicks-"));
    char made[80];
    snprintf(made, sizeof(made), "%s/spool", f->dir);
    f->spill.dir = made;
    assert_true(append_at(f, 1, NOW + 1));
    assert_int_equal(host_files_clear(made), 1);
    assert_int_equal(rmdir(made), 0);
    assert_int_equal(click_spill_measure("/nonexistent/spool").bytes, 0);
}

static void all_files_together_are_bounded(void **state)
{
    struct fixture *f = *state;
    struct click_spill other = f->spill;
    append_all(f, 0, 5000);
    uint64_t number = 0;
    struct click_event event = click(8, 0, NOW);
    while (click_spill_append(&other, &event, &f->err))
        number++;
    uint64_t bytes = click_spill_measure(f->dir).bytes;
    assert_int_equal(click_spill_measure(f->dir).events, 5000 + number);
    assert_between(bytes, ROOM, ROOM + CLICK_SPILL_STEP);
    assert_between(number, 5000, 7000);
    assert_non_null(strstr(f->err.text, "clicks.spill_max"));
    click_spill_let_go(&other);
    assert_true(host_files_clear(f->dir) == 2);
    assert_false(click_spill_append(&other, &event, &f->err)); /* not asked in the same second */
    event.at++;
    assert_true(click_spill_append(&other, &event, &f->err));
    click_spill_let_go(&other);
}

static void a_torn_click_is_written_over(void **state)
{
    struct fixture *f = *state;
    signal(SIGXFSZ, SIG_IGN);
    append_all(f, 0, 3);
    limit_file_size(HEADER + 3 * sizeof(struct click_event) + 50);
    assert_false(append_at(f, 3, NOW));
    assert_true(look(f));
    assert_int_equal(f->file.events, 3);
    limit_file_size(RLIM_INFINITY);
    signal(SIGXFSZ, SIG_DFL);
    assert_false(append_at(f, 3, NOW));
    assert_true(append_at(f, 4, NOW + 1));
    assert_true(look(f));
    assert_int_equal(read_from(f, 0, BATCH), 4);
    assert_int_equal(f->events[3].visitor, 4);
}

static void a_torn_click_of_the_dead_is_none(void **state)
{
    struct fixture *f = *state;
    append_all(f, 0, 3);
    click_spill_let_go(&f->spill);
    assert_true(look(f));
    assert_int_equal(truncate(f->file.path, HEADER + 3 * sizeof(struct click_event) - 1), 0);
    assert_true(look(f));
    assert_int_equal(read_from(f, 0, BATCH), 2);
    assert_true(click_spill_remove(&f->file, 2));
}

static void a_full_disk_leaves_no_file(void **state)
{
    struct fixture *f = *state;
    signal(SIGXFSZ, SIG_IGN);
    limit_file_size(HEADER - 1);
    assert_false(append_at(f, 1, NOW));
    limit_file_size(RLIM_INFINITY);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(host_files_clear(f->dir), 0);
    assert_true(append_at(f, 1, NOW + 1));
}

static void is_removed_when_read_and_let_go(void **state)
{
    struct fixture *f = *state;
    append_all(f, 0, 3);
    assert_true(look(f));
    assert_false(click_spill_remove(&f->file, 3));
    click_spill_let_go(&f->spill);
    assert_false(click_spill_remove(&f->file, 2));
    assert_true(click_spill_remove(&f->file, 3));
    assert_int_equal(host_files_clear(f->dir), 0);
}

static void is_not_removed_with_clicks_that_came_meanwhile(void **state)
{
    struct fixture *f = *state;
    append_all(f, 0, 3);
    assert_true(look(f));
    append_all(f, 3, 4);
    click_spill_let_go(&f->spill);
    assert_false(click_spill_remove(&f->file, 3));
    assert_true(look(f));
    assert_int_equal(f->file.events, 4);
}

static void a_writer_begins_anew_after_a_while(void **state)
{
    struct fixture *f = *state;
    assert_true(append_at(f, 1, NOW));
    assert_true(append_at(f, 2, NOW + CLICK_SPILL_SECONDS_MAX - 1));
    assert_int_equal(count_files(f), 1);
    assert_true(append_at(f, 3, NOW + CLICK_SPILL_SECONDS_MAX));
    assert_int_equal(count_files(f), 2);
    click_spill_let_go(&f->spill);
    assert_true(append_at(f, 4, NOW + CLICK_SPILL_SECONDS_MAX));
    assert_int_equal(count_files(f), 3);
}

static void write_file(const char *path, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
}

static void what_has_no_header_is_swept_away(void **state)
{
    struct fixture *f = *state;
    char path[128];
    snprintf(path, sizeof(path), "%s/clicks-0", f->dir);
    write_file(path, "curt", 4);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(private_file_lock(fd, CLICK_SPILL_WRITER_LOCK));
    assert_false(look(f)); /* its writer is about to write it */
    assert_int_equal(access(path, F_OK), 0);
    close(fd);
    assert_false(look(f));
    assert_int_equal(access(path, F_OK), -1);
}

static const char OURS[16] NONSTRING = "curtspl\0\1\0\0\0\140\0\0\0";

/* A file with a hole of a tebibyte takes no room on the disk; it is read up to the size that a
 * writer's file can have, and removed. */
static void one_without_an_end_has_one(void **state)
{
    struct fixture *f = *state;
    append_all(f, 0, 3);
    click_spill_let_go(&f->spill);
    assert_true(look(f));
    assert_int_equal(truncate(f->file.path, (off_t)1 << 40), 0);
    assert_true(look(f));
    assert_true(f->file.events > 3);
    assert_true(f->file.events * sizeof(struct click_event) <=
                CLICK_SPILL_FILE_MAX + sizeof(struct click_event));
    f->part = (struct click_spill_part){ .events = f->events, .max = BATCH };
    assert_true(click_spill_read(&f->file, 0, &f->part, &f->err));
    assert_int_equal(f->part.n, 3);
    assert_false(click_spill_remove(&f->file, f->file.events - 1));
    assert_true(click_spill_remove(&f->file, f->file.events));
}

static void what_is_not_ours_is_left_alone(void **state)
{
    struct fixture *f = *state;
    static const char *const headers[] = { "curtspm\0\1\0\0\0\140\0\0\0",
                                           "curtspl\0\2\0\0\0\140\0\0\0",
                                           "curtspl\0\1\0\0\0\141\0\0\0" };
    char path[128];
    char bytes[HEADER] = { 0 };
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        snprintf(path, sizeof(path), "%s/clicks-%zu", f->dir, i);
        memcpy(bytes, headers[i], 16);
        write_file(path, bytes, sizeof(bytes));
        assert_false(look(f));
        assert_int_equal(unlink(path), 0);
    }
    memcpy(bytes, OURS, sizeof(OURS));
    snprintf(path, sizeof(path), "%s/other-0", f->dir);
    write_file(path, bytes, sizeof(bytes));
    assert_false(look(f));
    snprintf(path, sizeof(path), "%s/clicks-0", f->dir);
    assert_int_equal(symlink("other-0", path), 0);
    assert_false(look(f));
    assert_int_equal(unlink(path), 0);
    write_file(path, bytes, sizeof(bytes));
    assert_true(look(f));
    assert_int_equal(chmod(path, 0640), 0);
    assert_false(look(f));
}

static void zeros_are_no_clicks(void **state)
{
    struct fixture *f = *state;
    static const struct click_event zeros[2];
    append_all(f, 0, 2);
    assert_true(look(f));
    int fd = open(f->file.path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(fd, zeros, sizeof(zeros)), sizeof(zeros));
    close(fd);
    assert_true(look(f));
    assert_int_equal(read_from(f, 0, BATCH), 2);
    assert_int_equal(f->part.next, 4);
}

/* --- killed at random --- */

enum { LIVES = 40, CLICKS_A_LIFE = 200 };

// NOLINTNEXTLINE(readability-non-const-parameter): the builtin does write
static pid_t start_writer(struct fixture *f, uint64_t *written, unsigned life)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    struct error err;
    for (uint64_t i = 0;;) {
        const struct click_event event = click(life + 1, i, NOW + (uint32_t)i / 50);
        if (!click_spill_append(&f->spill, &event, &err))
            _exit(1);
        __atomic_store_n(written, ++i, __ATOMIC_SEQ_CST);
    }
}

static void what_was_written_stays_when_the_writer_is_killed(void **state)
{
    struct fixture *f = *state;
    uint64_t *written = mmap(NULL, sizeof(uint64_t) * LIVES, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t read[LIVES] = { 0 };
    f->spill.max_bytes = 64 * ROOM;
    for (unsigned life = 0; life < LIVES; life++) {
        pid_t pid = start_writer(f, &written[life], life);
        while (__atomic_load_n(&written[life], __ATOMIC_SEQ_CST) < CLICKS_A_LIFE + life)
            assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        while (look(f)) {
            for (uint64_t from = 0; read_from(f, from, BATCH); from = f->part.next) {
                for (size_t i = 0; i < f->part.n; i++) {
                    assert_int_equal(f->events[i].link_id, life + 1);
                    read[life]++;
                }
            }
            assert_true(click_spill_remove(&f->file, f->file.events));
        }
        assert_between(read[life], written[life], written[life] + 1);
    }
    munmap(written, sizeof(uint64_t) * LIVES);
}

#define SPILL_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPILL_TEST(comes_out_in_order),
        SPILL_TEST(goes_nowhere_unless_there_is_a_place),
        SPILL_TEST(all_files_together_are_bounded),
        SPILL_TEST(a_torn_click_is_written_over),
        SPILL_TEST(a_torn_click_of_the_dead_is_none),
        SPILL_TEST(a_full_disk_leaves_no_file),
        SPILL_TEST(is_removed_when_read_and_let_go),
        SPILL_TEST(is_not_removed_with_clicks_that_came_meanwhile),
        SPILL_TEST(a_writer_begins_anew_after_a_while),
        SPILL_TEST(what_has_no_header_is_swept_away),
        SPILL_TEST(one_without_an_end_has_one),
        SPILL_TEST(what_is_not_ours_is_left_alone),
        SPILL_TEST(zeros_are_no_clicks),
        SPILL_TEST(what_was_written_stays_when_the_writer_is_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
