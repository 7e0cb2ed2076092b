/* SPDX-License-Identifier: MIT */
/* From a request to the buckets that count it, and from a bucket to headers. */
#include "web/limit.h"

#include "base/buf.h"
#include "link/code.h"
#include "web/handlers.h"
#include "web/routes.h"

enum {
    NUMBER_MAX = 20,
};

/* Whom `x` comes from, as the limits see it. `address` is where to put one. */
static struct limit_subject subject_of(const struct exchange *x, struct address *address)
{
    bool known = http_client(x->request, &x->site->proxies, address);
    return (struct limit_subject){
        .caller = &x->caller,
        .address = known ? address : NULL,
        .now_us = x->now_us,
    };
}

static void add_number(struct exchange *x, const char *name, int64_t number)
{
    struct buf value = buf_in(x->arena, NUMBER_MAX);
    buf_add_int(&value, number);
    http_header_add(&x->response, name, buf_slice(&value));
}

/* Whole seconds, rounded up: who waits that long has waited long enough. */
static int64_t seconds(int64_t us)
{
    return (us + 999999) / 1000000;
}

/* As draft-ietf-httpapi-ratelimit-headers-03 names them. */
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

static int limit_creates(struct exchange *x)
{
    struct address address;
    struct limit_subject subject = subject_of(x, &address);
    struct rate_verdict verdict = limits_create(&x->services->limits, &subject);
    add_headers(x, &verdict);
    return verdict.allowed ? 0 : refuse_for_now(x, &verdict, limits_create_kind(&x->caller));
}

static int limit_codes(struct exchange *x)
{
    struct address address;
    struct limit_subject subject = subject_of(x, &address);
    struct rate_verdict verdict = limits_ask(&x->services->limits, &subject);
    if (verdict.allowed)
        return 0;
    add_headers(x, &verdict);
    return refuse_for_now(x, &verdict, LIMIT_MISSES_PER_ADDRESS);
}

/* The floor below reads as much as any route takes; most routes take less. */
static bool is_too_large(const struct exchange *x)
{
    bool bulk = slice_eq(slice_of(x->route->name), SLICE("bulk"));
    uint64_t most = bulk ? x->site->max_bulk_body : x->site->max_body;
    return most && x->request->body.len > most;
}

int limit(struct exchange *x)
{
    if (is_too_large(x))
        return refuse(x, PROBLEM_PAYLOAD_TOO_LARGE, NULL);
    if (x->route->auth == AUTH_NEEDED_UNLESS_ANONYMOUS_CREATE)
        return limit_creates(x);
    return x->route->handler == handle_redirect ? limit_codes(x) : 0;
}

void limit_create_more(struct exchange *x, uint64_t n)
{
    struct address address;
    struct limit_subject subject = subject_of(x, &address);
    limits_create_more(&x->services->limits, &subject, n);
}

void limit_missed(struct exchange *x)
{
    if (!code_is_wellformed(x->match.captures[0]))
        return;
    struct address address;
    struct limit_subject subject = subject_of(x, &address);
    limits_missed(&x->services->limits, &subject);
}
