/* SPDX-License-Identifier: MIT */
/* Bodies that could be read in more than one way are refused. Quotes are written as '. */
#include <string.h>

#include "base/buf.h"
#include "support/web_site.h"

#define URLS "/api/v1/urls"
#define MAKE "POST", URLS, "ann"
#define BULK "POST", URLS "/bulk", "ann"
#define URL  "'long_url':'http://a.example/'"

static void no_member_comes_twice(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{" URL "," URL "}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'long_url':null}", 400, "two members of the same name" },
        { MAKE, "{" URL ",'long\\u005furl':'http://b.example/'}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'x':{'y':1,'y':1}}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'tags':[{'y':1,'y':1}]}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'title':'a','title':'b'}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'expires_at':null,'expires_at':null}", 400, "'invalid_json'" },
        { MAKE, "{'custom_alias':'first'," URL "}", 201 },
        { "PATCH", URLS "/first", "ann", "{'title':'a','title':'b'}", 400, "'invalid_json'" },
        { "PUT", URLS "/first", "ann", "{'title':'a','title':null}", 400, "'invalid_json'" },
        { "GET", URLS "/first", "ann", NULL, 200, "'title':null" },
        { BULK, "{'links':[{" URL "}],'links':[{" URL "}]}", 400, "'invalid_json'" },
        { BULK, "{'links':[{" URL "," URL "}]}", 400, "'invalid_json'" },
        { "POST", "/api/v1/keys", "ann", "{'name':'a','name':'b'}", 400, "'invalid_json'" },
        { "POST", "/api/v1/keys", "root", "{'role':'user','role':'admin'}", 400, "'invalid_json'" },
    };
    SEND_ALL(*state, ROWS);
}

static void no_name_ends_early(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url\\u0000x':'http://a.example/'}", 400, "'invalid_json'" },
        { MAKE, "{'long_url\\u0000':'http://a.example/'}", 400, "has a NUL in it" },
        { MAKE, "{" URL ",'\\u0000':1}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'long_url\\u0000x':'http://b.example/'}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'x':{'\\u0000':1}}", 400, "'invalid_json'" },
        { BULK, "{'links\\u0000x':[{" URL "}]}", 400, "'invalid_json'" },
        { BULK, "{'links':[{'long_url\\u0000x':'http://a.example/'}]}", 400, "'invalid_json'" },
        { "POST", "/api/v1/keys", "root", "{'role\\u0000x':'admin'}", 400, "'invalid_json'" },
    };
    SEND_ALL(*state, ROWS);
}

/* What looks like names, colons, escapes and NULs inside values is text. */
static void values_are_no_names(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{" URL ",'title':'a:b:c'}", 201, "'title':'a:b:c'" },
        { MAKE, "{" URL ",'title':'\\'title\\':\\'x\\''}", 201 },
        { MAKE, "{" URL ",'title':'\\\\'}", 201 },
        { MAKE, "{" URL ",'title':'\\\\u0000'}", 201, "'title':'\\\\u0000'" },
        { MAKE, "{" URL ",'\\\\u0000':'x'}", 400, "There is no such member." },
        { MAKE, "{" URL ",'tags':['tags',':','title']}", 201 },
        { MAKE, "{ 'long_url' : 'http://a.example/' , 'title' : 'x' }", 201 },
        { MAKE, "{'long_url':'http://a.example/\\u0000x'}", 201, "http://a.example/%00x" },
        { BULK, "{'links':[{" URL "},{" URL "}]}", 207, "'status':201" },
    };
    SEND_ALL(*state, ROWS);
}

/* JSON has numbers that no int64_t has. */
static void no_number_is_cut(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{'custom_alias':'spring'," URL "}", 201 },
        { MAKE, "{" URL ",'max_clicks':9007199254740991}", 201, "'max_clicks':9007199254740991" },
        { MAKE, "{" URL ",'max_clicks':9223372036854775807}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':9223372036854775808}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':18446744073709551615}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':18446744073709551616}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':18446744073709551617}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':-9223372036854775808}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':-9223372036854775809}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':1e999}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'title':18446744073709551616}", 400, "'field':'title'" },
        { "PATCH", URLS "/spring", "ann", "{'max_clicks':18446744073709551616}", 400,
          "'field':'max_clicks'" },
        { BULK, "{'links':[{" URL ",'max_clicks':18446744073709551616}]}", 207,
          "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':99999999999999999999}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':-99999999999999999999}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':1e3}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':01}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'ttl_seconds':99999999999999999999}", 400, "'field':'ttl_seconds'" },
        { MAKE, "{" URL ",'ttl_seconds':18446744073709551676}", 400, "'field':'ttl_seconds'" },
        { MAKE, "{" URL ",'ttl_seconds':-99999999999999999999}", 400, "'field':'ttl_seconds'" },
        { MAKE, "{" URL ",'redirect_status':4294967598}", 400, "'field':'redirect_status'" },
        { MAKE, "{" URL ",'redirect_status':18446744073709551918}", 400,
          "'field':'redirect_status'" },
    };
    SEND_ALL(*state, ROWS);
}

