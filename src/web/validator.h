/* SPDX-License-Identifier: MIT */
/* Entity tags (RFC 9110, 8.8.3): a link's is its version in quotes. */
#pragma once

#include "service/manage.h"
#include "web/exchange.h"

/* Adds the ETag of `link` to the response. */
void validator_add(struct exchange *x, const struct link *link);

/* The versions that an If-Match header names (RFC 9110, 13.1.1). No header, and "*", expect
 * nothing; a tag that is weak or not one of ours matches no version. */
struct expected validator_expected(const struct http_request *request);
