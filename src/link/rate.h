/* SPDX-License-Identifier: MIT */
/* Rates and what they allow: a token bucket as the Generic Cell Rate Algorithm keeps it (ITU-T
 * I.371, annex A), which needs one number per bucket: its debt, the time until it is full again.
 * Taking a token adds the time that one takes to grow; there is one to take while the debt stays
 * within the burst. */
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

/* All zero: no limit. Read by rate_parse. */
struct rate {
    int64_t interval_us; /* how long a token takes to grow */
    int64_t burst;       /* how many a full bucket holds */
};

/* Reads "60/1m", sixty in a minute, or "60/1m burst 10": at most 10 of them at once; without it a
 * bucket holds as many as the rate says. "0" and "" are no limit. The time between two tokens is
 * rounded up to whole microseconds. False with a sentence for anything else: a period of 0 or more
 * than a day, a number above RATE_COUNT_MAX, a burst of 0 or one that takes more than ten days to
 * grow. */
bool rate_parse(struct slice text, struct rate *out, struct error *why);

static inline bool rate_is_off(const struct rate *rate)
{
    return rate->interval_us == 0;
}

/* What a bucket says. */
struct rate_verdict {
    bool allowed;
    int64_t limit;     /* tokens a full bucket holds; 0: there is no limit */
    int64_t remaining; /* tokens left */
    int64_t reset_us;  /* until it is full again: its debt */
    int64_t retry_us;  /* until there is what was asked for, else one; 0 when there is */
};

/* What a bucket with `debt_us` says after `tokens`, at least one, were taken if they were there, or
 * if the bucket was full: who asks for more than a full bucket holds overdraws it, and then nothing
 * is there until it has recovered. verdict.reset_us is its debt from now on, at most RATE_DEBT_MAX;
 * verdict.retry_us is how long to wait for as many. */
struct rate_verdict rate_take(const struct rate *rate, int64_t debt_us, uint64_t tokens);

/* What it says now; nothing is taken, `allowed` means that a token is there. */
struct rate_verdict rate_look(const struct rate *rate, int64_t debt_us);

/* The debt after `tokens` were taken whether they were there or not, at most RATE_DEBT_MAX. */
int64_t rate_charge(const struct rate *rate, int64_t debt_us, uint64_t tokens);
