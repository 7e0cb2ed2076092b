/* SPDX-License-Identifier: MIT */
/* Which URLs lead back to the shortener, in every spelling of its host and path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "link/destination.h"
#include "support/arena_state.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The URL as url_normalize leaves it. */
static const struct {
    int line;
    const char *own_host, *own_path, *domains;
    const char *url;
    bool is_own;
} ROWS[] = {
    { __LINE__, "short.example", "", "", "http://short.example/a", true },
    { __LINE__, "short.example", "", "", "https://short.example./", true },
    { __LINE__, "short.example", "", "", "http://short.example:81/a", false },
    { __LINE__, "short.example", "", "", "http://www.short.example/a", false },
    { __LINE__, "short.example", "", "s.example, t.example", "http://t.example:81/a", true },

    { __LINE__, "127.0.0.1", "", "", "http://127.1/a", true },
    { __LINE__, "127.0.0.1", "", "", "http://[::ffff:127.0.0.1]/a", true },
    { __LINE__, "127.0.0.1", "", "", "http://[::127.0.0.1]/a", true },
    { __LINE__, "127.0.0.1", "", "", "http://[64:ff9b::7f00:1]/a", true },
    { __LINE__, "127.0.0.1", "", "", "http://0.0.0.0/a", true },
    { __LINE__, "127.0.0.1", "", "", "http://[::]/a", true },
    { __LINE__, "127.0.0.1", "", "", "http://127.0.0.2/a", false },
    { __LINE__, "127.0.0.1", "", "", "http://[::1]/a", false },
    { __LINE__, "192.0.2.1", "", "", "http://[::ffff:c000:201]/a", true },
    { __LINE__, "192.0.2.1", "", "", "http://0.0.0.0/a", false },
    { __LINE__, "[2001:db8::1]", "", "", "http://[2001:DB8:0:0::1]/a", true },
    { __LINE__, "[2001:db8::1]", "", "", "http://[2001:db8::2]/a", false },
    { __LINE__, "short.example", "", "127.0.0.1", "http://[::ffff:127.0.0.1]:81/a", true },

    { __LINE__, "short.example", "/s", "", "http://short.example/s", true },
    { __LINE__, "short.example", "/s", "", "http://short.example/s/a", true },
    { __LINE__, "short.example", "/s", "", "http://short.example/sa", false },
    { __LINE__, "short.example", "/s", "", "http://short.example/", false },
    { __LINE__, "short.example", "/s", "", "http://short.example", false },
    { __LINE__, "short.example", "/s", "", "http://short.example/./s/a", true },
    { __LINE__, "short.example", "/s", "", "http://short.example/a/../s/a", true },
    { __LINE__, "short.example", "/s", "", "http://short.example/../../s/a", true },
    { __LINE__, "short.example", "/s", "", "http://short.example/%2e/x/%2E%2e/s/a", true },
    { __LINE__, "short.example", "/s", "", "http://short.example/%73/a", true },
    { __LINE__, "short.example", "/s", "", "http://short.example/s/../t", false },
    { __LINE__, "short.example", "/s", "", "http://short.example/s/..", false },
    { __LINE__, "short.example", "/s", "", "http://short.example/s/x/..", true },
    { __LINE__, "short.example", "/s", "", "http://short.example/t/s/a", false },
    { __LINE__, "short.example", "/s", "", "http://short.example//s/a", false },
    { __LINE__, "short.example", "/s/t", "", "http://short.example/s/u/../t/a", true },
    { __LINE__, "short.example", "/s/t", "", "http://short.example/s", false },
    { __LINE__, "short.example", "/s/t", "", "http://short.example/t/s", false },
};

static void own_destinations(void **state)
{
    struct arena *arena = *state;
    const struct url_policy policy = { 0 };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct url url;
        struct error why = { "" };
        const struct own_site own = { .host = slice_of(ROWS[i].own_host),
                                      .path = slice_of(ROWS[i].own_path),
                                      .domains = slice_of(ROWS[i].domains) };
        if (url_normalize(slice_of(ROWS[i].url), &policy, arena, &url, &why) != URL_OK)
            fail_msg("line %d: %s", ROWS[i].line, why.text);
        if (destination_is_own(&url, &own) != ROWS[i].is_own)
            fail_msg("line %d: %s", ROWS[i].line, ROWS[i].url);
    }
}

static int set_up(void **state)
{
    return arena_state_make(state, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_destinations),
    };
    return cmocka_run_group_tests(tests, set_up, arena_state_free);
}
