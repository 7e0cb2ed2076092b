/* SPDX-License-Identifier: MIT */
/* Extracting codes from pasted URLs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/link_code.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *text;
    const char *code; /* NULL: refused */
} rows[] = {
    { "abc", "abc" },
    { "a:b", "a:b" },
    { "https://s.example/x/abc", "abc" },
    { "http://S.Example/x/abc", "abc" },
    { "HTTPS://s.example/x/aBc/", "aBc" },
    { "https://s.example/x/abc?utm=1", "abc" },
    { "https://s.example/x/abc/?utm=/1", "abc" },
    { "https://s.example/x/abc#top/", "abc" },
    { "s.example/x/abc", "abc" },
    { "https://other.example/x/abc", "abc" },
    { "https://third.example/x/abc", NULL },
    { "https://s.example/abc", NULL },
    { "https://s.example/xabc", NULL },
    { "https://s.example/x/", NULL },
    { "https://s.example/x", NULL },
    { "https://s.example/x/abc/d", NULL },
    { "https://s.example.evil/x/abc", NULL },
    { "s.example:8080/x/abc", NULL },
    { "ftp://s.example/x/abc", NULL },
    { "/abc", NULL },
};

static void short_urls_name_links(void **state)
{
    (void)state;
    struct config config = { .server = { .base_url = "https://s.example/x",
                                         .base_host = SLICE("s.example"),
                                         .base_path = SLICE("/x"),
                                         .own_domains = "other.example more.example" } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char copy[100];
        char *text = copy;
        snprintf(copy, sizeof(copy), "%s", rows[i].text);
        bool read = cli_read_code(&config, &text);
        if (read != (rows[i].code != NULL) || (read && strcmp(text, rows[i].code) != 0))
            fail_msg("row %zu: %s", i, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(short_urls_name_links) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
