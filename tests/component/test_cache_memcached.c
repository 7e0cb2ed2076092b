/* SPDX-License-Identifier: MIT */
/* The cache when memcached servers stop, restart, never answer, or return unexpected bytes; and
 * many authors at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "cache/memcached.h"
#include "fakes/db_fake.h"
#include "support/codes_key.h"
#include "support/memcached_process.h"

enum {
    TIMEOUT_MS = 100,
    FAILURES = 3,   /* that make the breaker leave a server out, */
    OPEN_MS = 1000, /* for so long */
    CODES = 200,
};

struct fixture {
    struct memcached_processes processes;
    struct arena *arena;
    struct breakers *breakers;
    struct cache *cache;
    struct error err;
};

static struct code_key_source code_key; /* of all caches */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct cache *open_cache(struct breakers *breakers, const char *servers)
{
    const struct memcached_options options = { .servers = servers,
                                               .connect_timeout_ms = TIMEOUT_MS,
                                               .timeout_ms = TIMEOUT_MS,
                                               .breakers = breakers,
                                               .code_key = &code_key,
                                               .prefix = "t" };
    struct error err = { "" };
    struct cache *cache = memcached_open(&options, &err);
    if (!cache)
        fail_msg("%s", err.text);
    return cache;
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    *state = f;
    const struct breaker_options breaker = { FAILURES, OPEN_MS, 1, NULL };
    f->arena = arena_new(1 << 20);
    f->breakers = breakers_open(NULL, &breaker, &f->err);
    code_key.db = db_fake_new(1 << 20, 100);
    codes_key_store(code_key.db, CODE_KEY);
    memcached_processes_init(&f->processes);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    cache_close(&f->cache);
    breakers_close(&f->breakers);
    db_close(&code_key.db);
    arena_free(&f->arena);
    memcached_processes_end(&f->processes);
    free(f);
    return 0;
}

/* Starts `n` servers and opens a cache over them. */
static void start(struct fixture *f, int n)
{
    for (int i = 0; i < n; i++) {
        if (!memcached_process_start(&f->processes, i)) {
            print_message("# no memcached on this machine\n");
            skip();
        }
    }
    f->cache = open_cache(f->breakers, n == 1 ? f->processes.name[0] : f->processes.servers);
}

static struct cache_entry version(uint32_t n)
{
    return (struct cache_entry){ ENTRY_TARGET,
                                 { .link_id = 1,
                                   .version = n,
                                   .redirect_status = 302,
                                   .long_url = { "http://example.org/", 19 } } };
}

static enum cache_result get(struct fixture *f, const char *code, uint32_t *got)
{
    struct cache_entry entry = { 0 };
    enum cache_result result = cache_get(f->cache, slice_of(code), f->arena, &entry, &f->err);
    *got = entry.target.version;
    arena_reset(f->arena);
    return result;
}

static enum cache_result ask(struct fixture *f, const char *code)
{
    uint32_t got;
    return get(f, code, &got);
}

static bool publish(struct fixture *f, const char *code, uint32_t n)
{
    struct cache_entry entry = version(n);
    return cache_publish(f->cache, slice_of(code), &entry, 60, &f->err);
}

/* Asks until the answer is no longer CACHE_DOWN, for at most five seconds. */
static enum cache_result wait_until_up(struct fixture *f, const char *code)
{
    int64_t deadline = now_ms() + 5000;
    enum cache_result result;
    while ((result = ask(f, code)) == CACHE_DOWN && now_ms() < deadline)
        poll(NULL, 0, 5);
    return result;
}

/* --- a server that is not there --- */

static void nobody_listens(void **state)
{
    struct fixture *f = *state;
    f->cache = open_cache(f->breakers, f->processes.name[0]);
    int64_t before = now_ms();
    for (int i = 0; i < 100; i++)
        assert_int_equal(ask(f, "abc"), CACHE_DOWN);
    assert_false(publish(f, "abc", 1));
    assert_true(now_ms() - before < 500);
    assert_non_null(strstr(f->err.text, f->processes.name[0]));
}

static void killed_and_started_again(void **state)
{
    struct fixture *f = *state;
    start(f, 1);
    assert_true(publish(f, "abc", 1));
    assert_int_equal(ask(f, "abc"), CACHE_HIT);
    memcached_process_stop(&f->processes, 0, SIGKILL);
    int64_t killed_at = now_ms();
    assert_int_equal(ask(f, "abc"), CACHE_DOWN);
    assert_int_equal(ask(f, "abc"), CACHE_DOWN);
    assert_true(now_ms() - killed_at < 500);
    memcached_process_start(&f->processes, 0);
    int64_t started_at = now_ms();
    assert_int_equal(wait_until_up(f, "abc"), CACHE_MISS);
    assert_true(now_ms() - started_at < 1500);
    assert_true(publish(f, "abc", 2));
    assert_int_equal(ask(f, "abc"), CACHE_HIT);
}

