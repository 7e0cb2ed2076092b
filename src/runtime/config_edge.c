/* SPDX-License-Identifier: MIT */
/* Checks [edge]. */
#include "runtime/config_edge.h"

#include <string.h>

#include "base/ascii.h"
#include "edge/edge_target.h"
#include "follow/log_format.h"

static bool check_places(const char *logs, struct error *err)
{
    struct slice list = slice_of(logs);
    struct log_place place;
    unsigned n = 0;
    while (log_place_next(&list, &place, err)) {
        if (++n > LOG_PLACES_MAX)
            return error_set(err, "has more than %d logs", LOG_PLACES_MAX);
    }
    return !err->text[0];
}

static bool check_caches(const char *caches, struct error *err)
{
    struct slice list = slice_of(caches);
    struct edge_target target;
    unsigned n = 0;
    while (edge_target_next(&list, &target, err)) {
        if (++n > EDGE_TARGETS_MAX)
            return error_set(err, "has more than %d caches", EDGE_TARGETS_MAX);
    }
    return !err->text[0];
}

/* A token of HTTP, in capitals as all its methods are. */
static bool check_method(const char *method, struct error *err)
{
    for (const char *c = method; *c; c++) {
        if (!ascii_is_upper(*c))
            return error_set(err, "is not a method in capitals");
    }
    return true;
}

static bool check_header(const char *header, struct error *err)
{
    size_t len = header ? strlen(header) : 0;
    if (len && strcspn(header, ":\r\n") + 1 >= len)
        return error_set(err, "is not \"Name: value\"");
    return true;
}

static bool check_purge(const struct config_edge *edge, const char **key, struct error *err)
{
    *key = "purge";
    if (!check_caches(edge->purge, err))
        return false;
    *key = "purge_method";
    if (!check_method(edge->purge_method, err))
        return false;
    *key = "purge_header";
    return check_header(edge->purge_header, err);
}

bool config_edge_check(const struct config_edge *edge, const char **key, struct error *err)
{
    static const char *const keys[LOG_KINDS] = {
        [LOG_NGINX] = "nginx_format",           [LOG_APACHE] = "apache_format",
        [LOG_VARNISH] = "varnish_format",       [LOG_LIGHTTPD] = "lighttpd_format",
        [LOG_CLOUDFLARE] = "cloudflare_format", [LOG_FASTLY] = "fastly_format",
    };
    struct line_format format;
    if (!check_purge(edge, key, err))
        return false;
    *key = "logs";
    if (!check_places(edge->logs, err))
        return false;
    for (int kind = 0; kind < LOG_KINDS; kind++) {
        *key = keys[kind];
        if (*key &&
            !log_format_compile(&format, (enum log_kind)kind, slice_of(edge->formats[kind]), err))
            return false;
    }
    return true;
}
