/* SPDX-License-Identifier: MIT */
/* Stopping a worker of the FastCGI floor: at once while it waits, after the answer while it works,
 * and at any moment in between. Also the settings with which it refuses to start. */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "fcgi/fcgi.h"
#include "support/fcgi_peer.h"

enum {
    GET_VALUES = 9,
    PATIENT_MS = 60000, /* a stop must never have to wait for it */
    ROUNDS = 3000,
};

static void while_idle(void **state)
{
    (void)state;
    struct worker worker;
    worker_start(&worker, false, PATIENT_MS);
    worker_stop(&worker);
}

static void on_an_idle_kept_connection(void **state)
{
    (void)state;
    struct worker worker;
    struct bytes bytes = { 0 };
    worker_start(&worker, false, PATIENT_MS);
    bytes_request(&bytes, &(struct asking){ .keep = true });
    int fd = worker_connect(&worker);
    peer_send(fd, bytes);
    struct answer answer = peer_receive(fd);
    assert_true(answer.ended);
    worker_stop(&worker);
    peer_expect_end(fd);
    close(fd);
    answer_free(&answer);
    bytes_free(&bytes);
}

/* Has the worker accept a connection and begin a request; it is known to, because it answers a
 * question on it. */
static int begin_request(const struct worker *worker, struct bytes request, size_t half)
{
    struct bytes bytes = { 0 };
    unsigned char reply[8];
    bytes_record(&bytes, GET_VALUES, 0, NULL, 0);
    bytes_add(&bytes, request.at, half);
    int fd = worker_connect(worker);
    peer_send(fd, bytes);
    peer_receive_bytes(fd, reply, sizeof(reply));
    bytes_free(&bytes);
    return fd;
}

static void within_a_request(void **state)
{
    (void)state;
    struct bytes bytes = { 0 };
    bytes_request(&bytes, &(struct asking){ .target = "/late", .keep = true });
    for (size_t half = 0; half < bytes.len; half += 16) {
        struct worker worker;
        worker_start(&worker, false, PATIENT_MS);
        int fd = begin_request(&worker, bytes, half);
        kill(worker.pid, SIGTERM);
        peer_send(fd, (struct bytes){ bytes.at + half, bytes.len - half, 0 });
        struct answer answer = peer_receive(fd);
        assert_true(answer.ended);
        assert_non_null(strstr(answer.text, "GET /late "));
        peer_expect_end(fd);
        worker_wait(&worker);
        close(fd);
        answer_free(&answer);
    }
    bytes_free(&bytes);
}

/* The rest never comes: a stopping worker does not wait as long for it as a working one. */
static void within_a_request_that_never_ends(void **state)
{
    (void)state;
    struct worker worker;
    struct bytes bytes = { 0 };
    bytes_request(&bytes, &(struct asking){ .target = "/" });
    worker_start(&worker, false, PATIENT_MS);
    int fd = begin_request(&worker, bytes, 20);
    worker_stop(&worker);
    peer_expect_end(fd);
    close(fd);
    bytes_free(&bytes);
}

static void while_sending(void **state)
{
    (void)state;
    struct worker worker;
    struct bytes bytes = { 0 };
    unsigned char some[1];
    bytes_request(&bytes, &(struct asking){ .target = "/big" });
    worker_start(&worker, false, PATIENT_MS);
    int fd = worker_connect(&worker);
    peer_send(fd, bytes);
    assert_int_equal(recv(fd, some, 1, MSG_PEEK), 1);
    kill(worker.pid, SIGTERM);
    struct answer answer = peer_receive(fd);
    assert_true(answer.ended);
    assert_true(answer.len > 4 * 1024 * 1024);
    worker_wait(&worker);
    close(fd);
    answer_free(&answer);
    bytes_free(&bytes);
}

/* --- at any moment --- */

static struct fcgi *_Atomic stoppable;

static void on_usr1(int number)
{
    (void)number;
    if (stoppable)
        fcgi_stop(stoppable);
}

/* Opens, serves until stopped, closes, again and again; says so each time it opened and closed. */
static _Noreturn void serve_in_rounds(int listen_fd, int tell_fd)
{
    struct sigaction stop = { .sa_handler = on_usr1 };
    struct arena *arena = arena_new(1024 * 1024);
    struct error err = { "" };
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigaction(SIGUSR1, &stop, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        int fd = dup(listen_fd); /* the stop makes it unusable */
        const struct fcgi_options options = { .listen_fd = fd,
                                              .max_body = 1000,
                                              .read_timeout_ms = PATIENT_MS };
        struct fcgi *fcgi = fcgi_open(&options, &err);
        if (!fcgi)
            _exit(3);
        stoppable = fcgi;
        struct http_request request;
        enum fcgi_event event = FCGI_DROPPED;
        if (write(tell_fd, "o", 1) != 1)
            _exit(4);
        while (event < FCGI_STOPPED) {
            event = fcgi_accept(fcgi, arena, &request, &err);
            const struct http_response response = { .status = 204 };
            if (event == FCGI_REQUEST)
                (void)fcgi_respond(fcgi, &request, &response, &err);
            arena_reset(arena);
        }
        stoppable = NULL;
        fcgi_close(&fcgi);
        close(fd);
        if (event != FCGI_STOPPED || write(tell_fd, "c", 1) != 1)
            _exit(5);
    }
    arena_free(&arena);
    _exit(0);
}

