/* SPDX-License-Identifier: MIT */
/* Parses the list of caches in front. */
#include "edge/edge_target.h"

const char *edge_kind_name(enum edge_kind kind)
{
    static const char *const names[EDGE_KINDS] = {
        [EDGE_NGINX_FOLDER] = "nginx", [EDGE_NGINX_URL] = "nginx-url", [EDGE_APACHE] = "apache",
        [EDGE_VARNISH] = "varnish",    [EDGE_HTTP] = "http",
    };
    return names[kind];
}

static bool is_url(struct slice place)
{
    return slice_starts_with(place, SLICE("http://")) ||
           slice_starts_with(place, SLICE("https://"));
}

static bool has_field(struct slice text)
{
    for (; text.len; text = slice_from(text, 1)) {
        if (slice_starts_with(text, SLICE("{path}")) || slice_starts_with(text, SLICE("{url}")) ||
            slice_starts_with(text, SLICE("{code}")))
            return true;
    }
    return false;
}

/* The kind that the word before the colon, and the place after it, are of; EDGE_KINDS where there
 * is none. */
static enum edge_kind kind_of(struct slice word, struct slice place)
{
    bool is_folder = place.len > 1 && place.at[0] == '/';
    if (slice_eq(word, SLICE("nginx")) && is_folder)
        return EDGE_NGINX_FOLDER;
    if (slice_eq(word, SLICE("nginx")) && is_url(place) && has_field(place))
        return EDGE_NGINX_URL;
    if (slice_eq(word, SLICE("apache")) && is_folder)
        return EDGE_APACHE;
    if (slice_eq(word, SLICE("varnish")) && is_url(place))
        return EDGE_VARNISH;
    return slice_eq(word, SLICE("http")) && is_url(place) ? EDGE_HTTP : EDGE_KINDS;
}

/* Visible ASCII without what would end a quoted text of curl's. */
static bool is_plain(struct slice place)
{
    for (size_t i = 0; i < place.len; i++) {
        char c = place.at[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\')
            return false;
    }
    return true;
}

static bool is_between(char c)
{
    return c == ' ' || c == '\t';
}

bool edge_target_next(struct slice *list, struct edge_target *out, struct error *err)
{
    size_t begin = 0, end = 0;
    err->text[0] = '\0';
    while (begin < list->len && is_between(list->at[begin]))
        begin++;
    *list = slice_from(*list, begin);
    while (end < list->len && !is_between(list->at[end]))
        end++;
    struct slice text = { list->at, end };
    if (end == 0)
        return false;
    *list = slice_from(*list, end);
    size_t colon = slice_find(text, ':');
    out->place = slice_from(text, colon + 1);
    out->kind = kind_of((struct slice){ text.at, colon }, out->place);
    if (out->kind == EDGE_KINDS)
        return error_set(err,
                         "\"%.*s\": a cache is nginx:/folder, nginx:http://HOST{path}, "
                         "apache:/folder, varnish:http://HOST:PORT or http:https://URL",
                         SLICE_ARG(text));
    if (out->place.len > EDGE_PLACE_MAX || !is_plain(out->place))
        return error_set(err, "\"%.*s\" has more than %d bytes, or others than visible ASCII",
                         SLICE_ARG(text), EDGE_PLACE_MAX);
    return true;
}
