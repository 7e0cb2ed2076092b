/* SPDX-License-Identifier: MIT */
/* IP addresses, networks, and the client's address of a request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/client.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* The 16 bytes of an address in hexadecimal. */
static const char *hex(const struct address *address, char out[33])
{
    for (unsigned i = 0; i < ADDRESS_BYTES; i++) {
        out[2 * i] = "0123456789abcdef"[address->bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[address->bytes[i] & 15];
    }
    out[32] = '\0';
    return out;
}

static void addresses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *bytes; /* NULL: no address */
    } rows[] = {
        { "1.2.3.4", "00000000000000000000ffff01020304" },
        { "0.0.0.0", "00000000000000000000ffff00000000" },
        { "255.255.255.255", "00000000000000000000ffffffffffff" },
        { "::ffff:1.2.3.4", "00000000000000000000ffff01020304" },
        { "::FFFF:102:304", "00000000000000000000ffff01020304" },
        { "::", "00000000000000000000000000000000" },
        { "::1", "00000000000000000000000000000001" },
        { "1::", "00010000000000000000000000000000" },
        { "2001:db8::8:800:200c:417a", "20010db80000000000080800200c417a" },
        { "1:2:3:4:5:6:7:8", "00010002000300040005000600070008" },
        { "1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304" },
        { "1:2:3:4:5:6:7::", "00010002000300040005000600070000" },
        { "::2:3:4:5:6:7:8", "00000002000300040005000600070008" },
        { "64:ff9b::1.2.3.4", "0064ff9b000000000000000001020304" },
        { "", NULL },
        { "1.2.3", NULL },
        { "1.2.3.4.5", NULL },
        { "1.2.3.", NULL },
        { ".1.2.3", NULL },
        { "1.2.3.256", NULL },
        { "1.2.3.04", NULL },
        { "0x1.2.3.4", NULL },
        { "1.2.3.4 ", NULL },
        { "1.2.3.-4", NULL },
        { "16909060", NULL },
        { ":", NULL },
        { ":::", NULL },
        { "1::2::3", NULL },
        { ":1:2:3:4:5:6:7", NULL },
        { "1:2:3:4:5:6:7:", NULL },
        { "1:2:3:4:5:6:7", NULL },
        { "1:2:3:4:5:6:7:8:9", NULL },
        { "1:2:3:4::5:6:7:8", NULL },
        { "1:2:3:4:5:6:7:1.2.3.4", NULL },
        { "1.2.3.4::", NULL },
        { "::12345", NULL },
        { "::g", NULL },
        { "::1%eth0", NULL },
        { "[::1]", NULL },
        { "1.2.3.4:80", NULL },
        { "example.org", NULL },
        { "unknown", NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct address address;
        char bytes[33];
        bool good = address_parse(slice_of(rows[i].text), &address);
        if (good != (rows[i].bytes != NULL))
            fail_msg("%s: %s", rows[i].text, good ? "taken" : "refused");
        if (good && strcmp(hex(&address, bytes), rows[i].bytes) != 0)
            fail_msg("%s: %s", rows[i].text, bytes);
    }
}

static void peers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *same_as; /* NULL: no address */
    } rows[] = {
        { "1.2.3.4", "1.2.3.4" },
        { "1.2.3.4:65535", "1.2.3.4" },
        { "::1", "::1" },
        { "[::1]", "::1" },
        { "[::1]:80", "::1" },
        { "[::ffff:1.2.3.4]:80", "1.2.3.4" },
        { "fe80::1%eth0", "fe80::1" },
        { "[fe80::1%2]:443", "fe80::1" },
        { "1.2.3.4:", NULL },
        { "1.2.3.4:65536", NULL },
        { "1.2.3.4:http", NULL },
        { "1.2.3.4%eth0", NULL },
        { "fe80::1%", NULL },
        { "[1.2.3.4]", NULL },
        { "[::1", NULL },
        { "[::1]80", NULL },
        { "[::1]:", NULL },
        { "[]", NULL },
        { "[", NULL },
        { "]", NULL },
        { "unix:", NULL },
        { "unknown", NULL },
        { "_hidden", NULL },
        { "for=1.2.3.4", NULL },
        { "\"1.2.3.4\"", NULL },
        { "", NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct address got, wanted;
        bool good = address_parse_peer(slice_of(rows[i].text), &got);
        if (good != (rows[i].same_as != NULL))
            fail_msg("%s: %s", rows[i].text, good ? "taken" : "refused");
        if (!good)
            continue;
        assert_true(address_parse(slice_of(rows[i].same_as), &wanted));
        if (memcmp(&got, &wanted, sizeof(got)) != 0)
            fail_msg("%s is not %s", rows[i].text, rows[i].same_as);
    }
}

