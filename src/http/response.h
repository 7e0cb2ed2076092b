/* SPDX-License-Identifier: MIT */
/* An HTTP response: status, headers, body. Plain data; fcgi/ writes it. */
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

/* Initialise it as all zero. Names are literals; values and body are borrowed until the response is
 * written. */
struct http_response {
    int status;
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t n_headers;
    bool refused_header; /* a value had CR, LF or NUL, or there were too many headers */
    struct slice body;
};

/* Adds a header. A value with CR, LF or NUL is not added and sets `refused_header`, so that no
 * value can split the response (CWE-113); web/finish.c then answers 500 instead. */
void http_header_add(struct http_response *response, const char *name, struct slice value);

/* Adds a header and removes existing headers of that name (ASCII case-insensitive). */
void http_header_set(struct http_response *response, const char *name, struct slice value);

/* The value of the first header of that name (ASCII case-insensitive), or an empty slice. */
struct slice http_header_get(const struct http_response *response, const char *name);

/* Renames the headers `from` (ASCII case-insensitive) to `to`, a literal. */
void http_header_rename(struct http_response *response, const char *from, const char *to);

/* Whether a response of that status may have a Location header: 201, 202, 3xx and errors. For a 200
 * with Location, Apache's mod_fcgid and mod_cgi send a redirect of their own instead (RFC 3875,
 * 6.2.3). */
bool http_may_have_location(int status);

/* The reason phrase of a status that Curt uses (RFC 9110, 15); "Unknown" for others. */
const char *http_reason(int status);
