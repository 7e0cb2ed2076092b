/* SPDX-License-Identifier: MIT */
/* The rules for long URLs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "text/url.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct row {
    int line;
    struct slice input;
    enum url_verdict verdict;
    const char *text; /* the normal form, or for refused URLs a part of the error text */
};

#define KEPT(in, out)                    \
    {                                    \
        __LINE__, SLICE(in), URL_OK, out \
    }
#define INVALID(in, part)                      \
    {                                          \
        __LINE__, SLICE(in), URL_INVALID, part \
    }
#define UNSUPPORTED(in, part)                             \
    {                                                     \
        __LINE__, SLICE(in), URL_UNSUPPORTED_SCHEME, part \
    }

static void check_row(const struct row *row, const struct url_policy *policy, struct arena *arena)
{
    struct url url = { 0 };
    struct error why = { "" };
    enum url_verdict verdict = url_normalize(row->input, policy, arena, &url, &why);
    const char *text = verdict == URL_OK ? url.text.at : why.text;
    bool same = verdict == URL_OK ? strcmp(text, row->text) == 0 : strstr(text, row->text) != NULL;
    if (verdict != row->verdict || !same)
        fail_msg("line %d: %d, \"%s\"", row->line, (int)verdict, text);
    assert_int_equal(url.text.len, verdict == URL_OK ? strlen(text) : 0);
}

static void check(const struct row *rows, size_t n, const struct url_policy *policy)
{
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < n; i++) {
        arena_reset(arena);
        check_row(&rows[i], policy, arena);
    }
    arena_free(&arena);
}

static const struct url_policy by_default = { 0 };

static void path_query_and_fragment_stay(void **state)
{
    (void)state;
    static const struct row rows[] = {
        KEPT("http://e.com/%2B+%20%0A%25ad%2f%2F", "http://e.com/%2B+%20%0A%25ad%2f%2F"),
        KEPT("http://e.com/%zz%", "http://e.com/%zz%"),
        KEPT("http://e.com/a/../b/./c//d", "http://e.com/a/../b/./c//d"),
        KEPT("http://e.com?a[]=[1]#x#y?z", "http://e.com?a[]=[1]#x#y?z"),
        KEPT("http://e.com/!$&'()*+,;=:@-._~", "http://e.com/!$&'()*+,;=:@-._~"),
        KEPT("http://e.com?!$&()*+,;=:@-._~/?[]", "http://e.com?!$&()*+,;=:@-._~/?[]"),
        KEPT("http://e.com#/{x}|^\\[]'", "http://e.com#/{x}|^\\[]'"),
        KEPT("http://e.com?100%", "http://e.com?100%"),
        KEPT("http://e.com/?", "http://e.com/?"),
        KEPT("http://e.com/#", "http://e.com/#"),
        KEPT("http://e.com#A@b:c/d", "http://e.com#A@b:c/d"),
        KEPT("http://e.com/PATH?Query#Fragment", "http://e.com/PATH?Query#Fragment"),
        KEPT("http://e.com/http://other.com:80/", "http://e.com/http://other.com:80/"),
        KEPT("http://e.com", "http://e.com"),
        KEPT("http://e.com/", "http://e.com/"),
        KEPT("http://e.com/@user:pass@x", "http://e.com/@user:pass@x"),
    };
    check(rows, COUNT(rows), &by_default);
}

static void what_no_header_may_hold_is_encoded(void **state)
{
    (void)state;
    static const struct row rows[] = {
        KEPT("http://e.com/a b?c d#e f", "http://e.com/a%20b?c%20d#e%20f"),
        KEPT("http://e.com/\0\f\x1F\x7F!", "http://e.com/%00%0C%1F%7F!"),
        KEPT("http://e.com/caf\xC3\xA9?\xF0\x9F\x92\xA9", "http://e.com/caf%C3%A9?%F0%9F%92%A9"),
        INVALID("http://e.com/\xFF", "UTF-8"),
        INVALID("http://e.com/\xC3", "UTF-8"),
        INVALID("http://e.com/\xED\xA0\x80", "UTF-8"),
    };
    check(rows, COUNT(rows), &by_default);
}

static void what_no_uri_may_hold_is_encoded(void **state)
{
    (void)state;
    static const struct row rows[] = {
        KEPT("http://e.com/\"<>?\"<>#\"<>", "http://e.com/%22%3C%3E?%22%3C%3E#%22%3C%3E"),
        KEPT("http://e.com/|{}[]^`'", "http://e.com/%7C%7B%7D%5B%5D%5E%60'"),
        KEPT("http://e.com?|{}[]^`'\\", "http://e.com?%7C%7B%7D[]%5E%60%27%5C"),
        KEPT("http://e.com#|{}[]^`'\\", "http://e.com#|{}[]^%60'\\"),
        KEPT("http://e.com/a\\b\\..\\c?d\\e", "http://e.com/a/b/../c?d%5Ce"),
        KEPT("http://e.com/?#\\", "http://e.com/?#\\"),
        KEPT("http://e.com/%22%7c", "http://e.com/%22%7c"),
    };
    check(rows, COUNT(rows), &by_default);
}

