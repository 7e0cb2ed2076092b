/* SPDX-License-Identifier: MIT */
/* YOURLS's API: how parameters are read, texts cleaned, and answers written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "link/link.h"
#include "yourls/yourls.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static int set_up(void **state)
{
    *state = arena_new(1 << 20);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    struct arena *arena = *state;
    arena_free(&arena);
    return 0;
}

static struct yourls_parameters read_query(const char *query, struct arena *arena)
{
    struct yourls_parameters out = { .values = { { NULL, 0 } } };
    assert_true(yourls_parameters_add(slice_of(query), arena, &out));
    return out;
}

static void expect(int line, struct slice found, const char *text)
{
    if (!slice_eq(found, slice_of(text)))
        fail_msg("line %d: %.*s, not %s", line, (int)found.len, found.at ? found.at : "", text);
}

static void parameters(void **state)
{
    static const struct {
        int line;
        const char *query;
        const char *action; /* NULL: not given */
    } rows[] = {
        { __LINE__, "action=version", "version" },
        { __LINE__, "a=b&&=&action=version&", "version" },
        { __LINE__, "action=a&action=b", "b" },
        { __LINE__, "%61ction=%76ersion+1%2B", "version 1+" },
        { __LINE__, "action=50%&action=%zz%4", "%zz%4" },
        { __LINE__, "action", "" },
        { __LINE__, "action==", "=" },
        { __LINE__, "", NULL },
        { __LINE__, "Action=version", NULL },
        { __LINE__, "action[]=version", NULL },
        { __LINE__, "action[0]=version", NULL },
        { __LINE__, "action%00=version", NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct slice found = read_query(rows[i].query, *state).values[YOURLS_ACTION];
        if ((found.at == NULL) != (rows[i].action == NULL))
            fail_msg("line %d", rows[i].line);
        expect(rows[i].line, found, rows[i].action);
    }
}

