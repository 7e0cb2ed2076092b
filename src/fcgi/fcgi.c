/* SPDX-License-Identifier: MIT */
/* Serves requests with libfcgi, one at a time.
 *
 * libfcgi (2.4.2) trusts its peer: an allocation that fails for the length of a name-value pair
 * ends the process, an FCGI_GET_VALUES record that repeats a name overruns a buffer, it waits for
 * bytes without a limit, and a stop can arrive between its check and its accept. So connections are
 * accepted here, and a request is checked before libfcgi reads it:
 *
 * - Nearly always the first look (MSG_PEEK) shows one whole, plain request. libfcgi then reads
 *   exactly the checked bytes from the connection and never waits. That is five system calls per
 *   request: accept, recv, read, write, close.
 * - A request that arrives in pieces, is large, or is mixed with other records is read here to its
 *   end, and libfcgi gets its plain form from a memory file.
 *
 * `listen_sock` of libfcgi's request is -1, so libfcgi never accepts a connection. */
#include "fcgi/fcgi.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "fcgi/listener.h"
#include "fcgi/message.h"
#include "fcgi/reader.h"
#include "os/monotonic.h"

enum {
    WINDOW_BYTES = 16 * 1024,
    /* A peer that sends a request byte by byte occupies a worker for at most this many
     * time-outs. */
    TIMEOUTS_PER_REQUEST = 4,
    /* Time for a request whose connection was accepted to arrive after a stop. */
    STOP_GRACE_MS = 2000,
    WINDOWS_TO_DROP = 16,
    /* A response up to this size never waits for the peer on a new connection. */
    ANSWER_THAT_FITS = 16 * 1024,
};

struct fcgi {
    struct fcgi_options options;
    struct listener listener;
    FCGX_Request request;
    int connection;   /* -1: none */
    bool was_kept;    /* an earlier request of the connection has been answered */
    bool has_timeout; /* its send time-out is set */
    int64_t deadline; /* for reading the current request, monotonic ms */
    struct reader reader;
    char window[WINDOW_BYTES];
};

/* Initialises libfcgi and restores the stop signals, for which FCGX_Init installs handlers where
 * there are none. */
static bool init_library(struct error *err)
{
    static const int signals[] = { SIGTERM, SIGUSR1 };
    struct sigaction before[2];
    for (int i = 0; i < 2; i++)
        (void)sigaction(signals[i], NULL, &before[i]);
    int failed = FCGX_Init();
    for (int i = 0; i < 2; i++)
        (void)sigaction(signals[i], &before[i], NULL);
    /* write(2) then returns EPIPE when a peer hung up. */
    (void)signal(SIGPIPE, SIG_IGN);
    if (failed)
        error_set(err, "FCGX_Init: error %d", failed);
    return !failed;
}

struct fcgi *fcgi_open(const struct fcgi_options *options, struct error *err)
{
    struct fcgi *fcgi = calloc(1, sizeof(*fcgi));
    if (!fcgi) {
        error_set(err, "out of memory");
        return NULL;
    }
    fcgi->options = *options;
    fcgi->connection = -1;
    if (!init_library(err) ||
        !listener_open(&fcgi->listener, options->listen_fd, options->idle_ms, err)) {
        free(fcgi);
        return NULL;
    }
    (void)FCGX_InitRequest(&fcgi->request, -1, FCGI_FAIL_ACCEPT_ON_INTR);
    return fcgi;
}

static void hang_up(struct fcgi *fcgi)
{
    if (fcgi->connection >= 0)
        close(fcgi->connection);
    fcgi->connection = -1;
}

void fcgi_close(struct fcgi **fcgi)
{
    if (!*fcgi)
        return;
    FCGX_Free(&(*fcgi)->request, 0);
    hang_up(*fcgi);
    listener_close(&(*fcgi)->listener);
    free(*fcgi);
    *fcgi = NULL;
}

void fcgi_stop(struct fcgi *fcgi)
{
    listener_stop(&fcgi->listener);
}

/* --- reading --- */

