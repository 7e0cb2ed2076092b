/* SPDX-License-Identifier: MIT */
/* Circuit breakers: the state machine step by step, many processes on one breaker, and workers that
 * are killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "shm/breaker.h"
#include "support/host_files.h"

#define NOW (INT64_C(1) << 36) /* two years after the machine was switched on */

enum {
    WORKERS = 8,
    ROUNDS = 100,
    KILLS = 60,
    NAMES = 20,
};

static const struct breaker_options OPTIONS = { .failures = 3, .open_ms = 1000, .probes = 2 };

/* --- the state machine --- */

/* A row is a story of words: good, bad (a report); hang (breaker_open); yes, no (a use that is
 * allowed or not); wanted, unwanted (whether the maintenance should probe); closed, open, probing
 * (the state seen); a number (so many milliseconds pass). */
static const struct {
    const char *fact, *story;
} STORIES[] = {
    { "a new one is closed", "closed yes yes unwanted" },
    { "three failures in a row open it", "bad bad closed yes bad open no no" },
    { "a success in between starts the count anew", "bad bad good bad bad closed yes bad open" },
    { "it stays open for its time", "bad bad bad 999 open no 1 probing yes" },
    { "two at a time are let through to see", "bad bad bad 1000 yes yes no no" },
    { "the place of one that reported is free", "bad bad bad 1000 yes yes good yes no" },
    { "as many good ones close it",
      "bad bad bad 1000 yes good probing yes good closed yes yes yes" },
    { "both at once as well", "bad bad bad 1000 yes yes good good closed" },
    { "a bad one opens it again, for the whole time",
      "bad bad bad 1000 yes good yes bad open no 999 no 1 yes" },
    { "closed again, it takes three failures again",
      "bad bad bad 1000 yes good yes good bad bad closed bad open" },
    { "good news from before it opened does not close it", "bad bad bad good good good open no" },
    { "bad news from before it opened does not prolong it", "bad bad bad 999 bad bad 1 yes" },
    { "news from before do nothing while nobody is through",
      "bad bad bad 1000 probing bad good yes" },
    { "places that are never reported come back",
      "bad bad bad 1000 yes yes 4999 no 1 yes yes no good good closed" },
    { "it may be probed again and again", "bad bad bad wanted 1 wanted 1 wanted open no" },
    { "good answers to probes close it before its time",
      "bad bad bad 10 wanted good open no wanted good closed yes" },
    { "a bad answer to a probe prolongs it",
      "bad bad bad 900 wanted bad 100 open no 899 no 1 yes" },
    { "a bad answer to a probe starts the count of good ones anew",
      "bad bad bad wanted good wanted bad wanted good open wanted good closed" },
    { "probes before its time is over count afterwards",
      "bad bad bad wanted good 1000 yes good closed" },
    { "a probe of the maintenance takes a place while it is probing",
      "bad bad bad 1000 yes wanted unwanted no good good closed" },
    { "a closed one is not probed", "bad bad unwanted closed" },
    { "one whose maintenance was killed continues",
      "bad bad bad wanted 1000 yes yes no good good closed" },
    { "one that would keep others waiting opens it at once", "hang open no 1000 yes hang open no" },
    { "it does not prolong the time", "hang 999 hang 1 probing" },
    { "it is probed as after other failures", "hang wanted good wanted good closed" },
    { "a clock that was set back does not keep it open", "bad bad bad -100000 yes" },
    { "a clock read a little earlier does", "bad bad bad -10 open no" },
};

static bool is(const char *word, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(word, name, len) == 0;
}

/* Does, or checks, what the word says. */
static bool obey(struct breaker b, const char *word, size_t len, int64_t *now)
{
    if (is(word, len, "good") || is(word, len, "bad"))
        return breaker_report(b, word[0] == 'g', *now), true;
    if (is(word, len, "hang"))
        return breaker_open(b, *now), true;
    if (is(word, len, "yes") || is(word, len, "no"))
        return breaker_allows(b, *now) == (word[0] == 'y');
    if (is(word, len, "wanted") || is(word, len, "unwanted"))
        return breaker_wants_probe(b, *now) == (word[0] == 'w');
    if (word[0] == '-' || (word[0] >= '0' && word[0] <= '9'))
        return *now += strtoll(word, NULL, 10), true;
    return is(word, len, breaker_state_name(breaker_state(b, *now)));
}

