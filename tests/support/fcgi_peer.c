/* SPDX-License-Identifier: MIT */
/* Writes FastCGI records and reads those of the worker. */
#include "support/fcgi_peer.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "fcgi/fcgi.h"

enum {
    BEGIN = 1,
    END = 3,
    PARAMS = 4,
    STDIN = 5,
    STDOUT = 6,
    BIG_BYTES = 4 * 1024 * 1024,
};

/* --- bytes --- */

void bytes_add(struct bytes *bytes, const void *at, size_t len)
{
    if (bytes->len + len > bytes->size) {
        bytes->size = (bytes->len + len) * 2;
        bytes->at = realloc(bytes->at, bytes->size);
        assert_non_null(bytes->at);
    }
    if (len)
        memcpy(bytes->at + bytes->len, at, len);
    bytes->len += len;
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct bytes){ 0 };
}

void bytes_padded_record(struct bytes *bytes, unsigned type, unsigned id, struct bytes content,
                         unsigned padding)
{
    static const unsigned char nothing[255];
    const unsigned char header[] = { 1,
                                     (unsigned char)type,
                                     (unsigned char)(id >> 8),
                                     (unsigned char)id,
                                     (unsigned char)(content.len >> 8),
                                     (unsigned char)content.len,
                                     (unsigned char)padding,
                                     0 };
    bytes_add(bytes, header, sizeof(header));
    bytes_add(bytes, content.at, content.len);
    bytes_add(bytes, nothing, padding);
}

void bytes_record(struct bytes *bytes, unsigned type, unsigned id, const void *content, size_t len)
{
    bytes_padded_record(bytes, type, id, (struct bytes){ (unsigned char *)content, len, len }, 0);
}

void bytes_begin(struct bytes *bytes, unsigned id, bool keep)
{
    const unsigned char body[8] = { 0, 1, keep };
    bytes_record(bytes, BEGIN, id, body, sizeof(body));
}

static void add_length(struct bytes *bytes, size_t len)
{
    const unsigned char wide[] = { (unsigned char)(len >> 24 | 0x80), (unsigned char)(len >> 16),
                                   (unsigned char)(len >> 8), (unsigned char)len };
    if (len < 128)
        bytes_add(bytes, &wide[3], 1);
    else
        bytes_add(bytes, wide, 4);
}

void bytes_pair(struct bytes *bytes, const char *name, const char *value)
{
    add_length(bytes, strlen(name));
    add_length(bytes, strlen(value));
    bytes_add(bytes, name, strlen(name));
    bytes_add(bytes, value, strlen(value));
}

/* In as many records as it takes, and the empty one that ends the stream. */
static void add_stream(struct bytes *bytes, unsigned type, const void *content, size_t len)
{
    const unsigned char *at = content;
    for (size_t sent = 0; sent < len;) {
        size_t piece = len - sent < 65535 ? len - sent : 65535;
        bytes_record(bytes, type, 1, at + sent, piece);
        sent += piece;
    }
    bytes_record(bytes, type, 1, NULL, 0);
}

void bytes_request(struct bytes *bytes, const struct asking *asking)
{
    struct bytes pairs = { 0 };
    char length[24];
    snprintf(length, sizeof(length), "%zu", asking->body_len);
    bytes_pair(&pairs, "REQUEST_METHOD", asking->method ? asking->method : "GET");
    bytes_pair(&pairs, "REQUEST_URI", asking->target ? asking->target : "/");
    bytes_pair(&pairs, "HTTP_ACCEPT", "*/*");
    if (asking->content_length || asking->body_len)
        bytes_pair(&pairs, "CONTENT_LENGTH",
                   asking->content_length ? asking->content_length : length);
    bytes_begin(bytes, 1, asking->keep);
    add_stream(bytes, PARAMS, pairs.at, pairs.len);
    add_stream(bytes, STDIN, asking->body, asking->body_len);
    bytes_free(&pairs);
}

/* --- the worker --- */

static struct fcgi *_Atomic serving;

static void on_term(int number)
{
    (void)number;
    if (serving)
        fcgi_stop(serving);
}

