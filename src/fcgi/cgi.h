/* SPDX-License-Identifier: MIT */
/* Plain CGI (RFC 3875): reads one request from the environment and standard input, writes the
 * response to standard output. Sizes and times are limited as for FastCGI. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "fcgi/fcgi.h"
#include "http/request.h"
#include "http/response.h"

enum {
    CGI_VARIABLES_MAX = 128 * 1024, /* bytes of all variables together */
    /* Bytes read and discarded of a body beyond max_body: Apache forwards no response to a client
     * whose body has not been read. */
    CGI_DRAIN_MAX = 16 * 1024 * 1024,
};

struct cgi_options {
    int in_fd;                    /* the body */
    int out_fd;                   /* the response */
    const char *const *variables; /* the environment; borrowed */
    size_t max_body;              /* bytes of a request body; a longer one is discarded */
    unsigned read_timeout_ms;     /* longest time without progress in reading or writing */
};

struct cgi {
    struct cgi_options options; /* the limits may be changed until cgi_accept */
    bool accepted;
    bool answered;
};

/* Whether a web server has started this program as CGI: GATEWAY_INTERFACE is set, and descriptor 0
 * is not a listening socket (mod_fcgid sets GATEWAY_INTERFACE, too). */
bool cgi_is_asked(void);

/* Prepares for the request. From then on SIGPIPE is ignored. */
struct cgi cgi_open(const struct cgi_options *options);

/* Reads the request: FCGI_REQUEST the first time; `out` points into `arena` and the environment. A
 * body that is incomplete when the time is up is broken. FCGI_FAILED with the reason when the
 * variables are too large or memory is exhausted: call cgi_refuse. FCGI_STOPPED from then on. */
enum fcgi_event cgi_accept(struct cgi *cgi, struct arena *arena, struct http_request *out,
                           struct error *err);

/* Writes the response and replaces both descriptors by /dev/null, so that the web server sees the
 * end of the response and the visitor need not wait for what the process does afterwards. False
 * when the web server did not read all of it. */
bool cgi_respond(struct cgi *cgi, const struct http_request *request,
                 const struct http_response *response, struct error *err);

/* Replaces standard error by /dev/null where it is a pipe, since the web server would wait for its
 * end. */
void cgi_leave(void);

/* Writes a small error page with `status`, unless a response was written: for a process that cannot
 * serve. */
void cgi_refuse(struct cgi *cgi, int status);