static void invisible_ends_are_dropped(void **state)
{
    (void)state;
    static const struct row rows[] = {
        KEPT(" \t\r\n\f\vhttp://e.com/ \n", "http://e.com/"),
        KEPT("\0\x01\x1Fhttp://e.com/x\x1F\0", "http://e.com/x"),
        KEPT("\xC2\xA0http://e.com/\xC2\xA0", "http://e.com/"),         /* U+00A0 */
        KEPT("\xE2\x80\x8Bhttp://e.com/\xE2\x80\x8B", "http://e.com/"), /* U+200B */
        KEPT("\xEF\xBB\xBFhttp://e.com/\xEF\xBB\xBF", "http://e.com/"), /* U+FEFF */
        KEPT("http://e.com/\xEF\xBB\xBF \xE2\x80\x8B\xC2\xA0", "http://e.com/"),
        KEPT("\xC2\x85\xC2\xADhttp://e.com/\xC2\xAD\xC2\x85", "http://e.com/"), /* U+0085, U+00AD */
        KEPT("\xE1\x9A\x80http://e.com/\xE1\xA0\x8E", "http://e.com/"),         /* U+1680, U+180E */
        KEPT("\xE2\x80\x80http://e.com/\xE2\x80\x8A", "http://e.com/"),         /* U+2000, U+200A */
        KEPT("\xE2\x80\x8Ehttp://e.com/\xE2\x80\x8F", "http://e.com/"),         /* U+200E, U+200F */
        KEPT("\xE2\x80\xAAhttp://e.com/\xE2\x80\xAC", "http://e.com/"),         /* U+202A, U+202C */
        KEPT("\xE2\x80\xA8http://e.com/\xE2\x80\xA9", "http://e.com/"),         /* U+2028, U+2029 */
        KEPT("\xE2\x80\xAFhttp://e.com/\xE2\x81\x9F", "http://e.com/"),         /* U+202F, U+205F */
        KEPT("\xE2\x81\xA0http://e.com/\xE2\x81\xA9", "http://e.com/"),         /* U+2060, U+2069 */
        KEPT("\xE3\x80\x80http://e.com/\xE3\x80\x80", "http://e.com/"),         /* U+3000 */
        KEPT("http://e.com/a\xC2\xA0"
             "b",
             "http://e.com/a%C2%A0b"),
        KEPT("http://e.com/\xE2\x9D\xA4\xEF\xB8\x8F", "http://e.com/%E2%9D%A4%EF%B8%8F"),
        KEPT("http://e.com/\x7F", "http://e.com/%7F"),
        KEPT("http://e.com/\xE2\x80\x90", "http://e.com/%E2%80%90"), /* a hyphen, U+2010 */
        INVALID("\xC2\xA0\xE2\x80\x8B\xEF\xBB\xBF", "empty"),
        INVALID("http://e.com/\x8B", "UTF-8"),
        INVALID("\x80\x80\x80\x80\x80", "UTF-8"),
    };
    check(rows, COUNT(rows), &by_default);
}

static void line_breaks_and_tabs_are_dropped(void **state)
{
    (void)state;
    static const struct row rows[] = {
        KEPT("http://e.com/a\r\nb\tc\nd", "http://e.com/abcd"),
        KEPT("ht\ntp:/\t/e\r\n.com:8\t0/?\na#\rb", "http://e.com/?a#b"),
        KEPT("http://e.com/%\n2B", "http://e.com/%2B"),
        KEPT("http://e.com/long\r\n and longer", "http://e.com/long%20and%20longer"),
        KEPT("http://e.com/\r\nSet-Cookie: x", "http://e.com/Set-Cookie:%20x"),
        UNSUPPORTED("java\nscript:alert(1)", "never allowed"),
        UNSUPPORTED("ja\tva\rscript\n:alert(1)", "never allowed"),
        INVALID("http://us\ner@e.com/", "credentials"),
        INVALID("http://e.com\\\n@evil.com/", "backslash"),
        INVALID("\n\t\r", "empty"),
    };
    check(rows, COUNT(rows), &by_default);
}

