/* SPDX-License-Identifier: MIT */
/* Ids in the shared segment: shared among processes, and never issued twice, whichever process is
 * killed at any moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "shm/segment.h"
#include "shm/segment_layout.h"
#include "support/host_files.h"

static const char NAME[] = "default";

struct fixture {
    struct host_files files;
    struct segment *segment;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    *state = f;
    if (!host_files_make(&f->files, "segment"))
        return -1;
    f->segment = host_segment_open(f->files.path, 0);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    segment_close(&f->segment);
    host_files_remove(&f->files);
    free(f);
    return 0;
}

static bool put(struct fixture *f, uint64_t next, uint64_t limit)
{
    return segment_id_put(f->segment, NAME, (struct id_range){ next, limit });
}

static void assert_takes(struct fixture *f, uint64_t expected, uint64_t expected_left)
{
    uint64_t id;
    uint64_t left;
    assert_true(segment_id_take(f->segment, NAME, &id, &left));
    assert_int_equal(id, expected);
    assert_int_equal(left, expected_left);
}

static void assert_takes_none(struct fixture *f)
{
    uint64_t id;
    uint64_t left = 99;
    assert_false(segment_id_take(f->segment, NAME, &id, &left));
    assert_int_equal(left, 0);
}

static void come_out_once_and_in_order(void **state)
{
    struct fixture *f = *state;
    assert_takes_none(f);
    assert_true(put(f, 20, 22));
    assert_true(put(f, 10, 12));
    assert_takes(f, 10, 3);
    assert_takes(f, 11, 2);
    assert_takes(f, 20, 1);
    assert_true(put(f, 5, 6));
    assert_takes(f, 5, 1);
    assert_takes(f, 21, 0);
    assert_takes_none(f);
}

static void ids_may_be_large(void **state)
{
    struct fixture *f = *state;
    assert_true(put(f, UINT64_MAX - 2, UINT64_MAX));
    assert_true(put(f, 1, UINT64_MAX - 2));
    assert_true(put(f, 0, 1));
    assert_takes(f, 0, UINT64_MAX - 1);
    assert_takes(f, 1, UINT64_MAX - 2);
}

static void an_empty_block_is_nothing(void **state)
{
    struct fixture *f = *state;
    assert_true(put(f, 5, 5));
    assert_true(put(f, 6, 5));
    assert_takes_none(f);
}

static void there_is_room_for_so_many_blocks(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < SEGMENT_ID_RANGES; i++)
        assert_true(put(f, 2 * i, 2 * i + 1));
    assert_false(put(f, 1000, 1001));
    assert_takes(f, 0, SEGMENT_ID_RANGES - 1);
    assert_true(put(f, 1000, 1001));
    assert_false(put(f, 2000, 2001));
}

static void sequences_are_apart(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = { "a", "ab", "b",
                                         "a-name-of-the-greatest-length-that-a-sequence-may-have"
                                         "-is-64-byte" };
    uint64_t id;
    uint64_t left;
    assert_int_equal(strlen(names[3]), SEQUENCE_NAME_MAX + 1);
    for (unsigned i = 0; i < 3; i++)
        assert_true(segment_id_put(f->segment, names[i], (struct id_range){ i, i + 1 }));
    assert_false(segment_id_put(f->segment, names[3], (struct id_range){ 3, 4 }));
    assert_true(segment_id_put(f->segment, names[3] + 1, (struct id_range){ 3, 4 }));
    assert_false(segment_id_put(f->segment, "a fifth", (struct id_range){ 4, 5 }));
    assert_false(segment_id_put(f->segment, "", (struct id_range){ 4, 5 }));
    assert_false(segment_id_take(f->segment, "a fifth", &id, &left));
    assert_false(segment_id_take(f->segment, "", &id, &left));
    for (unsigned i = 0; i < 4; i++) {
        assert_true(segment_id_take(f->segment, names[i] + (i == 3), &id, &left));
        assert_int_equal(id, i);
        assert_false(segment_id_take(f->segment, names[i] + (i == 3), &id, &left));
    }
}

static void one_fetches_at_a_time(void **state)
{
    struct fixture *f = *state;
    struct segment *other = host_segment_open(f->files.path, 0);
    assert_true(segment_id_fetch_begin(f->segment, NAME, 1000, 500));
    assert_false(segment_id_fetch_begin(other, NAME, 1000, 500));
    assert_false(segment_id_fetch_begin(f->segment, NAME, 1499, 500));
    assert_true(segment_id_fetch_begin(other, "another", 1000, 500));
    assert_true(segment_id_fetch_begin(other, NAME, 1500, 500)); /* the first had its time */
    assert_false(segment_id_fetch_begin(f->segment, NAME, 1501, 500));
    assert_true(put(f, 1, 2)); /* what was fetched */
    assert_true(segment_id_fetch_begin(f->segment, NAME, 1502, 500));
    assert_true(segment_id_fetch_begin(other, NAME, 100, 500)); /* the clock cannot go back */
    segment_close(&other);
}

