/* SPDX-License-Identifier: MIT */
/* Who a request comes from, as far as it can be believed. */
#pragma once

#include <stdbool.h>

#include "http/request.h"
#include "text/address.h"

enum {
    HTTP_PROXIES_MAX = 64,
};

/* The proxies that are believed about whom they speak for. All zero: none. */
struct http_proxies {
    struct network networks[HTTP_PROXIES_MAX];
    size_t n;
};

/* Whether one of the networks has the address. */
bool http_proxies_have(const struct http_proxies *proxies, const struct address *address);

/* Reads server.trusted_proxies; false with the word that is no network in *bad. */
bool http_proxies_parse(struct slice text, struct http_proxies *out, struct slice *bad);

/* The address of the client: that of the peer (REMOTE_ADDR) unless it is a trusted proxy; then the
 * rightmost address of X-Forwarded-For that is none. What stands left of it anybody may have
 * written. Where a trusted proxy names no address that can be read, it is the client itself; and
 * so it is where the header comes as two variables, since one of them may be an "X_Forwarded_For"
 * that the proxy did not know, and CGI makes both the same name (RFC 3875, 4.1.18). Other
 * headers (Forwarded, X-Real-IP, Client-IP) never count. False when the web server says no address,
 * as of a peer on a unix socket. */
bool http_client(const struct http_request *request, const struct http_proxies *proxies,
                 struct address *out);

/* Whether the request says that somebody passed it on (X-Forwarded-For, Forwarded, Via) who is not
 * a trusted proxy: nobody knows then whom it comes from, and the peer's address is no reason to
 * trust it. */
bool http_is_passed_on(const struct http_request *request, const struct http_proxies *proxies);