static int count_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = -3; /* ".", ".." and the directory itself */
    // cppcheck-suppress readdirCalled
    while (dir && readdir(dir))
        n++;
    if (dir)
        closedir(dir);
    return n;
}

static struct http_response make_response(const struct http_request *request, struct arena *arena)
{
    struct http_response response = { .status = 200 };
    char *text = arena_alloc(arena, BIG_BYTES + 1);
    if (slice_eq(request->path, SLICE("/big"))) {
        memset(text, 'b', BIG_BYTES);
    } else if (slice_eq(request->path, SLICE("/fds"))) {
        snprintf(text, BIG_BYTES, "%d", count_fds());
    } else {
        snprintf(text, BIG_BYTES, "%s %.*s large=%d broken=%d %.*s",
                 http_method_name(request->method), SLICE_ARG(request->target),
                 request->body_too_large, request->body_broken, SLICE_ARG(request->body));
        if (request->path.len == 4 && strspn(request->path.at + 1, "0123456789") >= 3)
            response.status = (int)strtol(request->path.at + 1, NULL, 10);
    }
    http_header_add(&response, "X-Test", SLICE("yes"));
    response.body = slice_of(text);
    return response;
}

static int serve(const struct fcgi_options *options)
{
    struct error err = { "" };
    struct arena *arena = arena_new((size_t)16 * 1024 * 1024);
    struct fcgi *fcgi = fcgi_open(options, &err);
    if (!fcgi)
        return 3;
    serving = fcgi;
    struct sigaction stop = { .sa_handler = on_term };
    sigaction(SIGTERM, &stop, NULL);
    enum fcgi_event event;
    struct http_request request;
    while ((event = fcgi_accept(fcgi, arena, &request, &err)) < FCGI_STOPPED) {
        if (event == FCGI_REQUEST) {
            struct http_response response = make_response(&request, arena);
            (void)fcgi_respond(fcgi, &request, &response, &err);
        }
        arena_reset(arena);
    }
    serving = NULL;
    fcgi_close(&fcgi);
    arena_free(&arena);
    return event == FCGI_STOPPED ? 0 : 4;
}

static void listen_tcp(struct worker *worker)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(address);
    worker->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(worker->listen_fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(worker->listen_fd, (struct sockaddr *)&address, &len), 0);
    worker->port = ntohs(address.sin_port);
}