static void families(void **state)
{
    (void)state;
    struct address address;
    assert_true(address_parse(SLICE("1.2.3.4"), &address) && address_is_ipv4(&address));
    assert_true(address_parse(SLICE("::ffff:1.2.3.4"), &address) && address_is_ipv4(&address));
    assert_true(address_parse(SLICE("::1.2.3.4"), &address) && !address_is_ipv4(&address));
}

enum { OUT, IN, BAD };

static void networks(void **state)
{
    (void)state;
    static const struct {
        const char *network;
        const char *address;
        int outcome;
    } rows[] = {
        { "10.0.0.0/8", "10.255.255.255", IN },
        { "10.0.0.0/8", "11.0.0.0", OUT },
        { "10.0.0.0/8", "::ffff:10.1.2.3", IN },
        { "10.0.0.0/8", "::10.1.2.3", OUT },
        { "192.168.4.0/22", "192.168.7.255", IN },
        { "192.168.4.0/22", "192.168.8.0", OUT },
        { "192.168.4.0/22", "192.168.3.255", OUT },
        { "127.0.0.1", "127.0.0.1", IN },
        { "127.0.0.1", "127.0.0.2", OUT },
        { "1.2.3.4/32", "1.2.3.4", IN },
        { "0.0.0.0/0", "1.2.3.4", IN },
        { "0.0.0.0/0", "::1", OUT },
        { "::/0", "1.2.3.4", IN },
        { "2001:db8::/32", "2001:db8:ffff::1", IN },
        { "2001:db8::/32", "2001:db9::", OUT },
        { "2001:db8::8/125", "2001:db8::f", IN },
        { "2001:db8::8/125", "2001:db8::7", OUT },
        { "::1", "::1", IN },
        { "::1/128", "::2", OUT },
        { "::ffff:10.0.0.0/104", "10.1.2.3", IN },
        { "10.0.0.0/33", NULL, BAD },
        { "10.0.0.1/8", NULL, BAD },
        { "10.0.0.0/", NULL, BAD },
        { "10.0.0.0/08", NULL, BAD },
        { "10.0.0.0/-1", NULL, BAD },
        { "10.0.0.0/8/8", NULL, BAD },
        { "10.0.0/8", NULL, BAD },
        { "10.0.0.0/255.0.0.0", NULL, BAD },
        { "2001:db8::/129", NULL, BAD },
        { "2001:db8::1/32", NULL, BAD },
        { "[::1]", NULL, BAD },
        { "/8", NULL, BAD },
        { "localhost", NULL, BAD },
        { "", NULL, BAD },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct network network;
        struct address address;
        int outcome = BAD;
        if (network_parse(slice_of(rows[i].network), &network)) {
            assert_true(rows[i].address && address_parse(slice_of(rows[i].address), &address));
            outcome = network_has(&network, &address) ? IN : OUT;
        }
        if (outcome != rows[i].outcome)
            fail_msg("%s in %s: %d", rows[i].address ? rows[i].address : "-", rows[i].network,
                     outcome);
    }
}