static void a_second_scheme_is_refused(void **state)
{
    (void)state;
    static const char twice[] = "the scheme is there twice";
    static const struct row rows[] = {
        INVALID("http://https://example.org/", twice),
        INVALID("https://http//example.org/", twice),
        INVALID("http://http:/example.org/", twice),
        INVALID("https://https:example.org/", twice),
        INVALID("http:https://example.org/", twice),
        INVALID("http:/https:/example.org/", twice),
        INVALID("http:///https://example.org/", twice),
        INVALID("http:// https://example.org/", twice),
        INVALID("http://\nhttps://example.org/", twice),
        INVALID("HTTP://HTTPS://example.org/", twice),
        INVALID("http:\\\\https:\\\\example.org\\", twice),
        INVALID("http://https\\\\example.org", twice),
        INVALID("https://https%3A%2F%2Fexample.org", twice),
        INVALID("https://https%3a//example.org", twice),
        INVALID("http://http://http://e.com", twice),
        INVALID("http://https:", twice),
        INVALID("http://https://u:p@e.com/", twice),
        INVALID("http://ftp://e.com/", twice),
        INVALID("http://e.comhttp://e.com", twice),
        INVALID("http://h%74tp//e.com", twice),
        INVALID("http://http:80//e.com", twice),
        KEPT("http://http/x", "http://http/x"),
        KEPT("http://https:8443/", "http://https:8443/"),
        KEPT("http://http.example.org//x", "http://http.example.org//x"),
        KEPT("http://httpbin.example.org//http://x", "http://httpbin.example.org//http://x"),
        KEPT("http://ftp//x", "http://ftp//x"),
        KEPT("http://e.com/https://e.com", "http://e.com/https://e.com"),
        KEPT("http://e.com?https://e.com", "http://e.com?https://e.com"),
    };
    static const struct row with_user[] = {
        KEPT("http://https:pw@e.com/", "http://https:pw@e.com/"),
    };
    const struct url_policy allowed = { .allow_credentials = true };
    check(rows, COUNT(rows), &by_default);
    check(with_user, COUNT(with_user), &allowed);
}

static void schemes(void **state)
{
    (void)state;
    static const struct row rows[] = {
        KEPT("HTTPS://E.com/X", "https://e.com/X"),
        KEPT("hTtP://e.com", "http://e.com"),
        UNSUPPORTED("ftp://e.com/", "\"ftp\" is not allowed"),
        UNSUPPORTED("mailto:a@e.com", "not allowed"),
        UNSUPPORTED("javascript:alert(1)", "never allowed"),
        UNSUPPORTED("JavaScript://e.com/%0Aalert(1)", "never allowed"),
        UNSUPPORTED(" javascript:alert(1)", "never allowed"),
        UNSUPPORTED("data:text/html,x", "never allowed"),
        UNSUPPORTED("vbscript:x", "never allowed"),
        UNSUPPORTED("file:///etc/passwd", "never allowed"),
        UNSUPPORTED("view-source:http://e.com/", "not allowed"),
        UNSUPPORTED("\x01javascript:alert(1)", "never allowed"),
        INVALID("example.com/x", "scheme is missing"),
        INVALID("example.com:8080/x", "scheme is missing"),
        INVALID("localhost:8080", "scheme is missing"),
        INVALID("//example.com/x", "scheme is missing"),
        INVALID("/x", "scheme is missing"),
        INVALID("?", "scheme is missing"),
        INVALID("://e.com", "scheme is missing"),
        INVALID("1http://e.com", "scheme is missing"),
        INVALID("h\xC3\xA9://e.com", "scheme is missing"),
        INVALID("", "empty"),
        INVALID(" \t\n", "empty"),
        INVALID("http:", "followed by \"//\""),
        INVALID("http:e.com", "followed by \"//\""),
        INVALID("http:/e.com", "followed by \"//\""),
        INVALID("http:\\\\e.com", "followed by \"//\""),
    };
    check(rows, COUNT(rows), &by_default);
}

