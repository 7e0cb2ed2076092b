/* SPDX-License-Identifier: MIT */
/* The FastCGI floor with a simulated web server, over unix and TCP sockets: what it answers, and
 * that a peer cannot kill a worker, hold it, or make it leak a descriptor. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/fcgi_peer.h"

enum {
    ABORT = 2,
    PARAMS = 4,
    STDIN = 5,
    GET_VALUES = 9,
    PATIENT_MS = 60000,
    IMPATIENT_MS = 200,
};

struct fixture {
    bool is_tcp;
    struct worker worker;
    int fds;
};

static void start(struct fixture *f, unsigned read_timeout_ms)
{
    worker_start(&f->worker, f->is_tcp, read_timeout_ms);
    f->fds = worker_fds(&f->worker);
}

/* The worker lives, answers, and has no more descriptors than before. */
static void finish(struct fixture *f)
{
    peer_expect_alive(&f->worker);
    assert_int_equal(worker_fds(&f->worker), f->fds);
    worker_stop(&f->worker);
}

static struct answer ask(struct fixture *f, const struct asking *asking)
{
    struct bytes bytes = { 0 };
    bytes_request(&bytes, asking);
    struct answer answer = peer_exchange(&f->worker, bytes);
    bytes_free(&bytes);
    return answer;
}

static void answers(void **state)
{
    static const struct {
        const char *method, *target, *answer;
    } rows[] = {
        { "GET", "/a?b=c",
          "Status: 200 OK\r\nX-Test: yes\r\nContent-Length: 28\r\n\r\n"
          "GET /a?b=c large=0 broken=0 " },
        { "HEAD", "/a", "Status: 200 OK\r\nX-Test: yes\r\nContent-Length: 25\r\n\r\n" },
        { "GET", "/204", "Status: 204 No Content\r\nX-Test: yes\r\n\r\n" },
        { "GET", "/304", "Status: 304 Unknown\r\nX-Test: yes\r\n\r\n" },
        { "get", "/a",
          "Status: 200 OK\r\nX-Test: yes\r\nContent-Length: 26\r\n\r\n"
          "OTHER /a large=0 broken=0 " },
    };
    struct fixture *f = *state;
    start(f, PATIENT_MS);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct answer answer =
            ask(f, &(struct asking){ .method = rows[i].method, .target = rows[i].target });
        assert_true(answer.ended);
        assert_string_equal(strstr(answer.text, "Status"), answer.text);
        assert_string_equal(answer.text, rows[i].answer);
        answer_free(&answer);
    }
    finish(f);
}

static void bodies(void **state)
{
    static const struct {
        size_t len;
        const char *content_length; /* NULL: the true one */
        const char *expected;
        size_t echoed;
    } rows[] = {
        { 0, NULL, "large=0 broken=0 ", 0 },
        { 0, "", "large=0 broken=0 ", 0 },
        { 0, "0", "large=0 broken=0 ", 0 },
        { 1, NULL, "large=0 broken=0 ", 1 },
        { 1, "", "large=0 broken=0 ", 1 },
        { PEER_MAX_BODY, NULL, "large=0 broken=0 ", PEER_MAX_BODY },
        { PEER_MAX_BODY, "", "large=0 broken=0 ", PEER_MAX_BODY },
        { PEER_MAX_BODY + 1, NULL, "large=1 broken=0 ", 0 },
        { PEER_MAX_BODY + 1, "1", "large=1 broken=0 ", 0 },
        { 300000, NULL, "large=1 broken=0 ", 0 },
        { 3000000, NULL, "large=1 broken=0 ", 0 },
        { 10, "9", "large=0 broken=1 ", 0 },
        { 10, "11", "large=0 broken=1 ", 0 },
        { 10, "10000000", "large=1 broken=0 ", 0 },
        { 10, "ten", "large=0 broken=1 ", 0 },
        { 10, "-10", "large=0 broken=1 ", 0 },
        { 10, "10 ", "large=0 broken=1 ", 0 },
        { 10, "99999999999999999999999999", "large=0 broken=1 ", 0 },
    };
    struct fixture *f = *state;
    start(f, PATIENT_MS);
    char *body = malloc(3000000);
    memset(body, 'x', 3000000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct answer answer = ask(f, &(struct asking){ .method = "POST",
                                                        .content_length = rows[i].content_length,
                                                        .body = body,
                                                        .body_len = rows[i].len });
        const char *found = strstr(answer.text, rows[i].expected);
        if (!answer.ended || !found || strlen(found + 17) != rows[i].echoed)
            fail_msg("row %zu: %.200s", i, answer.text);
        answer_free(&answer);
    }
    free(body);
    finish(f);
}

