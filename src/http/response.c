/* SPDX-License-Identifier: MIT */
/* Building a response. */
#include "http/response.h"

#include <string.h>

static bool value_is_safe(struct slice value)
{
    return value.len == 0 ||
           !(memchr(value.at, '\r', value.len) || memchr(value.at, '\n', value.len) ||
             memchr(value.at, '\0', value.len));
}

void http_header_add(struct http_response *response, const char *name, struct slice value)
{
    if (response->n_headers == HTTP_HEADERS_MAX || !value_is_safe(value)) {
        response->refused_header = true;
        return;
    }
    response->headers[response->n_headers++] = (struct http_header){ name, value };
}

void http_header_set(struct http_response *response, const char *name, struct slice value)
{
    size_t kept = 0;
    for (size_t i = 0; i < response->n_headers; i++) {
        if (!slice_eq_nocase(slice_of(response->headers[i].name), slice_of(name)))
            response->headers[kept++] = response->headers[i];
    }
    response->n_headers = kept;
    http_header_add(response, name, value);
}

struct slice http_header_get(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->n_headers; i++) {
        if (slice_eq_nocase(slice_of(response->headers[i].name), slice_of(name)))
            return response->headers[i].value;
    }
    return (struct slice){ NULL, 0 };
}

void http_header_rename(struct http_response *response, const char *from, const char *to)
{
    for (size_t i = 0; i < response->n_headers; i++) {
        if (slice_eq_nocase(slice_of(response->headers[i].name), slice_of(from)))
            response->headers[i].name = to;
    }
}

bool http_may_have_location(int status)
{
    return status != 200;
}

static const struct {
    int status;
    const char *reason;
} REASONS[] = {
    { 200, "OK" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 204, "No Content" },
    { 207, "Multi-Status" },
    { 301, "Moved Permanently" },
    { 302, "Found" },
    { 303, "See Other" },
    { 307, "Temporary Redirect" },
    { 308, "Permanent Redirect" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 409, "Conflict" },
    { 410, "Gone" },
    { 412, "Precondition Failed" },
    { 413, "Content Too Large" },
    { 415, "Unsupported Media Type" },
    { 429, "Too Many Requests" },
    { 500, "Internal Server Error" },
    { 503, "Service Unavailable" },
};

const char *http_reason(int status)
{
    for (size_t i = 0; i < sizeof(REASONS) / sizeof(REASONS[0]); i++) {
        if (REASONS[i].status == status)
            return REASONS[i].reason;
    }
    return "Unknown";
}