static const struct row host_rows[] = {
    KEPT("http://WWW.Example.COM./", "http://www.example.com./"),
    KEPT("http://a_b.c-d.e~f/", "http://a_b.c-d.e~f/"),
    KEPT("http://%65xample%2Ecom/", "http://example.com/"),
    KEPT("http://b\xC3\xBC"
         "cher.de/",
         "http://xn--bcher-kva.de/"),
    KEPT("http://B\xC3\x9C"
         "CHER.de/",
         "http://xn--bcher-kva.de/"),
    KEPT("http://b%C3%BCcher.de/", "http://xn--bcher-kva.de/"),
    KEPT("http://bu\xCC\x88"
         "cher.de/",
         "http://xn--bcher-kva.de/"),
    KEPT("http://XN--Bcher-KVA.de/", "http://xn--bcher-kva.de/"),
    KEPT("http://fa\xC3\x9F.de/", "http://xn--fa-hia.de/"),
    KEPT("http://\xEF\xBC\xA5\xEF\xBC\x8E"
         "com/",
         "http://e.com/"),
    KEPT("http://e\xE3\x80\x82"
         "com/",
         "http://e.com/"),
    KEPT("http://\xE4\xBE\x8B\xE3\x81\x88.jp/", "http://xn--r8jz45g.jp/"),
    KEPT("http://xn--n3h.com/", "http://xn--n3h.com/"),
    KEPT("http://\xE2\x98\x83.com/", "http://xn--n3h.com/"),      /* U+2603 */
    KEPT("https://\xF0\x9F\x92\xA9.la/", "https://xn--ls8h.la/"), /* U+1F4A9 */
    KEPT("https://%F0%9F%92%A9.la/", "https://xn--ls8h.la/"),
    KEPT("https://xn--ls8h.la/", "https://xn--ls8h.la/"),
    KEPT("http://i\xE2\x9D\xA4\xEF\xB8\x8F.ws/", "http://xn--i-7iq.ws/"), /* U+2764 U+FE0F */
    KEPT("http://\xE2\x82\xAC.example/", "http://xn--lzg.example/"),      /* U+20AC */
    KEPT("http://\xE2\x88\x9E\xC3\x97\xC3\xB7.example/", "http://xn--rca8dt68j.example/"),
    KEPT("http://r3---sn-x.\xC3\xBC.de/", "http://r3---sn-x.xn--tda.de/"),
    KEPT("http://-\xC3\xBC-.de/", "http://xn-----xka.de/"),
    KEPT("http://ab--\xC3\xBC.de/", "http://xn--ab---3ra.de/"),
    KEPT("http://\xEF\xBC\xB0\xEF\xBC\xB4.de/", "http://pt.de/"), /* full-width letters */
    KEPT("http://\xE3\x8E\x8F.de/", "http://kg.de/"),             /* U+338F */
    KEPT("http://\xE1\xBA\x9E.de/", "http://xn--zca.de/"),        /* U+1E9E, the capital sharp s */
    KEPT("http://\xCE\xB2\xCF\x8C\xCE\xBB\xCE\xBF\xCF\x82.com/", "http://xn--nxasmm1c.com/"),
    KEPT("http://a\xC2\xAD"
         "b\xE2\x80\x8B.de/",
         "http://ab.de/"),                                                /* U+00AD, U+200B */
    KEPT("http://\xD7\x90\xD7\x91.example/", "http://xn--4dbc.example/"), /* from right to left */
    KEPT("http://\xD9\x86\xD8\xA7\xD9\x85\xD9\x87\xE2\x80\x8C\xD8\xA7\xDB\x8C.com/",
         "http://xn--mgba3gch31f060k.com/"), /* U+200C between letters that join */
    KEPT("http://\xE0\xA4\x95\xE0\xA5\x8D\xE2\x80\x8D.de/", "http://xn--11b6iy14e.de/"),
    INVALID("http://a\xE2\x80\x8D"
            "b.de/",
            "internationalised"), /* U+200D joins nothing here */
    INVALID("http://a\xE2\x80\x8C"
            "b.de/",
            "internationalised"),
    INVALID("http://a\xD7\x90.de/", "internationalised"), /* both directions in a label */
    INVALID("http://1.\xD7\x90.de/", "internationalised"),
    INVALID("http://\xCC\x88.de/", "internationalised"), /* U+0308 on nothing */
    INVALID("http://\xEE\x80\x80.de/", "U+E000 is not allowed"),
    INVALID("http://\xEF\xBF\xBD.de/", "U+FFFD is not allowed"),
    INVALID("http://\xE2\x80\xAE.de/", "U+202E is not allowed"),
    INVALID("http://\xE2\x92\x88.de/", "U+2488 is not allowed"), /* "1." */
    INVALID("http://a\xC2\xA0.de/", "U+00A0 is not allowed in host names"),
    INVALID("http://a\xE2\x80\xA8.de/", "U+2028 is not allowed in host names"),
    KEPT("http://\xF0\x9F\xAB\xA8.de/", "http://xn--929h.de/"), /* U+1FAE8, of Unicode 15 */
    INVALID("http://xn--\xC3\xBC.de/", "internationalised"),
    KEPT("http://xn--abc-.de/", "http://xn--abc-.de/"),
    INVALID("http://xn--a-\xC3\xBC.de/", "internationalised"),
    INVALID("http://xn--u-ccb.de/", "internationalised"), /* u and U+0308, not composed */
    KEPT("http://xn--Ab-.de/", "http://xn--ab-.de/"),
    INVALID("http://xn--pokxncvks/", "internationalised"),
    INVALID("http://xn--/", "internationalised"),
    INVALID("http://\xC2\xAD/", "host is missing"), /* a soft hyphen maps to nothing */
    INVALID("http://", "host is missing"),
    INVALID("http:///x", "host is missing"),
    INVALID("http://?x", "host is missing"),
    INVALID("http://#x", "host is missing"),
    INVALID("http://:80/", "host is missing"),
    INVALID("http://./", "empty label"),
    INVALID("http://a..b/", "empty label"),
    INVALID("http://.a/", "empty label"),
    INVALID("http://a../", "empty label"),
    INVALID("http://e.com\\@evil.com/", "backslash"),
    INVALID("http://e.com\\x", "backslash"),
    INVALID("http://e .com/", "space"),
    INVALID("http://e\f.com/", "control"),
    INVALID("http://e\0.com/", "control"),
    INVALID("http://\x7F/", "control"),
    INVALID("http://e%00.com/", "NUL"),
    INVALID("http://e%FF.com/", "UTF-8"),
    INVALID("http://e%0A.com/", "not allowed in host names"),
    INVALID("http://e%20.com/", "not allowed in host names"),
    INVALID("http://e%2Fevil.com/", "not allowed in host names"),
    INVALID("http://e%40evil.com/", "not allowed in host names"),
    INVALID("http://e%3A80/", "not allowed in host names"),
    INVALID("http://e%5Cx/", "not allowed in host names"),
    INVALID("http://e%25.com/", "not allowed in host names"),
    INVALID("http://e%zz.com/", "malformed"),
    INVALID("http://e\xEF\xBC\x8F"
            "x.com/",
            "not allowed in host names"),                              /* full-width solidus */
    INVALID("http://e\xE2\x84\x80.com/", "not allowed in host names"), /* U+2100 maps to "a/c" */
    KEPT("http://e'x.com/", "http://e'x.com/"),
    KEPT("http://\xC3\xBC.e_x/", "http://xn--tda.e_x/"),
    KEPT("http://\xC3\xBC'x.com/", "http://xn--'x-wka.com/"),
    INVALID("http://\xC3\xBC\"x.com/", "malformed"),
    INVALID("http://\xC3\xBC%22x.com/", "not allowed in host names"),
    INVALID("http://e<x/", "malformed"),
    INVALID("http://e\"x/", "malformed"),
    INVALID("http://e|x/", "malformed"),
    INVALID("http://e^x/", "malformed"),
    INVALID("http://e`x/", "malformed"),
    INVALID("http://e{x}/", "malformed"),
    INVALID("http://e[x]/", "malformed"),
};

