/* SPDX-License-Identifier: MIT */
/* Counters, gauges and histograms: one process, many processes that are killed, a full table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "shm/metrics.h"
#include "shm/segment_layout.h"
#include "support/between.h"
#include "support/host_files.h"

enum {
    WORKERS = 20, /* more than there are tables */
    ADDITIONS = 50000,
    LABELS = 40,
};

static struct metrics *open_metrics(struct segment *segment)
{
    struct error err = { "" };
    struct metrics *metrics = metrics_open(segment, &err);
    if (!metrics)
        fail_msg("%s", err.text);
    return metrics;
}

static int make_path(void **state)
{
    char path[] = "/tmp/curt-test-metrics-XXXXXX";
    int fd = mkstemp(path);
    *state = strdup(path);
    return fd < 0 || !*state || close(fd) != 0;
}

static int remove_path(void **state)
{
    unlink(*state);
    free(*state);
    return 0;
}

static struct metric_labels of(unsigned a, unsigned b, unsigned c)
{
    return (struct metric_labels){ (uint8_t)a, (uint8_t)b, (uint16_t)c };
}

/* A series and the values that must be reported. */
struct expected {
    const struct metric_reading *readings;
    size_t n;
    size_t told;
};

static void find(void *context, const struct metric_reading *reading)
{
    struct expected *expected = context;
    for (size_t i = 0; i < expected->n; i++) {
        if (memcmp(&expected->readings[i], reading, sizeof(*reading)) == 0) {
            expected->told++;
            return;
        }
    }
    fail_msg("metric %d of %u, %u, %u with %llu was not expected", (int)reading->metric,
             reading->labels.a, reading->labels.b, reading->labels.c,
             (unsigned long long)reading->values[0]);
}

static void assert_told(const struct metrics *metrics, const struct metric_reading *readings,
                        size_t n)
{
    struct expected expected = { readings, n, 0 };
    assert_true(metrics_walk(metrics, find, &expected));
    assert_int_equal(expected.told, n);
}

static void without_a_segment_too(void **state)
{
    (void)state;
    struct metrics *metrics = open_metrics(NULL);
    assert_told(metrics, NULL, 0);
    metrics_count(metrics, METRIC_CACHE_HITS, 1);
    metrics_count(metrics, METRIC_CACHE_HITS, 1);
    metrics_count(metrics, METRIC_CACHE_HITS, 2);
    metrics_add(metrics, METRIC_HTTP_REQUESTS, of(1, 255, 65535), 40);
    metrics_set(metrics, METRIC_IDS_LEFT, of(0, 0, 0), 12);
    metrics_set(metrics, METRIC_IDS_LEFT, of(0, 0, 0), -7);
    const struct metric_reading readings[] = {
        { METRIC_CACHE_HITS, { 1, 0, 0 }, { 2 } },
        { METRIC_CACHE_HITS, { 2, 0, 0 }, { 1 } },
        { METRIC_HTTP_REQUESTS, { 1, 255, 65535 }, { 40 } },
        { METRIC_IDS_LEFT, { 0, 0, 0 }, { (uint64_t)-7 } },
    };
    assert_told(metrics, readings, 4);
    assert_int_equal(metrics_get(metrics, METRIC_CACHE_HITS, of(1, 0, 0)), 2);
    assert_int_equal(metrics_get(metrics, METRIC_IDS_LEFT, of(0, 0, 0)), -7);
    assert_int_equal(metrics_get(metrics, METRIC_CACHE_HITS, of(3, 0, 0)), 0);
    metrics_close(&metrics);
    assert_null(metrics);
    metrics_close(&metrics);
}

static void of_nobody(void **state)
{
    (void)state;
    metrics_count(NULL, METRIC_CACHE_MISSES, 0);
    metrics_set(NULL, METRIC_IDS_LEFT, of(0, 0, 0), 1);
    metrics_observe_us(NULL, METRIC_HTTP_DURATION, of(0, 0, 0), 1);
    assert_int_equal(metrics_get(NULL, METRIC_CACHE_MISSES, of(0, 0, 0)), 0);
    assert_int_equal(metrics_dropped(NULL), 0);
    assert_told(NULL, NULL, 0);
}

/* Bounds are inclusive; what is above all of them is in the last bucket. */
static void observations_find_their_buckets(void **state)
{
    (void)state;
    struct metrics *metrics = open_metrics(NULL);
    struct metric_reading expected = { METRIC_HTTP_DURATION, { 3, 1, 0 }, { 0 } };
    metrics_observe_us(metrics, METRIC_HTTP_DURATION, of(3, 1, 0), -5); /* a clock set back */
    metrics_observe_us(metrics, METRIC_HTTP_DURATION, of(3, 1, 0), 0);
    expected.values[0] = 2;
    for (unsigned i = 0; i < METRICS_BUCKETS - 1; i++) {
        metrics_observe_us(metrics, METRIC_HTTP_DURATION, of(3, 1, 0), METRICS_BOUNDS_US[i]);
        metrics_observe_us(metrics, METRIC_HTTP_DURATION, of(3, 1, 0), METRICS_BOUNDS_US[i] + 1);
        expected.values[i]++;
        expected.values[i + 1]++;
        expected.values[METRICS_BUCKETS] += 2 * (uint64_t)METRICS_BOUNDS_US[i] + 1;
        if (i > 0)
            assert_true(METRICS_BOUNDS_US[i] > METRICS_BOUNDS_US[i - 1]);
    }
    assert_told(metrics, &expected, 1);
    metrics_close(&metrics);
}