/* Waits for the next bytes of a request on an accepted connection. */
static bool wait_for_bytes(struct fcgi *fcgi, struct error *err)
{
    int64_t now = monotonic_ms();
    int64_t silence = fcgi->options.read_timeout_ms;
    if (fcgi->deadline == 0)
        fcgi->deadline = now + TIMEOUTS_PER_REQUEST * silence;
    if (silence > fcgi->deadline - now)
        silence = fcgi->deadline > now ? fcgi->deadline - now : 0;
    bool stopped = fcgi->listener.stopped;
    enum listener_wait wait = LISTENER_WAS_STOPPED;
    if (!stopped)
        wait = listener_wait(&fcgi->listener, fcgi->connection, (int)silence, true);
    if (wait == LISTENER_WAS_STOPPED) {
        silence = silence < STOP_GRACE_MS ? silence : STOP_GRACE_MS;
        wait = listener_wait(&fcgi->listener, fcgi->connection, (int)silence, false);
    }
    if (wait == LISTENER_READABLE)
        return true;
    return error_set(err, "time-out: the web server sent no more bytes of a request");
}

/* Looks at the received bytes without consuming them; waits until there are some. */
static bool peek(struct fcgi *fcgi, struct slice *seen, struct error *err)
{
    for (;;) {
        ssize_t n =
            recv(fcgi->connection, fcgi->window, sizeof(fcgi->window), MSG_PEEK | MSG_DONTWAIT);
        if (n > 0) {
            *seen = (struct slice){ fcgi->window, (size_t)n };
            return true;
        }
        if (n == 0)
            return error_set(err, "the web server closed the connection within a request");
        if (errno != EAGAIN && errno != EINTR)
            return error_set(err, "recv: %s", strerror(errno));
        if (errno == EAGAIN && !wait_for_bytes(fcgi, err))
            return false;
    }
}

/* Consumes `n` bytes that were peeked, so this does not wait. */
static bool fcgi_take(struct fcgi *fcgi, size_t n, struct error *err)
{
    while (n > 0) {
        ssize_t got = recv(fcgi->connection, fcgi->window, n, MSG_DONTWAIT);
        if (got > 0) {
            n -= (size_t)got;
        } else if (got == 0 || errno != EINTR) {
            return error_set(err, "recv: %s", got == 0 ? "connection closed" : strerror(errno));
        }
    }
    return true;
}

static bool send_reply(struct fcgi *fcgi, struct error *err)
{
    const struct reader *reader = &fcgi->reader;
    ssize_t n = send(fcgi->connection, reader->reply, reader->n_reply, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n == (ssize_t)reader->n_reply)
        return true;
    return error_set(err, "the web server did not read a reply");
}

/* Reads and checks one request. *untouched: it was only peeked, and libfcgi may read it from the
 * connection. */
static bool fcgi_read_request(struct fcgi *fcgi, bool *untouched, struct error *err)
{
    *untouched = false;
    for (bool first = true;; first = false) {
        struct slice seen;
        size_t used;
        if (!peek(fcgi, &seen, err))
            return false;
        enum reader_status status = reader_feed(&fcgi->reader, seen, &used, err);
        if (first && status == READER_WHOLE && fcgi->reader.plain && used == seen.len) {
            *untouched = true;
            return true;
        }
        if (status == READER_BROKEN || !fcgi_take(fcgi, used, err))
            return false;
        if (status == READER_WHOLE)
            return true;
        if (status != READER_MORE && !send_reply(fcgi, err))
            return false;
        if (status == READER_ABORTED)
            return false;
    }
}

/* --- libfcgi --- */

static bool write_record(int fd, unsigned type, struct slice content)
{
    unsigned char header[FCGI_HEADER_LEN];
    fcgi_record_header(header, type, 1, content.len, 0);
    struct iovec parts[] = { { header, sizeof(header) }, { (void *)content.at, content.len } };
    return writev(fd, parts, content.len ? 2 : 1) == (ssize_t)(sizeof(header) + content.len);
}

