/* SPDX-License-Identifier: MIT */
/* The spool in real files: entries are stored, found and replayed once; torn files, a full spool.
 */
#include <errno.h>
#include <fcntl.h>
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
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "spool/spool.h"
#include "spool/spool_private.h"
#include "support/between.h"
#include "support/host_files.h"

enum {
    MAX = 1 << 20,
    ARENA_MAX = 64 << 20,
};

struct fixture {
    char path[64];
    struct spool *spool;
    struct arena *arena;
    struct error err;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    snprintf(f->path, sizeof(f->path), "/tmp/curt-test-spool-%d", (int)getpid());
    f->spool = host_spool_open(f->path, MAX);
    f->arena = arena_new(ARENA_MAX);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    spool_close(&f->spool);
    host_files_clear(f->path);
    rmdir(f->path);
    arena_free(&f->arena);
    free(f);
    return 0;
}

/* Creates number `id`; its code says so, and so does its key. */
static struct spool_entry entry_of(struct fixture *f, unsigned id)
{
    char text[64];
    struct spool_entry entry = { .has_key = true };
    snprintf(text, sizeof(text), "c%06u", id);
    entry.link = (struct link){
        .target = { .link_id = id,
                    .version = 1,
                    .redirect_status = 302,
                    .long_url = SLICE("https://example.org/") },
        .code = slice_of(arena_copy(f->arena, slice_of(text))),
        .created_at = 1000,
        .updated_at = 1000,
    };
    memcpy(entry.key.key_hash, text, 8);
    return entry;
}

static bool append_to(struct fixture *f, struct spool *spool, unsigned id)
{
    const struct spool_entry entry = entry_of(f, id);
    return spool_append(spool, &entry, 1, &f->err);
}

/* Asserts that the spool refuses the entry, with `why` in the error. */
static void refuse_to(struct fixture *f, struct spool *spool, unsigned id, const char *why)
{
    f->err.text[0] = '\0';
    assert_false(append_to(f, spool, id));
    if (!strstr(f->err.text, why))
        fail_msg("\"%s\" instead of \"%s\"", f->err.text, why);
}

static void append(struct fixture *f, unsigned id)
{
    if (!append_to(f, f->spool, id))
        fail_msg("%s", f->err.text);
}

static bool has_code(struct fixture *f, struct spool *spool, unsigned id)
{
    struct spool_entry wanted = entry_of(f, id);
    struct spool_entry found;
    return spool_find_code(spool, wanted.link.code, f->arena, &found) &&
           found.link.target.link_id == id;
}

/* Replays all in batches of `max`; how many entries that were. *sum adds up their ids. */
static unsigned replay(struct fixture *f, size_t max, unsigned *sum)
{
    struct spool_batch batch;
    unsigned n = 0;
    *sum = 0;
    while (spool_next(f->spool, max, f->arena, &batch, &f->err)) {
        for (size_t i = 0; i < batch.n; i++)
            *sum += (unsigned)batch.entries[i].link.target.link_id;
        n += (unsigned)batch.n;
        assert_true(spool_done(f->spool, &batch, &f->err));
    }
    return n;
}

static struct spool_state look(struct fixture *f)
{
    struct spool_state state;
    spool_look(f->spool, &state);
    return state;
}

/* The path of the one file that ends so. */
static void path_of(struct fixture *f, const char *suffix, char path[256])
{
    DIR *dir = opendir(f->path);
    const struct dirent *entry;
    path[0] = '\0';
    while ((entry = readdir(dir))) {
        if (spool_is_named(entry->d_name, suffix))
            snprintf(path, 256, "%s/%.100s", f->path, entry->d_name);
    }
    closedir(dir);
    assert_true(path[0] != '\0');
}

static off_t size_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

/* --- keeping and finding --- */

static void what_is_kept_is_found(void **state)
{
    struct fixture *f = *state;
    struct spool_entry found;
    assert_true(spool_is_empty(f->spool));
    for (unsigned id = 1; id <= 500; id++)
        append(f, id);
    assert_false(spool_is_empty(f->spool));
    struct spool *other = host_spool_open(f->path, MAX);
    assert_true(has_code(f, other, 1));
    assert_true(has_code(f, other, 500));
    assert_false(has_code(f, other, 501));
    const struct spool_entry wanted = entry_of(f, 77);
    assert_true(spool_find_key(other, wanted.key.key_hash, f->arena, &found));
    assert_int_equal(found.link.target.link_id, 77);
    const struct spool_entry unknown = entry_of(f, 777);
    assert_false(spool_find_key(other, unknown.key.key_hash, f->arena, &found));
    spool_close(&other);
}