static void expect_word(int fd, char expected)
{
    struct pollfd wait = { fd, POLLIN, 0 };
    char word = '\0';
    if (poll(&wait, 1, PEER_DEADLINE_MS) != 1)
        fail_msg("a stop was missed");
    assert_int_equal(read(fd, &word, 1), 1);
    assert_int_equal(word, expected);
}

static void spin(unsigned ns)
{
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - begin.tv_sec) * 1000000000 + now.tv_nsec - begin.tv_nsec < ns);
}

/* Thousands of stops at moments spread over the first 60 microseconds, with and without a request
 * on its way. None is missed, and whatever was accepted is answered: by this round, or, when it was
 * still in the queue, by the next. */
static void at_any_moment(void **state)
{
    (void)state;
    struct worker worker;
    struct bytes bytes = { 0 };
    int words[2];
    bytes_request(&bytes, &(struct asking){ .target = "/" });
    worker_start(&worker, false, PATIENT_MS);
    kill(worker.pid, SIGKILL); /* only its socket is of use here */
    waitpid(worker.pid, NULL, 0);
    assert_int_equal(pipe(words), 0);
    worker.pid = fork();
    if (worker.pid == 0)
        serve_in_rounds(worker.listen_fd, words[1]);
    int asked = -1;
    for (unsigned round = 0; round < ROUNDS; round++) {
        expect_word(words[0], 'o');
        if (asked >= 0) {
            struct answer answer = peer_receive(asked);
            assert_true(answer.ended);
            answer_free(&answer);
            close(asked);
            asked = -1;
        }
        if (round % 2 && round < ROUNDS - 2) {
            asked = worker_connect(&worker);
            peer_send(asked, bytes);
        }
        spin(round * 7919 % 60000);
        kill(worker.pid, SIGUSR1);
        expect_word(words[0], 'c');
    }
    worker_wait(&worker);
    close(words[0]);
    close(words[1]);
    bytes_free(&bytes);
}

/* --- opening --- */

static bool opens(int fd, struct error *err)
{
    const struct fcgi_options options = { .listen_fd = fd, .max_body = 1, .read_timeout_ms = 1 };
    struct fcgi *fcgi = fcgi_open(&options, err);
    bool opened = fcgi != NULL;
    fcgi_close(&fcgi);
    assert_null(fcgi);
    return opened;
}

static void only_on_listening_sockets(void **state)
{
    (void)state;
    struct error err = { "" };
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_false(opens(pair[0], &err));
    assert_string_not_equal(err.text, "");
    assert_false(opens(-1, &err));
    close(pair[0]);
    close(pair[1]);
}

/* FCGI_WEB_SERVER_ADDRS has the addresses that may connect by TCP; unix sockets have their mode. */
static void only_for_listed_addresses(void **state)
{
    static const struct {
        const char *list;
        bool is_tcp;
        bool served;
    } rows[] = {
        { "127.0.0.1", true, true },
        { "192.0.2.1, ::1,127.0.0.1", true, true },
        { "::ffff:127.0.0.1", true, true },
        { "192.0.2.1", true, false },
        { "::1", true, false },
        { "192.0.2.1", false, true },
    };
    (void)state;
    struct bytes bytes = { 0 };
    bytes_request(&bytes, &(struct asking){ .target = "/" });
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct worker worker;
        setenv("FCGI_WEB_SERVER_ADDRS", rows[i].list, 1);
        worker_start_unasked(&worker, rows[i].is_tcp, PATIENT_MS);
        struct answer answer = peer_exchange(&worker, bytes);
        if (answer.ended != rows[i].served)
            fail_msg("row %zu", i);
        answer_free(&answer);
        worker_stop(&worker);
    }
    unsetenv("FCGI_WEB_SERVER_ADDRS");
    bytes_free(&bytes);
}

static void never_with_a_list_it_cannot_read(void **state)
{
    (void)state;
    struct worker worker;
    struct error err = { "" };
    worker_start(&worker, true, PATIENT_MS);
    setenv("FCGI_WEB_SERVER_ADDRS", "127.0.0.1,web.example", 1);
    assert_false(opens(worker.listen_fd, &err));
    assert_non_null(strstr(err.text, "web.example"));
    unsetenv("FCGI_WEB_SERVER_ADDRS");
    worker_stop(&worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(while_idle),
        cmocka_unit_test(on_an_idle_kept_connection),
        cmocka_unit_test(within_a_request),
        cmocka_unit_test(within_a_request_that_never_ends),
        cmocka_unit_test(while_sending),
        cmocka_unit_test(at_any_moment),
        cmocka_unit_test(only_on_listening_sockets),
        cmocka_unit_test(only_for_listed_addresses),
        cmocka_unit_test(never_with_a_list_it_cannot_read),
    };
    return cmocka_run_group_tests_name("fcgi stop", tests, NULL, NULL);
}
