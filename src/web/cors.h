/* SPDX-License-Identifier: MIT */
/* Cross-origin requests (CORS; the Fetch standard, 3.2): allows web pages of other origins to use
 * the API with an API key. Off unless api.cors_origins has an origin. The cookie of a session is
 * refused from another origin (web/authenticate.h), so that a page cannot act with its visitor's
 * rights. */
#pragma once

#include "web/exchange.h"

/* Whether a path belongs to the API, in any of its spellings; short URLs have no CORS headers. */
bool path_is_api(struct slice path);

/* Whether a web page of an origin that is neither the site's own nor allowed has sent the request.
 */
bool cors_is_foreign(const struct exchange *x);

/* Adds the headers that let the page read this response of the API, if its origin is allowed.
 * Always returns 0, for dispatch to go on. */
int cors(struct exchange *x);

/* Answers OPTIONS; `allow` has the methods (borrowed). A preflight, by which a browser asks whether
 * a page may send its request, gets the CORS headers. Returns the HTTP status. */
int answer_options(struct exchange *x, const char *allow);
