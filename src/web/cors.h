/* SPDX-License-Identifier: MIT */
/* Cross-origin requests (CORS; the Fetch standard, 3.2): which web pages elsewhere may use the API
 * with a key of their own. Off unless api.cors_origins names somebody. Cookies play no part, so
 * that no page can borrow what its visitor may do. */
#pragma once

#include "web/exchange.h"

/* Tells the browser that the page may read this response of the API, if it may. 0: goes on. */
int cors(struct exchange *x);

/* Answers OPTIONS; `allow` names the methods (borrowed). A browser that asks on behalf of a page
 * whether it may send its request (a preflight) is told. Returns the HTTP status. */
int answer_options(struct exchange *x, const char *allow);
