/* SPDX-License-Identifier: MIT */
/* The local cache: what it keeps and what it drops, and that no torn entry is ever returned,
 * whichever process is killed or stopped. CURT_SOAK_SECONDS is the length of the stress test
 * (default: 2 s). */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "shm/local_cache.h"
#include "shm/local_layout.h"
#include "shm/segment_layout.h"
#include "support/between.h"
#include "support/local_slot.h"

enum {
    BYTES = 8 << 20,
    NOW = 1000000,
    PROCESSES = 8,
    CODES = 400,
    SEED = 4711,
};

static const struct local_lifetime LIFE = { NOW + 5000, NOW + 60000 };

struct fixture {
    char path[64];
    struct segment *segment;
    struct local_cache *cache;
    struct arena *arena;
};

static void open_cache(const char *path, struct segment **segment, struct local_cache **cache)
{
    struct error err = { "" };
    const struct segment_options options = { .path = path, .local_bytes = BYTES };
    assert_int_equal(segment_open(&options, segment, &err), PRIVATE_FILE_OK);
    *cache = local_cache_open(*segment, 0, &err);
    assert_non_null(*cache);
}

static int set_up(void **state)
{
    static struct fixture f;
    snprintf(f.path, sizeof(f.path), "/tmp/curt-test-local-%d", (int)getpid());
    unlink(f.path);
    open_cache(f.path, &f.segment, &f.cache);
    f.arena = arena_new(16 << 20);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    local_cache_close(&f->cache);
    segment_close(&f->segment);
    arena_free(&f->arena);
    unlink(f->path);
    return 0;
}

static struct cache_entry target(struct slice url, uint32_t version)
{
    return (struct cache_entry){
        .kind = ENTRY_TARGET,
        .target = { .link_id = 7, .version = version, .redirect_status = 302, .long_url = url },
    };
}

static enum local_result get(struct fixture *f, const char *code, int64_t now_ms,
                             struct cache_entry *out, struct local_stamp *stamp)
{
    struct local_found found;
    enum local_result result = local_cache_get(f->cache, slice_of(code), now_ms, f->arena, &found);
    *out = found.entry;
    *stamp = found.stamp;
    return result;
}

static void fill(struct fixture *f, const char *code, const char *url, uint32_t version)
{
    struct cache_entry entry = target(slice_of(url), version);
    struct cache_entry old;
    struct local_stamp stamp;
    get(f, code, NOW, &old, &stamp);
    local_cache_fill(f->cache, slice_of(code), &entry, LIFE, stamp);
}

static void a_record_is_fresh_then_stale_then_gone(void **state)
{
    struct fixture *f = *state;
    struct cache_entry entry;
    struct local_stamp stamp;
    assert_int_equal(get(f, "abc", NOW, &entry, &stamp), LOCAL_MISS);
    fill(f, "abc", "https://a.example/", 3);
    assert_int_equal(get(f, "abc", NOW + 4999, &entry, &stamp), LOCAL_FRESH);
    assert_int_equal(entry.target.version, 3);
    assert_true(slice_eq(entry.target.long_url, SLICE("https://a.example/")));
    assert_int_equal(get(f, "abc", NOW + 5000, &entry, &stamp), LOCAL_GRACE);
    assert_int_equal(get(f, "abc", NOW + 5000 + LOCAL_PATIENCE_MS, &entry, &stamp), LOCAL_STALE);
    assert_int_equal(get(f, "abc", NOW + 60000, &entry, &stamp), LOCAL_MISS);
    assert_int_equal(get(f, "abd", NOW, &entry, &stamp), LOCAL_MISS);
}