static void hosts(void **state)
{
    (void)state;
    check(host_rows, COUNT(host_rows), &by_default);
}

static void addresses(void **state)
{
    (void)state;
    static const struct row rows[] = {
        KEPT("http://127.0.0.1/", "http://127.0.0.1/"),
        KEPT("http://127.0.0.1./", "http://127.0.0.1/"),
        KEPT("http://0x7f.1/", "http://127.0.0.1/"),
        KEPT("http://0X7F.1/", "http://127.0.0.1/"),
        KEPT("http://2130706433/", "http://127.0.0.1/"),
        KEPT("http://017700000001/", "http://127.0.0.1/"),
        KEPT("http://0x7f000001/", "http://127.0.0.1/"),
        KEPT("http://127.1/", "http://127.0.0.1/"),
        KEPT("http://127.0.258/", "http://127.0.1.2/"),
        KEPT("http://127.65535/", "http://127.0.255.255/"),
        KEPT("http://0/", "http://0.0.0.0/"),
        KEPT("http://0x/", "http://0.0.0.0/"),
        KEPT("http://255.255.255.255/", "http://255.255.255.255/"),
        KEPT("http://4294967295/", "http://255.255.255.255/"),
        KEPT("http://%31%32%37.1/", "http://127.0.0.1/"),
        KEPT("http://\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97.1/", "http://127.0.0.1/"),
        KEPT("http://1.2.3.4x/", "http://1.2.3.4x/"),
        KEPT("http://0x7g/", "http://0x7g/"),
        INVALID("http://4294967296/", "IPv4"),
        INVALID("http://99999999999999999999999999/", "IPv4"),
        INVALID("http://256.1.1.1/", "IPv4"),
        INVALID("http://1.1.1.256/", "IPv4"),
        INVALID("http://1.1.65536/", "IPv4"),
        INVALID("http://1.16777216/", "IPv4"),
        INVALID("http://1.2.3.4.5/", "IPv4"),
        INVALID("http://1.2.3.08/", "IPv4"),
        INVALID("http://e.com.1/", "IPv4"),
        INVALID("http://e.0x1/", "IPv4"),
        KEPT("http://[::1]/", "http://[::1]/"),
        KEPT("http://[::]/", "http://[::]/"),
        KEPT("http://[0:0:0:0:0:0:0:1]:8080/x", "http://[::1]:8080/x"),
        KEPT("http://[2001:DB8::0:A]/", "http://[2001:db8::a]/"),
        KEPT("http://[2001:db8:0:1:1:1:1:1]/", "http://[2001:db8:0:1:1:1:1:1]/"),
        KEPT("http://[2001:0:0:1:0:0:0:1]/", "http://[2001:0:0:1::1]/"),
        KEPT("http://[1:0:0:2:3:0:0:4]/", "http://[1::2:3:0:0:4]/"),
        KEPT("http://[1:2:3:4:5:6:0:0]/", "http://[1:2:3:4:5:6::]/"),
        KEPT("http://[::ffff:1.2.3.4]/", "http://[::ffff:102:304]/"),
        INVALID("http://[::1/", "malformed"),
        INVALID("http://[]/", "malformed"),
        INVALID("http://::1/", "malformed"),
        INVALID("http://[::1%25eth0]/", "malformed"),
        INVALID("http://[1:2:3]/", "malformed"),
        INVALID("http://[1::2::3]/", "malformed"),
        INVALID("http://[v1.x]/", "brackets"),
        INVALID("http://[e.com]/", "malformed"),
    };
    check(rows, COUNT(rows), &by_default);
}

