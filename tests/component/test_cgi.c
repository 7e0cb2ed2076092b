/* SPDX-License-Identifier: MIT */
/* Plain CGI, with a web server simulated over pipes: what is read of a request, what is written,
 * and that a web server that does not answer cannot hold the process for long. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fcgi/cgi.h"

enum {
    MAX_BODY = 4096,
    PATIENT_MS = 60000,
    IMPATIENT_MS = 50,
    BIG = 4 << 20,
    VARIABLES = 8,
    STATUS_REFUSED = 3, /* of the process: cgi_accept said so */
    STATUS_LOST = 4,    /* likewise: cgi_respond did */
};

/* The program, and the web server's ends of its pipes. */
struct program {
    pid_t pid;
    int in;
    int out;
};

static const char *const plain[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/a?b=c", NULL };

/* Answers with what it read, as the worker of support/fcgi_peer.h does. */
static void answer(struct cgi *cgi, struct arena *arena, const struct http_request *request)
{
    struct error err;
    struct slice about = request->body;
    size_t size = request->target.len + about.len + 64;
    char *text = arena_alloc(arena, size);
    int len = snprintf(text, size, "%s %.*s large=%d broken=%d %.*s",
                       http_method_name(request->method), SLICE_ARG(request->target),
                       request->body_too_large, request->body_broken, SLICE_ARG(about));
    struct http_response response = { .status = 200, .body = { text, (size_t)len } };
    if (slice_eq(request->path, SLICE("/big"))) {
        char *big = arena_alloc(arena, BIG);
        memset(big, 'x', BIG);
        response.body = (struct slice){ big, BIG };
    } else if (slice_eq(request->path, SLICE("/204"))) {
        response.status = 204;
    }
    http_header_add(&response, "X-Test", SLICE("yes"));
    if (!cgi_respond(cgi, request, &response, &err))
        _exit(STATUS_LOST);
}

static void be_the_program(int in, int out, const char *const *variables, unsigned timeout_ms)
{
    struct arena *arena = arena_new(64 << 20);
    struct http_request request;
    struct error err;
    struct cgi cgi = cgi_open(&(struct cgi_options){ .in_fd = in,
                                                     .out_fd = out,
                                                     .variables = variables,
                                                     .max_body = MAX_BODY,
                                                     .read_timeout_ms = timeout_ms });
    if (cgi_accept(&cgi, arena, &request, &err) != FCGI_REQUEST) {
        cgi_refuse(&cgi, 500);
        _exit(STATUS_REFUSED);
    }
    answer(&cgi, arena, &request);
    if (cgi_accept(&cgi, arena, &request, &err) != FCGI_STOPPED)
        _exit(EXIT_FAILURE);
    cgi_refuse(&cgi, 500); /* there was an answer: this says nothing */
    pause();               /* the client does not wait for what comes after the answer */
}

static struct program start(const char *const *variables, unsigned timeout_ms)
{
    int in[2], out[2];
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    struct program program = { .pid = fork(), .in = in[1], .out = out[0] };
    assert_true(program.pid >= 0);
    if (program.pid == 0) {
        close(in[1]);
        close(out[0]);
        be_the_program(in[0], out[1], variables, timeout_ms);
        _exit(EXIT_FAILURE);
    }
    close(in[0]);
    close(out[1]);
    return program;
}

/* The whole answer, NUL-terminated; freed by the caller. */
static char *receive(const struct program *program)
{
    size_t len = 0;
    char *text = malloc(BIG + 4096);
    for (ssize_t n = 1; n > 0; len += (size_t)n) {
        n = read(program->out, text + len, BIG + 4095 - len);
        assert_true(n >= 0);
    }
    text[len] = '\0';
    return text;
}

/* The exit status; -1 of a program that waits after its answer, which is ended. */
static int end(struct program *program)
{
    int status;
    kill(program->pid, SIGKILL);
    assert_int_equal(waitpid(program->pid, &status, 0), program->pid);
    if (program->in >= 0)
        close(program->in);
    close(program->out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The exit status of a program that ends by itself. */
static int end_by_itself(struct program *program)
{
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)program->pid, &info, WEXITED | WNOWAIT), 0);
    return end(program);
}