/* Writes the request in its plain form, without its body, to a memory file; -1 on failure. */
static int replay(const struct fcgi *fcgi, struct error *err)
{
    const struct reader *reader = &fcgi->reader;
    const char begin[FCGI_BODY_LEN] = { 0, FCGI_RESPONDER, 0 };
    int fd = memfd_create("request", MFD_CLOEXEC);
    bool ok =
        fd >= 0 && write_record(fd, FCGI_BEGIN_REQUEST, (struct slice){ begin, sizeof(begin) });
    for (size_t at = 0; ok && at < reader->n_params; at += FCGI_MAX_LENGTH) {
        size_t left = reader->n_params - at;
        struct slice piece = { reader->params + at,
                               left < FCGI_MAX_LENGTH ? left : FCGI_MAX_LENGTH };
        ok = write_record(fd, FCGI_PARAMS, piece);
    }
    ok = ok && write_record(fd, FCGI_PARAMS, (struct slice){ NULL, 0 }) &&
         write_record(fd, FCGI_STDIN, (struct slice){ NULL, 0 }) && lseek(fd, 0, SEEK_SET) == 0;
    if (ok)
        return fd;
    error_set(err, "memory file: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Has libfcgi read the request from `fd`, stdin to its end: unread bytes would corrupt the next
 * request of a kept connection, and would make closing look like an error to the peer. libfcgi
 * closes `fd` when it fails. */
static bool let_library_read(FCGX_Request *request, int fd)
{
    char trash[4096];
    request->ipcFd = fd;
    request->keepConnection = 1; /* else FCGX_Accept_r would close it first */
    request->detached = 1;       /* close(2) only: no shutdown, no wait */
    if (FCGX_Accept_r(request) != 0)
        return false;
    while (FCGX_GetStr(trash, sizeof(trash), request->in) > 0)
        continue;
    if (FCGX_GetError(request->in) == 0)
        return true;
    FCGX_Free(request, 1);
    return false;
}

static bool fcgi_hand_over(struct fcgi *fcgi, bool untouched, struct error *err)
{
    FCGX_Request *request = &fcgi->request;
    int fd = untouched ? fcgi->connection : replay(fcgi, err);
    if (fd < 0)
        return false;
    if (!let_library_read(request, fd)) {
        if (untouched)
            fcgi->connection = -1;
        return error_set(err, "libfcgi cannot read the request");
    }
    if (!untouched)
        close(fd);
    const struct reader *reader = &fcgi->reader;
    request->ipcFd = fcgi->connection;
    request->requestId = (int)reader->id;
    request->keepConnection = reader->keep && !reader->cut;
    /* With unread bytes a TCP peer would lose the response; libfcgi then shuts down and waits. */
    request->detached = !reader->cut;
    return true;
}

/* --- the request --- */

static void set_body(struct http_request *out, const struct reader *reader, size_t max_body)
{
    const struct message_body body = {
        .bytes = { reader->body, reader->n_body },
        .too_large = reader->body_too_large,
        .length = reader->length,
        .content_length = reader->content_length,
    };
    message_set_body(out, &body, max_body);
}

static bool read_one(struct fcgi *fcgi, struct arena *arena, struct http_request *out,
                     struct error *err)
{
    bool untouched;
    fcgi->deadline = 0;
    reader_start(&fcgi->reader, arena, fcgi->options.max_body);
    if (!fcgi_read_request(fcgi, &untouched, err) || !fcgi_hand_over(fcgi, untouched, err))
        return false;
    *out = (struct http_request){ .variables = (const char *const *)fcgi->request.envp };
    out->method = http_method_of(http_variable(out, "REQUEST_METHOD"));
    set_body(out, &fcgi->reader, fcgi->options.max_body);
    if (message_set_target(out, arena))
        return true;
    FCGX_Free(&fcgi->request, 0);
    return error_set(err, "no memory for the target");
}

/* Closes the connection of a dropped request. Received bytes are consumed first, since closing with
 * unread bytes looks like a broken connection to the peer. */
static void drop(struct fcgi *fcgi)
{
    for (int i = 0; i < WINDOWS_TO_DROP && fcgi->connection >= 0; i++) {
        if (recv(fcgi->connection, fcgi->window, sizeof(fcgi->window), MSG_DONTWAIT) <= 0)
            break;
    }
    hang_up(fcgi);
}

/* Waits for the next request of a kept connection: FCGI_REQUEST, FCGI_IDLE, or FCGI_DROPPED after
 * the peer has closed it. */
static enum fcgi_event kept_goes_on(struct fcgi *fcgi)
{
    char byte;
    switch (listener_wait(&fcgi->listener, fcgi->connection, fcgi->listener.idle_ms, true)) {
    case LISTENER_SILENT:
        return FCGI_IDLE;
    case LISTENER_READABLE:
        if (recv(fcgi->connection, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
            return FCGI_REQUEST;
        break;
    case LISTENER_WAS_STOPPED:
        break;
    }
    hang_up(fcgi);
    return FCGI_DROPPED;
}

static enum fcgi_event connect_peer(struct fcgi *fcgi, struct error *err)
{
    enum fcgi_event kept = fcgi->connection >= 0 ? kept_goes_on(fcgi) : FCGI_DROPPED;
    fcgi->was_kept = kept != FCGI_DROPPED;
    if (fcgi->was_kept)
        return kept;
    fcgi->has_timeout = false;
    switch (listener_accept(&fcgi->listener, &fcgi->connection, err)) {
    case LISTENER_ACCEPTED:
        return FCGI_REQUEST;
    case LISTENER_IDLE:
        return FCGI_IDLE;
    case LISTENER_STOPPED:
        return FCGI_STOPPED;
    case LISTENER_FAILED:
        return FCGI_FAILED;
    default:
        return FCGI_DROPPED;
    }
}

enum fcgi_event fcgi_accept(struct fcgi *fcgi, struct arena *arena, struct http_request *out,
                            struct error *err)
{
    enum fcgi_event event = connect_peer(fcgi, err);
    if (event != FCGI_REQUEST || read_one(fcgi, arena, out, err))
        return event;
    drop(fcgi);
    return FCGI_DROPPED;
}

/* --- the response --- */

static void fcgi_put(void *context, struct slice s)
{
    FCGX_Stream *out = context;
    if (s.len > 0 && s.len <= INT_MAX)
        (void)FCGX_PutStr(s.at, (int)s.len, out);
}

static void limit_sending(struct fcgi *fcgi)
{
    unsigned ms = fcgi->options.read_timeout_ms;
    struct timeval limit = { ms / 1000, (suseconds_t)(ms % 1000) * 1000 };
    if (!fcgi->has_timeout)
        (void)setsockopt(fcgi->connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    fcgi->has_timeout = true;
}

/* Finishes both streams, which writes buffered bytes and the end record; closes the connection
 * unless it is kept. */
static bool fcgi_finish(struct fcgi *fcgi)
{
    FCGX_Request *request = &fcgi->request;
    if (fcgi->listener.stopped)
        request->keepConnection = 0;
    bool sent = FCGX_FClose(request->err) == 0;
    sent = FCGX_FClose(request->out) == 0 && sent;
    FCGX_Finish_r(request);
    fcgi->connection = request->ipcFd;
    return sent;
}

bool fcgi_respond(struct fcgi *fcgi, const struct http_request *request,
                  const struct http_response *response, struct error *err)
{
    sigset_t all, before;
    bool may_wait = response->body.len > ANSWER_THAT_FITS;
    if (may_wait || fcgi->was_kept)
        limit_sending(fcgi);
    if (may_wait) {
        /* Signals are blocked: libfcgi takes a write that a signal interrupts for an error. */
        sigfillset(&all);
        (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    }
    message_write(request->method, response, fcgi_put, fcgi->request.out);
    bool sent = fcgi_finish(fcgi);
    if (may_wait)
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!sent)
        error_set(err, "the web server did not read the whole response");
    return sent;
}
