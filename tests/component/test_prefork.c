/* SPDX-License-Identifier: MIT */
/* Curt's own prefork parent with real processes, signals and requests. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "fcgi/fcgi.h"
#include "os/monotonic.h"
#include "runtime/prefork.h"
#include "support/fcgi_peer.h"

enum {
    WORKERS = 3,
    GENERATIONS = 8,
    GET_VALUES = 9,
    READ_TIMEOUT_MS = 10000,
};

/* What test, parent and workers see of each other. */
struct shared {
    atomic_int serving[GENERATIONS]; /* workers of each generation that accept */
    atomic_int starts;
    atomic_int reloads; /* how often one was asked for */
    atomic_bool refuse; /* reloads fail */
    atomic_bool crash;  /* workers die while starting */
    int generation;     /* the parent's own: copied by the fork */
};

struct pool {
    struct worker parent; /* the parent, as the peer of requests */
    struct shared *shared;
};

static struct fcgi *_Atomic serving;

static void on_term(int number)
{
    (void)number;
    if (serving)
        fcgi_stop(serving);
}

/* Answers with its process id and its generation. */
static int serve(void *context, int listen_fd)
{
    struct shared *shared = context;
    int generation = shared->generation;
    const struct fcgi_options options = { .listen_fd = listen_fd,
                                          .max_body = 1000,
                                          .read_timeout_ms = READ_TIMEOUT_MS };
    struct arena *arena = arena_new(1024 * 1024);
    struct error err = { "" };
    struct sigaction stop = { .sa_handler = on_term };
    shared->starts++;
    if (shared->crash)
        _exit(1);
    struct fcgi *fcgi = fcgi_open(&options, &err);
    if (!fcgi)
        return 1;
    serving = fcgi;
    sigaction(SIGTERM, &stop, NULL);
    shared->serving[generation]++;
    prefork_tell_started();
    struct http_request request;
    enum fcgi_event event;
    while ((event = fcgi_accept(fcgi, arena, &request, &err)) < FCGI_STOPPED) {
        char text[64];
        snprintf(text, sizeof(text), "pid=%d generation=%d.", (int)getpid(), generation);
        const struct http_response response = { .status = 200, .body = slice_of(text) };
        if (event == FCGI_REQUEST)
            (void)fcgi_respond(fcgi, &request, &response, &err);
        arena_reset(arena);
    }
    shared->serving[generation]--;
    serving = NULL;
    fcgi_close(&fcgi);
    arena_free(&arena);
    return 0;
}

static bool reload(void *context, struct error *err)
{
    struct shared *shared = context;
    bool refuse = shared->refuse;
    if (refuse)
        error_set(err, "this test says no");
    else
        shared->generation++;
    shared->reloads++;
    return !refuse;
}

static _Noreturn void run_parent(struct pool *pool)
{
    const struct log_options quiet = { .level = LOG_LEVEL_ERROR };
    struct log *log = log_open(&quiet, "test");
    char where[128];
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* a test that fails leaves nothing behind */
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(null, STDERR_FILENO);
    close(null);
    snprintf(where, sizeof(where), "unix:%s", pool->parent.path);
    const struct prefork prefork = { .listen = where,
                                     .workers = WORKERS,
                                     .log = log,
                                     .serve = serve,
                                     .reload = reload,
                                     .context = pool->shared };
    int status = prefork_run(&prefork);
    log_close(&log);
    _exit(status);
}

