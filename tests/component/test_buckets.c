/* SPDX-License-Identifier: MIT */
/* Token buckets: one process, several processes over one segment, many clients, and no segment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "shm/buckets.h"
#include "support/between.h"
#include "support/host_files.h"

#define S   INT64_C(1000000)
#define NOW (INT64_C(1) << 45) /* where the time in a word is at its half */

enum {
    WORKERS = 8,
    TRIES = 20000,
};

static const struct rate HUNDRED = { S, 100 };

static struct buckets *open_own(void)
{
    struct error err = { "" };
    struct buckets *buckets = buckets_open(NULL, &err);
    if (!buckets)
        fail_msg("%s", err.text);
    return buckets;
}

static void taken_until_empty_and_full_again(void **state)
{
    (void)state;
    struct buckets *buckets = open_own();
    struct slice name = SLICE("a");
    for (int i = 0; i < 100; i++) {
        struct rate_verdict v = buckets_take(buckets, name, &HUNDRED, 1, NOW);
        assert_true(v.allowed);
        assert_int_equal(v.remaining, 99 - i);
    }
    assert_false(buckets_take(buckets, name, &HUNDRED, 1, NOW).allowed);
    assert_false(buckets_look(buckets, name, &HUNDRED, NOW).allowed);
    assert_false(buckets_take(buckets, name, &HUNDRED, 1, NOW + S - 1).allowed);
    assert_true(buckets_look(buckets, name, &HUNDRED, NOW + S).allowed);
    assert_true(buckets_take(buckets, name, &HUNDRED, 1, NOW + S).allowed);
    assert_false(buckets_take(buckets, name, &HUNDRED, 1, NOW + S).allowed);
    assert_int_equal(buckets_look(buckets, name, &HUNDRED, NOW + 101 * S).remaining, 100);
    assert_int_equal(buckets_look(buckets, SLICE("b"), &HUNDRED, NOW).remaining, 100);
    buckets_close(&buckets);
    assert_null(buckets);
}

static void looking_and_no_limit_cost_nothing(void **state)
{
    (void)state;
    const struct rate off = { 0 };
    struct buckets *buckets = open_own();
    for (int i = 0; i < 1000; i++) {
        assert_true(buckets_look(buckets, SLICE("a"), &HUNDRED, NOW).allowed);
        assert_true(buckets_take(buckets, SLICE("a"), &off, 1, NOW).allowed);
        buckets_charge(buckets, SLICE("a"), &off, 10, NOW);
    }
    assert_int_equal(buckets_look(buckets, SLICE("a"), &HUNDRED, NOW).remaining, 100);
    buckets_close(&buckets);
}

static void charged_beyond_the_burst(void **state)
{
    (void)state;
    struct buckets *buckets = open_own();
    buckets_charge(buckets, SLICE("a"), &HUNDRED, 250, NOW);
    struct rate_verdict v = buckets_take(buckets, SLICE("a"), &HUNDRED, 1, NOW);
    assert_false(v.allowed);
    assert_int_equal(v.retry_us, 151 * S);
    assert_true(buckets_take(buckets, SLICE("a"), &HUNDRED, 1, NOW + 151 * S).allowed);
    buckets_close(&buckets);
}

/* A bucket whose time is years ago, or is of a clock that was set back, refuses no request. */
static void time_wraps(void **state)
{
    (void)state;
    struct buckets *buckets = open_own();
    for (int64_t now = 0; now < (INT64_C(1) << 48); now += INT64_C(1) << 43) {
        assert_int_equal(buckets_take(buckets, SLICE("a"), &HUNDRED, 1, now).remaining, 99);
        assert_int_equal(buckets_take(buckets, SLICE("a"), &HUNDRED, 1, now).remaining, 98);
    }
    assert_int_equal(buckets_take(buckets, SLICE("a"), &HUNDRED, 1, 5).remaining, 99);
    buckets_close(&buckets);
}

static struct rate_verdict take_numbered(struct buckets *buckets, unsigned number, int64_t now)
{
    struct slice name = { (const char *)&number, sizeof(number) };
    return buckets_take(buckets, name, &HUNDRED, 1, now);
}