static void kept_connections(void **state)
{
    struct fixture *f = *state;
    start(f, PATIENT_MS);
    int fd = worker_connect(&f->worker);
    for (int i = 0; i < 3; i++) {
        char target[24], expected[64];
        struct bytes bytes = { 0 };
        snprintf(target, sizeof(target), "/%d", i);
        snprintf(expected, sizeof(expected), "POST %s large=0 broken=0 body", target);
        bytes_request(
            &bytes,
            &(struct asking){
                .method = "POST", .target = target, .body = "body", .body_len = 4, .keep = i < 2 });
        peer_send(fd, bytes);
        struct answer answer = peer_receive(fd);
        assert_true(answer.ended);
        assert_non_null(strstr(answer.text, expected));
        answer_free(&answer);
        bytes_free(&bytes);
    }
    peer_expect_end(fd);
    close(fd);
    finish(f);
}

/* The peer may send the next request before it has read the answer to the first. */
static void pipelined_requests(void **state)
{
    struct fixture *f = *state;
    start(f, PATIENT_MS);
    struct bytes bytes = { 0 };
    bytes_request(&bytes, &(struct asking){ .target = "/1", .keep = true });
    bytes_request(&bytes, &(struct asking){ .target = "/2" });
    int fd = worker_connect(&f->worker);
    peer_send(fd, bytes);
    for (int i = 1; i <= 2; i++) {
        struct answer answer = peer_receive(fd);
        assert_true(answer.ended);
        assert_non_null(strstr(answer.text, i == 1 ? "GET /1 " : "GET /2 "));
        answer_free(&answer);
    }
    peer_expect_end(fd);
    close(fd);
    bytes_free(&bytes);
    finish(f);
}

static void cut_short_anywhere(void **state)
{
    struct fixture *f = *state;
    struct bytes bytes = { 0 };
    start(f, PATIENT_MS);
    bytes_request(&bytes, &(struct asking){ .method = "POST", .body = "body", .body_len = 4 });
    for (size_t len = 0; len < bytes.len; len++) {
        int fd = worker_connect(&f->worker);
        peer_send(fd, (struct bytes){ bytes.at, len, len });
        close(fd);
    }
    for (size_t len = 0; len < bytes.len; len++) {
        int fd = worker_connect(&f->worker);
        peer_send(fd, (struct bytes){ bytes.at, len, len });
        shutdown(fd, SHUT_WR);
        struct answer answer = peer_receive(fd);
        assert_false(answer.ended);
        assert_int_equal(answer.len, 0);
        answer_free(&answer);
        close(fd);
    }
    bytes_free(&bytes);
    finish(f);
}

/* In two pieces, cut anywhere; and byte by byte. */
static void in_pieces(void **state)
{
    struct fixture *f = *state;
    struct bytes bytes = { 0 };
    start(f, PATIENT_MS);
    bytes_request(&bytes, &(struct asking){ .method = "POST", .body = "body", .body_len = 4 });
    for (size_t cut = 1; cut <= bytes.len; cut++) {
        int fd = worker_connect(&f->worker);
        size_t step = cut < bytes.len ? cut : 1;
        for (size_t at = 0; at < bytes.len; at += step) {
            size_t left = bytes.len - at;
            size_t len = left < step ? left : step;
            peer_send(fd, (struct bytes){ bytes.at + at, len, len });
        }
        struct answer answer = peer_receive(fd);
        assert_true(answer.ended);
        assert_non_null(strstr(answer.text, "POST / large=0 broken=0 body"));
        answer_free(&answer);
        close(fd);
    }
    bytes_free(&bytes);
    finish(f);
}

