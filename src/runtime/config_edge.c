/* SPDX-License-Identifier: MIT */
/* Checks [edge]. */
#include "runtime/config_edge.h"

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

bool config_edge_check(const struct config_edge *edge, const char **key, struct error *err)
{
    static const char *const keys[LOG_KINDS] = {
        [LOG_NGINX] = "nginx_format",           [LOG_APACHE] = "apache_format",
        [LOG_VARNISH] = "varnish_format",       [LOG_LIGHTTPD] = "lighttpd_format",
        [LOG_CLOUDFLARE] = "cloudflare_format", [LOG_FASTLY] = "fastly_format",
    };
    struct line_format format;
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