/* Twenty times as many clients as there are buckets: no client is refused because of another, and
 * old buckets are used again. */
static void a_crowd_accuses_nobody(void **state)
{
    (void)state;
    struct buckets *buckets = open_own();
    unsigned refused = 0, shared = 0;
    for (unsigned i = 0; i < 20 * BUCKETS; i++) {
        struct rate_verdict v = take_numbered(buckets, i, NOW + i);
        refused += !v.allowed;
        shared += v.remaining != 99;
    }
    assert_int_equal(refused, 0);
    /* The 8 neighbours are distinguished by 18 bits: 1 name in 32,768 shares a bucket. */
    assert_between(shared, 0, 20 * BUCKETS / 32768 * 3);
    buckets_close(&buckets);
}

/* Half as many clients as buckets keep theirs. */
static void a_smaller_crowd_is_remembered(void **state)
{
    (void)state;
    struct buckets *buckets = open_own();
    unsigned forgotten = 0;
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < BUCKETS / 2; i++)
            forgotten += take_numbered(buckets, i, NOW).remaining > 99 - round;
    }
    assert_between(forgotten, 0, BUCKETS / 2 / 25);
    buckets_close(&buckets);
}

/* What the test's processes share. */
struct shared {
    unsigned ready;
    unsigned allowed;
};

/* One worker: its own segment after the fork, waits for the others, then takes what it can. */
static int hammer(const char *path, struct shared *shared)
{
    struct error err = { "" };
    struct segment *segment = host_segment_open(path, 0);
    struct buckets *buckets = buckets_open(segment, &err);
    if (!buckets)
        return 1;
    __atomic_fetch_add(&shared->ready, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&shared->ready, __ATOMIC_SEQ_CST) < WORKERS)
        ;
    for (int i = 0; i < TRIES; i++) {
        if (buckets_take(buckets, SLICE("shared"), &HUNDRED, 1, NOW + i * S / 100).allowed)
            __atomic_fetch_add(&shared->allowed, 1, __ATOMIC_SEQ_CST);
    }
    buckets_close(&buckets);
    segment_close(&segment);
    return 0;
}

/* Eight processes take from one bucket as fast as they can, through 200 s of its time. The limit is
 * 100 at once and one more each second; only the first moment may let WORKERS - 1 more through. */
static void eight_processes_keep_the_limit(void **state)
{
    (void)state;
    struct host_files files;
    assert_true(host_files_make(&files, "segment"));
    struct shared *shared =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(shared, MAP_FAILED);
    pid_t children[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        children[i] = fork();
        assert_return_code(children[i], 0);
        if (children[i] == 0)
            _exit(hammer(files.path, shared));
    }
    for (int i = 0; i < WORKERS; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    unsigned allowed = shared->allowed;
    host_files_remove(&files);
    munmap(shared, 4096);
    assert_between(allowed, 100 + 199, 100 + 199 + WORKERS - 1);
}

/* What one process took is missing to the next, whatever it hashes with. */
static void a_segment_outlives_its_workers(void **state)
{
    (void)state;
    struct host_files files;
    assert_true(host_files_make(&files, "segment"));
    for (int i = 0; i < 3; i++) {
        struct error err = { "" };
        struct segment *segment = host_segment_open(files.path, 0);
        struct buckets *buckets = buckets_open(segment, &err);
        assert_non_null(buckets);
        assert_int_equal(buckets_take(buckets, SLICE("a"), &HUNDRED, 1, NOW).remaining, 99 - i);
        buckets_close(&buckets);
        segment_close(&segment);
    }
    host_files_remove(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken_until_empty_and_full_again),
        cmocka_unit_test(looking_and_no_limit_cost_nothing),
        cmocka_unit_test(charged_beyond_the_burst),
        cmocka_unit_test(time_wraps),
        cmocka_unit_test(a_crowd_accuses_nobody),
        cmocka_unit_test(a_smaller_crowd_is_remembered),
        cmocka_unit_test(eight_processes_keep_the_limit),
        cmocka_unit_test(a_segment_outlives_its_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
