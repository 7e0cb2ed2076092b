/* SPDX-License-Identifier: MIT */
/* A process that is stopped (SIGSTOP, a debugger) while it holds a lock of the segment or of the
 * click ring: the others continue, and when it continues itself no id is issued twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "clicklog/click_ring.h"
#include "db/sequence.h"
#include "fakes/db_fake.h"
#include "os/monotonic.h"
#include "shm/buckets.h"
#include "shm/local_cache.h"
#include "shm/segment.h"
#include "shm/segment_layout.h"
#include "support/between.h"
#include "support/host_files.h"

enum {
    BLOCK = 1000,
    LIMIT = 1000000,
    LOCAL_BYTES = 8 << 20,
    A_MOMENT_MS = 2000, /* on a busy machine */
    MAKER_PATIENCE_MS = 5000,
};

struct fixture {
    struct host_files files;
    struct db *db;
    struct sequence sequence;
    pid_t stopped; /* 0: none */
    int heard;     /* what it writes when it continues; -1: nothing */
};

static const char NAME[] = "default";

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    *state = f;
    if (!host_files_make(&f->files, "segment"))
        return -1;
    f->db = db_fake_new(LIMIT, BLOCK);
    f->heard = -1;
    f->sequence.name = NAME;
    f->sequence.db = f->db;
    f->sequence.segment = host_segment_open(f->files.path, LOCAL_BYTES);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    if (f->stopped) {
        kill(f->stopped, SIGKILL);
        waitpid(f->stopped, NULL, 0);
    }
    if (f->heard >= 0)
        close(f->heard);
    segment_close(&f->sequence.segment);
    db_close(&f->db);
    host_files_remove(&f->files);
    free(f);
    return 0;
}

/* --- stopped processes --- */

/* Starts a process that locks all bytes of the file at `path` and stops. */
static void stop_with_all_locks(struct fixture *f, const char *path)
{
    f->stopped = fork();
    if (f->stopped == 0) {
        const struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (fd < 0 || fcntl(fd, F_OFD_SETLK, &all) < 0)
            _exit(1);
        raise(SIGSTOP);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(f->stopped, &status, WUNTRACED), f->stopped);
    assert_true(WIFSTOPPED(status));
}

static void let_go_on(struct fixture *f)
{
    int status;
    kill(f->stopped, SIGCONT);
    assert_int_equal(waitpid(f->stopped, &status, 0), f->stopped);
    assert_int_equal(status, 0);
    f->stopped = 0;
}

static void draw_and_tell(const char *path, int told)
{
    uint64_t id = 0;
    uint64_t left;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct segment *segment = host_segment_open(path, LOCAL_BYTES);
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
    bool taken = segment_id_take(segment, NAME, &id, &left);
    bool done = taken && write(told, &id, sizeof(id)) == (ssize_t)sizeof(id);
    _exit(done ? 0 : 1);
}

/* Starts a process that takes an id and is stopped behind the store that marks it as used. */
static void stop_in_the_middle_of_a_draw(struct fixture *f)
{
    const struct segment_ids *ids = segment_region(f->sequence.segment, SEGMENT_IDS);
    const uint64_t *next = &ids->sequences[0].ranges[0].next;
    uint64_t before = *next;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    f->stopped = fork();
    if (f->stopped == 0)
        draw_and_tell(f->files.path, ends[1]);
    close(ends[1]);
    f->heard = ends[0];
    assert_int_equal(waitpid(f->stopped, NULL, 0), f->stopped);
    while (__atomic_load_n(next, __ATOMIC_SEQ_CST) == before) {
        int status;
        if (ptrace(PTRACE_SINGLESTEP, f->stopped, NULL, NULL) < 0) {
            print_message("# processes may not be traced here\n");
            skip();
        }
        assert_int_equal(waitpid(f->stopped, &status, 0), f->stopped);
        assert_true(WIFSTOPPED(status));
    }
}

static uint64_t id_of_the_stopped(struct fixture *f)
{
    uint64_t id;
    int status;
    assert_int_equal(ptrace(PTRACE_CONT, f->stopped, NULL, NULL), 0);
    assert_int_equal(read(f->heard, &id, sizeof(id)), sizeof(id));
    assert_int_equal(waitpid(f->stopped, &status, 0), f->stopped);
    assert_int_equal(status, 0);
    f->stopped = 0;
    return id;
}

/* --- ids --- */

static uint64_t next_id(struct fixture *f)
{
    struct error err = { "" };
    uint64_t id = 0;
    if (sequence_next(&f->sequence, &id, &err) != DB_OK)
        fail_msg("%s", err.text);
    return id;
}

static void draw(struct fixture *f, unsigned n, unsigned char *times)
{
    for (unsigned i = 0; i < n; i++) {
        uint64_t id = next_id(f);
        assert_true(id < LIMIT);
        assert_int_equal(times[id]++, 0);
    }
}

static void others_draw_their_own_ids(void **state)
{
    struct fixture *f = *state;
    static unsigned char times[LIMIT];
    memset(times, 0, sizeof(times));
    draw(f, BLOCK / 2, times);
    stop_in_the_middle_of_a_draw(f);
    int64_t began_ms = monotonic_ms();
    draw(f, 1, times);
    assert_between(monotonic_ms() - began_ms, SEGMENT_PATIENCE_MS, A_MOMENT_MS);
    began_ms = monotonic_ms();
    draw(f, 5 * BLOCK, times); /* several blocks, and there is no second wait for the lock */
    assert_true(monotonic_ms() - began_ms < SEGMENT_PATIENCE_MS + A_MOMENT_MS);
    assert_true(db_fake_calls(f->db) <= 8);
    assert_int_equal(times[id_of_the_stopped(f)]++, 0);
    /* Once it is gone the host's ids are drawn again, after what is left of our own. */
    draw(f, 3 * BLOCK, times);
    struct segment_id_stock stock = segment_id_stock(f->sequence.segment, NAME);
    assert_true(stock.left > 0);
    for (unsigned i = 1; i <= BLOCK; i++)
        assert_int_equal(times[i], 1);
}