static void many_pairs(struct bytes *pairs, size_t len)
{
    char value[1001];
    memset(value, 'v', 1000);
    value[1000] = '\0';
    for (int i = 0; pairs->len < len; i++) {
        char name[24];
        snprintf(name, sizeof(name), "HTTP_X%d", i);
        bytes_pair(pairs, name, value);
    }
}

static void large_sets_of_pairs(void **state)
{
    static const struct {
        size_t len;
        bool answered;
    } rows[] = {
        { 20000, true }, { 70000, true }, { 120000, true }, { 140000, false }, { 900000, false }
    };
    struct fixture *f = *state;
    start(f, PATIENT_MS);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes pairs = { 0 }, bytes = { 0 };
        many_pairs(&pairs, rows[i].len);
        bytes_pair(&pairs, "REQUEST_URI", "/last");
        bytes_begin(&bytes, 1, false);
        for (size_t at = 0; at < pairs.len; at += 8191)
            bytes_record(&bytes, PARAMS, 1, pairs.at + at,
                         pairs.len - at < 8191 ? pairs.len - at : 8191);
        bytes_record(&bytes, PARAMS, 1, NULL, 0);
        bytes_record(&bytes, STDIN, 1, NULL, 0);
        struct answer answer = peer_exchange(&f->worker, bytes);
        assert_int_equal(answer.ended, rows[i].answered);
        assert_int_equal(strstr(answer.text, " /last ") != NULL, rows[i].answered);
        answer_free(&answer);
        bytes_free(&bytes);
        bytes_free(&pairs);
    }
    finish(f);
}

static void broken_pairs(void **state)
{
    static const struct {
        const char *at;
        size_t len;
    } rows[] = {
        { "\xff\xff\xff\xfe\xff\xff\xff\xfe", 8 }, /* lengths that cannot be allocated */
        { "\xff\xff\xff\xff\x01z", 6 },
        { "\x80\x00\x00\x01\xff\xff\xff\xffX", 9 },
        { "\x05\x01XY", 4 },
        { "\x01", 1 },
        { "\x80", 1 },
        { "\x01\x80\x00", 3 },
        { "\x00\x01v", 3 },
        { "\x03\x01X=Yv", 6 },
        { "\x01\x02X\0y", 5 },
        { "\x02\x01X\0y", 5 },
    };
    struct fixture *f = *state;
    start(f, PATIENT_MS);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes bytes = { 0 };
        bytes_begin(&bytes, 1, false);
        bytes_record(&bytes, PARAMS, 1, rows[i].at, rows[i].len);
        bytes_record(&bytes, PARAMS, 1, NULL, 0);
        bytes_record(&bytes, STDIN, 1, NULL, 0);
        struct answer answer = peer_exchange(&f->worker, bytes);
        if (answer.ended || answer.len)
            fail_msg("row %zu was answered", i);
        answer_free(&answer);
        bytes_free(&bytes);
    }
    finish(f);
}

/* Questions that every FastCGI application answers outside of requests. */
static void management_records(void **state)
{
    struct fixture *f = *state;
    start(f, PATIENT_MS);
    struct bytes pairs = { 0 }, bytes = { 0 };
    for (int i = 0; i < 10; i++) { /* asked again and again: answered once */
        bytes_pair(&pairs, "FCGI_MAX_CONNS", "");
        bytes_pair(&pairs, "FCGI_MPXS_CONNS", "");
    }
    bytes_record(&bytes, GET_VALUES, 0, pairs.at, pairs.len);
    bytes_record(&bytes, 77, 0, "what", 4);
    bytes_request(&bytes, &(struct asking){ .target = "/after" });
    int fd = worker_connect(&f->worker);
    peer_send(fd, bytes);
    unsigned char got[8 + 35 + 16];
    peer_receive_bytes(fd, got, sizeof(got));
    static const char values[] = "\1\12\0\0\0\43\0\0"
                                 "\16\1FCGI_MAX_CONNS1\17\1FCGI_MPXS_CONNS0"
                                 "\1\13\0\0\0\10\0\0\115\0\0\0\0\0\0";
    assert_memory_equal(got, values, sizeof(got));
    struct answer answer = peer_receive(fd);
    assert_non_null(strstr(answer.text, "GET /after "));
    answer_free(&answer);
    close(fd);
    bytes_free(&bytes);
    bytes_free(&pairs);
    finish(f);
}