#define KAESE "K\xC3\xA4se"

/* Letters that are not ASCII, as bytes and as escapes, in all that takes a text. */
static void text_is_utf8(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{'custom_alias':'first','long_url':'https://a.example/" KAESE "?q=" KAESE "'}",
          201, "'long_url':'https://a.example/K%C3%A4se?q=K%C3%A4se'" },
        { MAKE, "{" URL ",'title':'" KAESE "'}", 201, "'title':'" KAESE "'" },
        { MAKE, "{" URL ",'tags':['" KAESE "']}", 201, "'tags':['" KAESE "']" },
        { MAKE, "{'long_url':'https://k\xC3\xA4se.example/'}", 201,
          "https://xn--kse-qla.example/" },
        { MAKE, "{'long_url':'https://a.example/K\\u00e4se'}", 201, "/K%C3%A4se'" },
        { MAKE, "{" URL ",'title':'K\\u00E4se'}", 201, "'title':'" KAESE "'" },
        { MAKE, "{" URL ",'title':'\xF0\x9F\x98\x80'}", 201, "'title':'\xF0\x9F\x98\x80'" },
        { MAKE, "{" URL ",'title':'\\ud83d\\ude00'}", 201, "'title':'\xF0\x9F\x98\x80'" },
        { "PATCH", URLS "/first", "ann", "{'title':'" KAESE "'}", 200, "'title':'" KAESE "'" },
        { BULK, "{'links':[{" URL ",'title':'" KAESE "','tags':['" KAESE "']}]}", 207,
          "'" KAESE "'" },
        { MAKE, "{" URL ",'" KAESE "':1}", 400, "'field':'" KAESE "'" },
        /* Latin-1, an overlong form, a surrogate, past U+10FFFF, and cut off. */
        { MAKE, "{" URL ",'title':'K\xE4se'}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'title':'\xC0\xAF'}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'title':'\xED\xA0\x80'}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'title':'\xF4\x90\x80\x80'}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'title':'\xC3'}", 400, "'invalid_json'" },
    };
    SEND_ALL(*state, ROWS);
}

/* An escape that is half a character reads as U+FFFD. */
static void lone_surrogates_are_replaced(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{" URL ",'title':'a\\ud800b'}", 201, "'title':'a\xEF\xBF\xBD\x62'" },
        { MAKE, "{" URL ",'title':'\\udc00'}", 201, "'title':'\xEF\xBF\xBD'" },
        { MAKE, "{" URL ",'tags':['\\ud800']}", 201, "'tags':['\xEF\xBF\xBD']" },
        { MAKE, "{'long_url':'https://a.example/\\ud800'}", 201, "/%EF%BF%BD'" },
        { MAKE, "{" URL ",'\\ud800':1}", 400, "'invalid_field'" },
        { MAKE, "{" URL ",'title':'\\ud8'}", 400, "'invalid_json'" },
    };
    SEND_ALL(*state, ROWS);
}

#define BOM "\xEF\xBB\xBF"

static void what_is_around_the_object(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, BOM "{'custom_alias':'first'," URL "}", 201 },
        { MAKE, BOM " \r\n\t{" URL "} \n", 201 },
        { "PATCH", URLS "/first", "ann", BOM "{'title':'a'}", 200 },
        { BULK, BOM "{'links':[{" URL "}]}", 207, "'status':201" },
        { MAKE, "{" URL ",'title':'" BOM "'}", 201 },
        { MAKE, BOM BOM "{" URL "}", 400, "'invalid_json'" },
        { MAKE, " " BOM "{" URL "}", 400, "'invalid_json'" },
        { MAKE, "{" URL "}" BOM, 400, "'invalid_json'" },
        { MAKE, BOM, 400, "'invalid_json'" },
        { MAKE, "", 400, "'invalid_json'" },
        { MAKE, "{" URL "}{}", 400, "'invalid_json'" },
        { MAKE, "{" URL "} x", 400, "'invalid_json'" },
        { MAKE, "[{" URL "}]", 400, "'invalid_json'" },
        { MAKE, "null", 400, "the body is not an object" },
        { MAKE, "{" URL ",}", 400, "'invalid_json'" },
        { MAKE, "{" URL "/**/}", 400, "a comment" },
        { MAKE, "{" URL ",'title':NaN}", 400, "'invalid_json'" },
    };
    SEND_ALL(*state, ROWS);
}

