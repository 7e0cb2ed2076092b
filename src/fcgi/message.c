/* SPDX-License-Identifier: MIT */
/* Converts CGI variables to a request and a response to CGI headers. */
#include "fcgi/message.h"

#include <stdio.h>

#include "base/number.h"

enum message_length message_length_read(struct slice digits, uint64_t *out)
{
    if (digits.len == 0)
        return MESSAGE_LENGTH_NONE;
    return number_parse(digits, UINT64_MAX, out) ? MESSAGE_LENGTH_GOOD : MESSAGE_LENGTH_BAD;
}

void message_set_body(struct http_request *out, const struct message_body *body, size_t max_body)
{
    bool has_length = body->length == MESSAGE_LENGTH_GOOD;
    out->body_too_large = body->too_large || (has_length && body->content_length > max_body);
    out->body_broken =
        !out->body_too_large && (body->length == MESSAGE_LENGTH_BAD ||
                                 (has_length && body->content_length != body->bytes.len));
    if (!out->body_too_large && !out->body_broken)
        out->body = body->bytes;
}

/* Composes the target of the variables of RFC 3875, in which it is decoded; empty when memory is
 * out. */
static struct slice message_compose_target(const struct http_request *out, struct arena *arena)
{
    struct slice script = http_variable(out, "SCRIPT_NAME");
    struct slice info = http_variable(out, "PATH_INFO");
    struct slice query = http_variable(out, "QUERY_STRING");
    size_t size = script.len + info.len + query.len + 2;
    char *text = arena_alloc(arena, size);
    if (!text)
        return (struct slice){ NULL, 0 };
    int len = snprintf(text, size, "%.*s%.*s%s%.*s", SLICE_ARG(script), SLICE_ARG(info),
                       query.len ? "?" : "", SLICE_ARG(query));
    return (struct slice){ text, (size_t)len };
}

/* REQUEST_URI is not in RFC 3875, but every web server sends it, and only it has the target
 * undecoded as the client sent it. */
bool message_set_target(struct http_request *out, struct arena *arena)
{
    struct slice uri = http_variable(out, "REQUEST_URI");
    struct slice target = uri.len > 0 ? (struct slice){ arena_copy(arena, uri), uri.len }
                                      : message_compose_target(out, arena);
    if (target.at)
        http_request_set_target(out, target);
    return target.at != NULL;
}

static bool may_have_length(int status)
{
    return status >= 200 && status != 204 && status != 304; /* RFC 9110, 8.6 */
}

void message_write(enum http_method method, const struct http_response *response, message_put *put,
                   void *context)
{
    char digits[NUMBER_TEXT_MAX];
    put(context, SLICE("Status: "));
    put(context, number_format((unsigned)response->status, digits));
    put(context, SLICE(" "));
    put(context, slice_of(http_reason(response->status)));
    put(context, SLICE("\r\n"));
    for (size_t i = 0; i < response->n_headers; i++) {
        put(context, slice_of(response->headers[i].name));
        put(context, SLICE(": "));
        put(context, response->headers[i].value);
        put(context, SLICE("\r\n"));
    }
    if (may_have_length(response->status)) {
        /* Without it nginx sends chunks, and Apache's caches do not store the response. */
        put(context, SLICE("Content-Length: "));
        put(context, number_format(response->body.len, digits));
        put(context, SLICE("\r\n"));
    }
    put(context, SLICE("\r\n"));
    if (method != HTTP_HEAD && may_have_length(response->status))
        put(context, response->body);
}
