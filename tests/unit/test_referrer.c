/* SPDX-License-Identifier: MIT */
/* Referrers: the host of a Referer header, without any character that needs escaping in HTML. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "click/referrer.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define TEN  "0123456789"
#define HOST "a" TEN TEN TEN TEN TEN TEN /* 61 bytes */

struct row {
    const char *referer, *host;
};

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char out[CLICK_REFERRER_MAX];
        uint8_t len = 255;
        referrer_host(slice_of(rows[i].referer), out, &len);
        if (!slice_eq((struct slice){ out, len }, slice_of(rows[i].host)))
            fail_msg("\"%s\": \"%.*s\", not \"%s\"", rows[i].referer, len, out, rows[i].host);
    }
}

static void hosts(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "https://example.org/", "example.org" },
        { "https://example.org", "example.org" },
        { "http://example.org/a/b?c=d#e", "example.org" },
        { "https://example.org?q", "example.org" },
        { "https://example.org#f", "example.org" },
        { "HTTPS://EXAMPLE.Org/", "example.org" },
        { "  https://example.org/  ", "example.org" },
        { "https://example.org:8443/", "example.org" },
        { "https://example.org:/", "example.org" },
        { "https://user@example.org/", "example.org" },
        { "https://user:secret@example.org:80/", "example.org" },
        { "https://a@b@example.org/", "example.org" },
        { "https://evil.example\\@example.org/", "evil.example" },
        { "https://example.org./", "example.org" },
        { "https://www.example.org/", "example.org" },
        { "https://WWW.example.org/", "example.org" },
        { "https://www.www.example.org/", "www.example.org" },
        { "https://www.com/", "www.com" },
        { "https://www./", "www" },
        { "https://wwwexample.org/", "wwwexample.org" },
        { "https://m.example.org/", "m.example.org" },
        { "https://xn--bcher-kva.example/", "xn--bcher-kva.example" },
        { "http://localhost/", "localhost" },
        { "http://192.0.2.7:8080/", "192.0.2.7" },
        { "android-app://com.example.reader/", "com.example.reader" },
        { "android-app://com.google.android.gm", "com.google.android.gm" },
        { "https://" HOST ".io/", HOST ".io" },  /* 64 bytes */
        { "https://b" HOST ".io/", HOST ".io" }, /* 65 bytes */
        { "https://long." TEN "." HOST ".io/", HOST ".io" },
    };
    check_rows(rows, ROWS(rows));
}

static void no_hosts(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "", "" },
        { " ", "" },
        { "-", "" },
        { "example.org", "" },
        { "example.org/https://a.example/", "" },
        { "//example.org/", "" },
        { "https:example.org", "" },
        { "https:/example.org", "" },
        { "https://", "" },
        { "https:///path", "" },
        { "https://.", "" },
        { "https://./", "" },
        { "https://.example.org/", "" },
        { "https://example..org/", "" },
        { "https://@/", "" },
        { "https://:80/", "" },
        { "https://example.org:80a/", "" },
        { "https://example.org:80:90/", "" },
        { "https://[2001:db8::1]/", "" },
        { "https://exam ple.org/", "" },
        { "https://exam\tple.org/", "" },
        { "https://example.org\n/", "" },
        { "https://ex\xc3\xa4mple.org/", "" },
        { "https://ex%61mple.org/", "" },
        { "https://a_b.example/", "" },
        { "https://<script>alert(1)</script>/", "" },
        { "https://\"onload=\"alert(1)/", "" },
        { "https://'--/", "" },
        { "https://a&b/", "" },
        { "https://a=b/", "" },
        { "https://a,b/", "" },
        { "javascript:alert(1)", "" },
        { "javascript://example.org/%0aalert(1)", "" },
        { "data:text/html,<b>", "" },
        { "ftp://example.org/", "" },
        { "about:blank", "" },
        { "file:///etc/passwd", "" },
        { "ios-app://1234/", "" },
        { "httpss://example.org/", "" },
    };
    check_rows(rows, ROWS(rows));
}

static void a_nul_is_no_host(void **state)
{
    (void)state;
    char out[CLICK_REFERRER_MAX];
    uint8_t len = 255;
    referrer_host(SLICE("https://example\0.org/"), out, &len);
    assert_int_equal(len, 0);
    referrer_host((struct slice){ NULL, 0 }, out, &len);
    assert_int_equal(len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts),
        cmocka_unit_test(no_hosts),
        cmocka_unit_test(a_nul_is_no_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