/* Records that are not part of the request, padding, and a second request on the connection do not
 * disturb the first. */
static void odd_but_allowed(void **state)
{
    struct fixture *f = *state;
    struct bytes pairs = { 0 }, bytes = { 0 }, body = { (unsigned char *)"body", 4, 4 };
    const unsigned char begin[8] = { 0, 1, 0 };
    start(f, PATIENT_MS);
    bytes_pair(&pairs, "REQUEST_URI", "/odd");
    bytes_record(&bytes, STDIN, 9, "nobody's", 8);
    bytes_padded_record(&bytes, 1, 1, (struct bytes){ (unsigned char *)begin, 8, 8 }, 5);
    bytes_begin(&bytes, 2, false);
    bytes_padded_record(&bytes, PARAMS, 1, pairs, 255);
    bytes_padded_record(&bytes, PARAMS, 1, (struct bytes){ 0 }, 7);
    bytes_record(&bytes, 200, 1, "unknown", 7);
    bytes_padded_record(&bytes, STDIN, 1, body, 3);
    bytes_padded_record(&bytes, STDIN, 1, (struct bytes){ 0 }, 9);
    int fd = worker_connect(&f->worker);
    peer_send(fd, bytes);
    unsigned char refused[16];
    static const char cannot_multiplex[] = "\1\3\0\2\0\10\0\0\0\0\0\0\1\0\0";
    peer_receive_bytes(fd, refused, sizeof(refused));
    assert_memory_equal(refused, cannot_multiplex, sizeof(refused));
    struct answer answer = peer_receive(fd);
    assert_true(answer.ended);
    assert_non_null(strstr(answer.text, " /odd large=0 broken=0 body"));
    answer_free(&answer);
    close(fd);
    bytes_free(&bytes);
    bytes_free(&pairs);
    finish(f);
}

static void aborted(void **state)
{
    struct fixture *f = *state;
    start(f, PATIENT_MS);
    for (int with_params = 0; with_params <= 1; with_params++) {
        struct bytes bytes = { 0 };
        bytes_begin(&bytes, 1, true);
        if (with_params)
            bytes_record(&bytes, PARAMS, 1, NULL, 0);
        bytes_record(&bytes, ABORT, 1, NULL, 0);
        struct answer answer = peer_exchange(&f->worker, bytes);
        assert_true(answer.ended);
        assert_int_equal(answer.len, 0);
        answer_free(&answer);
        bytes_free(&bytes);
    }
    finish(f);
}

static void another_role(void **state)
{
    struct fixture *f = *state;
    const unsigned char authorizer[8] = { 0, 2, 0 };
    struct bytes bytes = { 0 };
    start(f, PATIENT_MS);
    bytes_record(&bytes, 1, 1, authorizer, sizeof(authorizer));
    struct answer answer = peer_exchange(&f->worker, bytes);
    assert_true(answer.ended);
    assert_int_equal(answer.protocol_status, 3);
    answer_free(&answer);
    bytes_free(&bytes);
    finish(f);
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U; /* Numerical Recipes' generator: enough for noise */
    return *state >> 8;
}

/* Noise, and requests with a few wrong bytes: the peer never waits for more than the time-out, and
 * the worker goes on. */