static void credentials(void **state)
{
    static const struct {
        int line;
        const char *query;
        const char *key;
    } rows[] = {
        { __LINE__, "signature=k", "k" },
        { __LINE__, "username=u&password=k", "k" },
        { __LINE__, "signature=&username=u&password=k", "k" },
        { __LINE__, "signature=s&username=u&password=k", "s" },
        { __LINE__, "signature=k&timestamp=1", "" },
        { __LINE__, "signature=k&timestamp=", "" },
        { __LINE__, "password=k", "" },
        { __LINE__, "username=&password=k", "" },
        { __LINE__, "username=u", "" },
        { __LINE__, "", "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct yourls_parameters given = read_query(rows[i].query, *state);
        expect(rows[i].line, yourls_credential(&given), rows[i].key);
    }
}

static void callbacks(void **state)
{
    static const struct {
        int line;
        const char *query;
        const char *name;
    } rows[] = {
        { __LINE__, "callback=cb", "cb" },
        { __LINE__, "jsonp=cb", "cb" },
        { __LINE__, "callback=a&jsonp=b", "a" },
        { __LINE__, "callback=&jsonp=b", "" },
        { __LINE__, "callback=$_.a9", "$_.a9" },
        { __LINE__, "callback=__yourls1_jsonp[1]", "__yourls1_jsonp[1]" },
        { __LINE__, "callback=a[12][3].b", "a[12][3].b" },
        { __LINE__, "callback=a[]", "" },
        { __LINE__, "callback=a[", "" },
        { __LINE__, "callback=a[1", "" },
        { __LINE__, "callback=a[b]", "" },
        { __LINE__, "callback=a]", "" },
        { __LINE__, "callback=a(1)", "" },
        { __LINE__, "callback=a-b", "" },
        { __LINE__, "callback=a%00", "" },
        { __LINE__, "callback=%C3%A9", "" },
        { __LINE__, "", "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct yourls_parameters given = read_query(rows[i].query, *state);
        expect(rows[i].line, yourls_callback(&given), rows[i].name);
    }
    char longest[YOURLS_CALLBACK_MAX + 2];
    memset(longest, 'x', sizeof(longest));
    struct yourls_parameters given = { .values = { { NULL, 0 } } };
    given.values[YOURLS_CALLBACK] = (struct slice){ longest, YOURLS_CALLBACK_MAX };
    assert_int_equal(yourls_callback(&given).len, YOURLS_CALLBACK_MAX);
    given.values[YOURLS_CALLBACK].len++;
    assert_int_equal(yourls_callback(&given).len, 0);
}

static void keywords(void **state)
{
    static const struct {
        int line;
        const char *given, *in_36, *in_62;
    } rows[] = {
        { __LINE__, "abc", "abc", "abc" },
        { __LINE__, "Free1", "ree1", "Free1" },
        { __LINE__, "ABc-\xC3\xA9.1", "c1", "ABc1" },
        { __LINE__, "my_key", "mykey", "mykey" },
        { __LINE__, "my key", "mykey", "mykey" },
        { __LINE__, "-_.", "", "" },
        { __LINE__, "", "", "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct slice given = slice_of(rows[i].given);
        expect(rows[i].line, yourls_clean_keyword(given, YOURLS_CHARSET_36, *state), rows[i].in_36);
        expect(rows[i].line, yourls_clean_keyword(given, YOURLS_CHARSET_62, *state), rows[i].in_62);
    }
}

static void titles(void **state)
{
    static const struct {
        int line;
        const char *given, *title;
    } rows[] = {
        { __LINE__, " a \t\n b ", "a b" },
        { __LINE__, "a <b>b</b><!-- c --> d<br/>", "a b d" },
        { __LINE__, "1 < 2 > 1 &amp; \"'", "1 < 2 > 1 &amp; \"'" },
        { __LINE__, "a <b", "a <b" },
        { __LINE__, "<i></i>", "" },
        { __LINE__, "a\001b", "ab" },
        { __LINE__, "\xC3\xA9\xFF\xC3\xA9", "\xC3\xA9" },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        expect(rows[i].line, yourls_clean_title(slice_of(rows[i].given), *state), rows[i].title);
    char longest[LINK_TITLE_MAX + 2];
    memset(longest, 'x', sizeof(longest));
    longest[LINK_TITLE_MAX - 1] = '\xC3';
    longest[LINK_TITLE_MAX] = '\xA9';
    const struct slice given = { longest, LINK_TITLE_MAX + 1 };
    assert_int_equal(yourls_clean_title(given, *state).len, LINK_TITLE_MAX - 1);
}

static void urls(void **state)
{
    static const struct {
        int line;
        const char *given, *url;
    } rows[] = {
        { __LINE__, " https://a.example/ ", "https://a.example/" },
        { __LINE__, "http://http://a.example", "http://a.example" },
        { __LINE__, "http://https://a.example", "https://a.example" },
        { __LINE__, "https://http://a.example", "https://http://a.example" },
        { __LINE__, "a.example/x:y", "http://a.example/x:y" },
        { __LINE__, "192.0.2.1:80/x", "http://192.0.2.1:80/x" },
        { __LINE__, "a.example:80/x", "a.example:80/x" },
        { __LINE__, "//a.example/x", "http://a.example/x" },
        { __LINE__, "/path.html", "/path.html" },
        { __LINE__, "word", "word" },
        { __LINE__, ".x", ".x" },
        { __LINE__, "mailto:a@b.example", "mailto:a@b.example" },
        { __LINE__, "", "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        expect(rows[i].line, yourls_clean_url(slice_of(rows[i].given), *state), rows[i].url);
}

static void shown_urls(void **state)
{
    (void)state;
    char shown[YOURLS_SHOWN_SIZE];
    char longest[YOURLS_SHOWN_MAX + 1];
    memset(longest, 'x', sizeof(longest));
    yourls_shown_url((struct slice){ longest, YOURLS_SHOWN_MAX }, shown);
    assert_int_equal(strlen(shown), YOURLS_SHOWN_MAX);
    yourls_shown_url((struct slice){ longest, YOURLS_SHOWN_MAX + 1 }, shown);
    assert_int_equal(strlen(shown), YOURLS_SHOWN_CUT + 5);
    assert_string_equal(shown + YOURLS_SHOWN_CUT, "[...]");
    yourls_shown_url(SLICE(""), shown);
    assert_string_equal(shown, "");
}

static void codes(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *given, *code;
    } rows[] = {
        { __LINE__, " abc ", "abc" },
        { __LINE__, "http://sho.rt/s/abc", "abc" },
        { __LINE__, "http://sho.rt/s/abc/", "abc/" },
        { __LINE__, "http://sho.rt/s/", "" },
        { __LINE__, "http://sho.rt/s", "http://sho.rt/s" },
        { __LINE__, "http://sho.rt/sabc", "http://sho.rt/sabc" },
        { __LINE__, "sho.rt/s/abc", "sho.rt/s/abc" },
        { __LINE__, "", "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        expect(rows[i].line, yourls_code_of(slice_of(rows[i].given), SLICE("http://sho.rt/s")),
               rows[i].code);
}

static void answers(void **state)
{
    static const struct {
        int line;
        const char *query, *type, *body;
    } rows[] = {
        { __LINE__, "format=json", "application/json; charset=utf-8",
          "{\"t\":\"\\/"
          "\\\"\\\\\\n\\u0001<&'\\u00e9\\ud83d\\ude00\\ufffd\",\"o\":{\"n\":7},\"e\":\"\"}" },
        { __LINE__, "format=jsonp&callback=c[1]", "application/javascript; charset=utf-8",
          "c[1]({\"t\":\"\\/"
          "\\\"\\\\\\n\\u0001<&'\\u00e9\\ud83d\\ude00\\ufffd\",\"o\":{\"n\":7},\"e\":\"\","
          "\"callback\":\"c[1]\"})" },
        { __LINE__, "", "application/xml; charset=utf-8",
          "<?xml version=\"1.0\" "
          "encoding=\"UTF-8\"?>\n<root><t>/\"\\\n\xEF\xBF\xBD&lt;&amp;'\xC3\xA9"
          "\xF0\x9F\x98\x80\xEF\xBF\xBD</t><o><n>7</n></o><e></e></root>\n" },
        { __LINE__, "format=simple&callback=c", "text/plain; charset=utf-8", "whole" },
        { __LINE__, "format=JSON", "text/plain; charset=utf-8", "whole" },
        { __LINE__, "format=", "text/plain; charset=utf-8", "whole" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct yourls_parameters given = read_query(rows[i].query, *state);
        struct yourls_out out = yourls_out_begin(&given, *state);
        out.simple = SLICE("whole");
        yourls_out_text(&out, "t", SLICE("/\"\\\n\001<&'\xC3\xA9\xF0\x9F\x98\x80\xFF"));
        yourls_out_open(&out, "o");
        yourls_out_number(&out, "n", 7);
        yourls_out_close(&out, "o");
        yourls_out_text(&out, "e", SLICE(""));
        const struct yourls_answer answer = yourls_out_end(&out, 200);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.type, rows[i].type);
        expect(rows[i].line, answer.body, rows[i].body);
    }
}

static void an_answer_that_does_not_fit_is_503(void **state)
{
    const struct yourls_parameters given = read_query("format=json", *state);
    struct arena *small = arena_new(256);
    struct yourls_out out = yourls_out_begin(&given, small);
    for (int i = 0; i < 100; i++)
        yourls_out_text(&out, "name", SLICE("a text"));
    const struct yourls_answer answer = yourls_out_end(&out, 200);
    assert_int_equal(answer.status, 503);
    assert_int_equal(answer.body.len, 0);
    arena_free(&small);
}

static void refusals(void **state)
{
    static const struct {
        int line;
        const char *query;
        int status;
        const char *body;
    } rows[] = {
        { __LINE__, "format=simple", 403, "Please log in" },
        { __LINE__, "format=simple&username=", 403, "Invalid username or password" },
        { __LINE__, "format=json&callback=c", 403,
          "{\"message\":\"Please log in\",\"errorCode\":\"403\",\"callback\":\"c\"}" },
        { __LINE__, "format=json&jsonp=c", 403,
          "{\"message\":\"Please log in\",\"errorCode\":\"403\",\"callback\":\"\"}" },
        { __LINE__, "format=json&callback=%3Cc", 403,
          "{\"message\":\"Please log in\",\"errorCode\":\"403\",\"callback\":\"\"}" },
        { __LINE__, "format=jsonp&callback=c", 403,
          "c({\"message\":\"Please log in\",\"errorCode\":\"403\",\"callback\":\"c\"})" },
        { __LINE__, "format=jsonp&jsonp=c", 400,
          "{\"errorCode\":\"400\",\"error\":\"Invalid callback parameter\"}" },
        { __LINE__, "format=jsonp", 400,
          "{\"errorCode\":\"400\",\"error\":\"Invalid callback parameter\"}" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct yourls_parameters given = read_query(rows[i].query, *state);
        const struct yourls_answer answer = yourls_refuse(&given, NULL, *state);
        assert_int_equal(answer.status, rows[i].status);
        expect(rows[i].line, answer.body, rows[i].body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(parameters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(credentials, set_up, tear_down),
        cmocka_unit_test_setup_teardown(callbacks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keywords, set_up, tear_down),
        cmocka_unit_test_setup_teardown(titles, set_up, tear_down),
        cmocka_unit_test_setup_teardown(urls, set_up, tear_down),
        cmocka_unit_test(shown_urls),
        cmocka_unit_test(codes),
        cmocka_unit_test_setup_teardown(answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_answer_that_does_not_fit_is_503, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refusals, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("yourls", tests, NULL, NULL);
}