#define BYTES(text) .bytes = { (text), sizeof(text) - 1 }

/* A NUL ends neither the text nor what is looked at; quotes of any kind are themselves. */
static void a_nul_ends_nothing(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, NULL, 201, BYTES("{\"long_url\":\"http://a.example/\"}") },
        { MAKE, NULL, 400, "'invalid_json'", BYTES("{\"long_url\":\"http://a.example/\"}\0") },
        { MAKE, NULL, 400, "'invalid_json'", BYTES("{\"long_url\":\"http://a.example/\"}\0{") },
        { MAKE, NULL, 400, "'invalid_json'", BYTES("\0{\"long_url\":\"http://a.example/\"}") },
        { MAKE, NULL, 400, "'invalid_json'", BYTES("{\"long_url\":\"http://a.example/\0\"}") },
        { MAKE, NULL, 400, "'invalid_json'", BYTES("{\0\"long_url\":\"http://a.example/\"}") },
        { MAKE, NULL, 400, "'invalid_json'", BYTES("{'long_url':'http://a.example/'}") },
    };
    SEND_ALL(*state, ROWS);
}

/* --- limits: each is reached, and then passed by one --- */

/* `n` numbers with commas between, after `head` and before `tail`. */
static struct slice repeated(struct web_site *s, const char *head, size_t n, const char *tail)
{
    struct buf body = buf_in(s->arena, 16 << 20);
    buf_add_text(&body, head);
    for (size_t i = 0; i < n; i++)
        buf_printf(&body, "%s%zu", i ? "," : "", i);
    buf_add_text(&body, tail);
    assert_false(body.failed);
    return buf_slice(&body);
}

static void send_bytes(struct web_site *s, struct sent sent, struct slice bytes)
{
    sent.bytes = bytes;
    web_site_send(s, &sent);
}

static void depth_is_limited(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{" URL ",'tags':[[[[[[[1]]]]]]]}", 400, "'field':'tags'" },
        { MAKE, "{" URL ",'tags':[[[[[[[[1]]]]]]]]}", 400, "nested deeper than 8" },
        { MAKE, "{" URL ",'x':{'x':{'x':{'x':{'x':{'x':{'x':{}}}}}}}}", 400, "'field':'x'" },
        { MAKE, "{" URL ",'x':{'x':{'x':{'x':{'x':{'x':{'x':{'x':{}}}}}}}}}", 400,
          "nested deeper than 8" },
    };
    SEND_ALL(*state, ROWS);
}

static void members_are_limited(void **state)
{
    struct web_site *s = *state;
    for (unsigned n = 64; n <= 65; n++) {
        struct buf body = buf_in(s->arena, 4096);
        for (unsigned i = 0; i < n; i++)
            buf_printf(&body, "%c\"m%u\":1", i ? ',' : '{', i);
        buf_add_byte(&body, '}');
        const struct sent all = { MAKE, NULL, 400,
                                  n == 64 ? "'field':'m0'" : "more members than 64" };
        send_bytes(s, all, buf_slice(&body));
    }
}

static void items_are_limited(void **state)
{
    struct web_site *s = *state;
    static const char head[] = "{\"long_url\":\"http://a.example/\",\"tags\":[";
    send_bytes(s, (struct sent){ MAKE, NULL, 400, "'field':'tags'" },
               repeated(s, head, 1000, "]}"));
    send_bytes(s, (struct sent){ MAKE, NULL, 400, "more items than 1000" },
               repeated(s, head, 1001, "]}"));
}