/* What is not at hand cannot be had: the answer is that, and soon. */
static void without_a_database_it_fails_soon(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    uint64_t id;
    uint64_t left = 1;
    next_id(f);
    stop_with_all_locks(f, f->files.path);
    db_fake_fail(f->db, UINT32_MAX, DB_UNAVAILABLE, false);
    int64_t began_ms = monotonic_ms();
    assert_int_equal(sequence_next(&f->sequence, &id, &err), DB_UNAVAILABLE);
    assert_int_equal(sequence_next(&f->sequence, &id, &err), DB_UNAVAILABLE);
    assert_int_equal(sequence_stock_up(&f->sequence, 10 * BLOCK, 4, &left, &err), DB_OK);
    assert_int_equal(left, 0);
    assert_true(monotonic_ms() - began_ms < SEGMENT_PATIENCE_MS + A_MOMENT_MS);
    let_go_on(f);
    assert_int_equal(next_id(f), 2);
}

/* --- starting --- */

static void other_workers_start(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    struct buckets *buckets = buckets_open(f->sequence.segment, &err);
    struct local_cache *cache = local_cache_open(f->sequence.segment, 0, &err);
    stop_with_all_locks(f, f->files.path);
    int64_t began_ms = monotonic_ms();
    struct segment *segment = host_segment_open(f->files.path, LOCAL_BYTES);
    struct buckets *others = buckets_open(segment, &err);
    struct local_cache *other_cache = local_cache_open(segment, 0, &err);
    assert_true(others && other_cache);
    assert_true(monotonic_ms() - began_ms < A_MOMENT_MS);
    local_cache_close(&other_cache);
    local_cache_close(&cache);
    buckets_close(&others);
    buckets_close(&buckets);
    segment_close(&segment);
}

/* A process is stopped before the buckets have a key: the others count for themselves, as without a
 * segment. */
static void a_table_without_its_key_is_done_without(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    stop_with_all_locks(f, f->files.path);
    assert_null(buckets_open(f->sequence.segment, &err));
    assert_non_null(strstr(err.text, "locked"));
    assert_null(local_cache_open(f->sequence.segment, 0, &err));
    let_go_on(f);
    struct buckets *buckets = buckets_open(f->sequence.segment, &err);
    assert_non_null(buckets);
    buckets_close(&buckets);
}

static void a_segment_that_is_never_made_is_given_up(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    struct segment *segment;
    char path[128];
    snprintf(path, sizeof(path), "%s/half", f->files.dir);
    const struct segment_options options = { .path = path };
    stop_with_all_locks(f, path);
    int64_t began_ms = monotonic_ms();
    assert_int_equal(segment_open(&options, &segment, &err), PRIVATE_FILE_FAILED);
    assert_between(monotonic_ms() - began_ms, MAKER_PATIENCE_MS, MAKER_PATIENCE_MS + A_MOMENT_MS);
    assert_non_null(strstr(err.text, "lock shared segment"));
    let_go_on(f);
    assert_int_equal(segment_open(&options, &segment, &err), PRIVATE_FILE_OK);
    segment_close(&segment);
    unlink(path);
}

/* A click ring that already exists is opened without the maker's lock. */
static void a_click_ring_opens(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    struct click_ring *ring;
    struct click_ring *other;
    char path[128];
    snprintf(path, sizeof(path), "%s/clicks", f->files.dir);
    assert_int_equal(click_ring_open(path, &ring, &err), PRIVATE_FILE_OK);
    stop_with_all_locks(f, path);
    int64_t began_ms = monotonic_ms();
    assert_int_equal(click_ring_open(path, &other, &err), PRIVATE_FILE_OK);
    assert_true(monotonic_ms() - began_ms < A_MOMENT_MS);
    click_ring_close(&other);
    click_ring_close(&ring);
    unlink(path);
}

/* What a maker leaves that was killed at any byte of the header is made again, and nothing else is
 * touched. */
static void a_click_ring_that_was_not_finished_is_made_again(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    struct click_ring *ring;
    char path[128];
    char zeros[8] = { 0 };
    snprintf(path, sizeof(path), "%s/clicks", f->files.dir);
    assert_int_equal(click_ring_open(path, &ring, &err), PRIVATE_FILE_OK);
    click_ring_close(&ring);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(fd, zeros, sizeof(zeros), 0), sizeof(zeros)); /* its magic */
    assert_int_equal(click_ring_open(path, &ring, &err), PRIVATE_FILE_OK);
    click_ring_close(&ring);
    assert_int_equal(pwrite(fd, zeros, sizeof(zeros), 0), sizeof(zeros));
    assert_int_equal(pwrite(fd, "else", 4, 8), 4);
    assert_int_equal(click_ring_open(path, &ring, &err), PRIVATE_FILE_REFUSED);
    close(fd);
    unlink(path);
}

int main(void)
{
#define IN_A_SEGMENT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_A_SEGMENT(others_draw_their_own_ids),
        IN_A_SEGMENT(without_a_database_it_fails_soon),
        IN_A_SEGMENT(other_workers_start),
        IN_A_SEGMENT(a_table_without_its_key_is_done_without),
        IN_A_SEGMENT(a_segment_that_is_never_made_is_given_up),
        IN_A_SEGMENT(a_click_ring_opens),
        IN_A_SEGMENT(a_click_ring_that_was_not_finished_is_made_again),
    };
    return cmocka_run_group_tests_name("stopped processes", tests, NULL, NULL);
}