static void ports(void **state)
{
    (void)state;
    static const struct row rows[] = {
        KEPT("http://e.com:80/", "http://e.com/"),
        KEPT("https://e.com:443/", "https://e.com/"),
        KEPT("https://e.com:80/", "https://e.com:80/"),
        KEPT("http://e.com:443/", "http://e.com:443/"),
        KEPT("http://e.com:/x", "http://e.com/x"),
        KEPT("http://e.com:8080", "http://e.com:8080"),
        KEPT("http://e.com:00080/", "http://e.com/"),
        KEPT("http://e.com:0000000000008080/", "http://e.com:8080/"),
        KEPT("http://e.com:1/", "http://e.com:1/"),
        KEPT("http://e.com:65535/", "http://e.com:65535/"),
        INVALID("http://e.com:0/", "port"),
        INVALID("http://e.com:65536/", "port"),
        INVALID("http://e.com:4294967376/", "port"), /* 2^32 + 80 */
        INVALID("http://e.com:18446744073709551696/", "port"),
        INVALID("http://e.com:-80/", "malformed"),
        INVALID("http://e.com:8a/", "malformed"),
        INVALID("http://e.com:80:80/", "malformed"),
        INVALID("http://e.com:\xD9\xA1/", "malformed"), /* an Arabic digit */
    };
    check(rows, COUNT(rows), &by_default);
}

static void credentials(void **state)
{
    (void)state;
    static const struct row refused[] = {
        INVALID("http://user@e.com/", "credentials"),
        INVALID("http://user:pass@e.com/", "credentials"),
        INVALID("http://@e.com/", "credentials"),
        INVALID("http://:@e.com/", "credentials"),
        INVALID("http://e.com%40x@evil.com/", "credentials"),
    };
    static const struct row kept[] = {
        KEPT("HTTP://User:P%40ss@E.com:80/", "http://User:P%40ss@e.com/"),
        KEPT("http://\xC3\xBC@e.com/", "http://%C3%BC@e.com/"),
        KEPT("http://@e.com/", "http://@e.com/"),
        INVALID("http://user:pass@/", "host is missing"),
        INVALID("http://a@b@e.com/", "malformed"),
        INVALID("http://a b@e.com/", "space"),
    };
    const struct url_policy allowed = { .allow_credentials = true };
    check(refused, COUNT(refused), &by_default);
    check(kept, COUNT(kept), &allowed);
}

static void schemes_that_a_site_allows(void **state)
{
    (void)state;
    static const struct slice list[] = { SLICE("https"), SLICE("ftp"),        SLICE("mailto"),
                                         SLICE("app"),   SLICE("javascript"), SLICE("file"),
                                         SLICE("data"),  SLICE("vbscript"),   SLICE("tel") };
    static const struct row rows[] = {
        KEPT("https://e.com/", "https://e.com/"),
        KEPT("FTP://E.com:21/x", "ftp://e.com/x"),
        KEPT("mailto:A@e.com?subject=a b", "mailto:A@e.com?subject=a%20b"),
        KEPT("tel:12345", "tel:12345"),
        KEPT("app:<a>|\\{}'", "app:%3Ca%3E|\\{}'"),
        KEPT("app://x/\"|\\?{'#[`", "app://x/%22|\\?{'#[`"),
        KEPT("app:///Open?x=%2B", "app:///Open?x=%2B"),
        KEPT("App://Profile/1", "app://Profile/1"),
        KEPT("app://123:80/", "app://123:80/"),
        INVALID("app:", "followed by \"//\""),
        INVALID("app://a\\b/", "backslash"),
        INVALID("app://u@h/", "credentials"),
        INVALID("ftp:e.com", "followed by \"//\""),
        UNSUPPORTED("http://e.com/", "not allowed"),
        UNSUPPORTED("javascript:alert(1)", "never allowed"),
        UNSUPPORTED("vbscript:x", "never allowed"),
        UNSUPPORTED("data:,x", "never allowed"),
        UNSUPPORTED("FILE:///x", "never allowed"),
    };
    const struct url_policy policy = { .schemes = list, .n_schemes = COUNT(list) };
    check(rows, COUNT(rows), &policy);
}

