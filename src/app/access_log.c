/* SPDX-License-Identifier: MIT */
/* Chooses the level of a request's log line and writes its fields. */
#include "app/access_log.h"

#include "web/routes.h"

enum {
    FIELDS_MAX = 12,
};

static bool is_quiet(const struct exchange *x)
{
    if (x->problem != PROBLEM_NONE || !x->route)
        return false;
    return x->route->methods & HTTP_GET && x->route->auth == AUTH_NOT_NEEDED &&
           !slice_starts_with(slice_of(x->route->pattern), SLICE("/api/"));
}

struct slice access_client(const struct log *log, const struct exchange *x)
{
    char text[ADDRESS_TEXT_MAX];
    if (!log_addresses(log) || !x->client)
        return (struct slice){ NULL, 0 };
    address_format(x->client, text);
    return slice_of(arena_copy(x->arena, slice_of(text)));
}

static enum log_level level_of(const struct exchange *x, const char *lost)
{
    if (x->response.status >= 500)
        return LOG_LEVEL_ERROR;
    if (lost)
        return LOG_LEVEL_WARN;
    return is_quiet(x) ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
}

void access_log(struct log *log, const struct exchange *x, const struct answered *answered)
{
    enum log_level level = level_of(x, answered->lost);
    if (level == LOG_LEVEL_DEBUG && log_redirects(log))
        level = LOG_LEVEL_INFO;
    struct log_field fields[FIELDS_MAX];
    unsigned n = 0;
    fields[n++] = log_text("request_id", x->request_id);
    fields[n++] = log_text("method", slice_of(http_method_name(x->request->method)));
    fields[n++] = log_text("path", x->request->path);
    fields[n++] = log_text("route", slice_of(x->route ? x->route->name : "none"));
    fields[n++] = log_number("status", x->response.status);
    fields[n++] = log_number("duration_us", answered->duration_us);
    if (answered->client.len)
        fields[n++] = log_text("client", answered->client);
    if (x->level != LEVEL_NONE)
        fields[n++] = log_text("cache_level", slice_of(cache_level_name(x->level)));
    if (x->caller.key_id)
        fields[n++] = log_number("key_id", x->caller.key_id);
    if (x->problem != PROBLEM_NONE)
        fields[n++] = log_text("problem", slice_of(problem_of(x->problem)->code));
    if (x->problem != PROBLEM_NONE && *x->err.text)
        fields[n++] = log_text("error", slice_of(x->err.text));
    if (answered->lost)
        fields[n++] = log_text("lost", slice_of(answered->lost));
    log_line(log, level, "request", fields, n);
}
