/* SPDX-License-Identifier: MIT */
/* Turns the services' outcomes into HTTP statuses and problems. */
#pragma once

#include "service/manage.h"
#include "web/exchange.h"

/* Adds the header Allow with the set `methods` and OPTIONS; returns its text, NULL when memory is
 * out. */
const char *allow_methods(struct exchange *x, unsigned methods);

/* Sends a visitor to a page of the site's operator, by a 302 that no cache keeps. Returns 302. */
int send_elsewhere(struct exchange *x, struct slice url);

/* Refuses a short link that does not exist or is over: as refuse(), or, for GET and HEAD, to the
 * page that the site has for `problem` (PROBLEM_NOT_FOUND or PROBLEM_EXPIRED). */
int refuse_visit(struct exchange *x, enum problem_id problem);

/* Refuses the request's method (405), naming the set `methods`. */
int refuse_method(struct exchange *x, unsigned methods);

/* The status of a response with a link: 200, 201 or 202; 0 when the outcome has none. */
int status_of_link(enum create_outcome outcome);

/* Refuses a create for `outcome`, which is about `field` where a field is refused; x->err has the
 * sentence. Returns what refuse() does. */
int refuse_create(struct exchange *x, enum create_outcome outcome, enum link_field field);

/* The same for an existing link; `changed` is used where `outcome` is MANAGE_REFUSED. */
int refuse_managing(struct exchange *x, enum manage_outcome outcome, const struct changed *changed);