static void garbage(void **state)
{
    struct fixture *f = *state;
    uint32_t random = 42;
    start(f, IMPATIENT_MS);
    struct bytes valid = { 0 };
    bytes_request(&valid, &(struct asking){ .method = "POST", .body = "body", .body_len = 4 });
    for (int round = 0; round < 1500; round++) {
        struct bytes bytes = { 0 };
        bytes_add(&bytes, valid.at, valid.len);
        unsigned wrong = round % 2 ? 1 + next_random(&random) % 4 : (unsigned)valid.len;
        for (unsigned i = 0; i < wrong; i++) {
            size_t at = wrong == valid.len ? i : next_random(&random) % valid.len;
            bytes.at[at] = (unsigned char)next_random(&random);
        }
        int fd = worker_connect(&f->worker);
        peer_send(fd, bytes);
        shutdown(fd, SHUT_WR);
        struct answer answer = peer_receive(fd);
        answer_free(&answer);
        close(fd);
        bytes_free(&bytes);
    }
    bytes_free(&valid);
    finish(f);
}

static void silent_peers(void **state)
{
    struct fixture *f = *state;
    struct bytes bytes = { 0 };
    start(f, IMPATIENT_MS);
    bytes_request(&bytes, &(struct asking){ .target = "/" });
    const size_t said[] = { 0, 1, 8, 20, bytes.len - 1 };
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        int fd = worker_connect(&f->worker);
        peer_send(fd, (struct bytes){ bytes.at, said[i], said[i] });
        peer_expect_end(fd);
        close(fd);
    }
    bytes_free(&bytes);
    finish(f);
}

/* Four time-outs for a request are enough, even for a peer that always says a little more. */
static void dripping_peer(void **state)
{
    struct fixture *f = *state;
    struct bytes bytes = { 0 };
    start(f, IMPATIENT_MS);
    bytes_request(&bytes, &(struct asking){ .target = "/" });
    int fd = worker_connect(&f->worker);
    struct pollfd wait = { fd, POLLIN, 0 };
    size_t sent = 0;
    while (sent < bytes.len && poll(&wait, 1, IMPATIENT_MS / 4) == 0)
        peer_send(fd, (struct bytes){ bytes.at + sent++, 1, 1 });
    assert_true(sent < bytes.len);
    peer_expect_end(fd);
    close(fd);
    bytes_free(&bytes);
    finish(f);
}

/* A peer that takes no answer: it hangs up at once, after some of it, or just does not read. */
static void answers_nobody_takes(void **state)
{
    struct fixture *f = *state;
    struct bytes bytes = { 0 };
    start(f, IMPATIENT_MS);
    bytes_request(&bytes, &(struct asking){ .target = "/big" });
    unsigned char some[4096];
    for (int i = 0; i < 3; i++) {
        int fd = worker_connect(&f->worker);
        peer_send(fd, bytes);
        if (i > 0)
            peer_receive_bytes(fd, some, sizeof(some));
        if (i == 2)
            peer_expect_alive(&f->worker); /* waits until the worker has given up on us */
        close(fd);
    }
    struct answer answer = peer_exchange(&f->worker, bytes);
    assert_true(answer.ended);
    assert_true(answer.len > 4 * 1024 * 1024);
    answer_free(&answer);
    bytes_free(&bytes);
    finish(f);
}

static int over_unix(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    return *state ? 0 : -1;
}

static int over_tcp(void **state)
{
    if (over_unix(state) != 0)
        return -1;
    ((struct fixture *)*state)->is_tcp = true;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

#define OVER_BOTH(test)                                       \
    { #test " over unix", test, over_unix, tear_down, NULL }, \
    {                                                         \
#test " over tcp", test, over_tcp, tear_down, NULL    \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        OVER_BOTH(answers),
        OVER_BOTH(bodies),
        OVER_BOTH(kept_connections),
        OVER_BOTH(pipelined_requests),
        OVER_BOTH(cut_short_anywhere),
        OVER_BOTH(in_pieces),
        OVER_BOTH(large_sets_of_pairs),
        OVER_BOTH(broken_pairs),
        OVER_BOTH(management_records),
        OVER_BOTH(odd_but_allowed),
        OVER_BOTH(aborted),
        OVER_BOTH(another_role),
        OVER_BOTH(garbage),
        OVER_BOTH(silent_peers),
        OVER_BOTH(dripping_peer),
        OVER_BOTH(answers_nobody_takes),
    };
    return cmocka_run_group_tests_name("fcgi", tests, NULL, NULL);
}
