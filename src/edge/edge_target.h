/* SPDX-License-Identifier: MIT */
/* The caches in front that are told of changes: the list `edge.purge`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

enum {
    EDGE_TARGETS_MAX = 8, /* of `edge.purge` */
    EDGE_PLACE_MAX = 500, /* bytes of a folder or URL */
    EDGE_METHOD_MAX = 16, /* bytes of `edge.purge_method` */
};

enum edge_kind {
    EDGE_NGINX_FOLDER, /* nginx:/path: the files of nginx's cache are deleted */
    EDGE_NGINX_URL,    /* nginx:http://…{path}: PURGE, which nginx's purge module takes */
    EDGE_APACHE,       /* apache:/path: the files of mod_cache_disk are deleted */
    EDGE_VARNISH,      /* varnish:http://host:port: BAN, as curt.vcl has it */
    EDGE_HTTP,         /* http:https://…: a request as `edge.purge_method` and others say */
    EDGE_KINDS,
};

struct edge_target {
    enum edge_kind kind;
    struct slice place; /* the folder, or the URL */
};

/* "nginx", "nginx-url", "apache", "varnish" or "http". */
const char *edge_kind_name(enum edge_kind kind);

/* Whether its cache is a folder of this host. */
static inline bool edge_is_folder(enum edge_kind kind)
{
    return kind == EDGE_NGINX_FOLDER || kind == EDGE_APACHE;
}

/* Takes the next "kind:place" off a list that blanks separate. False at the end with an empty
 * reason, and with the reason where the kind is unknown, or the place is none of its kind. */
bool edge_target_next(struct slice *list, struct edge_target *out, struct error *err);
