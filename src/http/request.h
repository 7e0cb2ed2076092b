/* SPDX-License-Identifier: MIT */
/* An HTTP request as the web server passed it; const once parsed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

enum http_method {
    HTTP_GET = 1 << 0,
    HTTP_HEAD = 1 << 1,
    HTTP_POST = 1 << 2,
    HTTP_PUT = 1 << 3,
    HTTP_PATCH = 1 << 4,
    HTTP_DELETE = 1 << 5,
    HTTP_OPTIONS = 1 << 6,
    HTTP_OTHER = 1 << 7, /* any other method */
};

/* All slices are borrowed from the code that read the request and are valid until the request is
 * finished. */
struct http_request {
    enum http_method method;
    struct slice target; /* path and query as the client sent them, not decoded */
    struct slice path;   /* the target up to '?', not decoded */
    struct slice query;  /* the target after '?', not decoded; empty when there is none */
    struct slice body;
    bool body_too_large;          /* longer than the limit: `body` is empty */
    bool body_broken;             /* shorter than its Content-Length said: `body` is empty */
    const char *const *variables; /* CGI variables (RFC 3875, 4.1) as "NAME=value",
                                   * NULL-terminated */
};

/* HTTP_GET for "GET" and so on; methods are case-sensitive (RFC 9110, 9.1). */
enum http_method http_method_of(struct slice name);

/* "GET" for HTTP_GET and so on; "OTHER" for HTTP_OTHER. */
const char *http_method_name(enum http_method method);

/* Writes the names of the methods in the set `methods` ("GET, HEAD"), for an Allow header. */
enum {
    HTTP_ALLOW_MAX = 64,
};
void http_allow(unsigned methods, char out[HTTP_ALLOW_MAX]);

/* The value of CGI variable `name`, or an empty slice. */
struct slice http_variable(const struct http_request *request, const char *name);

/* The Content-Type without its parameters; empty when there is none. */
struct slice http_media_type(const struct http_request *request);

/* Splits `target` into `path` and `query`. An absolute-form target (RFC 9112, 3.2.2) is
 * stripped of its scheme and authority, a fragment is removed, and an empty path becomes "/". */
void http_request_set_target(struct http_request *request, struct slice target);

/* `path` with "%XX" of an unreserved byte (a letter, a digit, "-", ".", "_", "~") replaced by the
 * byte, which is the same path (RFC 3986, 6.2.2.2): SMS gateways escape "_" so. A copy in `arena`,
 * or `path` itself if nothing changes or the arena is full. */
struct slice http_path_normalise(struct slice path, struct arena *arena);

/* Whether the Accept header prefers HTML to JSON: it names text/html, and gives application/json or
 * application/problem+json no higher quality (RFC 9110, 12.5.1). */
bool http_wants_html(const struct http_request *request);

/* Which of `n` (at least 1) languages, subtags such as "de", the Accept-Language header prefers:
 * the index of the one with the highest quality, of several the one named first. "de-CH" asks for
 * "de", and "*" for the first one. 0 when none is asked for (RFC 9110, 12.5.4; RFC 4647, 3.4). */
size_t http_language(const struct http_request *request, const struct slice *offered, size_t n);