static void what_may_be_ours(void **state)
{
    (void)state;
    static const struct {
        int line;
        struct slice text;
        bool by_default, with_app;
    } rows[] = {
        { __LINE__, SLICE("https://e.com/a?b#c"), true, true },
        { __LINE__, SLICE("http://e.com"), true, false },
        { __LINE__, SLICE("app://x"), false, true },
        { __LINE__, SLICE("javascript:alert(1)"), false, false },
        { __LINE__, SLICE("data:,x"), false, false },
        { __LINE__, SLICE("//e.com/"), false, false },
        { __LINE__, SLICE("e.com"), false, false },
        { __LINE__, SLICE(""), false, false },
        { __LINE__, SLICE("https://e.com/\r\nX: y"), false, false },
        { __LINE__, SLICE("https://e.com/ "), false, false },
        { __LINE__, SLICE("https://e.com/\0"), false, false },
        { __LINE__, SLICE("https://e.com/\x7f"), false, false },
        { __LINE__, SLICE("https://e.com/\xc3\xa9"), false, false },
    };
    static const struct slice list[] = { SLICE("https"), SLICE("app"), SLICE("javascript") };
    const struct url_policy standard = { 0 };
    const struct url_policy with_app = { .schemes = list, .n_schemes = COUNT(list) };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (url_may_be_ours(rows[i].text, &standard) != rows[i].by_default ||
            url_may_be_ours(rows[i].text, &with_app) != rows[i].with_app)
            fail_msg("line %d", rows[i].line);
    }
}

static void the_parts_are_returned(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *input, *scheme, *host, *path;
        unsigned port;
    } rows[] = {
        { __LINE__, "HTTP://E.com:81/a/b?c#d", "http", "e.com", "/a/b", 81 },
        { __LINE__, "https://e.com:443", "https", "e.com", "", 0 },
        { __LINE__, "https://e.com?q/r", "https", "e.com", "", 0 },
        { __LINE__, "https://e.com/x#f?q", "https", "e.com", "/x", 0 },
        { __LINE__, "http://[0::1]:9/a b", "http", "[::1]", "/a%20b", 9 },
        { __LINE__, "http://u:p@2130706433:9/", "http", "127.0.0.1", "/", 9 },
    };
    const struct url_policy policy = { .allow_credentials = true };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct url url;
        assert_int_equal(url_normalize(slice_of(rows[i].input), &policy, arena, &url, NULL),
                         URL_OK);
        if (!slice_eq(url.scheme, slice_of(rows[i].scheme)) ||
            !slice_eq(url.host, slice_of(rows[i].host)) ||
            !slice_eq(url.path, slice_of(rows[i].path)) || url.port != rows[i].port)
            fail_msg("line %d: %s", rows[i].line, url.text.at);
    }
    arena_free(&arena);
}

/* Whether a byte stays as it came in a part of a web URL; the sets of the API document. */
static bool stays(unsigned c, const char *encoded)
{
    return c > 0x20 && c < 0x7F && !strchr(encoded, (int)c);
}

/* The normal form of a byte of 1 to 0x7F, or what it was dropped for. */
static void add_expected(struct buf *b, unsigned c, const char *encoded)
{
    if (c == '\t' || c == '\n' || c == '\r')
        return;
    if (stays(c, encoded))
        buf_add_byte(b, (char)c);
    else
        buf_printf(b, "%%%02X", c);
}

/* Each byte alone, in the path, query and fragment. */
static void every_byte_of_ascii_has_its_rule(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    for (unsigned c = 0; c < 0x80; c++) {
        char input[32];
        int len = snprintf(input, sizeof input, "http://e.com/1%c2?3%c4#5%c6", c, c, c);
        struct url url;
        arena_reset(arena);
        struct buf expected = buf_in(arena, 64);
        buf_add_text(&expected, "http://e.com/1");
        if (c == '\\')
            buf_add_byte(&expected, '/');
        else
            add_expected(&expected, c, "\"<>[]^`{|}");
        buf_add_text(&expected, "2?3");
        add_expected(&expected, c, "\"'<>\\^`{|}");
        buf_add_text(&expected, "4#5");
        add_expected(&expected, c, "\"<>`");
        buf_add_text(&expected, "6");
        assert_int_equal(
            url_normalize((struct slice){ input, (size_t)len }, &by_default, arena, &url, NULL),
            URL_OK);
        assert_true(slice_eq(url.text, buf_slice(&expected)));
    }
    arena_free(&arena);
}

/* No byte in the host of an accepted URL changes which host it names. */
static void no_byte_hides_in_a_host(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    for (unsigned c = 0; c < 0x100; c++) {
        char plain[32], encoded[32];
        int len = snprintf(plain, sizeof plain, "http://e%cx.com/", c);
        (void)snprintf(encoded, sizeof encoded, "http://e%%%02Xx.com/", c);
        const struct slice inputs[] = { { plain, (size_t)len }, slice_of(encoded) };
        for (size_t i = 0; i < COUNT(inputs); i++) {
            struct url url;
            arena_reset(arena);
            if (url_normalize(inputs[i], &by_default, arena, &url, NULL) == URL_OK &&
                (strspn(url.host.at, "abcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=") !=
                 url.host.len))
                fail_msg("%s", url.text.at);
        }
    }
    arena_free(&arena);
}