/* Beside the numbers there are the object, the list and five lists in it. */
static void values_are_limited(void **state)
{
    struct web_site *s = *state;
    for (unsigned n = 4096; n <= 4097; n++) {
        struct buf body = buf_in(s->arena, 1 << 16);
        buf_add_text(&body, "{\"tags\":[");
        for (unsigned list = 0; list < 5; list++) {
            buf_add_text(&body, list ? ",[0" : "[0");
            for (unsigned i = 1; i < (list < 4 ? 1000 : n - 4007); i++)
                buf_add_text(&body, ",0");
            buf_add_byte(&body, ']');
        }
        buf_add_text(&body, "]}");
        assert_false(body.failed);
        const struct sent all = { MAKE, NULL, 400,
                                  n == 4096 ? "'field':'tags'" : "more values than 4096" };
        send_bytes(s, all, buf_slice(&body));
    }
}

/* A bulk of links with so many tags each, and the last one with its own number. */
static struct slice many_links(struct web_site *s, unsigned links, unsigned tags, unsigned last)
{
    struct buf body = buf_in(s->arena, 1 << 20);
    buf_add_text(&body, "{\"links\":[");
    for (unsigned link = 0; link < links; link++) {
        buf_printf(&body, "%s{\"long_url\":\"http://a.example/\",\"tags\":[0", link ? "," : "");
        for (unsigned i = 1; i < (link + 1 < links ? tags : last); i++)
            buf_add_text(&body, ",0");
        buf_add_text(&body, "]}");
    }
    buf_add_text(&body, "]}");
    assert_false(body.failed);
    return buf_slice(&body);
}

/* 40 values a link, and the object and its list: 40,002. */
static void a_bulk_is_limited(void **state)
{
    struct web_site *s = *state;
    send_bytes(s, (struct sent){ BULK, NULL, 207, "'field':'tags'" }, many_links(s, 1000, 37, 37));
    send_bytes(s, (struct sent){ BULK, NULL, 400, "more values than 40002" },
               many_links(s, 1000, 37, 38));
    send_bytes(s, (struct sent){ BULK, NULL, 400, "list of 1 to 1000 links" },
               many_links(s, 1001, 1, 1));
}

/* --- a link --- */

/* The body of the answer, with ' for every quote. */
static const char *answer(struct web_site *s, const struct sent *sent)
{
    struct exchange x = web_site_send(s, sent);
    char *text = (char *)(uintptr_t)arena_copy(s->arena, x.response.body);
    for (char *at = text; at && *at; at++)
        *at = *at == '"' ? '\'' : *at;
    return text;
}

/* The bytes of a link, whole and bare, as they have always been. */
static void a_link_is_these_bytes(void **state)
{
    const char *whole = answer(
        *state, &(struct sent){ MAKE,
                                "{'long_url':'HTTP://A.example/a/b?c=d','custom_alias':'spring',"
                                "'title':' A title ','tags':['b','a','b'],'redirect_status':308,"
                                "'forward_query':true,'extra_path':'append',"
                                "'starts_at':'2027-02-01T00:00:00Z',"
                                "'expires_at':'2027-03-01T00:00:00Z','max_clicks':7,"
                                "'expired_url':' HTTP://A.example/after',"
                                "'not_started_url':'http://a.example:80/before'}",
                                201 });
    assert_string_equal(
        whole, "{'code':'spring','short_url':'https://s.example/spring','long_url':"
               "'http://a.example/a/b?c=d','custom_alias':'spring','aliases':['spring'],"
               "'title':'A title','tags':['a','b'],'redirect_status':308,"
               "'forward_query':true,'extra_path':'append',"
               "'created_at':'2027-01-15T08:00:00Z','updated_at':"
               "'2027-01-15T08:00:00Z','starts_at':'2027-02-01T00:00:00Z','expires_at':"
               "'2027-03-01T00:00:00Z','max_clicks':7,'expired_url':'http://a.example/after',"
               "'not_started_url':'http://a.example/before','clicks':0,'clicks_imported':0,'"
               "owner':'ann','state':"
               "'scheduled'}");
    const char *bare =
        answer(*state, &(struct sent){ "PATCH", URLS "/spring", "ann",
                                       "{'title':null,'tags':null,"
                                       "'redirect_status':null,"
                                       "'forward_query':null,'extra_path':null,'starts_at':null,"
                                       "'expires_at':null,'max_clicks':null,'expired_url':null,"
                                       "'not_started_url':null}",
                                       200 });
    assert_string_equal(bare,
                        "{'code':'spring','short_url':'https://s.example/spring','long_url':"
                        "'http://a.example/a/b?c=d','custom_alias':'spring','aliases':['spring'],"
                        "'title':null,'tags':[],'redirect_status':302,'forward_query':false,"
                        "'extra_path':null,"
                        "'created_at':'2027-01-15T08:00:00Z','updated_at':'2027-01-15T08:00:00Z',"
                        "'starts_at':null,'expires_at':null,'max_clicks':null,'expired_url':null,"
                        "'not_started_url':null,'clicks':0,'clicks_"
                        "imported':0,'owner':"
                        "'ann','state':'live'}");
}

