/* SPDX-License-Identifier: MIT */
/* The rules of a link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "link/link.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void states(void **state)
{
    (void)state;
    static const struct {
        int line;
        int64_t starts_at, expires_at;
        uint64_t max_clicks, clicks;
        int64_t now;
        enum link_state expected;
    } rows[] = {
        { __LINE__, 0, 0, 0, 0, 1000, LINK_LIVE },
        { __LINE__, 0, 0, 0, UINT64_MAX, 1000, LINK_LIVE },
        { __LINE__, 0, 1001, 0, 0, 1000, LINK_LIVE },
        { __LINE__, 0, 1000, 0, 0, 1000, LINK_EXPIRED },
        { __LINE__, 0, 999, 0, 0, 1000, LINK_EXPIRED },
        { __LINE__, 1000, 0, 0, 0, 1000, LINK_LIVE },
        { __LINE__, 1001, 0, 0, 0, 1000, LINK_SCHEDULED },
        { __LINE__, 0, 0, 1, 0, 1000, LINK_LIVE },
        { __LINE__, 0, 0, 1, 1, 1000, LINK_EXHAUSTED },
        { __LINE__, 0, 0, 1, 2, 1000, LINK_EXHAUSTED },
        { __LINE__, 0, 1000, 1, 1, 1000, LINK_EXPIRED },
        { __LINE__, 1001, 0, 1, 1, 1000, LINK_EXHAUSTED },
        { __LINE__, 1001, 999, 0, 0, 1000, LINK_EXPIRED },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target = { .starts_at = rows[i].starts_at,
                                 .expires_at = rows[i].expires_at,
                                 .max_clicks = rows[i].max_clicks };
        enum link_state got = target_state(&target, rows[i].clicks, rows[i].now);
        if (got != rows[i].expected)
            fail_msg("line %d: %s", rows[i].line, link_state_name(got));
    }
}

static void names_of_states(void **state)
{
    (void)state;
    assert_string_equal(link_state_name(LINK_LIVE), "live");
    assert_string_equal(link_state_name(LINK_SCHEDULED), "scheduled");
    assert_string_equal(link_state_name(LINK_EXPIRED), "expired");
    assert_string_equal(link_state_name(LINK_EXHAUSTED), "exhausted");
}

static void redirect_statuses(void **state)
{
    (void)state;
    for (int status = -1000; status < 1000; status++) {
        bool expected =
            status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
        if (redirect_status_is_valid(status) != expected)
            fail_msg("%d", status);
    }
    assert_false(redirect_status_is_valid(302 + (INT64_C(1) << 32)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states),
        cmocka_unit_test(names_of_states),
        cmocka_unit_test(redirect_statuses),
    };
    return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
