/* SPDX-License-Identifier: MIT */
/* The FastCGI side of a worker: reads one request at a time, writes its response. The only room
 * that includes libfcgi. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "http/request.h"
#include "http/response.h"

struct fcgi;

struct fcgi_options {
    int listen_fd;            /* 0 when a web server spawned us (FCGI_LISTENSOCK_FILENO) */
    size_t max_body;          /* bytes of a request body; a longer one is discarded */
    unsigned read_timeout_ms; /* longest silence of a peer within a request */
    unsigned
        idle_ms; /* FCGI_IDLE after about this time without a request; 0: never. It is the receive
                    time-out of the listening socket, so it costs no system call per request */
};

enum fcgi_event {
    FCGI_REQUEST, /* `out` holds a request; fcgi_respond must follow */
    FCGI_DROPPED, /* the peer hung up, timed out or sent no valid request; accept again */
    FCGI_IDLE,    /* idle_ms passed without a request, or a signal arrived; a chance to release
                     resources; accept again */
    FCGI_STOPPED, /* fcgi_stop was called: no more requests */
    FCGI_FAILED,  /* the listening socket is unusable; end the process */
};

/* Prepares to accept; NULL with the reason on failure. */
struct fcgi *fcgi_open(const struct fcgi_options *options, struct error *err);

/* Closes an open connection. NULL is allowed; sets *fcgi to NULL. */
void fcgi_close(struct fcgi **fcgi);

/* Waits for the next request and reads it entirely. The target and the body are in `arena`; the
 * rest that `out` points to is valid until fcgi_respond. */
enum fcgi_event fcgi_accept(struct fcgi *fcgi, struct arena *arena, struct http_request *out,
                            struct error *err);

/* Writes the response and finishes the request. The body is omitted for HEAD. False when the peer
 * did not read all of it; the worker can continue. */
bool fcgi_respond(struct fcgi *fcgi, const struct http_request *request,
                  const struct http_response *response, struct error *err);

/* Makes fcgi_accept return FCGI_STOPPED; a request that has begun is finished first.
 * Async-signal-safe; a stop between a check and a wait is not missed. */
void fcgi_stop(struct fcgi *fcgi);
