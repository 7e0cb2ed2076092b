/* SPDX-License-Identifier: MIT */
/* Entity tags (RFC 9110, 8.8.3): a link's is its version in quotes. */
#pragma once

#include "service/manage.h"
#include "web/exchange.h"

/* Adds the link's ETag to the response. */
void validator_add(struct exchange *x, const struct link *link);

/* Adds the ETag of a response without a version: a hash of its bytes. */
void validator_add_bytes(struct exchange *x, struct slice bytes);

/* Whether If-None-Match (RFC 9110, 13.1.2) has the response's ETag, or is "*": the client has these
 * bytes already. */
bool validator_is_known(const struct exchange *x);

/* Reads the versions of an If-Match header (RFC 9110, 13.1.1). Without a header, and for "*", any
 * version is expected; a tag that is weak or not of our form matches no version. */
struct expected validator_expected(const struct http_request *request);