static void who_has_no_room_fetches_for_itself(void **state)
{
    struct fixture *f = *state;
    for (char name[] = "a"; name[0] < 'a' + SEGMENT_SEQUENCES; name[0]++)
        assert_true(segment_id_fetch_begin(f->segment, name, 1, 500));
    assert_true(segment_id_fetch_begin(f->segment, "more", 1, 500));
    assert_true(segment_id_fetch_begin(f->segment, "more", 1, 500));
}

/* --- many processes, killed at random --- */

enum {
    WORKERS = 8,
    BLOCK = 100,
    IDS_WANTED = 100000,
    KILLS_WANTED = 50,
    ID_MAX = 8000000, /* where the workers stop in any case */
};

/* Shared by the parent and all workers: stands for the database, and counts what came out. */
struct tally {
    uint64_t next_block;
    unsigned issued; /* of all ids together */
    bool stop;
    unsigned char times[ID_MAX];
};

static void issue(struct tally *tally, uint64_t id)
{
    __atomic_fetch_add(&tally->times[id], 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&tally->issued, 1, __ATOMIC_SEQ_CST);
}

/* A block that cannot be shared, because the machine is too busy for the lock, is one's own. */
static void fetch(struct segment *segment, struct tally *tally)
{
    uint64_t next = __atomic_fetch_add(&tally->next_block, BLOCK, __ATOMIC_SEQ_CST);
    if (next + BLOCK > ID_MAX ||
        segment_id_put(segment, NAME, (struct id_range){ next, next + BLOCK }))
        return;
    for (uint64_t id = next; id < next + BLOCK; id++)
        issue(tally, id);
}

static void work(const char *path, struct tally *tally)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct segment *segment = host_segment_open(path, 0);
    while (!__atomic_load_n(&tally->stop, __ATOMIC_SEQ_CST) &&
           __atomic_load_n(&tally->next_block, __ATOMIC_SEQ_CST) < ID_MAX) {
        uint64_t id;
        uint64_t left;
        if (segment_id_take(segment, NAME, &id, &left))
            issue(tally, id);
        if (left < BLOCK / 8)
            fetch(segment, tally);
    }
    _exit(0);
}

static pid_t start_worker(const char *path, struct tally *tally)
{
    pid_t pid = fork();
    if (pid == 0)
        work(path, tally);
    return pid;
}

static unsigned count_wasted(struct fixture *f, struct tally *tally)
{
    uint64_t id;
    uint64_t left;
    while (segment_id_take(f->segment, NAME, &id, &left))
        tally->times[id]++;
    unsigned wasted = 0;
    for (id = 1; id < tally->next_block && id < ID_MAX; id++) {
        if (tally->times[id] > 1)
            fail_msg("id %llu was issued %d times", (unsigned long long)id, tally->times[id]);
        wasted += tally->times[id] == 0;
    }
    return wasted;
}

static unsigned issued_by(const struct tally *tally)
{
    return __atomic_load_n(&tally->issued, __ATOMIC_SEQ_CST);
}

static void killed_at_random(void **state)
{
    struct fixture *f = *state;
    struct tally *tally =
        mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t workers[WORKERS];
    unsigned killed = 0;
    assert_true(tally != MAP_FAILED);
    tally->next_block = 1;
    for (int i = 0; i < WORKERS; i++)
        workers[i] = start_worker(f->files.path, tally);
    unsigned seed = 1;
    while (issued_by(tally) < IDS_WANTED || killed < KILLS_WANTED) {
        unsigned before = issued_by(tally);
        while (issued_by(tally) < before + 500 && tally->next_block < ID_MAX)
            sched_yield();
        int victim = rand_r(&seed) % WORKERS;
        kill(workers[victim], SIGKILL);
        waitpid(workers[victim], NULL, 0);
        workers[victim] = start_worker(f->files.path, tally);
        killed++;
    }
    tally->stop = true;
    for (int i = 0; i < WORKERS; i++) {
        int status;
        assert_int_equal(waitpid(workers[i], &status, 0), workers[i]);
        assert_int_equal(status, 0);
    }
    unsigned wasted = count_wasted(f, tally);
    print_message("# %u ids issued, %u workers killed, %u ids wasted\n", tally->issued, killed,
                  wasted);
    /* A kill wastes at most a block that was fetched and not put, and an id that was taken. */
    assert_true(wasted <= killed * (BLOCK + 1));
    munmap(tally, sizeof(*tally));
}

