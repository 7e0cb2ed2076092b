/* SPDX-License-Identifier: MIT */
/* An HTTP response to be: status, headers, body. Plain data; the fcgi floor writes it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum {
    HTTP_HEADERS_MAX = 24,
};

struct http_header {
    const char *name;
    struct slice value;
};

/* Starts as all zero. Names are literals; values and body are borrowed until the response is
 * written. */
struct http_response {
    int status;
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t n_headers;
    bool refused_header; /* a value had CR, LF or NUL, or there were too many headers */
    struct slice body;
};

/* Adds a header. A value that holds CR, LF or NUL is left out and marks the response, so that no
 * data of ours can ever split a response (CWE-113); whoever finishes it answers 500 instead. */
void http_header_add(struct http_response *response, const char *name, struct slice value);

/* Adds a header in place of those of that name (ASCII case-insensitive), if there are any. */
void http_header_set(struct http_response *response, const char *name, struct slice value);

/* The value of the first header of that name (ASCII case-insensitive), or an empty slice. */
struct slice http_header_get(const struct http_response *response, const char *name);

/* Calls the headers of the name `from` (ASCII case-insensitive) `to`, a literal. */
void http_header_rename(struct http_response *response, const char *from, const char *to);

/* Whether a response of that status may have Location: what was made (201, 202), redirects (3xx),
 * and errors. With 200, mod_fcgid and mod_cgi of Apache answer a redirect of their own in its place
 * (RFC 3875, 6.2.3, as they read it). */
bool http_may_have_location(int status);

/* The reason phrase of a status Curt uses (RFC 9110, 15), "Unknown" for others. */
const char *http_reason(int status);
