/* SPDX-License-Identifier: MIT */
/* Rate limits by token buckets, computed by the Generic Cell Rate Algorithm (ITU-T I.371, annex A),
 * which needs one number per bucket: its debt, the time until it is full again. Taking a token adds
 * the interval between two tokens to the debt; a token is available while the debt stays within the
 * burst. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

enum {
    RATE_COUNT_MAX = 1000000, /* of a rate and of a burst */
};

/* The longest debt, in microseconds: ten days. */
#define RATE_DEBT_MAX INT64_C(864000000000)

/* All zero: no limit. */
struct rate {
    int64_t interval_us; /* the time between two tokens */
    int64_t burst;       /* tokens of a full bucket */
};

/* Parses "60/1m", sixty per minute, or "60/1m burst 10", at most 10 of them at once; without a
 * burst a bucket holds as many tokens as the rate's count. "0" and "" mean no limit. The time
 * between two tokens is rounded up to whole microseconds. False with an error text for anything
 * else: a period of 0 or more than a day, a number above RATE_COUNT_MAX, a burst of 0 or one that
 * takes more than ten days to refill. */
bool rate_parse(struct slice text, struct rate *out, struct error *why);

static inline bool rate_is_off(const struct rate *rate)
{
    return rate->interval_us == 0;
}

/* The result of taking tokens from a bucket, or of reading it. */
struct rate_verdict {
    bool allowed;
    int64_t limit;     /* tokens of a full bucket; 0: there is no limit */
    int64_t remaining; /* tokens left */
    int64_t reset_us;  /* until it is full again: its debt */
    int64_t retry_us;  /* if refused: until the requested tokens are available; otherwise until the
                        * next one is, or 0 */
};

/* Takes `tokens`, at least one, from a bucket with the debt `debt_us`, if they are available or if
 * the bucket is full: a request for more than a full bucket holds overdraws it, and no token is
 * available until it has recovered. verdict.reset_us is the new debt, at most RATE_DEBT_MAX. */
struct rate_verdict rate_take(const struct rate *rate, int64_t debt_us, uint64_t tokens);

/* The state of the bucket; nothing is taken. `allowed`: a token is available. */
struct rate_verdict rate_look(const struct rate *rate, int64_t debt_us);

/* The debt after `tokens` are taken, available or not; at most RATE_DEBT_MAX. */
int64_t rate_charge(const struct rate *rate, int64_t debt_us, uint64_t tokens);