static struct breakers *open_breakers(struct segment *segment,
                                      const struct breaker_options *options)
{
    struct error err = { "" };
    struct breakers *breakers = breakers_open(segment, options, &err);
    if (!breakers)
        fail_msg("%s", err.text);
    return breakers;
}

static void stories(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(STORIES) / sizeof(STORIES[0]); i++) {
        struct breakers *breakers = open_breakers(NULL, &OPTIONS);
        struct breaker b = breaker_find(breakers, SLICE("mysql"));
        int64_t now = NOW;
        for (const char *word = STORIES[i].story; *word;) {
            size_t len = strcspn(word, " ");
            if (!obey(b, word, len, &now))
                fail_msg("%s: not so at \"%s\"", STORIES[i].fact, word);
            word += len + (word[len] == ' ');
        }
        breakers_close(&breakers);
        assert_null(breakers);
    }
}

static void some_never_open(void **state)
{
    (void)state;
    const struct breaker_options never = { .failures = 0, .open_ms = 1000, .probes = 1 };
    struct breakers *breakers = open_breakers(NULL, &never);
    const struct breaker rows[] = { { NULL, 0 },
                                    breaker_find(breakers, SLICE("mysql")),
                                    breaker_find(NULL, SLICE("mysql")),
                                    breaker_find(breakers, SLICE("")) };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int k = 0; k < 100; k++)
            breaker_report(rows[i], false, NOW);
        breaker_open(rows[i], NOW);
        assert_true(breaker_allows(rows[i], NOW));
        assert_false(breaker_wants_probe(rows[i], NOW));
        assert_int_equal(breaker_state(rows[i], NOW), BREAKER_CLOSED);
    }
    breakers_close(&breakers);
}

static void limits_are_kept(void **state)
{
    (void)state;
    const struct breaker_options most = { BREAKER_COUNT_MAX + 1, UINT32_MAX, 0, NULL };
    struct breakers *breakers = open_breakers(NULL, &most);
    struct breaker b = breaker_find(breakers, SLICE("mysql"));
    for (int i = 0; i < BREAKER_COUNT_MAX; i++) {
        assert_true(breaker_allows(b, NOW));
        breaker_report(b, false, NOW);
    }
    assert_false(breaker_allows(b, NOW + UINT32_MAX - 1));
    assert_true(breaker_allows(b, NOW + UINT32_MAX));
    breaker_report(b, true, NOW + UINT32_MAX); /* no probes: one is enough */
    assert_int_equal(breaker_state(b, NOW + UINT32_MAX), BREAKER_CLOSED);
    breakers_close(&breakers);
}

static void openings_are_counted(void **state)
{
    (void)state;
    struct error err = { "" };
    struct breaker_options options = OPTIONS;
    options.metrics = metrics_open(NULL, &err);
    struct breakers *breakers = open_breakers(NULL, &options);
    breaker_find(breakers, SLICE("first"));
    struct breaker b = breaker_find(breakers, SLICE("second"));
    int64_t now = NOW;
    for (const char *word = "bad bad bad bad wanted bad 1000 yes bad open"; *word;) {
        size_t len = strcspn(word, " ");
        assert_true(obey(b, word, len, &now));
        word += len + (word[len] == ' ');
    }
    const struct metric_labels first = { .a = 0 }, second = { .a = 1 };
    assert_int_equal(metrics_get(options.metrics, METRIC_BREAKER_OPENED, first), 0);
    assert_int_equal(metrics_get(options.metrics, METRIC_BREAKER_OPENED, second), 2);
    breakers_close(&breakers);
    metrics_close(&options.metrics);
}

/* --- names --- */

struct seen {
    unsigned n;
    struct slice names[BREAKERS_MAX];
    enum breaker_state states[BREAKERS_MAX];
};

