/* SPDX-License-Identifier: MIT */
/* The invalidation queue: a code is added once, removed twice, and lost if the queue is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cache/link_cache.h"
#include "fakes/cache_fake.h"
#include "os/monotonic.h"
#include "shm/invalidation_queue.h"
#include "shm/segment_layout.h"
#include "support/between.h"
#include "support/host_files.h"

#define NOW INT64_C(1000000)

enum {
    WORKERS = 4,
    KILLS = 40,
};

struct fixture {
    struct host_files files;
    struct segment *segment;
    struct invalidation_queue *codes;
    struct invalidation list[INVALIDATIONS_MAX];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    *state = f;
    assert_true(host_files_make(&f->files, "segment"));
    f->segment = host_segment_open(f->files.path, 0);
    f->codes = invalidation_queue_open(f->segment);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    invalidation_queue_close(&f->codes);
    segment_close(&f->segment);
    host_files_remove(&f->files);
    free(f);
    return 0;
}

static size_t list(struct fixture *f, int64_t now_ms)
{
    return invalidation_queue_list(f->codes, f->list, INVALIDATIONS_MAX, now_ms);
}

/* Reports the first `n` of the list as removed. */
static void removed(struct fixture *f, size_t n, int64_t now_ms)
{
    for (size_t i = 0; i < n; i++)
        f->list[i].is_removed = true;
    invalidation_queue_removed(f->codes, f->list, n, now_ms);
}

static struct slice numbered(unsigned n, char text[16])
{
    int len = snprintf(text, 16, "code%u", n);
    return (struct slice){ text, (size_t)len };
}

static void noted_once_and_removed_twice(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(list(f, NOW), 0);
    assert_true(invalidation_queue_add(f->codes, SLICE("abc"), false));
    assert_true(invalidation_queue_add(f->codes, SLICE("abc"), false));
    assert_true(invalidation_queue_add(f->codes, SLICE("abd"), false));
    assert_int_equal(invalidation_queue_count(f->codes), 2);
    assert_int_equal(list(f, NOW), 2);
    assert_true(slice_eq((struct slice){ f->list[0].bytes, f->list[0].len }, SLICE("abc")));
    removed(f, 1, NOW);
    assert_int_equal(list(f, NOW + 1), 1); /* the other one */
    assert_true(slice_eq((struct slice){ f->list[0].bytes, f->list[0].len }, SLICE("abd")));
    assert_int_equal(list(f, NOW + INVALIDATION_REPEAT_MS), 2);
    removed(f, 1, NOW + INVALIDATION_REPEAT_MS);
    assert_int_equal(invalidation_queue_count(f->codes), 1);
    assert_int_equal(list(f, NOW + 2 * INVALIDATION_REPEAT_MS), 1);
    assert_int_equal(invalidation_queue_lost(f->codes), 0);
}

static void noted_again_while_it_is_removed(void **state)
{
    struct fixture *f = *state;
    invalidation_queue_add(f->codes, SLICE("abc"), false);
    assert_int_equal(list(f, NOW), 1);
    invalidation_queue_add(f->codes, SLICE("abc"), false);
    removed(f, 1, NOW);
    assert_int_equal(list(f, NOW + 1), 1); /* as if nothing had been removed */
    removed(f, 1, NOW + 1);
    assert_int_equal(list(f, NOW + 1 + INVALIDATION_REPEAT_MS), 1);
    invalidation_queue_add(f->codes, SLICE("abc"), false);
    removed(f, 1, NOW + 1 + INVALIDATION_REPEAT_MS);
    assert_int_equal(invalidation_queue_count(f->codes), 1);
}

static void what_was_not_removed_stays(void **state)
{
    struct fixture *f = *state;
    invalidation_queue_add(f->codes, SLICE("abc"), false);
    assert_int_equal(list(f, NOW), 1);
    invalidation_queue_removed(f->codes, f->list, 1, NOW);
    assert_int_equal(list(f, NOW), 1);
}

