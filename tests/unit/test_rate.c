/* SPDX-License-Identifier: MIT */
/* Rates: parsing, and the token bucket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "link/rate.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static void spellings(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        int64_t interval_us;
        int64_t burst;
    } rows[] = {
        { "60/1m", true, 1000000, 60 },
        { "  60/1m  ", true, 1000000, 60 },
        { "60/1m burst 10", true, 1000000, 10 },
        { "60/1m burst   120 ", true, 1000000, 120 },
        { "1/1", true, 1000000, 1 },
        { "3/1s", true, 333334, 3 },
        { "1000000/1s", true, 1, 1000000 },
        { "1000000/1ms", true, 1, 1000000 },
        { "10/1d", true, INT64_C(8640000000), 10 },
        { "0", true, 0, 0 },
        { "", true, 0, 0 },
        { "   ", true, 0, 0 },
        { "60", false, 0, 0 },
        { "60/", false, 0, 0 },
        { "/1m", false, 0, 0 },
        { "0/1m", false, 0, 0 },
        { "60/0s", false, 0, 0 },
        { "60/2d", false, 0, 0 },
        { "60/1w", false, 0, 0 },
        { "60 / 1m", false, 0, 0 },
        { "-60/1m", false, 0, 0 },
        { "1.5/1m", false, 0, 0 },
        { "1000001/1m", false, 0, 0 },
        { "99999999999999999999/1m", false, 0, 0 },
        { "60/1m burst", false, 0, 0 },
        { "60/1m burst 0", false, 0, 0 },
        { "60/1m burst 1000001", false, 0, 0 },
        { "60/1m burst ten", false, 0, 0 },
        { "60/1m bursts 10", false, 0, 0 },
        { "60/1m 10", false, 0, 0 },
        { "10/1d burst 100", true, INT64_C(8640000000), 100 },
        { "10/1d burst 101", false, 0, 0 },
        { "60/1m\n", false, 0, 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct rate rate = { 7, 7 };
        struct error why = { "" };
        bool good = rate_parse(slice_of(rows[i].text), &rate, &why);
        if (good != rows[i].good || good == (*why.text != '\0'))
            fail_msg("\"%s\": %s, \"%s\"", rows[i].text, good ? "taken" : "refused", why.text);
        if (good && (rate.interval_us != rows[i].interval_us || rate.burst != rows[i].burst))
            fail_msg("\"%s\": %lld us, burst %lld", rows[i].text, (long long)rate.interval_us,
                     (long long)rate.burst);
    }
}

#define S INT64_C(1000000)

static void verdicts(void **state)
{
    (void)state;
    static const struct {
        int64_t debt_us;
        bool allowed;
        int64_t remaining; /* after one was taken */
        int64_t reset_us;
        int64_t retry_us;
    } rows[] = {
        /* of 3 in 30 s: one grows in 10 s */
        { 0, true, 2, 10 * S, 0 },
        { 1, true, 1, 10 * S + 1, 0 },
        { 10 * S, true, 1, 20 * S, 0 },
        { 20 * S, true, 0, 30 * S, 10 * S },
        { 20 * S + 1, false, 0, 20 * S + 1, 1 },
        { 25 * S, false, 0, 25 * S, 5 * S },
        { 30 * S, false, 0, 30 * S, 10 * S },
        { 500 * S, false, 0, 500 * S, 480 * S },
    };
    const struct rate rate = { 10 * S, 3 };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct rate_verdict v = rate_take(&rate, rows[i].debt_us, 1);
        if (v.allowed != rows[i].allowed || v.remaining != rows[i].remaining ||
            v.reset_us != rows[i].reset_us || v.retry_us != rows[i].retry_us || v.limit != 3)
            fail_msg("row %zu: allowed %d, remaining %lld, reset %lld, retry %lld", i, v.allowed,
                     (long long)v.remaining, (long long)v.reset_us, (long long)v.retry_us);
        struct rate_verdict look = rate_look(&rate, rows[i].debt_us);
        assert_int_equal(look.allowed, rows[i].allowed);
        assert_int_equal(look.reset_us, rows[i].debt_us);
    }
}

