/* SPDX-License-Identifier: MIT */
/* What a line of an access log says, in the words of all servers, and whether it counts as a
 * click. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Whose log it is: decides the syntax of its format and the words for "answered by the cache". */
enum log_kind {
    LOG_NGINX,
    LOG_APACHE,
    LOG_VARNISH,
    LOG_LIGHTTPD,
    LOG_CLOUDFLARE,
    LOG_CLOUDFRONT,
    LOG_FASTLY,
    LOG_KINDS,
};

/* "nginx", "apache", … as `edge.logs` has them. */
const char *log_kind_name(enum log_kind kind);

/* The kind of that name; LOG_KINDS for another text. */
enum log_kind log_kind_of(struct slice name);

/* The slices are parts of the line, or of the parser's scratch where the line has escapes. What the
 * line does not have, or has as "-", is empty. */
struct log_line {
    int64_t at; /* seconds since the epoch; 0: the line does not say */
    unsigned status;
    struct slice method;
    struct slice target; /* path and query, as the client sent them */
    struct slice cache;
    struct slice address;
    struct slice agent;
    struct slice referer;
    struct slice country;
    bool is_private;  /* "DNT: 1" or "Sec-GPC: 1" */
    bool is_prefetch; /* Sec-Purpose, Purpose or X-Moz: prefetch */
};

enum log_verdict {
    LOG_COUNTS,      /* a visitor was redirected by a cache */
    LOG_ASKED,       /* the cache did not answer by itself, so a worker has counted */
    LOG_NO_REDIRECT, /* another status than 301, 302, 303, 307 or 308 */
    LOG_NO_VISIT,    /* another method than GET, or a prefetch */
    LOG_UNREADABLE,  /* the line does not have its format */
    LOG_VERDICTS,
};

/* Whether a line that could be read counts: by the rules of a worker's click, if the cache answered
 * without asking a worker. Whether the path is a link's is decided later. */
enum log_verdict log_judge(enum log_kind kind, const struct log_line *line);

/* Reads a time in seconds, milliseconds, microseconds or nanoseconds since the epoch (told by the
 * number of digits, a fraction is dropped), in RFC 3339 (the offset with or without a colon), or as
 * common logs have it: "30/Nov/2026:17:00:00 +0100". False for anything else, and for times before
 * 1970 or after 2105, which no click event can have. */
bool log_time_parse(struct slice text, int64_t *at);
