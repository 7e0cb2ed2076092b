/* SPDX-License-Identifier: MIT */
/* Token bucket arithmetic. */
#include "link/rate.h"

#include "base/number.h"
#include "text/duration.h"

#define DAY_MS INT64_C(86400000)

enum {
    COUNT_DIGITS_MAX = 7, /* of RATE_COUNT_MAX */
};

/* Parses an integer from 0 to RATE_COUNT_MAX. */
static bool read_count(struct slice text, int64_t *out)
{
    uint64_t value;
    if (text.len > COUNT_DIGITS_MAX || !number_parse(text, RATE_COUNT_MAX, &value))
        return false;
    *out = (int64_t)value;
    return true;
}

/* Parses what follows the period: nothing, or "burst N". */
static bool read_burst(struct slice text, int64_t count, int64_t *out)
{
    *out = count;
    text = slice_trim(text);
    if (text.len == 0)
        return true;
    if (!slice_starts_with(text, SLICE("burst ")))
        return false;
    return read_count(slice_trim(slice_from(text, sizeof("burst ") - 1)), out) && *out > 0;
}

bool rate_parse(struct slice text, struct rate *out, struct error *why)
{
    int64_t count = 0, period_ms = 0;
    struct rate rate;
    text = slice_trim(text);
    if (text.len == 0 || slice_eq(text, SLICE("0"))) {
        *out = (struct rate){ 0 };
        return true;
    }
    size_t slash = slice_find(text, '/');
    struct slice rest = slice_from(text, slash + 1);
    struct slice period = { rest.at, slice_find(rest, ' ') };
    if (!read_count((struct slice){ text.at, slash }, &count) || count == 0 ||
        !duration_parse(period, &period_ms) || period_ms < 1 || period_ms > DAY_MS ||
        !read_burst(slice_from(rest, period.len), count, &rate.burst))
        return error_set(why,
                         "\"%.*s\" is not a rate: write 60/1m, 60/1m burst 10, or 0 for no limit",
                         (int)(text.len < 64 ? text.len : 64), text.at);
    rate.interval_us = (period_ms * 1000 + count - 1) / count;
    if (rate.interval_us * rate.burst > RATE_DEBT_MAX)
        return error_set(why, "the burst takes more than ten days to refill");
    *out = rate;
    return true;
}

/* The available tokens of a bucket with the debt `debt_us`, as a time: tokens * interval_us.
 * Negative when the bucket is overdrawn. */
static int64_t room_us(const struct rate *rate, int64_t debt_us)
{
    return rate->interval_us * rate->burst - debt_us;
}

static struct rate_verdict rate_describe(const struct rate *rate, int64_t debt_us)
{
    int64_t room = room_us(rate, debt_us);
    return (struct rate_verdict){
        .limit = rate->burst,
        .remaining = room > 0 ? room / rate->interval_us : 0,
        .reset_us = debt_us,
        .retry_us = room < rate->interval_us ? rate->interval_us - room : 0,
    };
}

struct rate_verdict rate_look(const struct rate *rate, int64_t debt_us)
{
    if (rate_is_off(rate))
        return (struct rate_verdict){ .allowed = true };
    struct rate_verdict verdict = rate_describe(rate, debt_us);
    verdict.allowed = verdict.retry_us == 0;
    return verdict;
}

int64_t rate_charge(const struct rate *rate, int64_t debt_us, uint64_t tokens)
{
    if (rate_is_off(rate))
        return debt_us;
    uint64_t most = (uint64_t)(RATE_DEBT_MAX / rate->interval_us);
    int64_t added = (int64_t)(tokens < most ? tokens : most) * rate->interval_us;
    return added < RATE_DEBT_MAX - debt_us ? debt_us + added : RATE_DEBT_MAX;
}

struct rate_verdict rate_take(const struct rate *rate, int64_t debt_us, uint64_t tokens)
{
    if (rate_is_off(rate))
        return (struct rate_verdict){ .allowed = true };
    int64_t needed = tokens < (uint64_t)rate->burst ? (int64_t)tokens : rate->burst;
    int64_t missing_us = needed * rate->interval_us - room_us(rate, debt_us);
    bool allowed = missing_us <= 0;
    struct rate_verdict verdict =
        rate_describe(rate, allowed ? rate_charge(rate, debt_us, tokens) : debt_us);
    verdict.allowed = allowed;
    if (!allowed)
        verdict.retry_us = missing_us;
    return verdict;
}