static void every_size_has_a_place(void **state)
{
    struct fixture *f = *state;
    static const size_t sizes[] = { 1, 100, 115, 116, 200, 275, 276, 900, 8000 };
    char url[8400];
    memset(url, 'u', sizeof(url));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        /* The same code all the time: a record that moves to another class leaves no other behind.
         */
        struct cache_entry entry = target((struct slice){ url, sizes[i] }, 1);
        struct cache_entry found;
        struct local_stamp stamp;
        get(f, "same", NOW, &found, &stamp);
        local_cache_fill(f->cache, SLICE("same"), &entry, LIFE, stamp);
        assert_int_equal(get(f, "same", NOW, &found, &stamp), LOCAL_FRESH);
        assert_int_equal(found.target.long_url.len, sizes[i]);
    }
    /* What has no place is not kept, and neither is what it replaces. */
    struct cache_entry too_long = target((struct slice){ url, sizeof(url) }, 2);
    struct cache_entry found;
    struct local_stamp stamp;
    local_cache_publish(f->cache, SLICE("same"), &too_long, LIFE);
    assert_int_equal(get(f, "same", NOW, &found, &stamp), LOCAL_MISS);
}

static void a_slow_reader_cannot_bring_back_what_was_changed(void **state)
{
    struct fixture *f = *state;
    struct cache_entry old = target(SLICE("https://old.example/"), 1);
    struct cache_entry new = target(SLICE("https://new.example/"), 2);
    struct cache_entry found;
    struct local_stamp before;
    struct local_stamp stamp;
    assert_int_equal(get(f, "abc", NOW, &found, &before), LOCAL_MISS);
    local_cache_publish(f->cache, SLICE("abc"), &new, LIFE);
    local_cache_fill(f->cache, SLICE("abc"), &old, LIFE, before);
    assert_int_equal(get(f, "abc", NOW, &found, &stamp), LOCAL_STALE); /* its elder was unknown */
    assert_int_equal(found.target.version, 2);
    local_cache_fill(f->cache, SLICE("abc"), &new, LIFE, stamp);
    assert_int_equal(get(f, "abc", NOW, &found, &stamp), LOCAL_FRESH);
    assert_int_equal(found.target.version, 2);
}

static void changes_replace_their_elders_only(void **state)
{
    struct fixture *f = *state;
    struct cache_entry found;
    struct local_stamp stamp;
    fill(f, "abc", "https://one.example/", 1);
    struct cache_entry three = target(SLICE("https://three.example/"), 3);
    struct cache_entry two = target(SLICE("https://two.example/"), 2);
    local_cache_publish(f->cache, SLICE("abc"), &three, LIFE);
    local_cache_publish(f->cache, SLICE("abc"), &two, LIFE);
    assert_int_equal(get(f, "abc", NOW, &found, &stamp), LOCAL_FRESH);
    assert_int_equal(found.target.version, 3);
    struct cache_entry grave = { .kind = ENTRY_TOMBSTONE,
                                 .target = { .link_id = 7, .version = 4 } };
    local_cache_publish(f->cache, SLICE("abc"), &grave, LIFE);
    assert_int_equal(get(f, "abc", NOW, &found, &stamp), LOCAL_FRESH);
    assert_int_equal(found.kind, ENTRY_TOMBSTONE);
}

static void making_a_link_ends_its_absence(void **state)
{
    struct fixture *f = *state;
    struct cache_entry absent = { .kind = ENTRY_ABSENT };
    struct cache_entry found;
    struct local_stamp stamp;
    get(f, "new", NOW, &found, &stamp);
    local_cache_fill(f->cache, SLICE("new"), &absent, LIFE, stamp);
    assert_int_equal(get(f, "new", NOW, &found, &stamp), LOCAL_FRESH);
    assert_int_equal(found.kind, ENTRY_ABSENT);
    struct cache_entry made = target(SLICE("https://a.example/"), 1);
    local_cache_publish(f->cache, SLICE("new"), &made, LIFE);
    assert_int_equal(get(f, "new", NOW, &found, &stamp), LOCAL_FRESH);
    assert_int_equal(found.kind, ENTRY_TARGET);
}