static void length_is_limited_before_and_after_encoding(void **state)
{
    (void)state;
    static char input[URL_MAX_BYTES_DEFAULT + 1];
    const struct slice start = SLICE("http://e.com/");
    struct arena *arena = arena_new(1 << 20);
    struct url url;
    struct error why;
    memset(input, 'x', sizeof input);
    for (size_t i = 0; i < start.len; i++)
        input[i] = start.at[i];
    struct slice longest = { input, sizeof input - 1 }, beyond = { input, sizeof input };
    assert_int_equal(url_normalize(longest, &by_default, arena, &url, &why), URL_OK);
    assert_int_equal(url.text.len, URL_MAX_BYTES_DEFAULT);
    assert_memory_equal(url.text.at, input, URL_MAX_BYTES_DEFAULT);
    assert_int_equal(url_normalize(beyond, &by_default, arena, &url, &why), URL_TOO_LONG);
    assert_string_equal(why.text, "the URL is longer than 8000 bytes");
    input[20] = ' ';
    longest.len -= 2;
    assert_int_equal(url_normalize(longest, &by_default, arena, &url, &why), URL_OK);
    longest.len++;
    assert_int_equal(url_normalize(longest, &by_default, arena, &url, &why), URL_TOO_LONG);
    const struct url_policy short_ones = { .max_bytes = 14 };
    assert_int_equal(url_normalize(SLICE("http://e.com/x"), &short_ones, arena, &url, &why),
                     URL_OK);
    assert_int_equal(url_normalize(SLICE("http://e.com/ "), &short_ones, arena, &url, &why),
                     URL_OK);
    assert_int_equal(url_normalize(SLICE("http://e.com/xy"), &short_ones, arena, &url, &why),
                     URL_TOO_LONG);
    assert_int_equal(url_normalize(SLICE("http://\xC3\xBC.de/"), &short_ones, arena, &url, &why),
                     URL_TOO_LONG);
    arena_free(&arena);
}

static void hosts_are_as_long_as_dns_allows(void **state)
{
    (void)state;
    char label[65] = "", input[1300];
    memset(label, 'x', 63);
    struct arena *arena = arena_new(1 << 20);
    struct url url;
    (void)snprintf(input, sizeof input, "http://%s.%s.%s.%.61s./", label, label, label, label);
    assert_int_equal(url_normalize(slice_of(input), &by_default, arena, &url, NULL), URL_OK);
    assert_int_equal(url.host.len, 254);
    (void)snprintf(input, sizeof input, "http://%s.%s.%s.%.62s/", label, label, label, label);
    assert_int_equal(url_normalize(slice_of(input), &by_default, arena, &url, NULL), URL_INVALID);
    (void)snprintf(input, sizeof input, "http://\xC3\xBC.%0400d%0400d%0400d/", 0, 0, 0);
    assert_int_equal(url_normalize(slice_of(input), &by_default, arena, &url, NULL), URL_INVALID);
    (void)snprintf(input, sizeof input, "http://%sx.com/", label);
    assert_int_equal(url_normalize(slice_of(input), &by_default, arena, &url, NULL), URL_INVALID);
    arena_free(&arena);
}

/* For any size of the arena the result is the same or URL_NO_MEMORY, never a part of a URL. */
static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    const struct slice input = SLICE("HTTP://b\xC3\xBC"
                                     "cher.example:8080/a b c d e f g h i j k?l");
    size_t refused = 0, max = 0;
    for (enum url_verdict verdict = URL_NO_MEMORY; verdict != URL_OK; max += 8) {
        struct arena *arena = arena_new(max);
        struct url url = { 0 };
        verdict = url_normalize(input, &by_default, arena, &url, NULL);
        assert_true(verdict == URL_OK || verdict == URL_NO_MEMORY);
        assert_true(verdict == URL_OK || url.text.at == NULL);
        refused += verdict != URL_OK;
        arena_free(&arena);
        assert_true(max < 65536);
    }
    assert_true(refused > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_query_and_fragment_stay),
        cmocka_unit_test(what_no_header_may_hold_is_encoded),
        cmocka_unit_test(what_no_uri_may_hold_is_encoded),
        cmocka_unit_test(invisible_ends_are_dropped),
        cmocka_unit_test(line_breaks_and_tabs_are_dropped),
        cmocka_unit_test(a_second_scheme_is_refused),
        cmocka_unit_test(schemes),
        cmocka_unit_test(hosts),
        cmocka_unit_test(addresses),
        cmocka_unit_test(ports),
        cmocka_unit_test(credentials),
        cmocka_unit_test(schemes_that_a_site_allows),
        cmocka_unit_test(what_may_be_ours),
        cmocka_unit_test(the_parts_are_returned),
        cmocka_unit_test(every_byte_of_ascii_has_its_rule),
        cmocka_unit_test(no_byte_hides_in_a_host),
        cmocka_unit_test(length_is_limited_before_and_after_encoding),
        cmocka_unit_test(hosts_are_as_long_as_dns_allows),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests_name("URLs", tests, NULL, NULL);
}
