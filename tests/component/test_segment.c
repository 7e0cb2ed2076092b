/* SPDX-License-Identifier: MIT */
/* The shared segment as a file: owner and mode, when it is replaced, which processes share it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "shm/segment.h"
#include "shm/segment_layout.h"
#include "support/host_files.h"

enum { NOBODY = 65534 };

struct fixture {
    struct host_files files;
    struct error err;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    *state = f;
    if (!host_files_make(&f->files, "segment"))
        return -1;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    rmdir(f->files.path);
    if (!host_files_remove(&f->files)) /* nothing else may lie about */
        return -1;
    free(f);
    return 0;
}

static enum private_file_result open_at(struct fixture *f, const char *path,
                                        struct segment **segment)
{
    const struct segment_options options = { .path = path };
    f->err.text[0] = '\0';
    return segment_open(&options, segment, &f->err);
}

static struct segment *open_good(struct fixture *f)
{
    struct segment *segment;
    if (open_at(f, f->files.path, &segment) != PRIVATE_FILE_OK)
        fail_msg("%s", f->err.text);
    assert_int_equal(f->err.text[0], '\0');
    return segment;
}

static void assert_result(struct fixture *f, enum private_file_result expected, const char *says)
{
    struct segment *segment;
    enum private_file_result result = open_at(f, f->files.path, &segment);
    if (result != expected || segment || !strstr(f->err.text, says) ||
        !strstr(f->err.text, f->files.path))
        fail_msg("%d, \"%s\"", (int)result, f->err.text);
}

static void write_bytes(const char *path, off_t offset, const char *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, n, offset), n);
    close(fd);
}

static ino_t inode(const char *path)
{
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st.st_ino;
}

static bool take(struct segment *segment, uint64_t *id)
{
    uint64_t left;
    return segment_id_take(segment, "default", id, &left);
}

static void put(struct segment *segment, uint64_t next, uint64_t limit)
{
    assert_true(segment_id_put(segment, "default", (struct id_range){ next, limit }));
}

static void is_made_for_us_alone(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    mode_t mask = umask(0);
    struct segment *segment = open_good(f);
    umask(mask);
    assert_int_equal(lstat(f->files.path, &st), 0);
    assert_int_equal(st.st_mode, S_IFREG | 0600);
    assert_int_equal(st.st_size % 4096, 0);
    assert_true((uint64_t)st.st_blocks * 512 >= (uint64_t)st.st_size);
    segment_close(&segment);
    assert_null(segment);
    segment_close(&segment);
}

static void is_found_again(void **state)
{
    struct fixture *f = *state;
    struct segment *one = open_good(f);
    ino_t made = inode(f->files.path);
    struct segment *other = open_good(f);
    uint64_t id;
    put(one, 5, 7);
    assert_true(take(other, &id));
    assert_int_equal(id, 5);
    segment_close(&one);
    segment_close(&other);
    one = open_good(f);
    assert_int_equal(inode(f->files.path), made);
    assert_true(take(one, &id));
    assert_int_equal(id, 6);
    assert_false(take(one, &id));
    segment_close(&one);
}

static void none_is_configured(void **state)
{
    struct fixture *f = *state;
    struct segment *segment;
    assert_int_equal(open_at(f, NULL, &segment), PRIVATE_FILE_FAILED);
    assert_null(segment);
    assert_int_equal(open_at(f, "", &segment), PRIVATE_FILE_FAILED);
    assert_null(segment);
    assert_true(f->err.text[0] != '\0');
}

static void without_a_directory(void **state)
{
    struct fixture *f = *state;
    struct segment *segment;
    char path[128];
    snprintf(path, sizeof(path), "%s/missing/segment", f->files.dir);
    assert_int_equal(open_at(f, path, &segment), PRIVATE_FILE_FAILED);
    assert_non_null(strstr(f->err.text, "directory"));
    assert_non_null(strstr(f->err.text, path));
}

static void links_and_the_like_are_refused(void **state)
{
    struct fixture *f = *state;
    char victim[128];
    snprintf(victim, sizeof(victim), "%s/victim", f->files.dir);
    write_bytes(victim, 0, "keep me", 7);
    assert_int_equal(symlink(victim, f->files.path), 0);
    assert_result(f, PRIVATE_FILE_REFUSED, "symbolic link");
    unlink(f->files.path);
    unlink(victim);
    assert_int_equal(symlink("nowhere", f->files.path), 0);
    assert_result(f, PRIVATE_FILE_REFUSED, "symbolic link");
    unlink(f->files.path);
    assert_int_equal(mkdir(f->files.path, 0700), 0);
    assert_result(f, PRIVATE_FILE_REFUSED, "directory");
    rmdir(f->files.path);
    assert_int_equal(mkfifo(f->files.path, 0600), 0);
    assert_result(f, PRIVATE_FILE_REFUSED, "regular file");
}