static void send_body(struct program *program, const char *body, size_t len)
{
    signal(SIGPIPE, SIG_IGN);
    for (size_t at = 0; at < len;) {
        ssize_t n = write(program->in, body + at, len - at);
        if (n <= 0)
            return;
        at += (size_t)n;
    }
}

static void close_body(struct program *program)
{
    close(program->in);
    program->in = -1;
}

static void answers(void **state)
{
    static const struct {
        const char *variables[VARIABLES];
        const char *answer;
    } rows[] = {
        { { "REQUEST_METHOD=GET", "REQUEST_URI=/a?b=c" },
          "Status: 200 OK\r\nX-Test: yes\r\nContent-Length: 28\r\n\r\n"
          "GET /a?b=c large=0 broken=0 " },
        { { "REQUEST_METHOD=HEAD", "REQUEST_URI=/a" },
          "Status: 200 OK\r\nX-Test: yes\r\nContent-Length: 25\r\n\r\n" },
        { { "REQUEST_METHOD=GET", "REQUEST_URI=/204" },
          "Status: 204 No Content\r\nX-Test: yes\r\n\r\n" },
        { { "REQUEST_METHOD=GET", "SCRIPT_NAME=/s", "PATH_INFO=/a", "QUERY_STRING=b" },
          "Status: 200 OK\r\nX-Test: yes\r\nContent-Length: 28\r\n\r\n"
          "GET /s/a?b large=0 broken=0 " },
        { { "SCRIPT_NAME=/s" },
          "Status: 200 OK\r\nX-Test: yes\r\nContent-Length: 26\r\n\r\n"
          "OTHER /s large=0 broken=0 " },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct program program = start(rows[i].variables, PATIENT_MS);
        char *text = receive(&program);
        assert_string_equal(text, rows[i].answer);
        free(text);
        assert_int_equal(end(&program), -1);
    }
}

static void bodies(void **state)
{
    static const struct {
        size_t len;
        const char *content_length; /* NULL: there is none */
        const char *expected;
        size_t echoed;
    } rows[] = {
        { 0, NULL, "large=0 broken=0 ", 0 },
        { 0, "", "large=0 broken=0 ", 0 },
        { 0, "0", "large=0 broken=0 ", 0 },
        { 1, NULL, "large=0 broken=0 ", 1 },
        { 1, "1", "large=0 broken=0 ", 1 },
        { 100, "10", "large=0 broken=0 ", 10 },
        { MAX_BODY, "4096", "large=0 broken=0 ", MAX_BODY },
        { MAX_BODY, NULL, "large=0 broken=0 ", MAX_BODY },
        { MAX_BODY + 1, "4097", "large=1 broken=0 ", 0 },
        { MAX_BODY + 1, NULL, "large=1 broken=0 ", 0 },
        { 300000, "300000", "large=1 broken=0 ", 0 },
        { 3000000, "3000000", "large=1 broken=0 ", 0 },
        { 3000000, NULL, "large=1 broken=0 ", 0 },
        { 10, "11", "large=0 broken=1 ", 0 },
        { 10, "10000000", "large=1 broken=0 ", 0 },
        { 0, "ten", "large=0 broken=1 ", 0 },
        { 0, "-10", "large=0 broken=1 ", 0 },
        { 0, "99999999999999999999999999", "large=0 broken=1 ", 0 },
    };
    (void)state;
    char *body = malloc(3000000);
    memset(body, 'x', 3000000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char length[64];
        const char *variables[] = { "REQUEST_METHOD=POST", "REQUEST_URI=/", NULL, NULL };
        snprintf(length, sizeof(length), "CONTENT_LENGTH=%s",
                 rows[i].content_length ? rows[i].content_length : "");
        if (rows[i].content_length)
            variables[2] = length;
        struct program program = start(variables, PATIENT_MS);
        send_body(&program, body, rows[i].len);
        close_body(&program);
        char *text = receive(&program);
        const char *found = strstr(text, rows[i].expected);
        if (!found || strlen(found + 17) != rows[i].echoed)
            fail_msg("row %zu: %.200s", i, text);
        free(text);
        end(&program);
    }
    free(body);
}

