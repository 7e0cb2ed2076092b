/* SPDX-License-Identifier: MIT */
/* Bytes that another client stored in memcached are a miss, and are replaced by the link from the
 * database. Also the key of the seals: where it is read from, and what happens without it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "cache/memcached.h"
#include "fakes/db_fake.h"
#include "link/cache_entry.h"
#include "shm/key_cache.h"
#include "support/codes_key.h"
#include "support/memcached_process.h"

enum {
    LINE_MAX_BYTES = 128,
};

static const unsigned char OTHER_KEY[BIJECTION_KEY_BYTES] = { 8 };
static const struct slice CODE = { "abc", 3 };

struct fixture {
    struct memcached_processes processes;
    struct db *db;
    struct code_key_source code_key;
    struct cache *cache;
    struct arena *arena;
    struct error err;
};

static struct cache *open_cache(const struct fixture *f, const struct code_key_source *code_key)
{
    const struct memcached_options options = { .servers = f->processes.name[0],
                                               .connect_timeout_ms = 5000,
                                               .timeout_ms = 5000,
                                               .code_key = code_key,
                                               .prefix = "t" };
    struct error err = { "" };
    struct cache *cache = memcached_open(&options, &err);
    if (!cache)
        fail_msg("%s", err.text);
    return cache;
}

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){ .arena = arena_new(1 << 20), .db = db_fake_new(1 << 20, 100) };
    f.code_key.db = f.db;
    *state = &f;
    memcached_processes_init(&f.processes);
    return 0;
}

static void start(struct fixture *f)
{
    if (!memcached_process_start(&f->processes, 0)) {
        print_message("# no memcached on this machine\n");
        skip();
    }
    codes_key_store(f->db, CODE_KEY);
    f->cache = open_cache(f, &f->code_key);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    cache_close(&f->cache);
    db_close(&f->db);
    arena_free(&f->arena);
    memcached_processes_end(&f->processes);
    return 0;
}

static struct cache_entry target(uint32_t version, const char *url)
{
    return (struct cache_entry){
        ENTRY_TARGET,
        { .link_id = 1, .version = version, .redirect_status = 302, .long_url = slice_of(url) }
    };
}

static enum cache_result get(struct fixture *f, struct cache *cache, struct cache_entry *out)
{
    *out = (struct cache_entry){ .kind = ENTRY_ABSENT };
    return cache_get(cache, CODE, f->arena, out, &f->err);
}

static void send_all(int fd, const void *bytes, size_t len)
{
    assert_int_equal(send(fd, bytes, len, 0), (ssize_t)len);
}

/* Stores `value` under the key of CODE, as any client of the server can. */
static void plant(struct fixture *f, struct slice value)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char line[LINE_MAX_BYTES];
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->processes.socket[0]);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    int n = snprintf(line, sizeof(line), "set tr1:abc 0 0 %zu\r\n", value.len);
    send_all(fd, line, (size_t)n);
    if (value.len)
        send_all(fd, value.at, value.len);
    send_all(fd, "\r\n", 2);
    assert_int_equal(recv(fd, line, strlen("STORED\r\n"), MSG_WAITALL), strlen("STORED\r\n"));
    assert_memory_equal(line, "STORED\r\n", strlen("STORED\r\n"));
    close(fd);
}

static struct slice sealed(struct fixture *f, const unsigned char key[BIJECTION_KEY_BYTES],
                           struct slice code, const struct cache_entry *entry)
{
    struct cache_seal seal;
    cache_seal_init(&seal, key);
    return cache_entry_seal(&seal, code, entry, f->arena);
}

/* One of each kind of record that is none of ours. */
static void what_others_have_written_is_a_miss(void **state)
{
    static char large[900 * 1000];
    struct fixture *f = *state;
    struct cache_entry entry = target(9, "https://elsewhere.example/");
    struct cache_entry split = target(9, "https://elsewhere.example/\r\nX: y");
    start(f);
    const struct {
        const char *what;
        struct slice value;
    } rows[] = {
        { "nothing", SLICE("") },
        { "no record", SLICE("hello") },
        { "no seal", cache_entry_encode(&entry, f->arena) },
        { "a seal of zeros", { large, CACHE_ENTRY_HEAD + CACHE_SEAL_BYTES } },
        { "with a line end, no seal", cache_entry_encode(&split, f->arena) },
        { "sealed with another key", sealed(f, OTHER_KEY, CODE, &entry) },
        { "sealed for another code", sealed(f, CODE_KEY, SLICE("abd"), &entry) },
        { "large", { large, sizeof(large) } },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cache_entry got;
        plant(f, rows[i].value);
        if (get(f, f->cache, &got) != CACHE_MISS)
            fail_msg("%s: no miss but version %u", rows[i].what, got.target.version);
    }
    struct cache_entry got;
    plant(f, sealed(f, CODE_KEY, CODE, &entry)); /* the same, sealed with the key: it is a hit */
    assert_int_equal(get(f, f->cache, &got), CACHE_HIT);
    assert_int_equal(got.target.version, 9);
}

