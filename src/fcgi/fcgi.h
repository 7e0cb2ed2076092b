/* SPDX-License-Identifier: MIT */
/* The FastCGI side of a worker: reads one request at a time, writes its response. The only floor
 * that knows libfcgi. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "http/request.h"
#include "http/response.h"

struct fcgi;

struct fcgi_options {
    int listen_fd; /* 0 when a web server spawned us (FCGI_LISTENSOCK_FILENO) */
    size_t
        max_body; /* bytes of a request body; longer ones are read to their end and thrown away */
    unsigned read_timeout_ms; /* how long a peer may keep silent in the middle of a request */
    unsigned idle_ms; /* FCGI_IDLE after about so long without a request; 0: never. It is the
                       * receive time-out of the listening socket: no system call per request */
};

enum fcgi_event {
    FCGI_REQUEST, /* `out` holds a request; fcgi_respond must follow */
    FCGI_DROPPED, /* a peer that hung up, timed out or spoke nonsense; accept again */
    FCGI_IDLE,    /* idle_ms went by without a request, or a signal came meanwhile; a chance to give
                   * things back; accept again */
    FCGI_STOPPED, /* fcgi_stop was called: no more requests */
    FCGI_FAILED,  /* the listening socket is no use; end the process */
};

/* Ready to accept; NULL with the reason when not. */
struct fcgi *fcgi_open(const struct fcgi_options *options, struct error *err);

/* Closes any connection left. NULL is fine; sets *fcgi to NULL. */
void fcgi_close(struct fcgi **fcgi);

/* Waits for the next request and reads it to its end. The target and the body are in `arena`; what
 * else `out` points to lives until fcgi_respond. */
enum fcgi_event fcgi_accept(struct fcgi *fcgi, struct arena *arena, struct http_request *out,
                            struct error *err);

/* Writes the response and finishes the request. The body is left out for HEAD. False when the peer
 * did not take it all; the worker goes on all the same. */
bool fcgi_respond(struct fcgi *fcgi, const struct http_request *request,
                  const struct http_response *response, struct error *err);

/* Ends a waiting fcgi_accept with FCGI_STOPPED; a request being handled is finished first. Safe in
 * a signal handler; there is no moment between a check and a wait in which it could be missed. */
void fcgi_stop(struct fcgi *fcgi);