static void many_at_once_are_kept_or_none(void **state)
{
    struct fixture *f = *state;
    struct spool_entry entries[3];
    for (unsigned i = 0; i < 3; i++)
        entries[i] = entry_of(f, i + 1);
    assert_true(spool_append(f->spool, entries, 3, &f->err));
    entries[2].link.target.max_clicks = 1;
    for (unsigned i = 0; i < 3; i++)
        entries[i].link.target.link_id = i + 4;
    assert_false(spool_append(f->spool, entries, 3, &f->err));
    assert_non_null(strstr(f->err.text, "cannot be encoded"));
    assert_int_equal(look(f).entries, 3);
}

static void each_writer_has_a_file_of_its_own(void **state)
{
    struct fixture *f = *state;
    struct spool *other = host_spool_open(f->path, MAX);
    append(f, 1);
    assert_true(append_to(f, other, 2));
    append(f, 3);
    assert_int_equal(look(f).files, 2);
    unsigned sum;
    assert_int_equal(replay(f, 10, &sum), 3);
    assert_int_equal(sum, 6);
    spool_close(&other);
}

/* --- replaying --- */

static void what_is_replayed_is_not_seen_again(void **state)
{
    struct fixture *f = *state;
    unsigned sum;
    for (unsigned id = 1; id <= 25; id++)
        append(f, id);
    assert_int_equal(replay(f, 10, &sum), 25);
    assert_int_equal(sum, 325);
    assert_false(has_code(f, f->spool, 7));
    append(f, 26);
    assert_int_equal(replay(f, 10, &sum), 1);
    assert_int_equal(sum, 26);
}

/* The file stays as long as its writer may append, and goes when it cannot. */
static void a_file_is_removed_when_its_writer_has_let_go(void **state)
{
    struct fixture *f = *state;
    unsigned sum;
    append(f, 1);
    replay(f, 10, &sum);
    assert_int_equal(look(f).files, 1);
    spool_let_go(f->spool);
    append(f, 2); /* into another one */
    assert_int_equal(replay(f, 10, &sum), 1);
    assert_int_equal(look(f).files, 1);
    spool_let_go(f->spool);
    replay(f, 10, &sum);
    assert_true(spool_is_empty(f->spool));
}

static void a_batch_that_is_not_done_comes_again(void **state)
{
    struct fixture *f = *state;
    struct spool_batch batch;
    unsigned sum;
    for (unsigned id = 1; id <= 5; id++)
        append(f, id);
    assert_true(spool_next(f->spool, 3, f->arena, &batch, &f->err));
    assert_int_equal(batch.n, 3);
    assert_int_equal(replay(f, 3, &sum), 5);
}

static void a_mark_that_nobody_wrote_is_ignored(void **state)
{
    struct fixture *f = *state;
    char path[256];
    unsigned sum;
    append(f, 1);
    path_of(f, SPOOL_SUFFIX, path);
    const uint64_t mark = UINT64_MAX / 2;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, &mark, sizeof(mark), SPOOL_DONE_AT), sizeof(mark));
    close(fd);
    assert_int_equal(replay(f, 10, &sum), 1);
}

static void what_is_rejected_is_written_down(void **state)
{
    struct fixture *f = *state;
    const struct spool_entry entry = entry_of(f, 1);
    assert_true(spool_reject(f->spool, &entry.link, "somebody has its code", &f->err));
    assert_true(spool_reject(f->spool, &entry.link, "somebody has its code", &f->err));
    assert_int_equal(look(f).rejected, 2);
}

/* --- crashes --- */

