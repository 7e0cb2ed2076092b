/* SPDX-License-Identifier: MIT */
/* Applies the rate limits to a request and writes their headers. */
#include "web/limit.h"

#include "base/buf.h"
#include "link/code.h"
#include "transfer/import_chunk.h"
#include "web/handlers.h"
#include "web/routes.h"

enum {
    NUMBER_MAX = 20,
};

/* The client of `x` for the limits. */
static struct limit_subject subject_of(const struct exchange *x)
{
    return (struct limit_subject){
        .caller = &x->caller,
        .address = x->client,
        .now_us = x->now_us,
    };
}

static void add_number(struct exchange *x, const char *name, int64_t number)
{
    struct buf value = buf_in(x->arena, NUMBER_MAX);
    buf_add_int(&value, number);
    http_header_add(&x->response, name, buf_slice(&value));
}

/* Whole seconds, rounded up, so that waiting that long is enough. */
static int64_t seconds(int64_t us)
{
    return (us + 999999) / 1000000;
}

/* The headers of draft-ietf-httpapi-ratelimit-headers-03. */
static void add_headers(struct exchange *x, const struct rate_verdict *verdict)
{
    if (verdict->limit == 0)
        return;
    add_number(x, "RateLimit-Limit", verdict->limit);
    add_number(x, "RateLimit-Remaining", verdict->remaining);
    add_number(x, "RateLimit-Reset", seconds(verdict->reset_us));
}

static int refuse_for_now(struct exchange *x, const struct rate_verdict *verdict,
                          enum limit_kind kind)
{
    metrics_count(x->services->metrics, METRIC_RATE_LIMITED, (uint8_t)kind);
    add_number(x, "Retry-After", seconds(verdict->retry_us));
    return refuse(x, PROBLEM_RATE_LIMITED, NULL);
}

/* Notes that a limit counted an untrusted proxy: all clients behind it share its address. */
static void mind_proxy(struct exchange *x)
{
    if (!http_is_passed_on(x->request, &x->site->proxies))
        return;
    x->untrusted_proxy = true;
    metrics_count(x->services->metrics, METRIC_UNTRUSTED_PROXY, 0);
}

static int limit_creates(struct exchange *x, uint64_t n)
{
    struct limit_subject subject = subject_of(x);
    struct rate_verdict verdict = limits_create(&x->services->limits, &subject, n);
    if (!x->caller.key_id && verdict.limit)
        mind_proxy(x);
    if (n || !verdict.allowed)
        add_headers(x, &verdict);
    return verdict.allowed ? 0 : refuse_for_now(x, &verdict, limits_create_kind(&x->caller));
}

/* Whether the address has requested too many unknown codes or sent too many invalid keys. */
static struct rate_verdict look_at_misses(struct exchange *x)
{
    struct limit_subject subject = subject_of(x);
    return limits_ask(&x->services->limits, &subject);
}

static int refuse_misses(struct exchange *x, const struct rate_verdict *verdict)
{
    mind_proxy(x);
    add_headers(x, verdict);
    return refuse_for_now(x, verdict, LIMIT_MISSES_PER_ADDRESS);
}

static int limit_codes(struct exchange *x)
{
    struct rate_verdict verdict = look_at_misses(x);
    return verdict.allowed ? 0 : refuse_misses(x, &verdict);
}

/* The most bytes of a body that the route takes; 0: any. FastCGI and CGI read as much as any route
 * takes; the body sent to a link is for its destination. */
static uint64_t body_limit(const struct exchange *x)
{
    if (x->route->handler == handle_redirect)
        return 0;
    if (x->route->handler == handle_import)
        return IMPORT_CHUNK_MAX;
    return x->route->handler == handle_bulk ? x->site->max_bulk_body : x->site->max_body;
}

static bool makes_links(const struct exchange *x)
{
    return x->route->auth == AUTH_NEEDED_UNLESS_ANONYMOUS_CREATE &&
           x->route->handler != handle_alias_show;
}

int limit(struct exchange *x)
{
    const uint64_t most = body_limit(x);
    if (most && x->request->body.len > most)
        return refuse(x, PROBLEM_PAYLOAD_TOO_LARGE, NULL);
    if (x->route->handler == handle_bulk)
        return limit_creates(x, 0);
    if (makes_links(x) || x->route->handler == handle_key_create)
        return limit_creates(x, 1);
    bool names_code = x->route->handler == handle_redirect || x->route->handler == handle_qr ||
                      (x->route->handler == handle_alias_show && !x->caller.key_id);
    return names_code ? limit_codes(x) : 0;
}

int limit_links(struct exchange *x, size_t n)
{
    return limit_creates(x, n ? n : 1);
}

static void count_miss(struct exchange *x)
{
    struct limit_subject subject = subject_of(x);
    if (!rate_is_off(&x->services->limits.misses_per_address))
        mind_proxy(x);
    limits_missed(&x->services->limits, &subject);
}

void limit_missed(struct exchange *x)
{
    if (code_is_wellformed(x->match.captures[0]))
        count_miss(x);
}

bool limit_allows_keys(struct exchange *x)
{
    return look_at_misses(x).allowed;
}

int limit_wrong_key(struct exchange *x, const char *detail)
{
    struct rate_verdict verdict = look_at_misses(x);
    if (!verdict.allowed)
        return refuse_misses(x, &verdict);
    count_miss(x);
    return refuse(x, PROBLEM_UNAUTHORIZED, detail);
}
