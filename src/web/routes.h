/* SPDX-License-Identifier: MIT */
/* The route table: maps methods and paths to handlers. */
#pragma once

#include "web/exchange.h"

/* Whether a route requires an API key, or a session, which counts as its key. */
enum route_auth {
    AUTH_NOT_NEEDED,
    AUTH_NEEDED,
    AUTH_NEEDED_UNLESS_ANONYMOUS_CREATE,
    AUTH_SESSION_NEEDED, /* a key will not do */
};

/* Answers an exchange: fills the response (body, own headers) and returns the HTTP status, or what
 * refuse() returned. */
typedef int route_handler(struct exchange *x);

struct route {
    const char *name; /* for logs and metrics */
    const char *pattern;
    unsigned methods; /* bit set of enum http_method; GET includes HEAD */
    enum route_auth auth;
    enum key_scope scope; /* required of a key, where one is required */
    route_handler *handler;
};

/* The number of the route's name, the same for all routes with that name, and the name of a number.
 * 0, "none": no route matched. NULL for an unknown number. */
unsigned route_number(const struct route *route);
const char *route_name(unsigned number);

/* The first route that matches x->path and the request's method, with x->match filled; else NULL,
 * with *allowed the methods of the routes that match the path (0: none does). The redirect also
 * gets requests with a method that only some links take: 307 and 308 keep it. */
const struct route *route_find(struct exchange *x, unsigned *allowed);