#define LONG_TEXT                                                      \
    "0123456789012345678901234567890123456789012345678901234567890123" \
    "0123456789012345678901234567890123456789012345678901234567890123" \
    "0123456789012345678901234567890123456789012345678901234567890123" \
    "0123456789012345678901234567890123456789012345678901234567890123"
#define TAGS_21 \
    "'1','2','3','4','5','6','7','8','9','a','b','c','d','e','f','g','h','i','j','k','l'"

static const struct {
    struct sent sent;
    const char *code; /* members of the problem */
    const char *field;
    const char *detail; /* its beginning */
} REFUSED[] = {
    { { MAKE, "{}", 400 }, "invalid_url", "long_url", "The long URL is missing." },
    { { MAKE, "{'long_url':7}", 400 }, "invalid_field", "long_url", "This must be a string." },
    { { MAKE, "{'long_url':'x'}", 400 }, "invalid_url", "long_url", "" },
    { { MAKE, "{'long_url':'mailto:x'}", 400 }, "unsupported_scheme", "long_url", "" },
    { { MAKE, "{'long_url':'https://s.example/x'}", 400 },
      "url_is_short_url",
      "long_url",
      "the URL is one of this shortener's own" },
    { { MAKE, "{" URL ",'custom_alias':'a b'}", 400 }, "invalid_alias", "custom_alias", "" },
    { { MAKE, "{" URL ",'custom_alias':'login'}", 400 }, "reserved_alias", "custom_alias", "" },
    { { MAKE, "{" URL ",'expires_at':'soon'}", 400 }, "invalid_time", "expires_at", "This " },
    { { MAKE, "{" URL ",'expiry_date':'2027-01-15T08:00:00Z'}", 400 },
      "invalid_time",
      "expiry_date",
      "This is in the past." },
    { { MAKE, "{" URL ",'ttl_seconds':0}", 400 },
      "invalid_time",
      "ttl_seconds",
      "This must be a number of seconds" },
    { { MAKE, "{" URL ",'ttl_seconds':9,'expires_at':'2028-01-15T08:00:00Z'}", 400 },
      "invalid_field",
      "expires_at",
      "This field is given twice" },
    { { MAKE, "{" URL ",'starts_at':'1960-01-01T00:00:00Z'}", 400 },
      "invalid_time",
      "starts_at",
      "This is before 1970." },
    { { MAKE, "{" URL ",'starts_at':'2028-01-01T00:00:00Z','expires_at':'2027-12-31T00:00:00Z'}",
        400 },
      "invalid_time",
      "starts_at",
      "starts_at is not before expires_at" },
    { { MAKE, "{" URL ",'max_clicks':0}", 400 },
      "invalid_field",
      "max_clicks",
      "This must be a number of at least 1." },
    { { MAKE, "{" URL ",'max_clicks':9007199254740992}", 400 },
      "invalid_field",
      "max_clicks",
      "max_clicks is a number from 1 to 2^53 - 1" },
    { { MAKE, "{" URL ",'redirect_status':200}", 400 },
      "invalid_field",
      "redirect_status",
      "This must be 301, 302, 303, 307 or 308." },
    { { MAKE, "{" URL ",'expired_url':'ftp://a.example/'}", 400 },
      "unsupported_scheme",
      "expired_url",
      "the scheme " },
    { { MAKE, "{" URL ",'not_started_url':'https://s.example/x'}", 400 },
      "url_is_short_url",
      "not_started_url",
      "the URL is one of this shortener's own" },
    { { MAKE, "{" URL ",'expired_url':7}", 400 },
      "invalid_field",
      "expired_url",
      "This must be a string." },
    { { MAKE, "{" URL ",'extra_path':'drop'}", 400 },
      "invalid_field",
      "extra_path",
      "This must be 404, append or ignore." },
    { { MAKE, "{" URL ",'extra_path':404}", 400 },
      "invalid_field",
      "extra_path",
      "This must be a string." },
    { { MAKE, "{" URL ",'forward_query':1}", 400 },
      "invalid_field",
      "forward_query",
      "This must be true or false." },
    { { MAKE, "{" URL ",'reuse':1}", 400 },
      "invalid_field",
      "reuse",
      "This must be true or false." },
    { { MAKE, "{" URL ",'title':'" LONG_TEXT "'}", 400 },
      "invalid_field",
      "title",
      "title is at most 255 bytes of UTF-8 without control characters" },
    { { MAKE, "{" URL ",'tags':7}", 400 },
      "invalid_field",
      "tags",
      "This must be a list of at most 20 strings." },
    { { MAKE, "{" URL ",'tags':[" TAGS_21 "]}", 400 },
      "invalid_field",
      "tags",
      "This must be a list of at most 20 strings." },
    { { MAKE, "{" URL ",'tags':['']}", 400 },
      "invalid_field",
      "tags",
      "a tag is 1 to 50 bytes of UTF-8 without control characters" },
    { { MAKE, "{'tags':[''],'title':'" LONG_TEXT "','custom_alias':'a b','long_url':'x'}", 400 },
      "invalid_url",
      "long_url",
      "" },
    { { MAKE, "{'tags':[''],'title':'" LONG_TEXT "'," URL ",'max_clicks':9007199254740992}", 400 },
      "invalid_field",
      "max_clicks",
      "" },
    { { MAKE, "{'tags':[''],'title':'" LONG_TEXT "'," URL "}", 400 },
      "invalid_field",
      "title",
      "" },
    { { MAKE, "{" URL ",'tiitle':''}", 400 },
      "invalid_field",
      "tiitle",
      "There is no such member; did you mean title?" },
    { { MAKE, "{'custom_alias':'taken'," URL "}", 201 } },
    { { MAKE, "{'custom_alias':'taken'," URL "}", 409 },
      "alias_taken",
      "custom_alias",
      "the alias is taken" },
    { { "PATCH", URLS "/taken", "ann", "{'long_url':null}", 400 },
      "invalid_url",
      "long_url",
      "The long URL cannot be removed." },
    { { "PATCH", URLS "/taken", "ann", "{'title':'" LONG_TEXT "'}", 400 },
      "invalid_field",
      "title",
      "title is at most" },
    { { "PATCH", URLS "/taken", "ann", "{'reuse':true}", 400 },
      "invalid_field",
      "reuse",
      "There is no such member" },
    { { "PATCH", URLS "/taken", "ann", "{'code':'other'}", 400 },
      "invalid_field",
      "code",
      "This cannot be changed." },
    { { "PATCH", URLS "/taken", "ann", "{'clicks_imported':9}", 400 },
      "invalid_field",
      "clicks_imported",
      "This cannot be changed." },
    { { "PATCH", URLS "/taken", "ann", "{'clicks':9}", 400 },
      "invalid_field",
      "clicks",
      "This cannot be changed." },
    { { "PATCH", URLS "/taken", "ann", "{'used':9}", 400 },
      "invalid_field",
      "used",
      "There is no such member" },
};