/* The connection is gone, but the server is not: nothing is left out for that. */
static void restarted_while_nobody_asked(void **state)
{
    struct fixture *f = *state;
    struct cache_entry entry = version(1);
    start(f, 1);
    assert_true(publish(f, "abc", 1));
    memcached_process_stop(&f->processes, 0, SIGTERM);
    memcached_process_start(&f->processes, 0);
    assert_int_equal(ask(f, "abc"), CACHE_MISS);
    memcached_process_stop(&f->processes, 0, SIGKILL);
    memcached_process_start(&f->processes, 0);
    assert_true(publish(f, "abc", 1));
    memcached_process_stop(&f->processes, 0, SIGKILL);
    memcached_process_start(&f->processes, 0);
    cache_fill(f->cache, SLICE("abc"), &entry, 60); /* may be lost: fills do not wait */
    assert_int_not_equal(ask(f, "abc"), CACHE_DOWN);
}

/* --- a server that accepts and never answers --- */

static int listen_and_do_nothing(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 128), 0);
    return fd;
}

static void one_that_never_answers_costs_one_timeout(void **state)
{
    struct fixture *f = *state;
    int fd = listen_and_do_nothing(f->processes.socket[0]);
    f->cache = open_cache(f->breakers, f->processes.name[0]);
    int64_t before = now_ms();
    assert_int_equal(ask(f, "abc"), CACHE_DOWN);
    int64_t first = now_ms() - before;
    before = now_ms();
    unsigned asked = 0;
    for (; asked < 10000 && now_ms() - before < 500; asked++)
        assert_int_equal(ask(f, "abc"), CACHE_DOWN);
    close(fd);
    if (first < TIMEOUT_MS - 10 || first > TIMEOUT_MS + 150)
        fail_msg("the first took %lld ms", (long long)first);
    assert_true(asked > 100);
}

static void one_that_stops_answering_costs_one_timeout(void **state)
{
    struct fixture *f = *state;
    start(f, 1);
    assert_true(publish(f, "abc", 1));
    assert_int_equal(kill(f->processes.pid[0], SIGSTOP), 0);
    assert_int_equal(waitpid(f->processes.pid[0], NULL, WUNTRACED), f->processes.pid[0]);
    int64_t before = now_ms();
    assert_int_equal(ask(f, "abc"), CACHE_DOWN);
    int64_t first = now_ms() - before;
    assert_false(publish(f, "abc", 2));
    assert_int_equal(ask(f, "abc"), CACHE_DOWN);
    int64_t others = now_ms() - before - first;
    assert_int_equal(kill(f->processes.pid[0], SIGCONT), 0);
    if (first < TIMEOUT_MS - 10 || first > TIMEOUT_MS + 150 || others > TIMEOUT_MS)
        fail_msg("the first took %lld ms, the others %lld", (long long)first, (long long)others);
    uint32_t got;
    assert_int_equal(wait_until_up(f, "abc"), CACHE_HIT);
    assert_int_equal(get(f, "abc", &got), CACHE_HIT);
    assert_int_equal(got, 1);
}

/* Processes that share the breakers have no time-outs of their own; when the server answers a
 * probe, all of them use it again. */
static void after_some_failures_nobody_asks(void **state)
{
    struct fixture *f = *state;
    start(f, 1);
    struct cache *mine = f->cache;
    assert_int_equal(kill(f->processes.pid[0], SIGSTOP), 0);
    assert_int_equal(waitpid(f->processes.pid[0], NULL, WUNTRACED), f->processes.pid[0]);
    for (int i = 0; i < FAILURES; i++) { /* each by a worker that knows nothing of the others */
        f->cache = open_cache(f->breakers, f->processes.name[0]);
        assert_int_equal(ask(f, "abc"), CACHE_DOWN);
        cache_close(&f->cache);
    }
    f->cache = mine;
    int64_t before = now_ms();
    assert_int_equal(ask(f, "abc"), CACHE_DOWN);
    assert_false(publish(f, "abc", 1));
    assert_true(now_ms() - before < TIMEOUT_MS);
    assert_int_equal(memcached_servers(f->cache), 1);
    assert_int_equal(memcached_probe(f->cache, 0, now_ms()), MEMCACHED_SILENT);
    assert_int_equal(kill(f->processes.pid[0], SIGCONT), 0);
    assert_int_equal(memcached_probe(f->cache, 0, now_ms()), MEMCACHED_ANSWERS);
    assert_int_equal(memcached_probe(f->cache, 0, now_ms()), MEMCACHED_IN_USE);
    assert_int_equal(ask(f, "abc"), CACHE_MISS);
}