/* Whatever a power failure leaves of the last entry: those before it count. */
static void a_torn_end_costs_nothing_else(void **state)
{
    struct fixture *f = *state;
    char path[256];
    unsigned sum;
    append(f, 1);
    append(f, 2);
    path_of(f, SPOOL_SUFFIX, path);
    off_t whole = size_of(path);
    append(f, 3);
    off_t end = size_of(path);
    spool_let_go(f->spool);
    for (off_t size = end - 1; size > whole; size--) {
        assert_int_equal(truncate(path, size), 0);
        assert_int_equal(look(f).entries, 2);
        assert_true(has_code(f, f->spool, 2));
        assert_false(has_code(f, f->spool, 3));
    }
    assert_int_equal(replay(f, 10, &sum), 2);
    assert_true(strstr(f->err.text, "put aside") != NULL);
    assert_int_equal(look(f).torn, 1);
    assert_true(spool_is_empty(f->spool));
}

static void nothing_after_a_damaged_entry_is_replayed(void **state)
{
    struct fixture *f = *state;
    char path[256];
    unsigned sum;
    append(f, 1);
    path_of(f, SPOOL_SUFFIX, path);
    off_t at = size_of(path) + 40;
    append(f, 2);
    append(f, 3);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "!", 1, at), 1);
    close(fd);
    spool_let_go(f->spool);
    assert_int_equal(replay(f, 10, &sum), 1);
    assert_int_equal(sum, 1);
    assert_int_equal(look(f).torn, 1);
}

/* The writer is writing the torn entry: the file is not touched. */
static void a_torn_end_of_a_living_writer_is_not_touched(void **state)
{
    struct fixture *f = *state;
    char path[256];
    unsigned sum;
    append(f, 1);
    path_of(f, SPOOL_SUFFIX, path);
    off_t end = size_of(path);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "begun", 5, end), 5);
    close(fd);
    assert_int_equal(replay(f, 10, &sum), 1);
    assert_int_equal(look(f).torn, 0);
    append(f, 2); /* over it */
    assert_int_equal(replay(f, 10, &sum), 1);
}

static void files_without_a_head(void **state)
{
    struct fixture *f = *state;
    static const struct {
        size_t len;
        unsigned torn;
    } rows[] = { { 0, 0 }, { 10, 0 }, { 63, 0 }, { 64, 0 }, { 100, 1 } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char zeros[128] = { 0 };
        char path[256];
        unsigned sum;
        struct spool_state before = look(f);
        snprintf(path, sizeof(path), "%s/000000000000-%zu.spool", f->path, i);
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_int_equal(write(fd, zeros, rows[i].len), rows[i].len);
        close(fd);
        assert_int_equal(replay(f, 10, &sum), 0);
        assert_int_equal(look(f).torn - before.torn, rows[i].torn);
        assert_true(spool_is_empty(f->spool));
    }
}

/* Children that append are killed at any moment: what they had heard of as kept is there. */
static void killed_writers_lose_nothing(void **state)
{
    struct fixture *f = *state;
    unsigned heard = 0;
    for (unsigned round = 0; round < 20; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            struct spool *own = host_spool_open(f->path, MAX);
            for (unsigned i = 1;; i++) {
                unsigned id = round * 10000 + i;
                if (!append_to(f, own, id) || write(ends[1], &id, sizeof(id)) < 0)
                    _exit(1);
            }
        }
        close(ends[1]);
        unsigned id = 0;
        for (unsigned i = 0; i < 3 + round; i++)
            assert_int_equal(read(ends[0], &id, sizeof(id)), sizeof(id));
        kill(child, SIGKILL);
        while (read(ends[0], &id, sizeof(id)) == sizeof(id))
            ;
        close(ends[0]);
        waitpid(child, NULL, 0);
        assert_true(has_code(f, f->spool, id));
        heard += id - round * 10000;
    }
    unsigned sum;
    unsigned kept = replay(f, 7, &sum);
    assert_between(kept, heard, heard + 20); /* one a child may have been kept and not heard of */
    assert_true(spool_is_empty(f->spool));
}

/* After another process has removed the file, no more entries are written to it. */
static void a_removed_file_is_not_written_to(void **state)
{
    struct fixture *f = *state;
    char path[256];
    append(f, 1);
    path_of(f, SPOOL_SUFFIX, path);
    unlink(path);
    append(f, 2);
    assert_true(has_code(f, f->spool, 2));
}

/* --- bounds --- */