/* A field that is refused is named; of several the first in the order of the checks, first of the
 * body's members one by one, then of their values. */
static void a_refused_field_is_named(void **state)
{
    struct web_site *s = *state;
    for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
        struct exchange x = web_site_send(s, &REFUSED[i].sent);
        if (!REFUSED[i].code)
            continue;
        const char *code = web_site_member(s, &x, "code");
        const char *field = web_site_member(s, &x, "field");
        const char *detail = web_site_member(s, &x, "detail");
        if (!code || !field || !detail || strcmp(code, REFUSED[i].code) != 0 ||
            strcmp(field, REFUSED[i].field) != 0 ||
            strncmp(detail, REFUSED[i].detail, strlen(REFUSED[i].detail)) != 0)
            fail_msg("row %zu: %s %s %s", i, code, field, detail);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_member_comes_twice, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(no_name_ends_early, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(values_are_no_names, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(no_number_is_cut, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(text_is_utf8, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(lone_surrogates_are_replaced, web_site_set_up,
                                        web_site_tear_down),
        cmocka_unit_test_setup_teardown(what_is_around_the_object, web_site_set_up,
                                        web_site_tear_down),
        cmocka_unit_test_setup_teardown(a_nul_ends_nothing, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(depth_is_limited, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(members_are_limited, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(items_are_limited, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(values_are_limited, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(a_bulk_is_limited, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(a_link_is_these_bytes, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(a_refused_field_is_named, web_site_set_up,
                                        web_site_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