/* It would otherwise be a miss for as long as it is kept. */
static void the_next_fill_takes_its_place(void **state)
{
    struct fixture *f = *state;
    struct cache_entry ours = target(2, "https://example.org/"), got;
    start(f);
    plant(f, SLICE("hello"));
    assert_int_equal(get(f, f->cache, &got), CACHE_MISS);
    cache_fill(f->cache, CODE, &ours, 60);
    assert_int_equal(get(f, f->cache, &got), CACHE_HIT);
    assert_int_equal(got.target.version, 2);
}

static void but_not_what_an_author_has_published_since(void **state)
{
    struct fixture *f = *state;
    struct cache_entry old = target(2, "https://old.example/"), got;
    struct cache_entry newer = target(3, "https://new.example/");
    start(f);
    plant(f, SLICE("hello"));
    assert_int_equal(get(f, f->cache, &got), CACHE_MISS);
    struct cache *author = open_cache(f, &f->code_key);
    assert_true(cache_publish(author, CODE, &newer, 60, &f->err));
    cache_close(&author);
    cache_fill(f->cache, CODE, &old, 60);
    assert_int_equal(get(f, f->cache, &got), CACHE_HIT);
    assert_int_equal(got.target.version, 3);
}

/* A version of a hostile record says nothing. */
static void an_author_replaces_what_is_none_of_ours(void **state)
{
    struct fixture *f = *state;
    struct cache_entry forged = target(UINT32_MAX, "https://elsewhere.example/"), got;
    struct cache_entry ours = target(2, "https://example.org/");
    start(f);
    plant(f, cache_entry_encode(&forged, f->arena));
    assert_true(cache_publish(f->cache, CODE, &ours, 60, &f->err));
    assert_int_equal(get(f, f->cache, &got), CACHE_HIT);
    assert_int_equal(got.target.version, 2);
}

/* --- the key --- */

static void without_the_key_nothing_is_found_and_nothing_stored(void **state)
{
    struct fixture *f = *state;
    struct cache_entry ours = target(1, "https://example.org/"), got;
    struct code_key_source away = { .db = db_fake_new(1 << 16, 10) };
    start(f);
    db_fake_fail(away.db, 1000, DB_UNAVAILABLE, false);
    struct cache *caches[] = { open_cache(f, NULL), open_cache(f, &away) };
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(get(f, caches[i], &got), CACHE_MISS);
        cache_fill(caches[i], CODE, &ours, 60);
        assert_int_equal(get(f, f->cache, &got), CACHE_MISS);
    }
    assert_false(cache_publish(caches[1], CODE, &ours, 60, &f->err));
    assert_true(f->err.text[0] != '\0');
    assert_true(cache_publish(f->cache, CODE, &ours, 60, &f->err));
    assert_int_equal(get(f, caches[1], &got), CACHE_MISS);
    assert_true(cache_publish(caches[1], CODE, &ours, 0, &f->err)); /* to remove, none is needed */
    assert_int_equal(get(f, f->cache, &got), CACHE_MISS);
    cache_close(&caches[0]);
    cache_close(&caches[1]);
    db_close(&away.db);
}

/* The segment has the key: while the database is unavailable memcached is still read. */
static void the_segment_has_the_key(void **state)
{
    struct fixture *f = *state;
    char path[64];
    struct cache_entry ours = target(1, "https://example.org/"), got;
    struct segment *segment = NULL;
    start(f);
    snprintf(path, sizeof(path), "/tmp/curt-test-seals-%d", (int)getpid());
    unlink(path);
    const struct segment_options options = { .path = path };
    assert_int_equal(segment_open(&options, &segment, &f->err), PRIVATE_FILE_OK);
    assert_true(cache_publish(f->cache, CODE, &ours, 60, &f->err));
    key_cache_set_code_key(segment, CODE_KEY);
    unsigned long asked = db_fake_calls(f->db);
    const struct code_key_source source = { f->db, segment };
    struct cache *other = open_cache(f, &source);
    assert_int_equal(get(f, other, &got), CACHE_HIT);
    assert_int_equal(db_fake_calls(f->db), asked);
    cache_close(&other);
    segment_close(&segment);
    unlink(path);
}

/* The database was replaced by another one: the key that a worker knows is of the past. */
static void a_new_key_is_found(void **state)
{
    struct fixture *f = *state;
    struct cache_entry ours = target(1, "https://example.org/"), got;
    start(f);
    assert_true(cache_publish(f->cache, CODE, &ours, 60, &f->err));
    codes_key_store(f->db, OTHER_KEY);
    struct cache *other = open_cache(f, &f->code_key);
    assert_int_equal(get(f, other, &got), CACHE_MISS);
    cache_fill(other, CODE, &ours, 60);
    assert_int_equal(get(f, other, &got), CACHE_HIT);
    assert_int_equal(get(f, f->cache, &got), CACHE_MISS); /* it sees that its key is no good, */
    assert_int_equal(get(f, f->cache, &got), CACHE_HIT);  /* and reads the new one */
    cache_close(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_others_have_written_is_a_miss),
        TEST(the_next_fill_takes_its_place),
        TEST(but_not_what_an_author_has_published_since),
        TEST(an_author_replaces_what_is_none_of_ours),
        TEST(without_the_key_nothing_is_found_and_nothing_stored),
        TEST(the_segment_has_the_key),
        TEST(a_new_key_is_found),
    };
    return cmocka_run_group_tests_name("seals of records in memcached", tests, NULL, NULL);
}