/* Waits for `condition`, a deadline long. */
#define WAIT_FOR(condition)                                              \
    do {                                                                 \
        int64_t end = monotonic_us() + (int64_t)PEER_DEADLINE_MS * 1000; \
        while (!(condition)) {                                           \
            if (monotonic_us() > end)                                    \
                fail_msg("%s does not become true", #condition);         \
            poll(NULL, 0, 1);                                            \
        }                                                                \
    } while (0)

static void pool_start(struct pool *pool)
{
    static unsigned count;
    *pool = (struct pool){ .parent.listen_fd = -1 };
    pool->shared = mmap(NULL, sizeof(*pool->shared), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(pool->shared, MAP_FAILED);
    snprintf(pool->parent.path, sizeof(pool->parent.path), "/tmp/curt-test-pool-%d-%u",
             (int)getpid(), count++);
    pool->parent.pid = fork();
    assert_true(pool->parent.pid >= 0);
    if (pool->parent.pid == 0)
        run_parent(pool);
    setpgid(pool->parent.pid, pool->parent.pid);
    WAIT_FOR(pool->shared->serving[0] == WORKERS);
}

static bool is_gone(const struct pool *pool)
{
    return kill(-pool->parent.pid, 0) != 0 && errno == ESRCH;
}

/* Waits until the parent ends well, and checks that it left nothing. */
static void pool_wait(struct pool *pool)
{
    worker_wait(&pool->parent);
    WAIT_FOR(is_gone(pool));
    assert_int_not_equal(access(pool->parent.path, F_OK), 0);
    munmap(pool->shared, sizeof(*pool->shared));
}

static void pool_stop(struct pool *pool)
{
    kill(pool->parent.pid, SIGTERM);
    pool_wait(pool);
}

/* One request, which must be answered: by whom? */
static pid_t ask(struct pool *pool, int *generation)
{
    struct bytes bytes = { 0 };
    bytes_request(&bytes, &(struct asking){ .target = "/" });
    struct answer answer = peer_exchange(&pool->parent, bytes);
    assert_true(answer.ended);
    const char *body = strstr(answer.text, "pid=");
    assert_non_null(body);
    char *end;
    int pid = (int)strtol(body + strlen("pid="), &end, 10);
    assert_memory_equal(end, " generation=", strlen(" generation="));
    int of = (int)strtol(end + strlen(" generation="), &end, 10);
    assert_int_equal(*end, '.');
    if (generation)
        *generation = of;
    answer_free(&answer);
    bytes_free(&bytes);
    return pid;
}

static void serves_and_stops(void **state)
{
    (void)state;
    struct pool pool;
    pool_start(&pool);
    for (int i = 0; i < 50; i++)
        (void)ask(&pool, NULL);
    assert_int_equal(pool.shared->starts, WORKERS);
    pool_stop(&pool);
}

static void replaces_a_killed_worker(void **state)
{
    (void)state;
    struct pool pool;
    pool_start(&pool);
    for (int i = 1; i <= 5; i++) {
        pid_t victim = ask(&pool, NULL);
        kill(victim, SIGKILL);
        WAIT_FOR(kill(victim, 0) != 0); /* until then it may yet take a request with it */
        /* Connections wait, they are not refused, while a worker is missing. */
        WAIT_FOR(ask(&pool, NULL) != victim && pool.shared->serving[0] == WORKERS + i);
    }
    pool_stop(&pool);
}

/* A client hammers all the time; every request of it is answered. */
static void reloads_without_a_gap(void **state)
{
    (void)state;
    struct pool pool;
    pool_start(&pool);
    for (int generation = 1; generation <= 3; generation++) {
        kill(pool.parent.pid, SIGHUP);
        int seen = 0;
        WAIT_FOR(ask(&pool, &seen) > 0 && pool.shared->serving[generation - 1] == 0 &&
                 pool.shared->serving[generation] == WORKERS);
        assert_true(seen == generation || seen == generation - 1);
        (void)ask(&pool, &seen);
        assert_int_equal(seen, generation);
    }
    assert_int_equal(pool.shared->starts, 4 * WORKERS);
    pool_stop(&pool);
}

static void a_refused_reload_changes_nothing(void **state)
{
    (void)state;
    struct pool pool;
    pool_start(&pool);
    pool.shared->refuse = true;
    kill(pool.parent.pid, SIGHUP);
    WAIT_FOR(pool.shared->reloads == 1);
    for (int i = 0; i < 20; i++) {
        int generation;
        (void)ask(&pool, &generation);
        assert_int_equal(generation, 0);
    }
    assert_int_equal(pool.shared->starts, WORKERS);
    pool_stop(&pool);
}

/* The new configuration was found good, but no worker can start with it. */
static void workers_that_cannot_start_replace_nobody(void **state)
{
    (void)state;
    struct pool pool;
    pool_start(&pool);
    pool.shared->crash = true;
    kill(pool.parent.pid, SIGHUP);
    WAIT_FOR(ask(&pool, NULL) > 0 && pool.shared->starts >= WORKERS + 3);
    assert_int_equal(pool.shared->serving[0], WORKERS);
    pool.shared->crash = false;
    WAIT_FOR(ask(&pool, NULL) > 0 && pool.shared->serving[0] == 0 &&
             pool.shared->serving[1] == WORKERS);
    pool_stop(&pool);
}

static void backs_off_in_a_crash_loop(void **state)
{
    (void)state;
    struct pool pool;
    pool_start(&pool);
    pool.shared->crash = true;
    int64_t begin = monotonic_us();
    kill(ask(&pool, NULL), SIGKILL);
    WAIT_FOR(pool.shared->starts >= WORKERS + 5);
    /* 100 + 200 + 400 + 800 ms between the five, less a little for the clocks' grain. */
    assert_true(monotonic_us() - begin >= 1490000);
    pool_stop(&pool);
}

static void drains(void **state)
{
    (void)state;
    struct pool pool;
    struct bytes question = { 0 }, bytes = { 0 };
    unsigned char reply[8];
    pool_start(&pool);
    bytes_record(&question, GET_VALUES, 0, NULL, 0);
    bytes_request(&bytes, &(struct asking){ .target = "/" });
    int fd = worker_connect(&pool.parent);
    peer_send(fd, question);
    peer_receive_bytes(fd, reply, sizeof(reply)); /* a worker has it at hand */
    kill(pool.parent.pid, SIGTERM);
    WAIT_FOR(pool.shared->serving[0] == 1);
    peer_send(fd, bytes);
    struct answer answer = peer_receive(fd);
    assert_true(answer.ended);
    pool_wait(&pool);
    close(fd);
    answer_free(&answer);
    bytes_free(&bytes);
    bytes_free(&question);
}

static void stops_in_the_middle_of_a_reload(void **state)
{
    (void)state;
    struct pool pool;
    pool_start(&pool);
    kill(pool.parent.pid, SIGHUP);
    WAIT_FOR(pool.shared->serving[1] >= 1);
    pool_stop(&pool);
}

static void a_killed_parent_leaves_no_orphans(void **state)
{
    (void)state;
    struct pool pool;
    pool_start(&pool);
    kill(pool.parent.pid, SIGKILL);
    waitpid(pool.parent.pid, NULL, 0);
    WAIT_FOR(is_gone(&pool));
    /* The next parent takes the socket file that was left. */
    assert_int_equal(access(pool.parent.path, F_OK), 0);
    *pool.shared = (struct shared){ .generation = 0 };
    pool.parent.pid = fork();
    if (pool.parent.pid == 0)
        run_parent(&pool);
    WAIT_FOR(pool.shared->serving[0] == WORKERS);
    (void)ask(&pool, NULL);
    pool_stop(&pool);
}

static void does_not_start_where_it_cannot_listen(void **state)
{
    (void)state;
    struct pool pool;
    int status = 0;
    pool_start(&pool);
    pid_t second = fork();
    if (second == 0)
        run_parent(&pool);
    assert_int_equal(waitpid(second, &status, 0), second);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_FAILURE);
    (void)ask(&pool, NULL);
    pool_stop(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_and_stops),
        cmocka_unit_test(replaces_a_killed_worker),
        cmocka_unit_test(reloads_without_a_gap),
        cmocka_unit_test(a_refused_reload_changes_nothing),
        cmocka_unit_test(workers_that_cannot_start_replace_nobody),
        cmocka_unit_test(backs_off_in_a_crash_loop),
        cmocka_unit_test(drains),
        cmocka_unit_test(stops_in_the_middle_of_a_reload),
        cmocka_unit_test(a_killed_parent_leaves_no_orphans),
        cmocka_unit_test(does_not_start_where_it_cannot_listen),
    };
    return cmocka_run_group_tests_name("prefork", tests, NULL, NULL);
}