static void lists_of_networks(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int n;
        const char *bad;
    } rows[] = {
        { "", 0, NULL },
        { "  ", 0, NULL },
        { "127.0.0.1", 1, NULL },
        { "127.0.0.1 ::1,10.0.0.0/8,\t192.168.0.0/16 ", 4, NULL },
        { "127.0.0.1 nonsense ::1", -1, "nonsense" },
        { "::1 ::2 ::3 ::4 ::5", -1, "::5" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct network out[4];
        struct slice bad = { NULL, 0 };
        int n = network_list_parse(slice_of(rows[i].text), out, ROWS(out), &bad);
        if (n != rows[i].n || !slice_eq(bad, slice_of(rows[i].bad)))
            fail_msg("\"%s\": %d, bad \"%.*s\"", rows[i].text, n, SLICE_ARG(bad));
    }
}

#define XFF "HTTP_X_FORWARDED_FOR="

static const struct {
    const char *trusted;
    const char *remote; /* with its name */
    const char *headers[2];
    const char *client; /* NULL: unknown */
} CLIENTS[] = {
    /* no trusted proxy: the header is ignored */
    { "", "REMOTE_ADDR=198.51.100.7", { NULL }, "198.51.100.7" },
    { "", "REMOTE_ADDR=198.51.100.7", { XFF "1.2.3.4" }, "198.51.100.7" },
    { "", "REMOTE_ADDR=2001:db8::7", { XFF "1.2.3.4" }, "2001:db8::7" },
    { "", "REMOTE_ADDR=::ffff:198.51.100.7", { NULL }, "198.51.100.7" },
    { "", "REMOTE_ADDR=fe80::1%eth0", { NULL }, "fe80::1" },
    { "", "REMOTE_ADDR=unix:", { XFF "1.2.3.4" }, NULL },
    { "", "REMOTE_ADDR=", { NULL }, NULL },
    { "", "REMOTE_HOST=198.51.100.7", { NULL }, NULL },
    /* the peer is not a trusted proxy */
    { "127.0.0.1", "REMOTE_ADDR=198.51.100.7", { XFF "1.2.3.4" }, "198.51.100.7" },
    { "10.0.0.0/8", "REMOTE_ADDR=11.0.0.1", { XFF "10.0.0.1" }, "11.0.0.1" },
    /* the peer is a trusted proxy */
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { NULL }, "127.0.0.1" },
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF }, "127.0.0.1" },
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF "198.51.100.7" }, "198.51.100.7" },
    { "127.0.0.1", "REMOTE_ADDR=::ffff:127.0.0.1", { XFF "198.51.100.7" }, "198.51.100.7" },
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF "198.51.100.7:4711" }, "198.51.100.7" },
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF "[2001:db8::7]:80" }, "2001:db8::7" },
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF "2001:db8::7" }, "2001:db8::7" },
    /* the left address may be forged by the client */
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF "1.2.3.4, 198.51.100.7" }, "198.51.100.7" },
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF "127.0.0.1,198.51.100.7" }, "198.51.100.7" },
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF ", ,198.51.100.7 , ," }, "198.51.100.7" },
    /* two trusted proxies */
    { "127.0.0.1 10.0.0.0/8",
      "REMOTE_ADDR=127.0.0.1",
      { XFF "1.2.3.4, 198.51.100.7, 10.1.2.3" },
      "198.51.100.7" },
    { "127.0.0.1 10.0.0.0/8", "REMOTE_ADDR=127.0.0.1", { XFF "10.9.9.9,10.1.2.3" }, "10.9.9.9" },
    /* an invalid address ends the search */
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF "unknown" }, "127.0.0.1" },
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF "1.2.3.4, for=5.6.7.8" }, "127.0.0.1" },
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF "1.2.3.4, 5.6.7.8.9" }, "127.0.0.1" },
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF "1.2.3.4; 5.6.7.8" }, "127.0.0.1" },
    /* two headers: one of them may be an X_Forwarded_For that the proxy passed on */
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF "1.2.3.4", XFF "198.51.100.7" }, "127.0.0.1" },
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF "1.2.3.4", XFF }, "127.0.0.1" },
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { XFF, XFF "1.2.3.4" }, "127.0.0.1" },
    { "127.0.0.1", "REMOTE_ADDR=198.51.100.7", { XFF "1.2.3.4", XFF "5.6.7.8" }, "198.51.100.7" },
    /* other headers are ignored */
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { "HTTP_FORWARDED=for=1.2.3.4" }, "127.0.0.1" },
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { "HTTP_X_REAL_IP=1.2.3.4" }, "127.0.0.1" },
    { "127.0.0.1", "REMOTE_ADDR=127.0.0.1", { "HTTP_CLIENT_IP=1.2.3.4" }, "127.0.0.1" },
};