static void answer_for_ever(int fd, const char *answer)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        char bytes[256];
        int client = accept(fd, NULL, NULL);
        if (read(client, bytes, sizeof(bytes)) < 0 || write(client, answer, strlen(answer)) < 0)
            _exit(1);
        close(client);
    }
}

/* Whoever answers with something else than memcached would is as good as down. */
static void one_that_talks_nonsense_is_down(void **state)
{
    struct fixture *f = *state;
    static const char *const answers[] = {
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "VALUE other 0 5 1\r\nhello\r\nEND\r\n",
        "VALUE tr1:abc 0 99999999 1\r\nhello\r\nEND\r\n",
        "VALUE tr1:abc",
        "SERVER_ERROR busy\r\n",
        "\r\n",
        "",
    };
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        int fd = listen_and_do_nothing(f->processes.socket[0]);
        pid_t pid = fork();
        if (pid == 0)
            answer_for_ever(fd, answers[i]);
        f->cache = open_cache(f->breakers, f->processes.name[0]);
        enum cache_result result = ask(f, "abc");
        cache_close(&f->cache);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        close(fd);
        unlink(f->processes.socket[0]);
        if (result != CACHE_DOWN)
            fail_msg("\"%s\" gave %d", answers[i], (int)result);
    }
}

/* --- TCP --- */

/* A server on a free port of `host` that has nothing; 0 where the machine has no such address. */
static uint16_t listen_on(const char *host, int family, int *fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = { .any = { .sa_family = (sa_family_t)family } };
    socklen_t len = family == AF_INET ? sizeof(address.v4) : sizeof(address.v6);
    inet_pton(family, host,
              family == AF_INET ? (void *)&address.v4.sin_addr : (void *)&address.v6.sin6_addr);
    *fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd < 0 || bind(*fd, &address.any, len) < 0 || listen(*fd, 8) < 0 ||
        getsockname(*fd, &address.any, &len) < 0)
        return 0;
    return ntohs(family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

static void over_tcp(void **state)
{
    struct fixture *f = *state;
    static const struct {
        int family;
        const char *host, *before_port;
    } rows[] = { { AF_INET, "127.0.0.1", "127.0.0.1:" }, { AF_INET6, "::1", "[::1]:" } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int fd;
        char name[64];
        uint16_t port = listen_on(rows[i].host, rows[i].family, &fd);
        if (port == 0 && rows[i].family == AF_INET6)
            skip();
        snprintf(name, sizeof(name), "%s%d", rows[i].before_port, port);
        pid_t pid = fork();
        if (pid == 0)
            answer_for_ever(fd, "END\r\n");
        close(fd);
        f->cache = open_cache(f->breakers, name);
        assert_int_equal(ask(f, "abc"), CACHE_MISS);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        assert_int_equal(ask(f, "abc"), CACHE_DOWN);
        assert_non_null(strstr(f->err.text, name));
        cache_close(&f->cache);
    }
}

/* --- two servers --- */

static void code_of(int i, char code[16])
{
    snprintf(code, 16, "code%d", i);
}

static unsigned count(struct fixture *f, enum cache_result wanted)
{
    unsigned n = 0;
    for (int i = 0; i < CODES; i++) {
        char code[16];
        code_of(i, code);
        n += ask(f, code) == wanted;
    }
    return n;
}

/* A code goes from its own server, if that answers. */
static void codes_are_removed(void **state)
{
    struct fixture *f = *state;
    char code[16];
    uint64_t silent = 0;
    start(f, 2);
    for (int i = 0; i < CODES; i++) {
        code_of(i, code);
        assert_true(publish(f, code, 1));
        assert_true(memcached_remove(f->cache, slice_of(code), &silent));
        assert_true(memcached_remove(f->cache, slice_of(code), &silent)); /* it is not there */
    }
    assert_int_equal(silent, 0);
    assert_int_equal(count(f, CACHE_MISS), CODES);
    memcached_process_stop(&f->processes, 1, SIGKILL);
    unsigned gone = 0;
    for (int i = 0; i < CODES; i++) {
        code_of(i, code);
        gone += memcached_remove(f->cache, slice_of(code), &silent);
    }
    assert_int_equal(silent, 2);
    assert_true(gone > CODES / 4 && gone < CODES * 3 / 4);
}

static void with_one_of_two_dead_half_go_on(void **state)
{
    struct fixture *f = *state;
    char code[16];
    start(f, 2);
    for (int i = 0; i < CODES; i++) {
        code_of(i, code);
        assert_true(publish(f, code, 1));
    }
    assert_int_equal(count(f, CACHE_HIT), CODES);
    memcached_process_stop(&f->processes, 1, SIGKILL);
    int64_t before = now_ms();
    unsigned hits = count(f, CACHE_HIT);
    assert_true(hits > CODES / 4 && hits < CODES * 3 / 4);
    assert_int_equal(count(f, CACHE_HIT), hits);
    if (now_ms() - before < 900) /* one has failed, then the others went to the stand-in */
        assert_int_equal(count(f, CACHE_DOWN), 0);

    unsigned sure = 0;
    unsigned stood_in = 0;
    for (int i = 0; i < CODES; i++) {
        struct cache_entry entry = version(5);
        code_of(i, code);
        bool there = ask(f, code) == CACHE_HIT;
        cache_fill(f->cache, slice_of(code), &entry, 60);
        stood_in += !there && ask(f, code) == CACHE_HIT;
        sure += publish(f, code, 6);
    }
    assert_int_equal(sure, hits);
    assert_true(stood_in + hits >= CODES - 2); /* a try to reach the dead one may come between */
    memcached_process_start(&f->processes, 1);
    int64_t deadline = now_ms() + 5000;
    while (count(f, CACHE_HIT) != hits && now_ms() < deadline)
        poll(NULL, 0, 5);
    assert_int_equal(count(f, CACHE_HIT), hits);
    assert_int_equal(count(f, CACHE_MISS), CODES - hits);
}

/* What stands in is forgotten soon, because changes are not published there later. */
static void what_stands_in_is_short_lived(void **state)
{
    struct fixture *f = *state;
    char code[16] = "";
    struct cache_entry entry = version(1);
    start(f, 2);
    memcached_process_stop(&f->processes, 1, SIGKILL);
    for (int i = 0; ask(f, code) != CACHE_DOWN; i++)
        code_of(i, code); /* one that belongs to the dead server */
    cache_fill(f->cache, slice_of(code), &entry, 3600);
    assert_int_equal(ask(f, code), CACHE_HIT);
    struct cache *only_the_other = open_cache(f->breakers, f->processes.name[0]);
    struct error err = { "" };
    int64_t deadline = now_ms() + 9000;
    enum cache_result result;
    while ((result = cache_get(only_the_other, slice_of(code), f->arena, &entry, &err)) ==
               CACHE_HIT &&
           now_ms() < deadline) {
        arena_reset(f->arena);
        poll(NULL, 0, 20);
    }
    cache_close(&only_the_other);
    assert_int_equal(result, CACHE_MISS);
}

/* --- many authors --- */

enum {
    AUTHORS = 4,
    CHANGES = 400, /* of each */
};

/* Publishes versions `first`, `first` + AUTHORS, … */
static void be_an_author(const char *servers, uint32_t first)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct cache *cache = open_cache(NULL, servers);
    struct error err = { "" };
    unsigned failures = 0;
    for (uint32_t i = 0; i < CHANGES; i++) {
        struct cache_entry entry = version(first + i * AUTHORS);
        failures += !cache_publish(cache, SLICE("abc"), &entry, 60, &err);
    }
    cache_close(&cache);
    _exit(failures ? 1 : 0);
}

