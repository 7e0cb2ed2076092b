/* SPDX-License-Identifier: MIT */
/* Dates and durations: what is parsed is formatted as text that is parsed as the same. gmtime is
 * the reference for dates. */
#include <time.h>

#include "fuzz.h"
#include "text/duration.h"
#include "text/rfc3339.h"

/* The eight bytes as a number of seconds, wherever it lies. */
static void check_format(struct slice bytes)
{
    uint64_t seconds = 0;
    int64_t again = 0;
    char spelled[RFC3339_SIZE];
    for (int i = 0; i < 8; i++)
        seconds = seconds << 8 | fuzz_byte(&bytes);
    rfc3339_format((int64_t)seconds, spelled);
    MUST(rfc3339_parse(slice_of(spelled), &again));
    if ((int64_t)seconds < RFC3339_MIN || (int64_t)seconds > RFC3339_MAX)
        return;
    char by_libc[64] = "";
    struct tm tm;
    MUST(again == (int64_t)seconds && gmtime_r(&again, &tm) != NULL);
    (void)snprintf(by_libc, sizeof(by_libc), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
                   tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    MUST(slice_eq(slice_of(by_libc), slice_of(spelled)));
}

static void check_date(struct slice text)
{
    int64_t at = 42, again = 0;
    char spelled[RFC3339_SIZE], bytes[8];
    if (!rfc3339_parse(text, &at)) {
        MUST(at == 42);
        return;
    }
    MUST(at >= RFC3339_MIN && at <= RFC3339_MAX);
    rfc3339_format(at, spelled);
    MUST(rfc3339_parse(slice_of(spelled), &again) && again == at);
    if (text.len == 10) /* a date alone */
        MUST(slice_starts_with(slice_of(spelled), text));
    for (int i = 0; i < 8; i++)
        bytes[i] = (char)((uint64_t)at >> (56 - 8 * i));
    check_format((struct slice){ bytes, sizeof(bytes) });
}

static void check_duration(struct slice text)
{
    int64_t ms = -42, again = 0;
    char spelled[32];
    if (!duration_parse(text, &ms)) {
        MUST(ms == -42);
        return;
    }
    MUST(ms >= 0);
    (void)snprintf(spelled, sizeof(spelled), "%lldms", (long long)ms);
    MUST(duration_parse(slice_of(spelled), &again) && again == ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = fuzz_slice(data, size);
    check_date(input);
    check_duration(input);
    check_format(input);
    return 0;
}