static void many_are_taken_at_once(void **state)
{
    (void)state;
    static const struct {
        int64_t debt_us;
        uint64_t tokens;
        bool allowed;
        int64_t reset_us;
        int64_t retry_us; /* if it is not allowed */
    } rows[] = {
        { 0, 3, true, 30 * S, 0 },
        { 0, 4, true, 40 * S, 0 }, /* the bucket is full: overdrawn */
        { 0, 1000, true, 10000 * S, 0 },
        { 0, UINT64_MAX, true, RATE_DEBT_MAX, 0 },
        { 1, 4, false, 1, 1 },
        { 1, 3, false, 1, 1 },
        { 10 * S, 2, true, 30 * S, 0 },
        { 10 * S, 3, false, 10 * S, 10 * S },
        { 10 * S, 1000, false, 10 * S, 10 * S },
        { 500 * S, 2, false, 500 * S, 490 * S },
    };
    const struct rate rate = { 10 * S, 3 };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct rate_verdict v = rate_take(&rate, rows[i].debt_us, rows[i].tokens);
        if (v.allowed != rows[i].allowed || v.reset_us != rows[i].reset_us ||
            (!v.allowed && v.retry_us != rows[i].retry_us))
            fail_msg("row %zu: allowed %d, reset %lld, retry %lld", i, v.allowed,
                     (long long)v.reset_us, (long long)v.retry_us);
    }
}

static void no_limit(void **state)
{
    (void)state;
    const struct rate off = { 0 };
    struct rate_verdict v = rate_take(&off, 5 * S, 1);
    assert_true(v.allowed);
    assert_int_equal(v.limit, 0);
    assert_true(rate_look(&off, INT64_MAX).allowed);
    assert_int_equal(rate_charge(&off, 0, 100), 0);
}

static void charges(void **state)
{
    (void)state;
    static const struct {
        int64_t debt_us;
        uint64_t tokens;
        int64_t after_us;
    } rows[] = {
        { 0, 0, 0 },
        { 0, 1, 10 * S },
        { 5 * S, 2, 25 * S },
        { 20 * S, 1000, 10020 * S },
        { 0, UINT64_MAX, RATE_DEBT_MAX },
        { RATE_DEBT_MAX, 1, RATE_DEBT_MAX },
        { RATE_DEBT_MAX - 1, 1, RATE_DEBT_MAX },
    };
    const struct rate rate = { 10 * S, 3 };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int64_t after = rate_charge(&rate, rows[i].debt_us, rows[i].tokens);
        if (after != rows[i].after_us)
            fail_msg("row %zu: %lld", i, (long long)after);
    }
}

/* A client that tries every millisecond for a quarter of an hour gets its burst and then its rate,
 * and never more in any window than both. */
static void a_greedy_client_gets_its_rate(void **state)
{
    (void)state;
    struct rate rate;
    struct error why;
    assert_true(rate_parse(SLICE("60/1m burst 10"), &rate, &why));
    int64_t full_at = 0, allowed = 0;
    for (int64_t now = 0; now < 900 * S; now += 1000) {
        struct rate_verdict v = rate_take(&rate, full_at > now ? full_at - now : 0, 1);
        if (!v.allowed)
            continue;
        full_at = now + v.reset_us;
        allowed++;
        if (allowed > 10 + now / S)
            fail_msg("%lld within %lld s", (long long)allowed, (long long)(now / S));
    }
    assert_int_equal(allowed, 10 + 899);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(many_are_taken_at_once),
        cmocka_unit_test(no_limit),
        cmocka_unit_test(charges),
        cmocka_unit_test(a_greedy_client_gets_its_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
