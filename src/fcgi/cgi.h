/* SPDX-License-Identifier: MIT */
/* Plain CGI (RFC 3875): the process lives for one request, which is in its environment and standard
 * input; the answer goes to standard output. Bounded as FastCGI is. */
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
    /* Of a body beyond max_body so many bytes are read and thrown away: Apache hands no answer on
     * to a client that it has not heard out. */
    CGI_DRAIN_MAX = 16 * 1024 * 1024,
};

struct cgi_options {
    int in_fd;                    /* the body */
    int out_fd;                   /* the answer */
    const char *const *variables; /* the environment; borrowed */
    size_t max_body;              /* bytes of a request body; of a longer one none are kept */
    unsigned read_timeout_ms;     /* how long the web server may neither send nor take anything */
};

struct cgi {
    struct cgi_options options; /* the limits may still be changed until cgi_accept */
    bool accepted;
    bool answered;
};

/* Whether a web server has started this program as CGI: the environment says so, and descriptor 0
 * is no listening socket (mod_fcgid sets GATEWAY_INTERFACE, too). */
bool cgi_is_asked(void);

/* Ready for the one request. From now on a peer that hung up is an error of write(2). */
struct cgi cgi_open(const struct cgi_options *options);

/* FCGI_REQUEST the first time; what `out` points to is in `arena` and in the environment. A body
 * that is not whole in time is a broken one. FCGI_FAILED with the reason when the variables are too
 * large or there is no memory: answer with cgi_refuse. FCGI_STOPPED from then on. */
enum fcgi_event cgi_accept(struct cgi *cgi, struct arena *arena, struct http_request *out,
                           struct error *err);

/* Writes the answer and lets go of both descriptors, which become /dev/null: the web server sees
 * the end, and the visitor need not wait for what this process does next. False when the web server
 * did not take it all. */
bool cgi_respond(struct cgi *cgi, const struct http_request *request,
                 const struct http_response *response, struct error *err);

/* Lets go of standard error where it is the web server's pipe, which would wait for its end. */
void cgi_leave(void);

/* Answers with a small page and `status`, unless there was an answer: for who cannot serve. */
void cgi_refuse(struct cgi *cgi, int status);