static void the_highest_version_wins(void **state)
{
    struct fixture *f = *state;
    start(f, 1);
    pid_t authors[AUTHORS];
    for (unsigned i = 0; i < AUTHORS; i++) {
        authors[i] = fork();
        if (authors[i] == 0)
            be_an_author(f->processes.name[0], i + 1);
    }
    uint32_t seen = 0;
    int running = AUTHORS;
    bool failed = false;
    while (running > 0) {
        uint32_t got;
        int status;
        if (get(f, "abc", &got) == CACHE_HIT) {
            if (got < seen)
                fail_msg("version %u after %u", got, seen);
            seen = got;
        }
        for (unsigned i = 0; i < AUTHORS; i++) {
            if (authors[i] && waitpid(authors[i], &status, WNOHANG) == authors[i]) {
                authors[i] = 0;
                running--;
                failed |= status != 0;
            }
        }
    }
    assert_false(failed);
    assert_int_equal(ask(f, "abc"), CACHE_HIT);
    get(f, "abc", &seen);
    assert_int_equal(seen, AUTHORS * CHANGES);
}

int main(void)
{
#define WITH_SERVERS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_SERVERS(nobody_listens),
        WITH_SERVERS(killed_and_started_again),
        WITH_SERVERS(restarted_while_nobody_asked),
        WITH_SERVERS(one_that_never_answers_costs_one_timeout),
        WITH_SERVERS(one_that_stops_answering_costs_one_timeout),
        WITH_SERVERS(after_some_failures_nobody_asks),
        WITH_SERVERS(one_that_talks_nonsense_is_down),
        WITH_SERVERS(over_tcp),
        WITH_SERVERS(codes_are_removed),
        WITH_SERVERS(with_one_of_two_dead_half_go_on),
        WITH_SERVERS(what_stands_in_is_short_lived),
        WITH_SERVERS(the_highest_version_wins),
    };
    return cmocka_run_group_tests_name("cache in memcached", tests, NULL, NULL);
}