static void what_is_used_outlives_what_is_not(void **state)
{
    struct fixture *f = *state;
    struct cache_entry found;
    struct local_stamp stamp;
    char code[32];
    fill(f, "hot", "https://hot.example/", 1);
    size_t n = 3 * local_cache_capacity(f->cache);
    for (size_t i = 0; i < n; i++) {
        snprintf(code, sizeof(code), "c%zu", i);
        fill(f, code, "https://cold.example/", 1);
        arena_reset(f->arena);
        if (get(f, "hot", NOW, &found, &stamp) != LOCAL_FRESH)
            fail_msg("the hot record was given up after %zu others", i);
    }
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        snprintf(code, sizeof(code), "c%zu", i);
        kept += get(f, code, NOW, &found, &stamp) == LOCAL_FRESH;
        arena_reset(f->arena);
    }
    assert_between(kept, local_cache_capacity(f->cache) * 9 / 10, local_cache_capacity(f->cache));
}

/* Short links may lie where long ones could, as long as these do not want to. */
static void long_links_have_their_place_among_short_ones(void **state)
{
    struct fixture *f = *state;
    char url[1001];
    char code[32];
    struct cache_entry found;
    struct local_stamp stamp;
    memset(url, 'u', 1000);
    url[1000] = '\0';
    for (size_t i = 0; i < 3 * local_cache_capacity(f->cache); i++) {
        snprintf(code, sizeof(code), "c%zu", i);
        fill(f, code, "https://cold.example/", 1);
        arena_reset(f->arena);
    }
    for (unsigned i = 0; i < 20; i++) {
        snprintf(code, sizeof(code), "long%u", i);
        fill(f, code, url, 1);
        assert_int_equal(get(f, code, NOW, &found, &stamp), LOCAL_FRESH);
        assert_int_equal(found.target.long_url.len, 1000);
    }
}

/* What a cache has that is as small as can be: one set of each class a stripe. */
static size_t least_bytes(const struct local_cache *cache)
{
    size_t bytes = sizeof(struct local_head);
    for (unsigned i = 0; i < LOCAL_CLASSES; i++)
        bytes += LOCAL_STRIPES *
                 (sizeof(struct local_set) + LOCAL_WAYS * cache->layout.classes[i].slot_bytes);
    return bytes;
}

/* What docs/performance.md says of the size: a million links in 300 MB. CURT_SOAK=1 takes as many;
 * otherwise it is a fiftieth of both, but for what every cache has. */
static void a_million_links_in_300_megabytes(void **state)
{
    const size_t part = getenv("CURT_SOAK") ? 1 : 50;
    const unsigned n = (unsigned)(1000000 / part);
    struct fixture *f = *state;
    const size_t least = least_bytes(f->cache);
    const size_t bytes = least + (300000000 - least) / part;
    struct error err;
    char code[32];
    char url[101];
    struct local_found found;
    unsigned hits = 0;
    struct local_cache *cache = local_cache_open(NULL, bytes, &err);
    assert_non_null(cache);
    memset(url, 'u', 100);
    for (unsigned i = 0; i < n; i++) {
        struct cache_entry entry = target((struct slice){ url, 100 }, 1);
        snprintf(code, sizeof(code), "%07x", i);
        arena_reset(f->arena);
        local_cache_get(cache, slice_of(code), NOW, f->arena, &found);
        local_cache_fill(cache, slice_of(code), &entry, LIFE, found.stamp);
    }
    for (unsigned i = 0; i < n; i++) {
        snprintf(code, sizeof(code), "%07x", i);
        arena_reset(f->arena);
        hits += local_cache_get(cache, slice_of(code), NOW, f->arena, &found) == LOCAL_FRESH;
    }
    print_message("# %u links of 100 bytes in %.1f MB: %.2f %% are there\n", n, (double)bytes / 1e6,
                  100.0 * hits / n);
    local_cache_close(&cache);
    assert_true(hits >= n / 100 * 95);
}