static void see(void *context, unsigned slot, struct slice name, enum breaker_state state)
{
    struct seen *seen = context;
    assert_true(slot < BREAKERS_MAX);
    seen->names[seen->n] = name;
    seen->states[seen->n++] = state;
}

static void each_name_has_its_own(void **state)
{
    (void)state;
    char name[200];
    struct breakers *breakers = open_breakers(NULL, &OPTIONS);
    memset(name, 'x', sizeof(name));
    for (unsigned i = 0; i < BREAKERS_MAX; i++) {
        struct breaker b = breaker_find(breakers, (struct slice){ name, i + 1 });
        assert_ptr_equal(b.all, breakers);
        assert_int_equal(b.slot, i);
        assert_int_equal(breaker_find(breakers, (struct slice){ name, i + 1 }).slot, i);
    }
    assert_null(breaker_find(breakers, SLICE("one too many")).all);
    for (int i = 0; i < 3; i++)
        breaker_report(breaker_find(breakers, (struct slice){ name, 7 }), false, NOW);
    struct seen seen = { 0 };
    breakers_walk(breakers, NOW, see, &seen);
    assert_int_equal(seen.n, BREAKERS_MAX);
    for (unsigned i = 0; i < seen.n; i++) {
        assert_true(slice_eq(seen.names[i], (struct slice){ name, i + 1 }));
        assert_int_equal(seen.states[i], i == 6 ? BREAKER_OPEN : BREAKER_CLOSED);
    }
    assert_true(breakers_use(breakers, BREAKERS_MAX - 1));
    assert_false(breakers_use(breakers, BREAKERS_MAX));
    breakers_close(&breakers);
}

static void a_long_name_is_cut(void **state)
{
    (void)state;
    char name[BREAKER_NAME_MAX + 10];
    memset(name, 'x', sizeof(name));
    struct breakers *breakers = open_breakers(NULL, &OPTIONS);
    assert_int_equal(breaker_find(breakers, (struct slice){ name, sizeof(name) }).slot, 0);
    struct seen seen = { 0 };
    breakers_walk(breakers, NOW, see, &seen);
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.names[0].len, BREAKER_NAME_MAX);
    breakers_close(&breakers);
}

/* --- many workers --- */

struct fixture {
    struct host_files files;
    struct shared *shared;
    pid_t pids[WORKERS];
    struct segment *segment;
    struct breakers *breakers;
};

/* What the test's processes share. */
struct shared {
    unsigned round;   /* that may begin */
    unsigned done;    /* workers that have finished it */
    unsigned allowed; /* uses in it */
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    *state = f;
    assert_true(host_files_make(&f->files, "segment"));
    f->shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(f->shared, MAP_FAILED);
    f->segment = host_segment_open(f->files.path, 0);
    f->breakers = open_breakers(f->segment, &OPTIONS);
    return 0;
}

static void kill_worker(pid_t *pid)
{
    if (*pid <= 0)
        return;
    kill(*pid, SIGKILL);
    waitpid(*pid, NULL, 0);
    *pid = 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < WORKERS; i++)
        kill_worker(&f->pids[i]);
    breakers_close(&f->breakers);
    segment_close(&f->segment);
    munmap(f->shared, 4096);
    host_files_remove(&f->files);
    free(f);
    return 0;
}

typedef void work(const struct fixture *f, struct breakers *breakers);

/* A worker opens the segment for itself. */
static pid_t start_worker(const struct fixture *f, work *does)
{
    pid_t pid = fork();
    assert_return_code(pid, 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        struct segment *segment = host_segment_open(f->files.path, 0);
        does(f, open_breakers(segment, &OPTIONS));
        _exit(0);
    }
    return pid;
}