static void too_many_are_lost(void **state)
{
    struct fixture *f = *state;
    char text[16];
    for (unsigned i = 0; i < INVALIDATIONS_MAX; i++)
        assert_int_equal(invalidation_queue_add(f->codes, numbered(i, text), true),
                         i < INVALIDATIONS_MAX / 2);
    assert_int_equal(invalidation_queue_lost(f->codes), 0); /* of new ones nothing is lost */
    for (unsigned i = 0; i < INVALIDATIONS_MAX; i++)
        assert_true(invalidation_queue_add(f->codes, numbered(i, text), false));
    assert_int_equal(invalidation_queue_count(f->codes), INVALIDATIONS_MAX);
    assert_false(invalidation_queue_add(f->codes, SLICE("another"), false));
    assert_true(invalidation_queue_add(f->codes, SLICE("code7"), false));
    assert_true(invalidation_queue_add(f->codes, SLICE("code7"), true));
    assert_int_equal(invalidation_queue_lost(f->codes), 1);
    assert_int_equal(list(f, NOW), INVALIDATIONS_MAX);
    assert_int_equal(invalidation_queue_list(f->codes, f->list, 10, NOW), 10);
    removed(f, 10, NOW);
    assert_int_equal(invalidation_queue_list(f->codes, f->list, 10, NOW + 5000), 10);
    removed(f, 10, NOW + 5000);
    assert_true(invalidation_queue_add(f->codes, SLICE("another"), false));
}

/* A worker that is stopped with the lock held delays no other for long; codes that cannot be added
 * meanwhile are counted. */
static void nobody_is_waited_for(void **state)
{
    struct fixture *f = *state;
    struct segment *other = host_segment_open(f->files.path, 0);
    assert_true(invalidation_queue_add(f->codes, SLICE("abc"), false));
    assert_true(segment_try_lock(other, SEGMENT_INVALIDATIONS, 1));
    int64_t began_ms = monotonic_ms();
    assert_false(invalidation_queue_add(f->codes, SLICE("abd"), false));
    assert_int_equal(invalidation_queue_lost(f->codes), 1);
    assert_false(
        invalidation_queue_add(f->codes, SLICE("abe"), true)); /* a new one: nothing is lost */
    assert_int_equal(invalidation_queue_lost(f->codes), 1);
    assert_int_equal(list(f, NOW), 0);
    assert_between(monotonic_ms() - began_ms, 3 * 50, 3 * 1000);
    segment_close(&other);
    assert_true(invalidation_queue_add(f->codes, SLICE("abd"), false));
    assert_int_equal(list(f, NOW), 2);
}

static void what_is_no_code_is_not_noted(void **state)
{
    struct fixture *f = *state;
    char longest[CODE_MAX + 1];
    memset(longest, 'x', sizeof(longest));
    assert_false(invalidation_queue_add(f->codes, SLICE(""), true));
    assert_false(
        invalidation_queue_add(f->codes, (struct slice){ longest, sizeof(longest) }, true));
    assert_true(invalidation_queue_add(f->codes, (struct slice){ longest, CODE_MAX }, true));
    assert_int_equal(list(f, NOW), 1);
    assert_int_equal(f->list[0].len, CODE_MAX);
    assert_memory_equal(f->list[0].bytes, longest, CODE_MAX);
}

static void note_for_ever(const char *path)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct invalidation_queue *codes = invalidation_queue_open(host_segment_open(path, 0));
    static struct invalidation some[64];
    char text[16];
    for (unsigned i = (unsigned)getpid();; i = i * 1664525 + 1013904223) {
        invalidation_queue_add(codes, numbered(i >> 8 & 255, text), i & 1);
        if (i >> 20 & 1)
            continue;
        size_t n = invalidation_queue_list(codes, some, 64, NOW + (i >> 4));
        for (size_t k = 0; k < n; k++)
            some[k].is_removed = true;
        invalidation_queue_removed(codes, some, n, NOW + (i >> 4));
    }
}

static pid_t start_worker(const struct fixture *f)
{
    pid_t pid = fork();
    assert_return_code(pid, 0);
    if (pid == 0)
        note_for_ever(f->files.path);
    return pid;
}

