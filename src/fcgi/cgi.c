/* SPDX-License-Identifier: MIT */
/* Reads one CGI request and writes its response. */
#include "fcgi/cgi.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fcgi/message.h"
#include "os/monotonic.h"

enum {
    LISTEN_FD = 0, /* FCGI_LISTENSOCK_FILENO */
    /* A client that sends a body byte by byte occupies the process for at most this many
     * time-outs. */
    TIMEOUTS_PER_REQUEST = 4,
    BODY_FIRST_SIZE = 16 * 1024,
    /* A pipe that poll(2) reports as writable takes this many bytes without blocking (PIPE_BUF). */
    PIECE_BYTES = 4096,
};

bool cgi_is_asked(void)
{
    const char *gateway = getenv("GATEWAY_INTERFACE");
    int listening = 0;
    socklen_t size = sizeof(listening);
    if (!gateway || strncmp(gateway, "CGI/", 4) != 0)
        return false;
    return getsockopt(LISTEN_FD, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening;
}

struct cgi cgi_open(const struct cgi_options *options)
{
    (void)signal(SIGPIPE, SIG_IGN);
    return (struct cgi){ .options = *options };
}

/* --- reading --- */

/* State of reading a body, of which a part may be discarded. */
struct reading {
    struct arena *arena;
    int64_t deadline_ms;
    uint64_t left; /* bytes left to read; UINT64_MAX: up to the end */
    char *at;
    size_t n;
    size_t size;
    size_t drained;
    bool too_large;
};

/* Waits until `fd` is ready for `events`; false when the time is up. */
static bool wait_for(int fd, short events, int64_t deadline_ms, unsigned timeout_ms)
{
    struct pollfd wait = { fd, events, 0 };
    for (;;) {
        int64_t left = deadline_ms - monotonic_ms();
        if (left > timeout_ms)
            left = timeout_ms;
        int ready = poll(&wait, 1, left > 0 ? (int)left : 0);
        if (ready > 0)
            return true;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

/* Makes room for at least one more byte, up to `max`. */
static bool have_room(struct reading *reading, size_t max)
{
    if (reading->n < reading->size)
        return true;
    size_t size = reading->size ? 2 * reading->size : BODY_FIRST_SIZE;
    if (reading->size == 0 && reading->left <= max)
        size = (size_t)reading->left;
    size = size < max ? size : max;
    char *grown = arena_alloc(reading->arena, size);
    if (!grown)
        return false;
    if (reading->n)
        memcpy(grown, reading->at, reading->n);
    reading->at = grown;
    reading->size = size;
    return true;
}

/* Reads once: the number of bytes, 0 at the end, an error or a time-out, -1 without memory. */
static ssize_t read_piece(const struct cgi *cgi, struct reading *reading)
{
    char trash[PIECE_BYTES];
    const struct cgi_options *options = &cgi->options;
    bool full = reading->too_large || reading->n >= options->max_body;
    if (!full && !have_room(reading, options->max_body))
        return -1;
    char *to = full ? trash : reading->at + reading->n;
    size_t room = full ? sizeof(trash) : reading->size - reading->n;
    if (room > reading->left)
        room = (size_t)reading->left;
    ssize_t n = -1;
    do {
        if (!wait_for(options->in_fd, POLLIN, reading->deadline_ms, options->read_timeout_ms))
            return 0;
        n = read(options->in_fd, to, room);
    } while (n < 0 && errno == EINTR);
    if (n <= 0)
        return 0;
    reading->too_large = full;
    reading->drained += full ? (size_t)n : 0;
    reading->n += full ? 0 : (size_t)n;
    return n;
}

/* Reads the body up to CONTENT_LENGTH, or without one to the end of the input. False without
 * memory. */
static bool read_body(const struct cgi *cgi, struct reading *reading)
{
    while (reading->left > 0 && reading->drained <= CGI_DRAIN_MAX) {
        ssize_t n = read_piece(cgi, reading);
        if (n < 0)
            return false;
        if (n == 0)
            break;
        if (reading->left != UINT64_MAX)
            reading->left -= (uint64_t)n;
    }
    return true;
}

/* Without CONTENT_LENGTH only some methods have a body (RFC 3875, 4.3.2); Apache sends one in
 * chunks that way. */
static bool has_body(enum http_method method)
{
    return method & (HTTP_POST | HTTP_PUT | HTTP_PATCH | HTTP_DELETE);
}

static bool cgi_take_body(const struct cgi *cgi, struct arena *arena, struct http_request *out)
{
    struct message_body body = { .bytes = { NULL, 0 } };
    struct reading reading = {
        .arena = arena,
        .deadline_ms =
            monotonic_ms() + (int64_t)TIMEOUTS_PER_REQUEST * cgi->options.read_timeout_ms,
    };
    body.length = message_length_read(http_variable(out, "CONTENT_LENGTH"), &body.content_length);
    if (body.length == MESSAGE_LENGTH_GOOD)
        reading.left = body.content_length;
    else if (body.length == MESSAGE_LENGTH_NONE && has_body(out->method))
        reading.left = UINT64_MAX;
    /* a body that is too large is discarded from its start */
    reading.too_large =
        body.length == MESSAGE_LENGTH_GOOD && body.content_length > cgi->options.max_body;
    if (!read_body(cgi, &reading))
        return false;
    body.bytes = (struct slice){ reading.at, reading.n };
    body.too_large = reading.too_large;
    message_set_body(out, &body, cgi->options.max_body);
    return true;
}

static bool variables_fit(const char *const *variables)
{
    size_t bytes = 0;
    for (; *variables; variables++)
        bytes += strlen(*variables) + 1;
    return bytes <= CGI_VARIABLES_MAX;
}

enum fcgi_event cgi_accept(struct cgi *cgi, struct arena *arena, struct http_request *out,
                           struct error *err)
{
    if (cgi->accepted)
        return FCGI_STOPPED;
    cgi->accepted = true;
    if (!variables_fit(cgi->options.variables)) {
        error_set(err, "the CGI variables have more than %d bytes", CGI_VARIABLES_MAX);
        return FCGI_FAILED;
    }
    *out = (struct http_request){ .variables = cgi->options.variables };
    out->method = http_method_of(http_variable(out, "REQUEST_METHOD"));
    if (message_set_target(out, arena) && cgi_take_body(cgi, arena, out))
        return FCGI_REQUEST;
    error_set(err, "no memory for the request");
    return FCGI_FAILED;
}

/* --- the answer --- */

struct writing {
    const struct cgi_options *options;
    bool failed;
    size_t n;
    char piece[PIECE_BYTES];
};

/* Writes the buffered bytes, waiting no longer than the time-out. */
static void cgi_flush(struct writing *writing)
{
    const struct cgi_options *options = writing->options;
    size_t at = 0;
    while (at < writing->n && !writing->failed) {
        ssize_t n = -1;
        if (wait_for(options->out_fd, POLLOUT, INT64_MAX, options->read_timeout_ms))
            n = write(options->out_fd, writing->piece + at, writing->n - at);
        if (n > 0)
            at += (size_t)n;
        else
            writing->failed = errno != EINTR || n == 0;
    }
    writing->n = 0;
}

static void cgi_put(void *context, struct slice s)
{
    struct writing *writing = context;
    while (s.len > 0 && !writing->failed) {
        size_t room = sizeof(writing->piece) - writing->n;
        size_t n = s.len < room ? s.len : room;
        memcpy(writing->piece + writing->n, s.at, n);
        writing->n += n;
        s = slice_from(s, n);
        if (writing->n == sizeof(writing->piece))
            cgi_flush(writing);
    }
}

/* Replaces both descriptors by /dev/null rather than closing them, so that no file opened later
 * gets their numbers. */
static void let_go(const struct cgi_options *options)
{
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    const int fds[] = { options->in_fd, options->out_fd };
    for (size_t i = 0; i < 2; i++) {
        if (null_fd < 0 || dup2(null_fd, fds[i]) < 0)
            close(fds[i]);
    }
    if (null_fd >= 0)
        close(null_fd);
}

bool cgi_respond(struct cgi *cgi, const struct http_request *request,
                 const struct http_response *response, struct error *err)
{
    struct writing writing = { .options = &cgi->options };
    message_write(request->method, response, cgi_put, &writing);
    cgi_flush(&writing);
    let_go(&cgi->options);
    cgi->answered = true;
    if (writing.failed)
        error_set(err, "the web server did not read the whole response");
    return !writing.failed;
}

void cgi_leave(void)
{
    struct stat st;
    if (fstat(STDERR_FILENO, &st) < 0 || (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode)))
        return;
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_fd < 0 || dup2(null_fd, STDERR_FILENO) < 0)
        close(STDERR_FILENO);
    if (null_fd >= 0)
        close(null_fd);
}

void cgi_refuse(struct cgi *cgi, int status)
{
    static const char page[] =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"robots\" content=\"noindex\"><title>Not available</title></head>\n"
        "<body><h1>Not available</h1>\n"
        "<p>Short links cannot be served at the moment. The site's administrator finds the "
        "reason in the web server's error log.</p></body></html>\n";
    const struct http_request request = { .method = HTTP_GET };
    struct http_response response = { .status = status, .body = { page, sizeof(page) - 1 } };
    struct error unheard;
    if (cgi->answered)
        return;
    http_header_add(&response, "Content-Type", SLICE("text/html; charset=utf-8"));
    http_header_add(&response, "Cache-Control", SLICE("no-store"));
    (void)cgi_respond(cgi, &request, &response, &unheard);
}