/* A body that comes in pieces is put together; one that stays away is a broken one in time; a GET
 * waits for none. */
static void slow_bodies(void **state)
{
    const char *const posted[] = { "REQUEST_METHOD=POST", "REQUEST_URI=/", "CONTENT_LENGTH=4",
                                   NULL };
    (void)state;
    struct program program = start(posted, PATIENT_MS);
    send_body(&program, "ab", 2);
    send_body(&program, "cd", 2);
    char *text = receive(&program);
    assert_non_null(strstr(text, "broken=0 abcd"));
    free(text);
    end(&program);
    program = start(posted, IMPATIENT_MS);
    send_body(&program, "ab", 2);
    text = receive(&program);
    assert_non_null(strstr(text, "POST / large=0 broken=1 "));
    free(text);
    end(&program);
    program = start(plain, PATIENT_MS);
    text = receive(&program);
    assert_non_null(strstr(text, "GET /a?b=c large=0 broken=0 "));
    free(text);
    end(&program);
}

static void large_answers(void **state)
{
    const char *const big[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/big", NULL };
    (void)state;
    struct program program = start(big, PATIENT_MS);
    char *text = receive(&program);
    const char *body = strstr(text, "\r\n\r\n");
    assert_non_null(body);
    assert_int_equal(strlen(body + 4), BIG);
    free(text);
    end(&program);
    program = start(big, IMPATIENT_MS); /* the answer is not read */
    assert_int_equal(end_by_itself(&program), STATUS_LOST);
    program = start(big, PATIENT_MS); /* the reader closes its end */
    char byte;
    assert_int_equal(read(program.out, &byte, 1), 1);
    close(program.out);
    program.out = open("/dev/null", O_RDONLY);
    assert_int_equal(end_by_itself(&program), STATUS_LOST);
}

static void variables_have_a_limit(void **state)
{
    static char uri[CGI_VARIABLES_MAX];
    const char *variables[] = { "REQUEST_METHOD=GET", uri, NULL };
    (void)state;
    memset(uri, 'x', sizeof(uri) - 1);
    uri[snprintf(uri, sizeof(uri), "REQUEST_URI=/")] = 'x';
    struct program program = start(variables, PATIENT_MS);
    char *text = receive(&program);
    assert_int_equal(strncmp(text, "Status: 500 ", 12), 0);
    assert_non_null(strstr(text, "</html>"));
    free(text);
    assert_int_equal(end_by_itself(&program), STATUS_REFUSED);
}

/* By what is descriptor 0, in a process of its own. */
static bool is_asked_with(int fd, const char *gateway)
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        unsetenv("GATEWAY_INTERFACE");
        if (gateway)
            setenv("GATEWAY_INTERFACE", gateway, 1);
        if (fd < 0)
            close(0);
        else
            dup2(fd, 0);
        _exit(cgi_is_asked() ? 1 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status) == 1;
}

static void is_asked(void **state)
{
    int ends[2], pair[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr here = { .sa_family = AF_UNIX };
    assert_int_equal(bind(listening, &here, sizeof(sa_family_t)), 0);
    assert_int_equal(listen(listening, 1), 0);
    assert_true(is_asked_with(ends[0], "CGI/1.1"));
    assert_true(is_asked_with(pair[0], "CGI/1.1"));
    assert_true(is_asked_with(-1, "CGI/1.1"));
    assert_false(is_asked_with(listening, "CGI/1.1")); /* mod_fcgid sets it, too */
    assert_false(is_asked_with(ends[0], NULL));
    assert_false(is_asked_with(ends[0], ""));
    for (int i = 0; i < 2; i++) {
        close(ends[i]);
        close(pair[i]);
    }
    close(listening);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(bodies),
        cmocka_unit_test(slow_bodies),
        cmocka_unit_test(large_answers),
        cmocka_unit_test(variables_have_a_limit),
        cmocka_unit_test(is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