static void a_damaged_record_is_a_miss(void **state)
{
    struct fixture *f = *state;
    struct cache_entry found;
    struct local_stamp stamp;
    unsigned seed = SEED;
    for (int i = 0; i < 2000; i++) {
        fill(f, "abc", "https://a.example/path", 1);
        assert_int_equal(get(f, "abc", NOW, &found, &stamp), LOCAL_FRESH);
        /* Spoil one byte of its slot behind the sequence. */
        unsigned char *slot = (void *)local_slot_of(f->cache, SLICE("abc"));
        size_t used = sizeof(struct local_slot) + 3 + CACHE_ENTRY_HEAD + 22;
        size_t at = 8 + (size_t)rand_r(&seed) % (used - 8);
        slot[at] ^= (unsigned char)(1 << rand_r(&seed) % 8);
        if (get(f, "abc", NOW, &found, &stamp) != LOCAL_MISS)
            fail_msg("a record with byte %zu spoilt was served", at);
        slot[at] = 0;
        arena_reset(f->arena);
    }
}

static unsigned stripe_of(const struct fixture *f, struct slice code)
{
    return (unsigned)(local_hash(f->cache, code) >> 58);
}

/* A child that takes a stripe's lock and stops; the caller kills it. */
static pid_t hold_stripe(const struct fixture *f, unsigned stripe)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct segment *segment;
        struct error err = { "" };
        const struct segment_options options = { .path = f->path, .local_bytes = BYTES };
        if (segment_open(&options, &segment, &err) != PRIVATE_FILE_OK ||
            !segment_try_lock(segment, SEGMENT_LOCAL, 1 + stripe) || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void a_stopped_writer_delays_no_reader(void **state)
{
    struct fixture *f = *state;
    struct cache_entry found;
    struct local_stamp stamp;
    fill(f, "abc", "https://one.example/", 1);
    pid_t pid = hold_stripe(f, stripe_of(f, SLICE("abc")));
    struct cache_entry two = target(SLICE("https://two.example/"), 2);
    local_cache_publish(f->cache, SLICE("abc"), &two, LIFE);
    assert_int_equal(get(f, "abc", NOW, &found, &stamp), LOCAL_MISS); /* never the old one */
    local_cache_fill(f->cache, SLICE("abc"), &two, LIFE, stamp);
    assert_int_equal(get(f, "abc", NOW, &found, &stamp), LOCAL_MISS);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    local_cache_fill(f->cache, SLICE("abc"), &two, LIFE, stamp);
    assert_int_equal(get(f, "abc", NOW, &found, &stamp), LOCAL_FRESH);
}

/* A child that takes the lock of a code's stripe and marks the slot, if any, as being written; it
 * completes that and goes as soon as *word is no longer 0. */
static pid_t write_until(const struct fixture *f, struct slice code, const uint64_t *word,
                         struct local_slot *slot)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct segment *segment;
        struct local_cache *cache;
        open_cache(f->path, &segment, &cache);
        bool locked = segment_try_lock(segment, SEGMENT_LOCAL, 1 + stripe_of(f, code));
        if (slot)
            slot->sequence++;
        if (!locked || write(ready[1], "x", 1) != 1)
            _exit(1);
        while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == 0)
            sched_yield();
        if (slot)
            slot->sequence++;
        _exit(0);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void whoever_has_nothing_else_waits_for_a_writer(void **state)
{
    struct fixture *f = *state;
    struct cache_entry found;
    struct local_stamp stamp;
    struct local_found again;
    uint64_t *word =
        mmap(NULL, sizeof(*word), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(word, MAP_FAILED);
    fill(f, "abc", "https://one.example/", 1);
    pid_t pid = write_until(f, SLICE("abc"), word, local_slot_of(f->cache, SLICE("abc")));
    assert_int_equal(get(f, "abc", NOW, &found, &stamp), LOCAL_MISS);
    __atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
    assert_int_equal(local_cache_get_again(f->cache, SLICE("abc"), NOW, f->arena, &again),
                     LOCAL_FRESH);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    munmap(word, sizeof(*word));
    pid = hold_stripe(f, stripe_of(f, SLICE("none")));
    assert_int_equal(local_cache_get_again(f->cache, SLICE("none"), NOW, f->arena, &again),
                     LOCAL_MISS);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* All entries of a stripe are lost for one that could not be written, so an author waits. */
static void an_author_waits_a_moment_for_a_writer(void **state)
{
    struct fixture *f = *state;
    struct cache_entry found;
    struct local_stamp stamp;
    struct local_stripe *stripe = &local_head_of(f->cache)->stripes[stripe_of(f, SLICE("abc"))];
    fill(f, "abc", "https://one.example/", 1);
    assert_int_equal(stripe->changes, 0);
    pid_t pid = write_until(f, SLICE("abc"), &stripe->changes, NULL);
    struct cache_entry two = target(SLICE("https://two.example/"), 2);
    local_cache_publish(f->cache, SLICE("abc"), &two, LIFE);
    assert_int_equal(get(f, "abc", NOW, &found, &stamp), LOCAL_FRESH);
    assert_int_equal(found.target.version, 2);
    assert_int_equal(stripe->epoch, 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void one_fetches_and_the_others_wait(void **state)
{
    struct fixture *f = *state;
    assert_true(local_cache_lease(f->cache, SLICE("abc"), NOW));
    assert_false(local_cache_lease(f->cache, SLICE("abc"), NOW + LOCAL_PATIENCE_MS - 1));
    assert_true(local_cache_lease(f->cache, SLICE("abc"), NOW + LOCAL_PATIENCE_MS));
    local_cache_release(f->cache, SLICE("abc"));
    assert_true(local_cache_lease(f->cache, SLICE("abc"), NOW + LOCAL_PATIENCE_MS + 1));
}

/* --- torture --- */

/* A URL that carries its own proof: code, version, filling, and a checksum of all that. */
static size_t make_url(char *out, size_t size, unsigned code, uint32_t version, unsigned filling)
{
    int n = snprintf(out, size, "https://x/%u/%u/", code, version);
    size_t len = (size_t)n;
    for (unsigned i = 0; i < filling; i++)
        out[len++] = (char)('a' + (i + version) % 26);
    uint32_t sum = 2166136261U;
    for (size_t i = 0; i < len; i++)
        sum = (sum ^ (unsigned char)out[i]) * 16777619U;
    n = snprintf(out + len, size - len, "%08x", sum);
    return len + (size_t)n;
}

static bool url_is_whole(const struct cache_entry *entry, unsigned code)
{
    char url[8100];
    char expected[64];
    struct slice at = entry->target.long_url;
    int head =
        snprintf(expected, sizeof(expected), "https://x/%u/%u/", code, entry->target.version);
    if (at.len < (size_t)head + 8 || memcmp(at.at, expected, (size_t)head) != 0)
        return false;
    size_t len = make_url(url, sizeof(url), code, entry->target.version,
                          (unsigned)(at.len - (size_t)head - 8));
    return slice_eq(at, (struct slice){ url, len });
}

/* What all processes have done together. */
struct deeds {
    uint64_t reads;
    uint64_t hits;
    uint64_t writes;
};

// NOLINTNEXTLINE(readability-non-const-parameter): the builtin does write
static void count(uint64_t *deeds)
{
    __atomic_fetch_add(deeds, 1, __ATOMIC_RELAXED);
}

/* What each of the processes does until it is killed; exits with 1 when it sees something torn. */
static _Noreturn void torture(const char *path, unsigned seed, struct deeds *deeds)
{
    static const unsigned fillings[] = { 10, 60, 150, 600, 7000 };
    struct segment *segment;
    struct local_cache *cache;
    struct arena *arena = arena_new(1 << 20);
    char url[8100];
    char code[32];
    open_cache(path, &segment, &cache);
    for (uint32_t version = 1;; version++) {
        unsigned n = (unsigned)rand_r(&seed) % CODES;
        struct local_found found;
        arena_reset(arena);
        snprintf(code, sizeof(code), "k%u", n);
        bool hit = local_cache_get(cache, slice_of(code), NOW, arena, &found) == LOCAL_FRESH;
        if (hit && !url_is_whole(&found.entry, n))
            _exit(1);
        count(&deeds->reads);
        if (hit)
            count(&deeds->hits);
        if (rand_r(&seed) % 4)
            continue;
        count(&deeds->writes);
        unsigned filling = fillings[(unsigned)rand_r(&seed) % 5];
        size_t len = make_url(url, sizeof(url), n, version, filling);
        struct cache_entry fresh = target((struct slice){ url, len }, version);
        if (rand_r(&seed) % 2)
            local_cache_fill(cache, slice_of(code), &fresh, LIFE, found.stamp);
        else
            local_cache_publish(cache, slice_of(code), &fresh, LIFE);
    }
}

static pid_t start_torture(const struct fixture *f, unsigned seed, struct deeds *deeds)
{
    pid_t pid = fork();
    if (pid == 0)
        torture(f->path, seed, deeds);
    return pid;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void nothing_torn_is_ever_served(void **state)
{
    struct fixture *f = *state;
    const char *wish = getenv("CURT_SOAK_SECONDS");
    int64_t end = now_ms() + (wish ? strtol(wish, NULL, 10) : 2) * 1000;
    struct deeds *deeds =
        mmap(NULL, sizeof(*deeds), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pids[PROCESSES];
    unsigned seed = SEED;
    assert_true(deeds != MAP_FAILED);
    unsigned killed = 0;
    for (unsigned i = 0; i < PROCESSES; i++)
        pids[i] = start_torture(f, i, deeds);
    while (now_ms() < end) {
        const struct timespec moment = { .tv_nsec = 1000000L * (1 + rand_r(&seed) % 20) };
        nanosleep(&moment, NULL); /* the kills come at random times: this is no wait for anything */
        unsigned i = (unsigned)rand_r(&seed) % PROCESSES;
        int status;
        kill(pids[i], SIGKILL);
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFSIGNALED(status));
        pids[i] = start_torture(f, 100 + killed++, deeds);
    }
    for (unsigned i = 0; i < PROCESSES; i++) {
        int status;
        kill(pids[i], SIGKILL);
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFSIGNALED(status));
    }
    struct cache_entry found;
    struct local_stamp stamp;
    fill(f, "after", "https://after.example/", 1);
    assert_int_equal(get(f, "after", NOW, &found, &stamp), LOCAL_FRESH);
    print_message("# %llu reads, %llu of them hits, %llu writes, %u processes killed\n",
                  (unsigned long long)deeds->reads, (unsigned long long)deeds->hits,
                  (unsigned long long)deeds->writes, killed);
    assert_true(killed > 10 && deeds->hits > 0);
    munmap(deeds, sizeof(*deeds));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_record_is_fresh_then_stale_then_gone),
        TEST(every_size_has_a_place),
        TEST(a_slow_reader_cannot_bring_back_what_was_changed),
        TEST(changes_replace_their_elders_only),
        TEST(making_a_link_ends_its_absence),
        TEST(what_is_used_outlives_what_is_not),
        TEST(long_links_have_their_place_among_short_ones),
        TEST(a_million_links_in_300_megabytes),
        TEST(a_damaged_record_is_a_miss),
        TEST(a_stopped_writer_delays_no_reader),
        TEST(whoever_has_nothing_else_waits_for_a_writer),
        TEST(an_author_waits_a_moment_for_a_writer),
        TEST(one_fetches_and_the_others_wait),
        TEST(nothing_torn_is_ever_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
