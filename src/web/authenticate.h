/* SPDX-License-Identifier: MIT */
/* Identifies the caller: by an API key or, where the request has none, by the cookie of a session.
 */
#pragma once

#include "web/exchange.h"

/* The step of dispatch: sets x->caller and checks that its scope allows the route. A cookie counts
 * only in requests of this site's own pages: with a method other than GET, HEAD and OPTIONS the
 * header X-Csrf-Token must have the session's text, and a request that names another site in Origin
 * or Sec-Fetch-Site is refused. 0 when the request may go on, or what refuse() returned. */
int authenticate(struct exchange *x);

/* Sets x->caller to the holder of the key. The database is asked about a key that is not cached in
 * this worker if the limits allow it. 0, or what refuse() returned. */
int authenticate_key(struct exchange *x, struct slice key);

/* Refuses a request that comes from a page of another site (403); 0 otherwise. Requests that are
 * not a browser's have neither header and pass. */
int refuse_other_site(struct exchange *x);