static void a_file_open_to_others_is_refused(void **state)
{
    struct fixture *f = *state;
    struct segment *segment = open_good(f);
    segment_close(&segment);
    assert_int_equal(chmod(f->files.path, 0620), 0);
    assert_result(f, PRIVATE_FILE_REFUSED, "0600");
    assert_int_equal(chmod(f->files.path, 0604), 0);
    assert_result(f, PRIVATE_FILE_REFUSED, "0600");
}

static void somebody_elses_is_refused(void **state)
{
    struct fixture *f = *state;
    if (geteuid() != 0) {
        print_message("# only root can make files of other users\n");
        skip();
    }
    struct segment *segment = open_good(f);
    segment_close(&segment);
    assert_int_equal(chown(f->files.path, NOBODY, NOBODY), 0);
    assert_result(f, PRIVATE_FILE_REFUSED, "another user");
    assert_int_equal(chown(f->files.path, 0, 0), 0);
    assert_int_equal(chmod(f->files.dir, 0755), 0);
    pid_t pid = fork();
    if (pid == 0) { /* cannot even open it, or make another */
        char missing[128];
        snprintf(missing, sizeof(missing), "%s/other", f->files.dir);
        if (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
            _exit(1);
        if (open_at(f, f->files.path, &segment) != PRIVATE_FILE_REFUSED)
            _exit(2);
        _exit(open_at(f, missing, &segment) == PRIVATE_FILE_FAILED ? 0 : 3);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* Makes a segment with an id in it, spoils it with `spoil`, and looks whether it is replaced. */
static void assert_replaced(struct fixture *f, void (*spoil)(const char *path))
{
    uint64_t id;
    struct segment *old = open_good(f);
    put(old, 7, 9);
    spoil(f->files.path);
    struct segment *new = open_good(f);
    assert_false(take(new, &id));
    put(new, 100, 101);
    struct segment *again = open_good(f);
    assert_true(take(again, &id));
    assert_int_equal(id, 100);
    segment_close(&again);
    segment_close(&new);
    segment_close(&old);
    unlink(f->files.path);
}

static void spoil_magic(const char *path)
{
    write_bytes(path, 0, "x", 1);
}

static void spoil_layout(const char *path)
{
    write_bytes(path, offsetof(struct segment_header, layout), "\xff\xff", 2);
}

static void spoil_size(const char *path)
{
    write_bytes(path, offsetof(struct segment_header, size), "\xff\xff", 2);
}

static void spoil_boot_id(const char *path)
{
    write_bytes(path, offsetof(struct segment_header, boot_id), "zzzz", 4);
}

static void make_longer(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size + 4096), 0);
}

static void write_something_else(const char *path)
{
    unlink(path);
    write_bytes(path, 0, "#!/bin/sh\n", 10);
}

static void remove_it(const char *path)
{
    unlink(path);
}

static void what_is_not_sound_is_replaced(void **state)
{
    struct fixture *f = *state;
    assert_replaced(f, spoil_magic);
    assert_replaced(f, spoil_layout);
    assert_replaced(f, spoil_size);
    assert_replaced(f, spoil_boot_id);
    assert_replaced(f, make_longer);
    assert_replaced(f, write_something_else);
    assert_replaced(f, remove_it);
}

/* Whether the other version finds an id in what is there. */
static bool other_version_finds(const char *path)
{
    char program[512];
    int status;
    snprintf(program, sizeof(program), "%s/tests/component/next_version", getenv("CURT_BUILDDIR"));
    pid_t pid = fork();
    if (pid == 0) {
        execl(program, "next_version", path, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(status == 0 || WEXITSTATUS(status) == 3);
    return status != 0;
}

/* An upgrade, and back: neither version reads what the other has written. */
static void another_versions_is_replaced(void **state)
{
    struct fixture *f = *state;
    uint64_t id;
    struct segment *old = open_good(f);
    put(old, 7, 9);
    ino_t first = inode(f->files.path);
    assert_false(other_version_finds(f->files.path));
    assert_true(inode(f->files.path) != first);
    assert_true(other_version_finds(f->files.path)); /* what it has left itself */
    assert_true(take(old, &id));
    assert_int_equal(id, 7);
    struct segment *again = open_good(f);
    assert_false(take(again, &id));
    put(again, 50, 51);
    assert_false(other_version_finds(f->files.path));
    segment_close(&again);
    segment_close(&old);
}

static void cut_short_is_replaced(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    uint64_t id;
    struct segment *segment = open_good(f);
    segment_close(&segment);
    assert_int_equal(stat(f->files.path, &st), 0);
    for (off_t size = st.st_size - 1; size > 0; size /= 2) {
        assert_int_equal(truncate(f->files.path, size), 0);
        segment = open_good(f);
        assert_false(take(segment, &id));
        put(segment, 1, 2);
        assert_true(take(segment, &id));
        segment_close(&segment);
    }
    assert_int_equal(truncate(f->files.path, 0), 0);
    segment = open_good(f);
    assert_false(take(segment, &id));
    segment_close(&segment);
}

static void who_has_it_mapped_keeps_it(void **state)
{
    struct fixture *f = *state;
    uint64_t id;
    struct segment *old = open_good(f);
    put(old, 7, 9);
    spoil_layout(f->files.path);
    struct segment *new = open_good(f);
    put(new, 100, 101);
    assert_true(take(old, &id));
    assert_int_equal(id, 7);
    assert_true(take(old, &id));
    assert_int_equal(id, 8);
    assert_false(take(old, &id));
    segment_close(&old);
    segment_close(&new);
}

enum { OPENERS = 8, ROUNDS = 20 };

/* Many find the same unsound file at once: all must end up in one and the same new one. */
static void many_replace_it_at_once(void **state)
{
    struct fixture *f = *state;
    for (int round = 0; round < ROUNDS; round++) {
        int gate[2];
        pid_t pids[OPENERS];
        write_bytes(f->files.path, 0, "from another build", 18);
        assert_int_equal(pipe2(gate, O_CLOEXEC), 0);
        for (int i = 0; i < OPENERS; i++) {
            pids[i] = fork();
            if (pids[i] == 0) {
                char byte;
                struct segment *segment;
                close(gate[1]);
                if (read(gate[0], &byte, 1) != 0) /* until the parent closes its end */
                    _exit(1);
                if (open_at(f, f->files.path, &segment) != PRIVATE_FILE_OK)
                    _exit(2);
                bool done = segment_id_put(segment, "default",
                                           (struct id_range){ (uint64_t)i + 1, (uint64_t)i + 2 });
                _exit(done ? 0 : 3);
            }
        }
        close(gate[0]);
        close(gate[1]);
        for (int i = 0; i < OPENERS; i++) {
            int status;
            assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
            assert_int_equal(status, 0);
        }
        uint64_t id;
        struct segment *segment = open_good(f);
        for (unsigned i = 1; i <= OPENERS; i++) {
            assert_true(take(segment, &id));
            assert_int_equal(id, i);
        }
        segment_close(&segment);
        unlink(f->files.path);
    }
}

static void looked_at_without_a_trace(void **state)
{
    struct fixture *f = *state;
    struct segment *segment = NULL, *other = NULL;
    struct segment_options options = { .path = f->files.path };
    assert_int_equal(segment_open_to_read(&options, &other, &f->err), PRIVATE_FILE_FAILED);
    assert_int_equal(access(f->files.path, F_OK), -1); /* nothing was made */
    assert_int_equal(segment_open(&options, &segment, &f->err), PRIVATE_FILE_OK);
    assert_int_equal(segment_open_to_read(&options, &other, &f->err), PRIVATE_FILE_OK);
    assert_true(segment_id_put(segment, "default", (struct id_range){ 1, 5 }));
    assert_memory_equal(segment_region(other, SEGMENT_IDS), segment_region(segment, SEGMENT_IDS),
                        segment_region_bytes(segment, SEGMENT_IDS));
    segment_close(&other);
    options.local_bytes = 8 << 20;
    assert_int_equal(segment_open_to_read(&options, &other, &f->err), PRIVATE_FILE_FAILED);
    assert_null(other);
    segment_close(&segment);
}

int main(void)
{
#define IN_A_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_A_DIRECTORY(is_made_for_us_alone),
        IN_A_DIRECTORY(is_found_again),
        IN_A_DIRECTORY(none_is_configured),
        IN_A_DIRECTORY(without_a_directory),
        IN_A_DIRECTORY(links_and_the_like_are_refused),
        IN_A_DIRECTORY(a_file_open_to_others_is_refused),
        IN_A_DIRECTORY(somebody_elses_is_refused),
        IN_A_DIRECTORY(what_is_not_sound_is_replaced),
        IN_A_DIRECTORY(another_versions_is_replaced),
        IN_A_DIRECTORY(cut_short_is_replaced),
        IN_A_DIRECTORY(who_has_it_mapped_keeps_it),
        IN_A_DIRECTORY(many_replace_it_at_once),
        IN_A_DIRECTORY(looked_at_without_a_trace),
    };
    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