/* No lock outlives its process, no code is there twice, and none is torn. */
static void workers_are_killed(void **state)
{
    struct fixture *f = *state;
    pid_t pids[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        pids[i] = start_worker(f);
    for (int i = 0; i < KILLS; i++) {
        poll(NULL, 0, 5);
        kill(pids[i % WORKERS], SIGKILL);
        waitpid(pids[i % WORKERS], NULL, 0);
        pids[i % WORKERS] = start_worker(f);
    }
    for (int i = 0; i < WORKERS; i++) {
        kill(pids[i], SIGKILL);
        waitpid(pids[i], NULL, 0);
    }
    size_t n = list(f, INT64_MAX / 2);
    assert_int_equal(invalidation_queue_count(f->codes), n);
    bool seen[256] = { false };
    for (size_t i = 0; i < n; i++) {
        char text[CODE_MAX + 1] = "";
        memcpy(text, f->list[i].bytes, f->list[i].len);
        assert_memory_equal(text, "code", 4);
        unsigned long number = strtoul(text + 4, NULL, 10);
        assert_true(number < 256 && !seen[number]);
        seen[number] = true;
    }
    assert_true(invalidation_queue_add(f->codes, SLICE("after all"), false));
}

static void publish(const struct link_cache *cache, struct slice code, uint32_t version)
{
    const struct link link = { .code = code,
                               .target = { .link_id = 1,
                                           .version = version,
                                           .redirect_status = 302,
                                           .long_url = SLICE("https://a.example/") } };
    link_cache_publish(cache, &link, 1800000000);
}

/* What a pair of caches cannot publish is noted. */
static void what_cannot_be_published_is_noted(void **state)
{
    struct fixture *f = *state;
    struct cache *remote = cache_fake_new();
    const struct link_cache cache = { .remote = remote, .ttl_s = 60, .invalidations = f->codes };
    publish(&cache, SLICE("well"), 2);
    assert_int_equal(cache_fake_entries(remote), 1);
    assert_int_equal(invalidation_queue_count(f->codes), 0);
    cache_fake_set_down(remote, true);
    publish(&cache, SLICE("badly"), 2);
    assert_int_equal(list(f, NOW), 1);
    assert_true(slice_eq((struct slice){ f->list[0].bytes, f->list[0].len }, SLICE("badly")));
    cache_close(&remote);
}

static bool is_cached(const struct link_cache *cache, struct slice code, struct arena *arena)
{
    struct error err = { "" };
    struct link_look_up look_up = { .code = code, .arena = arena };
    assert_false(link_cache_get(cache, &look_up));
    return link_cache_get_remote(cache, &look_up, &err);
}

/* A cache may have an old entry for a code that could not be removed there: it is not asked for
 * that code until it is removed. */
static void a_server_with_codes_to_remove_is_not_asked(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    struct arena *arena = arena_new(4096);
    struct cache *remote = cache_fake_new();
    const struct link_cache cache = { .remote = remote, .ttl_s = 60, .invalidations = f->codes };
    struct cache_entry got;
    publish(&cache, SLICE("code"), 1);
    assert_true(is_cached(&cache, SLICE("code"), arena));
    cache_fake_set_down(remote, true);
    publish(&cache, SLICE("code"), 2);
    cache_fake_set_down(remote, false);
    assert_int_equal(cache_get(remote, SLICE("code"), arena, &got, &err), CACHE_HIT);
    assert_false(is_cached(&cache, SLICE("code"), arena));
    assert_true(invalidation_queue_has(f->codes, SLICE("code")));
    assert_false(invalidation_queue_has(f->codes, SLICE("another")));
    assert_int_equal(list(f, NOW), 1);
    removed(f, 1, NOW);
    assert_false(is_cached(&cache, SLICE("code"), arena));
    assert_int_equal(list(f, NOW + INVALIDATION_REPEAT_MS), 1);
    removed(f, 1, NOW + INVALIDATION_REPEAT_MS);
    assert_true(is_cached(&cache, SLICE("code"), arena));
    cache_close(&remote);
    arena_free(&arena);
}

int main(void)
{
#define WITH_SEGMENT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_SEGMENT(noted_once_and_removed_twice),
        WITH_SEGMENT(noted_again_while_it_is_removed),
        WITH_SEGMENT(what_was_not_removed_stays),
        WITH_SEGMENT(too_many_are_lost),
        WITH_SEGMENT(nobody_is_waited_for),
        WITH_SEGMENT(what_is_no_code_is_not_noted),
        WITH_SEGMENT(workers_are_killed),
        WITH_SEGMENT(what_cannot_be_published_is_noted),
        WITH_SEGMENT(a_server_with_codes_to_remove_is_not_asked),
    };
    return cmocka_run_group_tests_name("invalidation_queue", tests, NULL, NULL);
}