/* --- killed after every single instruction --- */

/* What the child does: everything that changes the segment. Blocks are put in the places of [1, 2)
 * and [450, 451), which are used up, and one id is taken from [100, 102). */
static void be_the_victim(const char *path)
{
    uint64_t id;
    uint64_t left;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct segment *segment = host_segment_open(path, 0);
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
    segment_id_put(segment, NAME, (struct id_range){ 300, 302 });
    segment_id_put(segment, NAME, (struct id_range){ 310, 311 });
    segment_id_take(segment, NAME, &id, &left);
    segment_id_put(segment, "new one", (struct id_range){ 400, 401 });
    raise(SIGSTOP);
    _exit(0);
}

/* What a victim leaves that dies now: `ids`. Takes all there is in a copy: nothing but what was
 * put, each once, and everything that the victim was not busy with. */
static void assert_sound(struct segment *copy, const struct segment_ids *ids, unsigned steps)
{
    static const char *const names[] = { NAME, "new one" };
    unsigned char times[500] = { 0 };
    uint64_t id;
    uint64_t left;
    *(struct segment_ids *)segment_region(copy, SEGMENT_IDS) = *ids;
    for (unsigned i = 0; i < 2; i++) {
        while (segment_id_take(copy, names[i], &id, &left)) {
            bool known = id == 100 || id == 101 || id == 200 || id == 300 || id == 301 ||
                         id == 310 || id == 400;
            if (!known || times[id]++ > 0)
                fail_msg("killed after %u instructions: id %llu", steps, (unsigned long long)id);
        }
    }
    if (!times[101] || !times[200])
        fail_msg("killed after %u instructions: an id is lost", steps);
}

/* Lets the victim run one instruction; false when it is done. */
static bool step(pid_t pid)
{
    int status;
    if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0) {
        print_message("# processes may not be traced here\n");
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        skip();
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSTOPPED(status));
    return WSTOPSIG(status) != SIGSTOP;
}

static void killed_after_any_instruction(void **state)
{
    struct fixture *f = *state;
    char path[128];
    snprintf(path, sizeof(path), "%s/copy", f->files.dir);
    struct segment *copy = host_segment_open(path, 0);
    unlink(path);
    struct segment_ids *ids = segment_region(f->segment, SEGMENT_IDS);
    assert_true(put(f, 100, 102));
    assert_true(put(f, 200, 201));
    ids->sequences[0].ranges[2] = (struct id_range){ 2, 2 }; /* used up */
    ids->sequences[0].ranges[3] = (struct id_range){ 451, 451 };
    pid_t pid = fork();
    if (pid == 0)
        be_the_victim(f->files.path);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    struct segment_ids last = { 0 };
    unsigned steps = 0;
    unsigned states = 0;
    for (; step(pid); steps++) {
        if (memcmp(ids, &last, sizeof(last)) == 0)
            continue;
        last = *ids;
        states++;
        assert_sound(copy, &last, steps);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    segment_close(&copy);
    print_message("# %u instructions, %u states\n", steps, states);
    assert_true(states >= 8);
}

int main(void)
{
#define IN_A_SEGMENT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_A_SEGMENT(come_out_once_and_in_order),
        IN_A_SEGMENT(ids_may_be_large),
        IN_A_SEGMENT(an_empty_block_is_nothing),
        IN_A_SEGMENT(there_is_room_for_so_many_blocks),
        IN_A_SEGMENT(sequences_are_apart),
        IN_A_SEGMENT(one_fetches_at_a_time),
        IN_A_SEGMENT(who_has_no_room_fetches_for_itself),
        IN_A_SEGMENT(killed_at_random),
        IN_A_SEGMENT(killed_after_any_instruction),
    };
    return cmocka_run_group_tests_name("segment ids", tests, NULL, NULL);
}
