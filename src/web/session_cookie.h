/* SPDX-License-Identifier: MIT */
/* The cookie that has a session's secret (RFC 6265): for this site's folder only, not readable by
 * scripts, not sent with requests from other sites, and where the site has https not over http. A
 * site at the root of an https host uses the prefix "__Host-", so that no neighbour can set it. */
#pragma once

#include "web/exchange.h"

#define SESSION_COOKIE        "curt_session"
#define SESSION_COOKIE_SECURE "__Host-" SESSION_COOKIE

/* The secret that the request brought; empty when it has no such cookie. Two of the name, one of
 * which another site of the domain may have set, are a secret that no session has. */
struct slice session_cookie_read(const struct exchange *x);

/* Gives the browser the secret of a session that ends by itself after services->sessions.max_s. */
void session_cookie_set(struct exchange *x, struct slice secret);

/* Makes the browser forget the cookie. */
void session_cookie_clear(struct exchange *x);
