/* SPDX-License-Identifier: MIT */
/* The requests by which a cache in front learns of changes, as a configuration of the program curl,
 * and what its answers mean. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "edge/edge_codes.h"
#include "edge/edge_target.h"

enum {
    EDGE_REQUESTS_MAX = 2 * EDGE_CODES_MAX, /* in one configuration */
    EDGE_REQUESTS_BYTES = 2 << 20,          /* of a configuration */
    EDGE_CONNECT_S = 2,                     /* for a connection, */
    EDGE_ANSWER_S = 4,                      /* and for the whole request */
};

/* What requests are made of. NULL: none. */
struct edge_site {
    struct slice base_url;  /* of the short URLs, without a slash at its end */
    struct slice base_path; /* its path: "" or "/s" */
    const char *method;     /* this and the next ones only of EDGE_HTTP */
    const char *header;
    const char *body;
};

/* Writes the requests that tell the target of the codes; the number of requests, 0 where `out` has
 * no room. A cache that knows exact URLs alone gets two for each code, without and with a slash at
 * its end. */
size_t edge_requests_write(struct buf *out, const struct edge_target *target,
                           const struct edge_site *site, const struct edge_codes *codes);

/* Whether curl's output says that all `n` requests were taken: a line with the status of each.
 * False with the reason. */
bool edge_answers_check(const struct edge_target *target, struct slice output, size_t n,
                        struct error *err);
