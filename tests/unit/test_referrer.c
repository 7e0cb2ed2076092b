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
        { "android-app://com.example.reddit_sync/", "com.example.reddit_sync" },
        { "android-app://com.example.reddit_sync", "com.example.reddit_sync" },
        { "ANDROID-APP://COM.Example.Reddit_Sync/", "com.example.reddit_sync" },
        { "android-app://com.example.reader/https/example.org/a", "com.example.reader" },
        { "android-app://user@com.example_a:7/", "com.example_a" },
        { "android-app://_/", "_" },
        { "ios-app://544007664/https/example.org/a", "544007664" },
        { "IOS-App://com.example.mail_app", "com.example.mail_app" },
        { "https://a_b.example/", "a_b.example" },
        { "https://_dmarc.www_.example:443/?a_b", "_dmarc.www_.example" },
        { "https://[2001:db8::1]/", "[2001:db8::1]" },
        { "https://[2001:DB8:0:0:0:0:0:1]:8443/a", "[2001:db8::1]" },
        { "https://user:secret@[2001:db8::1]", "[2001:db8::1]" },
        { "https://[2001:db8::1]:", "[2001:db8::1]" },
        { "http://[::ffff:192.0.2.7]/", "192.0.2.7" },
        { "http://[1111:2222:3333:4444:5555:6666:7777:8888]/",
          "[1111:2222:3333:4444:5555:6666:7777:8888]" },
        { "android-app://com." HOST ".a_", HOST ".a_" },
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
        { "https://[2001:db8::1/", "" },
        { "https://2001:db8::1/", "" },
        { "https://[2001:db8::g]/", "" },
        { "https://[2001:db8::1]a/", "" },
        { "https://[2001:db8::1]:80a/", "" },
        { "https://[fe80::1%25eth0]/", "" },
        { "https://[v1.a]/", "" },
        { "https://[192.0.2.7]/", "" },
        { "https://[]/", "" },
        { "https://[/", "" },
        { "https://a[::1]/", "" },
        { "https://com.example.a_b..c/", "" },
        { "android-app:com.example.reddit_sync", "" },
        { "android-app://", "" },
        { "android-app:///com.example", "" },
        { "https://exam ple.org/", "" },
        { "https://exam\tple.org/", "" },
        { "https://example.org\n/", "" },
        { "https://ex\xc3\xa4mple.org/", "" },
        { "https://ex%61mple.org/", "" },
        { "https://<script>alert(1)</script>/", "" },
        { "https://\"onload=\"alert(1)/", "" },
        { "https://'--/", "" },
        { "https://a&b/", "" },
        { "https://a=b/", "" },
        { "https://a,b/", "" },
    };
    check_rows(rows, ROWS(rows));
}

static void other_schemes(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "javascript:alert(1)", "" },
        { "javascript://example.org/%0aalert(1)", "" },
        { "data:text/html,<b>", "" },
        { "ftp://example.org/", "" },
        { "about:blank", "" },
        { "about://blank/", "" },
        { "data:,https://example.org/", "" },
        { "blob:https://example.org/1", "" },
        { "file:///etc/passwd", "" },
        { "file://host_a/share", "" },
        { "ios-app:1234", "" },
        { "windows-app://1234/", "" },
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
        cmocka_unit_test(other_schemes),
        cmocka_unit_test(a_nul_is_no_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
