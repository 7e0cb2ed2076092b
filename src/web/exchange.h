/* SPDX-License-Identifier: MIT */
/* The exchange: one request, what is known of it, and its response. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "http/client.h"
#include "http/pages.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "service/auth.h"
#include "service/create.h"
#include "service/limits.h"
#include "service/readiness.h"
#include "service/resolve.h"
#include "service/sessions.h"
#include "shm/metrics.h"
#include "web/brand.h"
#include "web/problem.h"
#include "yourls/yourls.h"

struct page_frame;

/* The configuration that handlers use. */
struct site {
    struct slice base_url;   /* without a trailing '/' */
    struct slice base_path;  /* the path of base_url: "" or "/s" */
    struct slice pages_path; /* of the pages for people, below base_url: "/admin" */
    bool anonymous_create;
    uint64_t max_body;          /* bytes of a request body; 0: any */
    uint64_t max_bulk_body;     /* bytes of the body of a bulk create */
    enum extra_path extra_path; /* of links that have none of their own */
    int64_t edge_ttl_s; /* how long HTTP caches may keep a redirect, in seconds; 0: not at all */
    enum robots_rule robots;    /* what robots.txt says of short links */
    enum root_page root_page;   /* what is at base_url itself */
    struct slice operator_name; /* who runs the site; empty: not said */
    struct brand brand;
    const struct page_frame *frames; /* of the small pages, by language; NULL: made for each page */
    /* Where visitors are sent instead of a page of Curt's; empty: to that page. */
    struct slice root_url;
    struct slice unknown_url;
    struct slice expired_url;
    struct slice not_started_url; /* empty: as unknown_url */
    struct slice logo; /* path of the PNG file for QR codes, with a NUL after it; empty: none */
    bool preview;      /* whether "{code}+" shows where a link leads */
    struct yourls_settings yourls;
    struct slice cors_origins;         /* separated by spaces; "*": any */
    struct http_proxies proxies;       /* whose X-Forwarded-For is trusted */
    struct http_proxies metrics_allow; /* clients that may read the metrics */
    struct slice metrics_token;        /* bearer token that allows it, too; empty: none */
};

/* The services that handlers call. */
struct services {
    struct db *db;
    struct resolver resolver;
    struct shortener shortener;
    struct auth auth;
    struct sessions sessions;
    /* Fills `out` with `n` cryptographically random bytes; false on failure. */
    bool (*random_bytes)(unsigned char *out, size_t n);
    struct limits limits;
    struct metrics *metrics;     /* NULL: nothing is counted */
    struct click_log *click_log; /* NULL: clicks are not recorded */
    struct readiness_sources readiness;
};

struct route;

/* Everything in it lives as long as `arena`. */
struct exchange {
    const struct http_request *request;
    struct http_response response;
    const struct site *site;
    struct services *services;
    struct arena *arena;
    int64_t now;
    int64_t now_us; /* monotonic, for limits and the local cache */
    uint32_t random;
    struct slice request_id;

    struct slice path;         /* the request's path below base_path, beginning with '/' */
    const struct route *route; /* NULL when none matched */
    struct route_match match;
    struct caller caller;
    const struct address *client; /* of the client behind trusted proxies; NULL: unknown */
    struct address client_address;

    /* From these finish makes the body of an error; they are logged, too. */
    enum problem_id problem; /* PROBLEM_NONE: no error */
    struct slice detail;     /* a sentence for the client; may be empty */
    const char *field;       /* the member of the body at fault, or NULL */
    struct error err;        /* internal error, for the log alone */
    enum cache_level level;  /* the layer that a redirect's target came from */
    bool cache_failed;
    bool ids_exhausted;   /* a link was refused because no ids are left */
    bool untrusted_proxy; /* a limit counted the address of an untrusted proxy */
};

/* Sets the problem and `detail` (copied; NULL for none), and returns the problem's HTTP status, so
 * that a handler can `return refuse(x, PROBLEM_NOT_FOUND, NULL);`. */
int refuse(struct exchange *x, enum problem_id problem, const char *detail);

/* The same for a member of the request's body. `field` is borrowed. */
int refuse_field(struct exchange *x, enum problem_id problem, const char *field,
                 const char *detail);

/* The token after "Bearer " in the Authorization header (RFC 6750, 2.1); may be empty. */
struct slice bearer_token(const struct http_request *request);

/* Removes the problem, which has been reported in another way. */
void exchange_forget_problem(struct exchange *x);

/* Sets the body and its Content-Type. */
void respond_body(struct exchange *x, const char *type, struct slice body);

/* base_url, '/' and `code`, in the arena; empty when that is full. */
struct slice short_url(const struct exchange *x, struct slice code);
