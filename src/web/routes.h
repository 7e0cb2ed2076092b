/* SPDX-License-Identifier: MIT */
/* The route table: which handler answers what. */
#pragma once

#include "web/exchange.h"

/* What a route asks of its caller. */
enum route_auth {
    AUTH_NOT_NEEDED,
    AUTH_NEEDED,
    AUTH_NEEDED_UNLESS_ANONYMOUS_CREATE,
};

/* Answers an exchange: fills the response (body, headers of its own) and returns the HTTP status,
 * or returns what refuse() returns. */
typedef int route_handler(struct exchange *x);

struct route {
    const char *name; /* for logs and metrics */
    const char *pattern;
    unsigned methods; /* a set of enum http_method; GET brings HEAD with it */
    enum route_auth auth;
    enum key_scope scope; /* that a key needs, where one is asked for */
    route_handler *handler;
};

/* A small number for the route's name, the same for all routes of that name, and the name it stands
 * for. 0, "none": no route matched. NULL for a number that no name has. */
unsigned route_number(const struct route *route);
const char *route_name(unsigned number);

/* The first route that matches x->path and takes the request's method, with x->match filled; else
 * NULL, with *allowed the methods that some matching route takes (0: no route matches). */
const struct route *route_find(struct exchange *x, unsigned *allowed);