static void run_worker(const char *path, int worker, volatile unsigned *done)
{
    struct segment *segment = host_segment_open(path, 0);
    struct metrics *metrics = open_metrics(segment);
    for (unsigned i = 0; i < ADDITIONS; i++) {
        metrics_add(metrics, METRIC_HTTP_REQUESTS, of(i % LABELS, 0, 0), 1);
        metrics_set(metrics, METRIC_SPOOL_ENTRIES, of(0, 0, 0), worker);
        done[worker] = i + 1;
    }
    _exit(0);
}

/* What every worker has done is in the sums; of one that is killed all but the addition at hand. */
static void many_add_and_are_killed(void **state)
{
    pid_t pids[WORKERS];
    unsigned *done = mmap(NULL, sizeof(*done) * WORKERS, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(done != MAP_FAILED);
    struct segment *segment = host_segment_open(*state, 0);
    struct metrics *metrics = open_metrics(segment);
    for (int i = 0; i < WORKERS; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            run_worker(*state, i, done);
    }
    for (int i = 0; i < WORKERS / 2; i++) { /* somewhere in the middle */
        while (__atomic_load_n(&done[i], __ATOMIC_RELAXED) < ADDITIONS / 16 * (unsigned)(i + 1))
            ;
        assert_int_equal(kill(pids[i], SIGKILL), 0);
    }
    int64_t least = 0, most = 0, sum = 0;
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
        least += done[i];
        most += done[i] + (i < WORKERS / 2 && done[i] < ADDITIONS);
    }
    for (unsigned i = 0; i < LABELS; i++)
        sum += metrics_get(metrics, METRIC_HTTP_REQUESTS, of(i, 0, 0));
    assert_between(sum, least, most);
    assert_true(least >= (int64_t)ADDITIONS * WORKERS / 2);
    assert_between(metrics_get(metrics, METRIC_SPOOL_ENTRIES, of(0, 0, 0)), 0, WORKERS - 1);
    assert_int_equal(metrics_dropped(metrics), 0);
    metrics_close(&metrics);
    segment_close(&segment);
    munmap(done, sizeof(*done) * WORKERS);
}

/* They outlive the process that counted, and are there for whoever opens the segment next. */
static void are_the_hosts(void **state)
{
    struct segment *segment = host_segment_open(*state, 0);
    struct metrics *metrics = open_metrics(segment);
    metrics_count(metrics, METRIC_WORKERS_STARTED, 0);
    metrics_close(&metrics);
    segment_close(&segment);
    segment = host_segment_open(*state, 0);
    metrics = open_metrics(segment);
    metrics_count(metrics, METRIC_WORKERS_STARTED, 0);
    assert_int_equal(metrics_get(metrics, METRIC_WORKERS_STARTED, of(0, 0, 0)), 2);
    metrics_close(&metrics);
    segment_close(&segment);
}

