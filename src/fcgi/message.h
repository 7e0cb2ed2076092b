/* SPDX-License-Identifier: MIT */
/* Shared by FastCGI and plain CGI: makes the target and the body of a request from CGI variables
 * (RFC 3875), and writes a response with its Status line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "http/request.h"
#include "http/response.h"

enum message_length {
    MESSAGE_LENGTH_NONE, /* no CONTENT_LENGTH, or an empty one */
    MESSAGE_LENGTH_BAD,  /* not a number */
    MESSAGE_LENGTH_GOOD,
};

/* Reads the value of CONTENT_LENGTH (RFC 3875, 4.1.2). */
enum message_length message_length_read(struct slice digits, uint64_t *out);

/* A body as it was read. */
struct message_body {
    struct slice bytes;
    bool too_large; /* the body exceeded the limit, and `bytes` lacks it */
    enum message_length length;
    uint64_t content_length; /* with MESSAGE_LENGTH_GOOD */
};

/* Sets the body of `out`, or its error. */
void message_set_body(struct http_request *out, const struct message_body *body, size_t max_body);

/* Sets the target of `out`, a copy in `arena`, from its variables: REQUEST_URI, or without that
 * SCRIPT_NAME, PATH_INFO and QUERY_STRING. False when the arena is full. */
bool message_set_target(struct http_request *out, struct arena *arena);

typedef void message_put(void *context, struct slice piece);

/* Passes the whole response to `put`, piece by piece: the Status line, the headers, Content-Length,
 * and the body unless `method` is HEAD or the status allows none. */
void message_write(enum http_method method, const struct http_response *response, message_put *put,
                   void *context);