static void clients(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(CLIENTS); i++) {
        const char *variables[] = { CLIENTS[i].remote, CLIENTS[i].headers[0], CLIENTS[i].headers[1],
                                    NULL };
        struct http_request request = { .variables = variables };
        struct http_proxies proxies;
        struct address got, wanted;
        struct slice bad;
        char text[33];
        assert_true(http_proxies_parse(slice_of(CLIENTS[i].trusted), &proxies, &bad));
        bool known = http_client(&request, &proxies, &got);
        if (known != (CLIENTS[i].client != NULL))
            fail_msg("row %zu: %s", i, known ? "known" : "unknown");
        if (known && address_parse(slice_of(CLIENTS[i].client), &wanted) &&
            memcmp(&got, &wanted, sizeof(got)) != 0)
            fail_msg("row %zu: %s is not %s", i, hex(&got, text), CLIENTS[i].client);
    }
}

/* Formatting by RFC 5952, 4 and 5; parsing the result gives the same address. */
static void written_out(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *written;
    } rows[] = {
        { "1.2.3.4", "1.2.3.4" },
        { "255.255.255.255", "255.255.255.255" },
        { "::ffff:1.2.3.4", "1.2.3.4" },
        { "::", "::" },
        { "::1", "::1" },
        { "1::", "1::" },
        { "2001:0DB8::0001", "2001:db8::1" },
        { "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
        { "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
        { "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
        { "0:0:1::", "0:0:1::" },
        { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct address address, again;
        char text[ADDRESS_TEXT_MAX];
        assert_true(address_parse(slice_of(rows[i].text), &address));
        assert_int_equal(address_format(&address, text), strlen(rows[i].written));
        assert_string_equal(text, rows[i].written);
        assert_true(address_parse(slice_of(text), &again));
        assert_memory_equal(&address, &again, sizeof(address));
    }
}

/* The trusted proxy is 10.0.0.1. */
static void passed_on(void **state)
{
    (void)state;
    static const struct {
        const char *variables[4];
        bool passed_on;
    } rows[] = {
        { { "REMOTE_ADDR=127.0.0.1" }, false },
        { { "REMOTE_ADDR=127.0.0.1", "HTTP_X_FORWARDED_FOR=" }, false },
        { { "REMOTE_ADDR=127.0.0.1", "HTTP_X_FORWARDED_FOR=127.0.0.1" }, true },
        { { "REMOTE_ADDR=127.0.0.1", "HTTP_FORWARDED=for=127.0.0.1" }, true },
        { { "REMOTE_ADDR=127.0.0.1", "HTTP_VIA=1.1 cache" }, true },
        { { "HTTP_X_FORWARDED_FOR=127.0.0.1" }, true },
        { { "REMOTE_ADDR=10.0.0.1", "HTTP_X_FORWARDED_FOR=127.0.0.1", "HTTP_VIA=1.1 a" }, false },
        { { NULL }, false },
    };
    struct http_proxies proxies;
    struct slice bad;
    assert_true(http_proxies_parse(SLICE("10.0.0.1"), &proxies, &bad));
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct http_request request = { .variables = rows[i].variables };
        assert_int_equal(http_is_passed_on(&request, &proxies), rows[i].passed_on);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),         cmocka_unit_test(written_out),
        cmocka_unit_test(passed_on),         cmocka_unit_test(peers),
        cmocka_unit_test(families),          cmocka_unit_test(networks),
        cmocka_unit_test(lists_of_networks), cmocka_unit_test(clients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