static void full_is_full_for_all(void **state)
{
    struct fixture *f = *state;
    struct spool *small = host_spool_open(f->path, 2000);
    unsigned n = 0;
    while (append_to(f, small, n + 1))
        n++;
    assert_between(n, 5, 20);
    assert_true(strstr(f->err.text, "max_bytes") != NULL);
    refuse_to(f, small, 1000, "are used up");
    struct spool *other = host_spool_open(f->path, 2000);
    refuse_to(f, other, 1000, "are used up");
    assert_between(look(f).bytes, 1, 2000 + SPOOL_HEAD);
    assert_int_equal(look(f).entries, n);
    unsigned sum;
    spool_close(&other);
    spool_let_go(small);
    assert_int_equal(replay(f, 10, &sum), n);
    assert_true(append_to(f, small, 1000));
    spool_close(&small);
}

/* A disk that takes no more bytes, as a limit of the process shows it. */
static void a_full_disk_refuses_and_loses_nothing(void **state)
{
    struct fixture *f = *state;
    struct rlimit before;
    char path[256];
    unsigned sum;
    append(f, 1);
    path_of(f, SPOOL_SUFFIX, path);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    const struct rlimit tight = { (rlim_t)size_of(path) + 20, before.rlim_max };
    setrlimit(RLIMIT_FSIZE, &tight);
    refuse_to(f, f->spool, 2, "write to");
    assert_true(append_to(f, f->spool, 3)); /* a file of its own: fewer bytes */
    refuse_to(f, f->spool, 4, "write to");
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    append(f, 5);
    assert_int_equal(replay(f, 10, &sum), 3);
    assert_int_equal(sum, 9);
    assert_int_equal(look(f).torn, 0);
}

/* --- the directory --- */

/* What lies at `path`: a directory open to others, another user's, a symbolic link, a file. */
static void make_hindrance(unsigned kind, const char *path)
{
    if (kind < 2)
        assert_int_equal(mkdir(path, S_IRWXU), 0);
    if (kind == 0)
        assert_int_equal(chmod(path, S_IRWXU | S_IRGRP), 0);
    if (kind == 1)
        assert_int_equal(chown(path, 65534, 65534), 0);
    if (kind == 2)
        assert_int_equal(symlink("/tmp", path), 0);
    if (kind == 3)
        close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
}

static void directories_that_are_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const why[] = { "open to other users", "another user", "open", "open" };
    for (unsigned kind = 0; kind < sizeof(why) / sizeof(why[0]); kind++) {
        char path[128];
        struct error err = { "" };
        if (kind == 1 && geteuid() != 0)
            continue;
        snprintf(path, sizeof(path), "%s-%u", f->path, kind);
        make_hindrance(kind, path);
        const struct spool_options options = { .path = path, .max_bytes = MAX };
        assert_null(spool_open(&options, &err));
        if (!strstr(err.text, why[kind]))
            fail_msg("%s", err.text);
        if (unlink(path) != 0)
            rmdir(path);
    }
}

static void without_a_parent_there_is_none(void **state)
{
    struct error err = { "" };
    (void)state;
    const struct spool_options options = { .path = "/nonexistent/spool", .max_bytes = MAX };
    assert_null(spool_open(&options, &err));
    const struct spool_options none = { .path = "", .max_bytes = MAX };
    assert_null(spool_open(&none, &err));
}

#define SPOOL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(what_is_kept_is_found),
        SPOOL_TEST(many_at_once_are_kept_or_none),
        SPOOL_TEST(each_writer_has_a_file_of_its_own),
        SPOOL_TEST(what_is_replayed_is_not_seen_again),
        SPOOL_TEST(a_file_is_removed_when_its_writer_has_let_go),
        SPOOL_TEST(a_batch_that_is_not_done_comes_again),
        SPOOL_TEST(a_mark_that_nobody_wrote_is_ignored),
        SPOOL_TEST(what_is_rejected_is_written_down),
        SPOOL_TEST(a_torn_end_costs_nothing_else),
        SPOOL_TEST(nothing_after_a_damaged_entry_is_replayed),
        SPOOL_TEST(a_torn_end_of_a_living_writer_is_not_touched),
        SPOOL_TEST(files_without_a_head),
        SPOOL_TEST(killed_writers_lose_nothing),
        SPOOL_TEST(a_removed_file_is_not_written_to),
        SPOOL_TEST(full_is_full_for_all),
        SPOOL_TEST(a_full_disk_refuses_and_loses_nothing),
        SPOOL_TEST(directories_that_are_refused),
        SPOOL_TEST(without_a_parent_there_is_none),
    };
    return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
