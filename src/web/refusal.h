/* SPDX-License-Identifier: MIT */
/* Turns the services' outcomes into HTTP statuses and problems. */
#pragma once

#include "link/link_fields.h"
#include "service/outcome.h"
#include "service/resolve.h"
#include "web/exchange.h"

/* Adds the header Allow with the set `methods` and OPTIONS; returns its text, NULL when memory is
 * out. */
const char *allow_methods(struct exchange *x, unsigned methods);

/* Sends a visitor to a page of the site's operator, by a 302 that no cache keeps. Returns 302. */
int send_elsewhere(struct exchange *x, struct slice url);

/* Where a visitor of a link that is over, or has not started, is sent with GET or HEAD: as the link
 * says, otherwise as the site does. Empty: nowhere, and for any other outcome. */
struct slice visit_fallback(const struct exchange *x, const struct resolution *found,
                            enum outcome outcome);

/* Refuses a short link for which visit_fallback() has nowhere to send its visitor: as
 * refuse_outcome(), or, for GET and HEAD of an unknown code, by sending the visitor to the page
 * that the site has for that. */
int refuse_visit(struct exchange *x, enum outcome outcome);

/* Refuses the request's method (405), naming the set `methods`. */
int refuse_method(struct exchange *x, unsigned methods);

/* The status of a response with a created link: 200, 201 or 202; 0 when the outcome has none. */
int status_of_created(enum outcome outcome);

/* Refuses the request for what a service returned, anything but OUTCOME_OK. `field` is the member
 * or parameter at fault, NULL for none; x->err has the sentence of a refused value. Returns what
 * refuse() does. */
int refuse_outcome(struct exchange *x, enum outcome outcome, const char *field);

/* The same for a link that is created or changed, where `field` of the link may be at fault. */
int refuse_link(struct exchange *x, enum outcome outcome, enum link_field field);