static unsigned look(const unsigned *word)
{
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static int64_t time_of_round(unsigned round)
{
    return NOW + OPTIONS.open_ms + (int64_t)round * BREAKER_PATIENCE_MS;
}

/* In each round tries to get through as often as it can, and never reports. */
static void barge_in(const struct fixture *f, struct breakers *breakers)
{
    struct breaker b = breaker_find(breakers, SLICE("mysql"));
    for (unsigned round = 1; round <= ROUNDS; round++) {
        while (look(&f->shared->round) < round)
            sched_yield();
        for (int i = 0; i < 200; i++) {
            if (breaker_allows(b, time_of_round(round)))
                __atomic_fetch_add(&f->shared->allowed, 1, __ATOMIC_SEQ_CST);
        }
        __atomic_fetch_add(&f->shared->done, 1, __ATOMIC_SEQ_CST);
    }
}

/* Of eight that come at once exactly two get through; and as all of those are never heard of again,
 * two others when their time is over. */
static void a_crowd_gets_two_through(void **state)
{
    struct fixture *f = *state;
    struct breaker b = breaker_find(f->breakers, SLICE("mysql"));
    for (int i = 0; i < 3; i++)
        breaker_report(b, false, NOW);
    for (int i = 0; i < WORKERS; i++)
        f->pids[i] = start_worker(f, barge_in);
    for (unsigned round = 1; round <= ROUNDS; round++) {
        __atomic_store_n(&f->shared->round, round, __ATOMIC_SEQ_CST);
        while (look(&f->shared->done) < round * WORKERS)
            poll(NULL, 0, 1);
        assert_int_equal(look(&f->shared->allowed), round * OPTIONS.probes);
    }
}

/* Uses backends that fail every now and then, found by their names each time, for ever. */
static void use_for_ever(const struct fixture *f, struct breakers *breakers)
{
    (void)f;
    for (unsigned i = (unsigned)getpid();; i = i * 1664525 + 1013904223) {
        char name[64];
        int len = snprintf(name, sizeof(name), "backend %u with a name of some length", i % NAMES);
        struct breaker b = breaker_find(breakers, (struct slice){ name, (size_t)len });
        int64_t now = NOW + (i >> 8) % 8 * OPTIONS.open_ms;
        if (breaker_allows(b, now) || breaker_wants_probe(b, now))
            breaker_report(b, i >> 16 & 1, now);
    }
}

/* What workers leave behind that were killed anywhere is sound: every name is there once and whole,
 * and every breaker can be closed. */
static void workers_are_killed(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < WORKERS; i++)
        f->pids[i] = start_worker(f, use_for_ever);
    for (int i = 0; i < KILLS; i++) {
        poll(NULL, 0, 5); /* lets them come to wherever they are killed */
        kill_worker(&f->pids[i % WORKERS]);
        f->pids[i % WORKERS] = start_worker(f, use_for_ever);
    }
    poll(NULL, 0, 50);
    for (int i = 0; i < WORKERS; i++)
        kill_worker(&f->pids[i]);
    struct seen seen = { 0 };
    breakers_walk(f->breakers, NOW, see, &seen);
    assert_int_equal(seen.n, NAMES);
    assert_false(breakers_use(f->breakers, 0)); /* the workers have found it, not this process */
    for (unsigned i = 0; i < NAMES; i++) {
        char name[64];
        int64_t now = NOW + 100 * BREAKER_PATIENCE_MS;
        int len = snprintf(name, sizeof(name), "backend %u with a name of some length", i);
        struct breaker b = breaker_find(f->breakers, (struct slice){ name, (size_t)len });
        bool is_there = false;
        for (unsigned k = 0; k < seen.n; k++)
            is_there |= slice_eq(seen.names[k], slice_of(name));
        assert_true(is_there);
        for (unsigned k = 0; k < OPTIONS.probes; k++) {
            assert_true(breaker_allows(b, now));
            breaker_report(b, true, now);
        }
        assert_int_equal(breaker_state(b, now), BREAKER_CLOSED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stories),
        cmocka_unit_test(some_never_open),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(openings_are_counted),
        cmocka_unit_test(each_name_has_its_own),
        cmocka_unit_test(a_long_name_is_cut),
        cmocka_unit_test_setup_teardown(a_crowd_gets_two_through, setup, teardown),
        cmocka_unit_test_setup_teardown(workers_are_killed, setup, teardown),
    };
    return cmocka_run_group_tests_name("breakers", tests, NULL, NULL);
}
