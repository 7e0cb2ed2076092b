/* SPDX-License-Identifier: MIT */
/* The client's address, from REMOTE_ADDR and from the X-Forwarded-For of trusted proxies. */
#pragma once

#include <stdbool.h>

#include "http/request.h"
#include "text/address.h"

enum {
    HTTP_PROXIES_MAX = 64,
};

/* The trusted proxies, whose X-Forwarded-For is used. All zero: none. */
struct http_proxies {
    struct network networks[HTTP_PROXIES_MAX];
    size_t n;
};

/* Whether the address is in one of the networks. */
bool http_proxies_have(const struct http_proxies *proxies, const struct address *address);

/* Parses the value of server.trusted_proxies. False with *bad set to the word that is not a
 * network. */
bool http_proxies_parse(struct slice text, struct http_proxies *out, struct slice *bad);

/* The address of the client: the peer's (REMOTE_ADDR), unless the peer is a trusted proxy; then the
 * rightmost address in X-Forwarded-For that is not a trusted proxy. The addresses left of it may be
 * forged. If a trusted proxy names no address that can be parsed, its own address is the client's;
 * likewise if there are two such variables, since one of them may be an "X_Forwarded_For" header
 * that the proxy passed on, and CGI gives both the same name (RFC 3875, 4.1.18). Other headers
 * (Forwarded, X-Real-IP, Client-IP) are ignored. False when the web server passes no address, as
 * for a peer on a unix socket. */
bool http_client(const struct http_request *request, const struct http_proxies *proxies,
                 struct address *out);

/* Whether the request was forwarded (it has X-Forwarded-For, Forwarded or Via) by a peer that is
 * not a trusted proxy. Then the client is unknown, and the request must not be trusted because of
 * its peer's address. */
bool http_is_passed_on(const struct http_request *request, const struct http_proxies *proxies);