static void listen_unix(struct worker *worker)
{
    static unsigned count;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(worker->path, sizeof(worker->path), "/tmp/curt-test-%d-%u", (int)getpid(), count++);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", worker->path);
    worker->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(worker->listen_fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

void worker_start_unasked(struct worker *worker, bool is_tcp, unsigned read_timeout_ms)
{
    *worker = (struct worker){ .is_tcp = is_tcp };
    if (is_tcp)
        listen_tcp(worker);
    else
        listen_unix(worker);
    assert_int_equal(listen(worker->listen_fd, 128), 0);
    const struct fcgi_options options = { .listen_fd = worker->listen_fd,
                                          .max_body = PEER_MAX_BODY,
                                          .read_timeout_ms = read_timeout_ms };
    worker->pid = fork();
    assert_true(worker->pid >= 0);
    if (worker->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing behind */
        _exit(serve(&options));
    }
}

void worker_start(struct worker *worker, bool is_tcp, unsigned read_timeout_ms)
{
    worker_start_unasked(worker, is_tcp, read_timeout_ms);
    peer_expect_alive(worker);
}

int worker_connect(const struct worker *worker)
{
    struct sockaddr_un local = { .sun_family = AF_UNIX };
    struct sockaddr_in remote = { .sin_family = AF_INET,
                                  .sin_port = htons(worker->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    snprintf(local.sun_path, sizeof(local.sun_path), "%s", worker->path);
    int fd = socket(worker->is_tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed = worker->is_tcp ? connect(fd, (struct sockaddr *)&remote, sizeof(remote))
                                : connect(fd, (struct sockaddr *)&local, sizeof(local));
    assert_int_equal(failed, 0);
    return fd;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void worker_wait(struct worker *worker)
{
    int status = -1;
    int64_t end = now_ms() + PEER_DEADLINE_MS;
    while (waitpid(worker->pid, &status, WNOHANG) == 0) {
        if (now_ms() > end) {
            kill(worker->pid, SIGKILL);
            waitpid(worker->pid, &status, 0);
            break;
        }
        poll(NULL, 0, 1);
    }
    close(worker->listen_fd);
    if (worker->path[0])
        unlink(worker->path);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

void worker_stop(struct worker *worker)
{
    kill(worker->pid, SIGTERM);
    worker_wait(worker);
}

int worker_fds(const struct worker *worker)
{
    struct bytes bytes = { 0 };
    bytes_request(&bytes, &(struct asking){ .target = "/fds" });
    struct answer answer = peer_exchange(worker, bytes);
    const char *body = strstr(answer.text, "\r\n\r\n");
    assert_non_null(body);
    int fds = (int)strtol(body + 4, NULL, 10);
    answer_free(&answer);
    bytes_free(&bytes);
    return fds;
}

/* --- talking --- */

void peer_send(int fd, struct bytes bytes)
{
    for (size_t sent = 0; sent < bytes.len;) {
        ssize_t n = send(fd, bytes.at + sent, bytes.len - sent, MSG_NOSIGNAL);
        if (n < 0)
            return; /* the other side has had enough; what it answers is looked at elsewhere */
        sent += (size_t)n;
    }
}

/* Up to `len` bytes; 0 at the end of the connection. */
static size_t receive_some(int fd, void *out, size_t len)
{
    struct pollfd wait = { fd, POLLIN, 0 };
    assert_int_equal(poll(&wait, 1, PEER_DEADLINE_MS), 1);
    ssize_t n = recv(fd, out, len, 0);
    if (n < 0)
        assert_true(errno == ECONNRESET || errno == EPIPE);
    return n > 0 ? (size_t)n : 0;
}

static size_t receive_all(int fd, void *out, size_t len)
{
    size_t got = 0;
    for (size_t n = 1; got < len && n > 0; got += n)
        n = receive_some(fd, (char *)out + got, len - got);
    return got;
}

void peer_receive_bytes(int fd, unsigned char *out, size_t len)
{
    assert_int_equal(receive_all(fd, out, len), len);
}

void peer_expect_end(int fd)
{
    char byte;
    assert_int_equal(receive_some(fd, &byte, 1), 0);
}

struct answer peer_receive(int fd)
{
    struct answer answer = { 0 };
    struct bytes text = { 0 };
    static unsigned char record[65536 + 256];
    while (!answer.ended && !answer.hung_up) {
        unsigned char header[8];
        if (receive_all(fd, header, sizeof(header)) != sizeof(header)) {
            answer.hung_up = true;
            break;
        }
        assert_int_equal(header[0], 1);
        size_t len = (size_t)header[4] << 8 | header[5];
        answer.hung_up = receive_all(fd, record, len + header[6]) != len + header[6];
        if (header[1] == STDOUT)
            bytes_add(&text, record, len);
        if (header[1] == END && header[3] == 1) {
            answer.ended = true;
            answer.protocol_status = record[4];
        }
    }
    answer.len = text.len;
    bytes_add(&text, "", 1);
    answer.text = (char *)text.at;
    return answer;
}

void answer_free(struct answer *answer)
{
    free(answer->text);
    answer->text = NULL;
}

struct answer peer_exchange(const struct worker *worker, struct bytes bytes)
{
    int fd = worker_connect(worker);
    peer_send(fd, bytes);
    struct answer answer = peer_receive(fd);
    close(fd);
    return answer;
}

void peer_expect_alive(const struct worker *worker)
{
    struct bytes bytes = { 0 };
    bytes_request(&bytes, &(struct asking){ .target = "/alive" });
    struct answer answer = peer_exchange(worker, bytes);
    assert_true(answer.ended);
    assert_string_equal(answer.text, "Status: 200 OK\r\nX-Test: yes\r\nContent-Length: 28\r\n\r\n"
                                     "GET /alive large=0 broken=0 ");
    answer_free(&answer);
    bytes_free(&bytes);
}