/* A process that holds something until it is asked to end, or killed. */
static pid_t start_holder(const char *path, int tells)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct metrics *metrics = open_metrics(host_segment_open(path, 0));
        metrics_hold(metrics, HOLDING_WORKERS, 1);
        metrics_hold(metrics, HOLDING_DB_CONNECTIONS, 3);
        metrics_hold(metrics, HOLDING_DB_CONNECTIONS, -1);
        if (write(tells, "", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    return pid;
}

/* What is held by those that live counts; of those that were killed nothing is left. */
static void the_living_hold(void **state)
{
    enum { HOLDERS = 5, KILLED = 3 };
    pid_t pids[HOLDERS];
    int told[2];
    char byte;
    struct segment *segment = host_segment_open(*state, 0);
    struct metrics *metrics = open_metrics(segment);
    assert_int_equal(pipe(told), 0);
    for (int i = 0; i < HOLDERS; i++) {
        pids[i] = start_holder(*state, told[1]);
        assert_int_equal(read(told[0], &byte, 1), 1);
    }
    metrics_hold(metrics, HOLDING_DB_CONNECTIONS, 1);
    assert_int_equal(metrics_held(metrics, HOLDING_WORKERS), HOLDERS);
    assert_int_equal(metrics_held(metrics, HOLDING_DB_CONNECTIONS), 2 * HOLDERS + 1);
    assert_int_equal(metrics_held(metrics, HOLDING_DB_STATEMENTS), 0);
    for (int i = 0; i < KILLED; i++) {
        assert_int_equal(kill(pids[i], SIGKILL), 0);
        assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
    }
    assert_int_equal(metrics_held(metrics, HOLDING_WORKERS), HOLDERS - KILLED);
    assert_int_equal(metrics_held(metrics, HOLDING_DB_CONNECTIONS), 2 * (HOLDERS - KILLED) + 1);
    pids[0] = start_holder(*state,
                           told[1]); /* takes the slot of a killed process, and the slot is empty */
    assert_int_equal(read(told[0], &byte, 1), 1);
    assert_int_equal(metrics_held(metrics, HOLDING_WORKERS), HOLDERS - KILLED + 1);
    kill(pids[0], SIGKILL);
    waitpid(pids[0], NULL, 0);
    for (int i = KILLED; i < HOLDERS; i++) {
        kill(pids[i], SIGKILL);
        waitpid(pids[i], NULL, 0);
    }
    close(told[0]);
    close(told[1]);
    metrics_close(&metrics);
    metrics = open_metrics(segment);
    assert_int_equal(metrics_held(metrics, HOLDING_DB_CONNECTIONS), 0);
    metrics_close(&metrics);
    segment_close(&segment);
}

static void alone_it_holds_its_own(void **state)
{
    (void)state;
    struct metrics *metrics = open_metrics(NULL);
    metrics_hold(metrics, HOLDING_WORKERS, 1);
    assert_int_equal(metrics_held(metrics, HOLDING_WORKERS), 1);
    metrics_hold(NULL, HOLDING_WORKERS, 1);
    assert_int_equal(metrics_held(NULL, HOLDING_WORKERS), 0);
    metrics_close(&metrics);
}

static void count_one(void *context, const struct metric_reading *reading)
{
    *(uint64_t *)context += reading->values[0];
}

/* A series that has no slot is counted as dropped; the others continue to count. */
static void a_full_table(void **state)
{
    (void)state;
    struct metrics *metrics = open_metrics(NULL);
    const unsigned crowd = 3 * METRICS_SERIES_MAX;
    uint64_t sum = 0;
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < crowd; i++)
            metrics_add(metrics, METRIC_HTTP_REQUESTS, of(0, i >> 12, i & 4095), 1);
    }
    uint64_t dropped = metrics_dropped(metrics);
    assert_true(metrics_walk(metrics, count_one, &sum));
    assert_int_equal(sum + dropped, 2 * crowd);
    assert_between(sum, 2 * METRICS_SERIES_MAX * 9 / 10, 2 * METRICS_SERIES_MAX);
    assert_int_equal(metrics_get(metrics, METRIC_HTTP_REQUESTS, of(0, 0, 0)), 2);
    metrics_close(&metrics);
}

/* As many series as there may ever be at once are well within a table. */
static void room_for_all(void **state)
{
    (void)state;
    struct metrics *metrics = open_metrics(NULL);
    for (unsigned i = 0; i < METRICS_SERIES_MAX / 2; i++)
        metrics_add(metrics, METRIC_HTTP_REQUESTS, of(i & 7, i >> 8, 200 + (i >> 3)), 1);
    assert_int_equal(metrics_dropped(metrics), 0);
    metrics_close(&metrics);
}

/* What stands in the memory is believed only as far as it makes sense. */
static void nonsense_is_not_reported(void **state)
{
    struct segment *segment = host_segment_open(*state, 0);
    struct metrics *metrics = open_metrics(segment);
    struct segment_metrics *tables = segment_region(segment, SEGMENT_METRICS);
    tables->shards[3][5] = (struct segment_series){ (uint64_t)METRIC_N << 32, 1 };
    tables->shards[3][6] = (struct segment_series){ UINT64_MAX, 1 };
    tables->shards[3][7] =
        (struct segment_series){ (uint64_t)METRIC_HTTP_DURATION << 32 | (METRICS_BUCKETS + 1), 1 };
    assert_told(metrics, NULL, 0);
    metrics_close(&metrics);
    segment_close(&segment);
}

/* Cheap enough for every redirect: the bound is far above what is measured (some 10 ns), and far
 * below what a lock or a system call takes on a busy machine. */
static void an_addition_is_cheap(void **state)
{
    enum { TIMES = 1000000 };
    struct timespec begin, end;
    struct segment *segment = host_segment_open(*state, 0);
    struct metrics *metrics = open_metrics(segment);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    for (unsigned i = 0; i < TIMES; i++)
        metrics_add(metrics, METRIC_HTTP_REQUESTS, of(1, i & 3, 302), 1);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    int64_t ns = (end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec;
    print_message("# %.1f ns an addition\n", (double)ns / TIMES);
    assert_true(ns / TIMES < 250);
    metrics_close(&metrics);
    segment_close(&segment);
}

int main(void)
{
#define IN_A_SEGMENT(test) cmocka_unit_test_setup_teardown(test, make_path, remove_path)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_segment_too),
        cmocka_unit_test(of_nobody),
        cmocka_unit_test(observations_find_their_buckets),
        IN_A_SEGMENT(many_add_and_are_killed),
        IN_A_SEGMENT(are_the_hosts),
        IN_A_SEGMENT(the_living_hold),
        cmocka_unit_test(alone_it_holds_its_own),
        cmocka_unit_test(a_full_table),
        cmocka_unit_test(room_for_all),
        IN_A_SEGMENT(nonsense_is_not_reported),
        IN_A_SEGMENT(an_addition_is_cheap),
    };
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
