/* SPDX-License-Identifier: MIT */
/* Rates: a rate that is parsed can be used. The input: a line with the rate, then eight bytes of
 * debt and eight of tokens. */
#include <string.h>

#include "fuzz.h"
#include "link/rate.h"

static void check_verdict(const struct rate_verdict *verdict, const struct rate *rate)
{
    if (rate_is_off(rate)) {
        MUST(verdict->allowed && verdict->limit == 0);
        return;
    }
    MUST(verdict->limit == rate->burst && verdict->limit > 0);
    MUST(verdict->remaining >= 0 && verdict->remaining <= verdict->limit);
    MUST(verdict->retry_us >= 0 && (verdict->retry_us == 0) == (verdict->remaining > 0));
    MUST(verdict->reset_us >= 0);
}

/* A full bucket gives as many tokens as it holds and not one more. */
static void check_burst(const struct rate *rate)
{
    int64_t debt = 0;
    for (int64_t i = 0; i < rate->burst && i < 100; i++) {
        struct rate_verdict verdict = rate_take(rate, debt, 1);
        MUST(verdict.allowed && verdict.remaining == rate->burst - i - 1);
        debt = verdict.reset_us;
    }
    MUST(rate_charge(rate, 0, (uint64_t)rate->burst) == rate->burst * rate->interval_us);
    MUST(!rate_take(rate, rate->burst * rate->interval_us, 1).allowed);
}

static void check_debt(const struct rate *rate, int64_t debt, uint64_t tokens)
{
    struct rate_verdict look = rate_look(rate, debt), take = rate_take(rate, debt, 1);
    check_verdict(&look, rate);
    MUST(look.allowed == take.allowed && take.reset_us >= debt * !rate_is_off(rate));
    int64_t after = rate_charge(rate, debt, tokens);
    MUST(after >= debt && after <= RATE_DEBT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = fuzz_slice(data, size);
    struct error why = { "" };
    struct rate rate;
    uint64_t numbers[2] = { 0, 0 };
    if (!rate_parse(fuzz_until(&rest, '\n'), &rate, &why)) {
        MUST(why.text[0] != '\0');
        return 0;
    }
    if (rest.len)
        memcpy(numbers, rest.at, rest.len < sizeof(numbers) ? rest.len : sizeof(numbers));
    MUST(rate.interval_us >= 0 && rate.burst >= 0);
    if (!rate_is_off(&rate))
        check_burst(&rate);
    check_debt(&rate, (int64_t)(numbers[0] % (RATE_DEBT_MAX + 1)), numbers[1]);
    return 0;
}
