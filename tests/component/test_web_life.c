/* SPDX-License-Identifier: MIT */
/* The life of links and keys in whole requests over the fakes. Quotes in bodies are written as '.
 */
#include <stdio.h>
#include <string.h>

#include "fakes/db_fake.h"
#include "support/web_site.h"

#define URLS "/api/v1/urls"
#define MAKE "POST", URLS, "ann"

static bool header_is(const struct exchange *x, const char *name, const char *value)
{
    return slice_eq(http_header_get(&x->response, name), slice_of(value));
}

static void location_is(struct web_site *s, const char *target, int status, const char *location)
{
    struct exchange x =
        web_site_send(s, &(struct sent){ "GET", target, .status = status, .headers = FIREFOX });
    if (!header_is(&x, "Location", location))
        fail_msg("%s leads to %.*s", target, SLICE_ARG(http_header_get(&x.response, "Location")));
}

static void a_create_takes_everything(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE,
          "{'long_url':'http://a.example/','custom_alias':'all-of-it','title':' Spring sale ',"
          "'tags':['sale',' b ','sale'],'starts_at':'2026-01-01T00:00:00Z','ttl_seconds':60,"
          "'max_clicks':5,'redirect_status':307,'forward_query':true}",
          201, "'custom_alias':'all-of-it','aliases':['all-of-it'],'title':'Spring sale'" },
        { "GET", URLS "/all-of-it", "ann", NULL, 200, "'tags':['b','sale']" },
        { "GET", URLS "/all-of-it", "ann", NULL, 200, "'max_clicks':5" },
        { "GET", URLS "/all-of-it", "ann", NULL, 200, "'starts_at':'2026-01-01T00:00:00Z'" },
        { MAKE, "{'long_url':'http://a.example/','title':null,'tags':null,'max_clicks':null}", 201,
          "'title':null,'tags':[]" },
        { MAKE, "{'long_url':'http://a.example/','title':'a\\nb'}", 400, "'field':'title'" },
        { MAKE, "{'long_url':'http://a.example/','tags':['a',5]}", 400, "'field':'tags'" },
        { MAKE, "{'long_url':'http://a.example/','tags':['a',null]}", 400, "'field':'tags'" },
        { MAKE, "{'long_url':'http://a.example/','tags':'a'}", 400, "'field':'tags'" },
        { MAKE, "{'long_url':'http://a.example/','tags':['']}", 400, "'field':'tags'" },
        { MAKE, "{'long_url':'http://a.example/','tags':['a\\u0000b']}", 400, "'field':'tags'" },
        { MAKE,
          "{'long_url':'http://a.example/','tags':"
          "['012345678901234567890123456789012345678901234567890']}",
          400, "'field':'tags'" },
        { MAKE,
          "{'long_url':'http://a.example/','tags':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}",
          400, "'field':'tags'" },
        { MAKE, "{'long_url':'http://a.example/','max_clicks':0}", 400, "'field':'max_clicks'" },
        { MAKE, "{'long_url':'http://a.example/','max_clicks':-1}", 400, "'field':'max_clicks'" },
        { MAKE, "{'long_url':'http://a.example/','max_clicks':9007199254740992}", 400,
          "'field':'max_clicks'" },
        { MAKE, "{'long_url':'http://a.example/','max_clicks':1.5}", 400, "'field':'max_clicks'" },
        { MAKE, "{'long_url':'http://a.example/','forward_query':1}", 400,
          "'field':'forward_query'" },
        { MAKE, "{'long_url':'http://a.example/','starts_at':'soon'}", 400, "'field':'starts_at'" },
        { MAKE, "{'long_url':'http://a.example/','starts_at':'1969-01-01'}", 400,
          "'field':'starts_at'" },
        { MAKE,
          "{'long_url':'http://a.example/','starts_at':'2030-01-01','expires_at':'2029-01-01'}",
          400, "'field':'starts_at'" },
    };
    SEND_ALL(*state, ROWS);
}

static void a_change_changes_what_it_names(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/1','custom_alias':'one','title':'T','tags':['x']}",
          201 },
        { "PATCH", URLS "/one", "ann", "{'long_url':'http://a.example/2'}", 200,
          "'title':'T','tags':['x']" },
        { "PUT", URLS "/one", "ann", "{'title':null}", 200, "'title':null,'tags':['x']" },
        { "PATCH", URLS "/one", "ann", "{'tags':[],'redirect_status':301}", 200, "'tags':[]" },
        { "PATCH", URLS "/one", "ann", "{'redirect_status':null}", 200, "'redirect_status':302" },
        { "PATCH", URLS "/one", "ann", "{'ttl_seconds':60}", 200,
          "'expires_at':'2027-01-15T08:01:00Z'" },
        { "PATCH", URLS "/one", "ann", "{'starts_at':'2028-01-01'}", 400, "'field':'starts_at'" },
        { "PATCH", URLS "/one", "ann", "{'expires_at':null,'forward_query':true}", 200,
          "'expires_at':null" },
        { "PATCH", URLS "/one", "root", "{'title':'by root'}", 200, "'owner':'ann'" },
        { "PATCH", URLS "/one", "ann", "{}", 200, "'title':'by root'" },
        { "PATCH", URLS "/one", "ann", "{'reuse':true}", 400, "'field':'reuse'" },
        { "PATCH", URLS "/one", "ann", "{'titel':'x'}", 400, "did you mean title?" },
        { "PATCH", URLS "/one", "ann", "{'long_url':null}", 400, "'invalid_url'" },
        { "PATCH", URLS "/one", "ann", "{'long_url':'https://s.example/x'}", 400,
          "'url_is_short_url'" },
        { "PATCH", URLS "/one", "bob", "{'title':'mine'}", 404 },
        { "PATCH", URLS "/none", "ann", "{'title':'x'}", 404 },
        { "PATCH", URLS "/o.e", "ann", "{'title':'x'}", 404 },
    };
    SEND_ALL(s, ROWS);
    location_is(s, "/one?a=1", 302, "http://a.example/2?a=1");
}

/* As SMS gateways and phones escape a link, and as it is copied out of a sentence. */
static void a_link_is_found_however_it_arrives(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/','custom_alias':'my_link-1'}", 201 },
        { "GET", "/my%5Flink-1", NULL, NULL, 302 },
        { "HEAD", "/%6Dy%5Flink%2D1", NULL, NULL, 302 },
        { "GET", URLS "/my%5Flink-1", "ann", NULL, 200, "'code':'my_link-1'" },
        { "GET", URLS "/my%5Flink-1/stats", "ann", NULL, 200, "'code':'my_link-1'" },
        { "PATCH", URLS "/my%5flink-1", "ann", "{'title':'x'}", 200, "'title':'x'" },
        { "GET", "/%61pi/v1/urls/my_link-1", "ann", NULL, 200 },
        { "GET", "/my%2Flink-1", NULL, NULL, 404 },
        { "GET", "/my%255Flink-1", NULL, NULL, 404 },
        { "GET", "/my_link-1.", NULL, NULL, 302 },
        { "GET", "/my_link-1),", NULL, NULL, 302 },
        { "GET", "/my_link-1%20?x=1", NULL, NULL, 302 },
        { "GET", "/my%5Flink-1%E2%80%8B/", NULL, NULL, 302 },
        { "GET", "/my_link-1.html", NULL, NULL, 404 },
        { "GET", "/my_link-1/more", NULL, NULL, 404 },
        { "GET", "/.my_link-1", NULL, NULL, 404 },
        { "GET", "/nothing.ico", NULL, NULL, 404 },
        { "GET", URLS "/my_link-1.", "ann", NULL, 404 }, /* the API is exact */
        { "DELETE", URLS "/my_link-1)", "ann", NULL, 404 },
    };
    SEND_ALL(s, ROWS);
}

static const struct {
    const char *target;
    int status;
    const char *location;
} EXTRA_PATHS[] = {
    { "/plain", 302, "http://a.example/p?q=1#f" },
    { "/plain/", 302, "http://a.example/p?q=1#f" },
    { "/plain/more", 404, "" },
    { "/plain//", 404, "" },
    { "/drops/more/and/more?x=1", 302, "http://a.example/" },
    { "/drops//", 302, "http://a.example/" },
    { "/drops./more", 302, "http://a.example/" },
    { "/drops/../plain", 404, "" },
    { "/adds", 302, "http://a.example/p?q=1#f" },
    { "/adds/?x=1", 302, "http://a.example/p?q=1&x=1#f" },
    { "/adds/more?x=1", 302, "http://a.example/p/more?q=1&x=1#f" },
    { "/adds/more/", 302, "http://a.example/p/more/?q=1#f" },
    { "/adds//more", 302, "http://a.example/p//more?q=1#f" },
    { "/adds//", 302, "http://a.example/p//?q=1#f" },
    { "/%61dds/%7Emo%5Fre%2F%zz", 302, "http://a.example/p/%7Emo%5Fre%2F%zz?q=1#f" },
    { "/adds./more", 302, "http://a.example/p/more?q=1#f" },
    { "https://s.example/adds/more", 302, "http://a.example/p/more?q=1#f" },
    { "/adds/a\\b\"c", 302, "http://a.example/p/a%5Cb%22c?q=1#f" },
    { "/adds/../x", 404, "" },
    { "/adds/x/%2e%2E/y", 404, "" },
    { "/adds/..%2Fx", 404, "" },
    { "/adds%2Fmore", 404, "" },
    { "/nobody/more", 404, "" },
    { "/later/more", 404, "" },
    { "/over/more", 410, "" },
    { "/over-and-refused/more", 404, "" },
    { "/api/more", 404, "" },
    { "/api/v1/more/adds", 404, "" },
    { "/healthz/adds", 404, "" },
    { "/readyz", 200, "" },
    { "/.adds/more", 404, "" },
};

static const struct sent EXTRA_PATH_LINKS[] = {
    { MAKE, "{'long_url':'http://a.example/p?q=1#f','custom_alias':'plain'}", 201,
      "'extra_path':null" },
    { MAKE, "{'long_url':'http://a.example/','custom_alias':'drops','extra_path':'ignore'}", 201,
      "'extra_path':'ignore'" },
    { MAKE,
      "{'long_url':'http://a.example/p?q=1#f','custom_alias':'adds','extra_path':'append',"
      "'forward_query':true}",
      201, "'extra_path':'append'" },
    { MAKE,
      "{'long_url':'http://a.example/','custom_alias':'over','extra_path':'append',"
      "'expires_at':'2027-01-15T08:00:10Z'}",
      201 },
    { MAKE,
      "{'long_url':'http://a.example/','custom_alias':'over-and-refused',"
      "'expires_at':'2027-01-15T08:00:10Z'}",
      201 },
    { MAKE,
      "{'long_url':'http://a.example/','custom_alias':'later','extra_path':'append',"
      "'starts_at':'2028-01-01T00:00:00Z'}",
      201 },
};

static void links_take_paths_as_they_say(void **state)
{
    struct web_site *s = *state;
    SEND_ALL(s, EXTRA_PATH_LINKS);
    s->now += 10;
    for (size_t i = 0; i < sizeof(EXTRA_PATHS) / sizeof(EXTRA_PATHS[0]); i++)
        location_is(s, EXTRA_PATHS[i].target, EXTRA_PATHS[i].status, EXTRA_PATHS[i].location);
}

static void the_site_says_what_paths_mean(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/p','custom_alias':'plain'}", 201 },
        { MAKE, "{'long_url':'http://a.example/p','custom_alias':'refuses','extra_path':'404'}",
          201 },
    };
    SEND_ALL(s, ROWS);
    s->site.extra_path = EXTRA_PATH_IGNORED;
    location_is(s, "/plain/more", 302, "http://a.example/p");
    location_is(s, "/refuses/more", 404, "");
    s->site.extra_path = EXTRA_PATH_APPENDED;
    location_is(s, "/plain/more", 302, "http://a.example/p/more");
    location_is(s, "/refuses/more", 404, "");
    s->services.shortener.urls.max_bytes = 100;
    location_is(s,
                "/plain/0123456789012345678901234567890123456789"
                "0123456789012345678901234567890123456789",
                302,
                "http://a.example/p/0123456789012345678901234567890123456789"
                "0123456789012345678901234567890123456789");
    location_is(s,
                "/plain/0123456789012345678901234567890123456789"
                "01234567890123456789012345678901234567890a",
                404, "");
}

/* A path that the link refuses uses up no click, and neither does a bot; methods are those of the
 * link itself. */
static void a_path_is_a_visit_of_its_link(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE,
          "{'long_url':'http://a.example/p','custom_alias':'once','max_clicks':1,"
          "'extra_path':'append'}",
          201 },
        { MAKE, "{'long_url':'http://a.example/p','custom_alias':'post','redirect_status':307}",
          201 },
        { "GET", "/once/../x", NULL, NULL, 404, .headers = FIREFOX },
        { "GET", "/once/more", NULL, NULL, 200, "<form method='post'>" },
        { "POST", "/once/more", NULL, "curt=continue", 303 },
        { "GET", "/once/more", NULL, NULL, 410, .headers = FIREFOX },
        { "GET", "/once/../x", NULL, NULL, 404, .headers = FIREFOX },
        { "POST", "/post/more", NULL, "x", 405 },
        { "PATCH", URLS "/post", "ann", "{'extra_path':'append'}", 200, "'extra_path':'append'" },
        { "POST", "/post/more", NULL, "x", 307 },
        { "PATCH", URLS "/post", "ann", "{'redirect_status':null}", 200, "'extra_path':'append'" },
        { "POST", "/post/more", NULL, "x", 405 },
        { "OPTIONS", "/post/more", NULL, NULL, 204 },
        { "OPTIONS", "/api/v1/post/more", NULL, NULL, 404 },
        { "PATCH", URLS "/post", "ann", "{'extra_path':null}", 200, "'extra_path':null" },
        { "GET", "/post/more", NULL, NULL, 404 },
    };
    SEND_ALL(s, ROWS);
}

#define FORM "application/x-www-form-urlencoded"

static void an_alias_is_taken_off(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/','custom_alias':'sprnig'}", 201 },
        { "DELETE", URLS "/sprnig/aliases/sprnig", "ann", NULL, 400, "only code" },
        { "PATCH", URLS "/sprnig", "ann", "{'custom_alias':'spring'}", 200 },
        { "GET", "/sprnig", NULL, NULL, 302 },
        { "DELETE", URLS "/sprnig/aliases/other", "ann", NULL, 404 },
        { "DELETE", URLS "/nobody/aliases/sprnig", "ann", NULL, 404 },
        { "DELETE", URLS "/spring/aliases/sprnig", "bob", NULL, 404 },
        { "DELETE", URLS "/spring/aliases/sprnig", NULL, NULL, 401 },
        { "DELETE", URLS "/spring/aliases/sprnig", "ann", NULL, 412, .if_match = "\"1\"" },
        { "GET", URLS "/spring/aliases/sprnig", "ann", NULL, 405 },
        { "DELETE", URLS "/sprnig/aliases/sprnig", "ann", NULL, 200,
          "{'code':'spring','short_url':'https://s.example/spring'", .if_match = "\"2\"" },
        { "GET", "/sprnig", NULL, NULL, 404 },
        { "GET", "/spring", NULL, NULL, 302 },
        { "DELETE", URLS "/spring/aliases/sprnig", "ann", NULL, 404 },
        { MAKE, "{'long_url':'http://b.example/','custom_alias':'sprnig'}", 201 },
        { "GET", "/sprnig", NULL, NULL, 302 },
    };
    SEND_ALL(s, ROWS);
}

/* Bots and prefetches of a link with max_clicks use none and do not see where it leads; the button
 * of their page lets a person through who was taken for a bot. */
static void a_preview_spends_no_click(void **state)
{
    struct web_site *s = *state;
    static const char *const looks[] = {
        "HTTP_USER_AGENT=Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "HTTP_USER_AGENT=",
        FIREFOX "HTTP_SEC_PURPOSE=prefetch",
        FIREFOX "HTTP_PURPOSE=prefetch",
    };
    web_site_send(
        s, &(struct sent){ MAKE,
                           "{'long_url':'http://secret.example/x','custom_alias':'once','title':"
                           "'Fish & <chips>','max_clicks':2,'redirect_status':301}",
                           201 });
    web_site_send(s, &(struct sent){ MAKE,
                                     "{'long_url':'http://secret.example/y','custom_alias':'open'}",
                                     201 });
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        struct exchange x =
            web_site_send(s, &(struct sent){ "GET", "/once", NULL, NULL, 200,
                                             "<h1 dir='auto'>Fish &amp; &lt;chips&gt;</h1>",
                                             .headers = looks[i] });
        assert_null(memmem(x.response.body.at, x.response.body.len, "secret", strlen("secret")));
        assert_true(http_header_get(&x.response, "Location").len == 0);
        x = web_site_send(s,
                          &(struct sent){ "HEAD", "/once", NULL, NULL, 200, .headers = looks[i] });
        assert_true(http_header_get(&x.response, "Location").len == 0);
        web_site_send(s, &(struct sent){ "GET", "/open", NULL, NULL, 302, .headers = looks[i] });
    }
    static const struct sent ROWS[] = {
        { "POST", "/once", NULL, "curt=other", 405 },
        { "POST", "/once", NULL, "curt=continue", 303, .type = FORM,
          .headers = "HTTP_USER_AGENT=" },
        { "HEAD", "/once", NULL, NULL, 301, .headers = FIREFOX },
        { "GET", "/once", NULL, NULL, 301, .headers = FIREFOX },
        { "GET", "/once", NULL, NULL, 410, .headers = FIREFOX },
        { "GET", "/once", NULL, NULL, 410, .headers = "HTTP_USER_AGENT=" },
        { "POST", "/once", NULL, "curt=continue", 410, .type = FORM },
        { "POST", "/open", NULL, "curt=continue", 405, .type = FORM },
    };
    SEND_ALL(s, ROWS);
}

/* As a bookmarklet or `curl -d` sends it. */
static void a_form_makes_a_link(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { "POST", URLS, "ann", "long_url=http%3A%2F%2Fa.example%2F%3Fx%3D1%26y&title=Two+words",
          201,
          "'long_url':'http://a.example/?x=1&y','custom_alias':null,'aliases':[],'title':'Two "
          "words'",
          .type = FORM },
        { "POST", "/shorten", "ann",
          "long_url=http://a.example/"
          "&custom_alias=by-form&tags=b,+a&redirect_status=307&max_clicks=5"
          "&forward_query=on&ttl_seconds=60&reuse=",
          201, "'custom_alias':'by-form'", .type = FORM "; charset=UTF-8" },
        { "GET", URLS "/by-form", "ann", NULL, 200,
          "'tags':['a','b'],'redirect_status':307,'forward_query':true" },
        { "GET", URLS "/by-form", "ann", NULL, 200,
          "'expires_at':'2027-01-15T08:01:00Z','max_clicks':5" },
        { "POST", URLS, "ann", "url=http://a.example/", 400, "did you mean long_url?",
          .type = FORM },
        { "POST", URLS, "ann", "long_url=", 400, "'field':'long_url'", .type = FORM },
        { "POST", URLS, "ann", "", 400, "'field':'long_url'", .type = FORM },
        { "POST", URLS, "ann", "long_url=http://a.example/&max_clicks=many", 400,
          "must be a whole number", .type = FORM },
        { "POST", URLS, "ann", "long_url=http://a.example/&reuse=maybe", 400,
          "must be true or false", .type = FORM },
        { "POST", URLS, "ann", "long_url=http://a.example/&expires_at=soon", 400,
          "'field':'expires_at'", .type = FORM },
        { "POST", URLS, "ann", "long_url=http://a.example/&long_url=http://b.example/", 400,
          "given twice", .type = FORM },
        { "POST", URLS, "ann", "long_url=http://a.example/%zz", 400, "not percent-encoded",
          .type = FORM },
        { "POST", URLS, "ann", "long_url=http://a.example/%FF", 400, "not percent-encoded",
          .type = FORM },
        { "POST", URLS, "ann", "long_url=http://a.example/%00x", 201,
          "'long_url':'http://a.example/%00x'", .type = FORM },
        { "POST", URLS, NULL, "long_url=http://a.example/", 401, .type = FORM },
        { "PATCH", URLS "/by-form", "ann", "title=x", 415, .type = FORM },
        { "POST", URLS "/bulk", "ann", "links=x", 415, .type = FORM },
    };
    SEND_ALL(s, ROWS);
    /* A list is read no further than to the first item too many. */
    char tags[4096] = "long_url=http://a.example/&tags=a";
    memset(tags + strlen(tags), ',', sizeof(tags) - strlen(tags) - 1);
    tags[sizeof(tags) - 1] = '\0';
    web_site_send(s, &(struct sent){ "POST", URLS, "ann", tags, 400, "at most 20", .type = FORM });
    char many[1024] = "long_url=http://a.example/";
    for (int i = 0; i < 64; i++)
        snprintf(many + strlen(many), 16, "&f%d=1", i);
    web_site_send(
        s, &(struct sent){ "POST", URLS, "ann", many, 400, "more than 64 fields", .type = FORM });
}

static void a_compressed_body_is_refused(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { "POST", URLS, "ann", "{'long_url':'http://a.example/'}", 415, "Content-Encoding gzip",
          .headers = "HTTP_CONTENT_ENCODING=gzip" },
        { "POST", URLS "/bulk", "ann", "{'links':[]}", 415, "Content-Encoding br",
          .headers = "HTTP_CONTENT_ENCODING=br" },
        { "POST", URLS, "ann", "long_url=http://a.example/", 415, "Content-Encoding gzip",
          .type = FORM, .headers = "HTTP_CONTENT_ENCODING=gzip" },
        { "POST", URLS, "ann", "{'long_url':'http://a.example/'}", 201,
          .headers = "HTTP_CONTENT_ENCODING=Identity" },
    };
    SEND_ALL(s, ROWS);
    struct exchange x = web_site_send(s, ROWS);
    assert_true(slice_eq(http_header_get(&x.response, "Accept-Encoding"), SLICE("identity")));
}

static void visitors_are_sent_elsewhere(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE,
          "{'long_url':'http://a.example/"
          "','custom_alias':'over','expires_at':'2027-01-15T08:00:01Z'}",
          201 },
        { "GET", "/healthz", NULL, NULL, 200 },
        { "POST", "/unknown", NULL, "a=b", 405 },
        { "GET", "/api/v1/nothing", "ann", NULL, 404 },
        { "GET", URLS "/unknown", "ann", NULL, 404 },
        { "GET", "/analytics/unknown", "ann", NULL, 404 },
    };
    SEND_ALL(s, ROWS);
    s->now += 2;
    location_is(s, "/unknown", 404, "");
    location_is(s, "/over", 410, "");
    s->site.root_url = SLICE("https://www.example/");
    s->site.unknown_url = SLICE("https://www.example/404");
    s->site.expired_url = SLICE("https://www.example/410");
    location_is(s, "/", 302, "https://www.example/");
    location_is(s, "/unknown?a=b", 302, "https://www.example/404");
    location_is(s, "/un/known", 302, "https://www.example/404");
    location_is(s, "/un.known", 302, "https://www.example/404");
    location_is(s, "/over", 302, "https://www.example/410");
    struct exchange x = web_site_send(s, &(struct sent){ "HEAD", "/over", NULL, NULL, 302 });
    assert_true(slice_eq(http_header_get(&x.response, "Cache-Control"), SLICE("no-store")));
    web_site_send_all(s, ROWS + 1, sizeof(ROWS) / sizeof(ROWS[0]) - 1);
}

#define LINK_WITH(alias, more)                                                            \
    {                                                                                     \
        MAKE, "{'long_url':'http://a.example/','custom_alias':'" alias "'," more "}", 201 \
    }
#define AFTER  "'expired_url':'http://b.example/after?x=1'"
#define BEFORE "'not_started_url':'http://b.example/before'"

static const struct sent FALLBACK_ROWS[] = {
    LINK_WITH("over",
              AFTER "," BEFORE ",'expires_at':'2027-01-15T08:00:01Z','redirect_status':308"),
    LINK_WITH("plain-over", "'expires_at':'2027-01-15T08:00:01Z'"),
    LINK_WITH("soon", AFTER "," BEFORE ",'starts_at':'2027-01-15T09:00:00Z'"),
    LINK_WITH("plain-soon", AFTER ",'starts_at':'2027-01-15T09:00:00Z'"),
    LINK_WITH("once", AFTER ",'max_clicks':1"),
    LINK_WITH("adds", AFTER ",'expires_at':'2027-01-15T08:00:01Z','extra_path':'append'"),
};

static void a_link_says_where_visitors_go_instead(void **state)
{
    struct web_site *s = *state;
    SEND_ALL(s, FALLBACK_ROWS);
    location_is(s, "/over", 308, "http://a.example/");
    location_is(s, "/once", 302, "http://a.example/");
    s->now += 2;
    location_is(s, "/over?q=2", 302, "http://b.example/after?x=1");
    location_is(s, "/over.", 302, "http://b.example/after?x=1");
    location_is(s, "/over+", 302, "http://b.example/after?x=1");
    location_is(s, "/over/more", 404, "");
    location_is(s, "/adds/more", 302, "http://b.example/after?x=1");
    location_is(s, "/once", 302, "http://b.example/after?x=1");
    location_is(s, "/soon", 302, "http://b.example/before");
    location_is(s, "/soon+", 302, "http://b.example/before");
    location_is(s, "/soon/more", 404, "");
    location_is(s, "/plain-over", 410, "");
    location_is(s, "/plain-soon", 404, "");
    struct exchange x = web_site_send(s, &(struct sent){ "HEAD", "/over", NULL, NULL, 302 });
    assert_true(slice_eq(http_header_get(&x.response, "Cache-Control"), SLICE("no-store")));
    web_site_send(s, &(struct sent){ "POST", "/over", NULL, "a=b", 410 });
    web_site_send(s, &(struct sent){ "GET", URLS "/once", "ann", NULL, 200, "'clicks':0" });
    s->now += 3600;
    location_is(s, "/soon", 302, "http://a.example/");
}

static void a_site_says_it_for_links_that_do_not(void **state)
{
    struct web_site *s = *state;
    SEND_ALL(s, FALLBACK_ROWS);
    s->now += 2;
    s->site.unknown_url = SLICE("https://www.example/404");
    location_is(s, "/plain-soon", 302, "https://www.example/404");
    s->site.expired_url = SLICE("https://www.example/410");
    s->site.not_started_url = SLICE("https://www.example/soon");
    location_is(s, "/plain-soon", 302, "https://www.example/soon");
    location_is(s, "/plain-soon+", 302, "https://www.example/soon");
    location_is(s, "/plain-soon/more", 302, "https://www.example/404");
    location_is(s, "/plain-over", 302, "https://www.example/410");
    location_is(s, "/soon", 302, "http://b.example/before");
    location_is(s, "/over", 302, "http://b.example/after?x=1");
    db_fake_fail(s->db, 1, DB_UNAVAILABLE, false);
    location_is(s, "/over", 302, "https://www.example/410");
}

static unsigned calls_of(struct web_site *s, const char *target, int status)
{
    unsigned before = db_fake_calls(s->db);
    web_site_send(s, &(struct sent){ "GET", target, .status = status, .headers = FIREFOX });
    return db_fake_calls(s->db) - before;
}

/* The fallback itself is in no cache, so a visitor costs one read, and a change is seen at once. */
static void only_links_with_a_fallback_ask_the_database(void **state)
{
    struct web_site *s = *state;
    SEND_ALL(s, FALLBACK_ROWS);
    assert_int_equal(calls_of(s, "/over", 308), 0);
    s->now += 2;
    assert_int_equal(calls_of(s, "/plain-over", 410), 0);
    assert_int_equal(calls_of(s, "/over", 302), 1);
    assert_int_equal(calls_of(s, "/soon", 302), 1);
    web_site_send(s, &(struct sent){ "PATCH", URLS "/over", "ann",
                                     "{'expired_url':null,'not_started_url':null}", 200,
                                     "'expired_url':null" });
    assert_int_equal(calls_of(s, "/over", 410), 0);
}

static void links_that_keep_the_method_take_every_method(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/7','custom_alias':'at-307','redirect_status':307}",
          201 },
        { MAKE, "{'long_url':'http://a.example/8','custom_alias':'at-308','redirect_status':308}",
          201 },
        { MAKE, "{'long_url':'http://a.example/3','custom_alias':'at-303','redirect_status':303}",
          201 },
        { MAKE,
          "{'long_url':'http://a.example/"
          "1','custom_alias':'just-one','redirect_status':307,'max_clicks':1}",
          201 },
        { MAKE, "{'long_url':'http://a.example/2','custom_alias':'one-302','max_clicks':1}", 201 },
        { "POST", "/at-307", NULL, "a=b", 307 },
        { "POST", "/at%2D307.", NULL, "a=b", 307 },
        { "PUT", "/at-308", NULL, "{}", 308 },
        { "PATCH", "/at-308", NULL, "{}", 308 },
        { "DELETE", "/at-308", NULL, NULL, 308 },
        { "POST", "/at-303", NULL, "a=b", 405, "'method_not_allowed'" },
        { "POST", "/none", NULL, "a=b", 405 },
        { "BREW", "/at-307", NULL, NULL, 405 },
        /* The routes of the API stay what they are. */
        { "PUT", "/shorten", NULL, "{}", 405 },
        { "POST", "/healthz", NULL, "{}", 405 },
        /* A refused request spends no click, one that is redirected does. */
        { "POST", "/one-302", NULL, "a=b", 405 },
        { "GET", "/one-302", NULL, NULL, 302, .headers = FIREFOX },
        { "HEAD", "/just-one", NULL, NULL, 307, .headers = FIREFOX },
        { "POST", "/just-one", NULL, "a=b", 307 },
        { "POST", "/just-one", NULL, "a=b", 410 },
    };
    SEND_ALL(s, ROWS);
    struct exchange x = web_site_send(s, &(struct sent){ "POST", "/at-303", NULL, "a=b", 405 });
    assert_true(slice_eq(http_header_get(&x.response, "Allow"), SLICE("GET, HEAD, OPTIONS")));
}

/* The body of a link as it was read, with `from` replaced by `to`; quotes as the answer has them.
 */
static const char *edited(struct web_site *s, const char *target, const char *from, const char *to)
{
    struct exchange read = web_site_send(s, &(struct sent){ "GET", target, "ann", .status = 200 });
    const char *text = arena_copy(s->arena, read.response.body);
    const char *at = strstr(text, from);
    assert_non_null(at);
    size_t size = strlen(text) + strlen(to) + 1;
    char *out = arena_alloc(s->arena, size);
    snprintf(out, size, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return out;
}

/* A link that was read may be sent back with one member changed; members that cannot be changed are
 * allowed if they have their present values. */
static void a_link_is_sent_back_whole(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE,
          "{'long_url':'http://a.example/','custom_alias':'back','ttl_seconds':60,'tags':['x']}",
          201 },
        { "PATCH", URLS "/back", "ann", "{'custom_alias':'again'}", 200 },
    };
    static const struct {
        const char *from, *to, *has;
        int status;
    } CHANGES[] = {
        { "\"title\":null", "\"title\":\"new\"", "'title':'new'", 200 },
        { "\"title\":\"new\"", "\"title\":\"newer\"", "'aliases':['back','again']", 200 },
        { "\"clicks\":0", "\"clicks\":1", "'field':'clicks'", 400 },
        { "\"clicks\":0", "\"clicks\":-1", "This cannot be changed.", 400 },
        { "\"state\":\"live\"", "\"state\":\"expired\"", "'field':'state'", 400 },
        { "\"owner\":\"ann\"", "\"owner\":\"bob\"", "'field':'owner'", 400 },
        { "\"aliases\":[", "\"aliases\":[\"z\",", "'field':'aliases'", 400 },
        { "\"updated_at\":\"2027", "\"updated_at\":\"2026", "'title':'newer'", 200 },
        { "\"updated_at\":\"2027", "\"updated_at\":\"2028", "'field':'updated_at'", 400 },
        { "\"created_at\":\"2027", "\"created_at\":\"2026", "'field':'created_at'", 400 },
        { "\"code\":\"", "\"code\":\"x", "'field':'code'", 400 },
    };
    static const struct sent ALONE[] = {
        { "PATCH", URLS "/back", "bob", "{'code':'back'}", 404 },
        { "PATCH", URLS "/none", "ann", "{'code':'none'}", 404 },
        { "PATCH", URLS "/back", "ann", "{'code':'back','colour':'red'}", 400, "'field':'colour'" },
        { "PATCH", URLS "/back", "ann", "{'title':'m'}", 200, "'title':'m'",
          .type = "application/merge-patch+json" },
        { "PUT", URLS "/back", "ann", "{'title':'m'}", 415,
          .type = "application/merge-patch+json" },
        { MAKE, "{'long_url':'http://a.example/'}", 415, .type = "application/merge-patch+json" },
    };
    SEND_ALL(s, ROWS);
    for (size_t i = 0; i < sizeof(CHANGES) / sizeof(CHANGES[0]); i++) {
        const char *body = edited(s, URLS "/back", CHANGES[i].from, CHANGES[i].to);
        const char *method = i % 2 ? "PUT" : "PATCH";
        web_site_send(s, &(struct sent){ method, URLS "/back", "ann", body, CHANGES[i].status,
                                         CHANGES[i].has });
    }
    SEND_ALL(s, ALONE);
    s->now += 61; /* its end is past, and stays as it is */
    web_site_send(s, &(struct sent){ "PUT", URLS "/back", "ann",
                                     edited(s, URLS "/back", "\"m\"", "\"late\""), 200,
                                     "'title':'late'" });
}

static void times_are_refused_with_their_reason(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/','expires_at':'2020-01-01T00:00:00Z'}", 400,
          "'detail':'This is in the past.'" },
        { MAKE, "{'long_url':'http://a.example/','expires_at':'2028-02-30T00:00:00Z'}", 400,
          "names a day that does not exist" },
        { MAKE, "{'long_url':'http://a.example/','starts_at':'2028-01-01T00:00:00'}", 400,
          "has no time zone" },
        { MAKE, "{'long_url':'http://a.example/','expires_at':'2028-01-01 00:00:00'}", 400,
          "has a space instead of a T" },
        { MAKE, "{'long_url':'http://a.example/','expires_at':''}", 400, "This is empty" },
        { MAKE, "{'long_url':'http://a.example/','starts_at':'1960-01-01'}", 400, "before 1970" },
        { MAKE, "{'long_url':'http://a.example/','expires_at':'2030-01-01'}", 201,
          "'expires_at':'2030-01-01T00:00:00Z'" },
    };
    SEND_ALL(*state, ROWS);
}

static void other_names_are_known(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{'url':'http://a.example/'}", 400, "did you mean long_url?" },
        { MAKE, "{'longUrl':'http://a.example/'}", 400, "did you mean long_url?" },
        { MAKE, "{'long_url':'http://a.example/','customSlug':'x'}", 400, "mean custom_alias?" },
        { MAKE, "{'long_url':'http://a.example/','validUntil':'x'}", 400, "mean expires_at?" },
        { MAKE, "{'long_url':'http://a.example/','colour':'x'}", 400, "There is no such member." },
        { "GET", URLS "?page=2", "ann", NULL, 400, "'detail':'There is no such parameter.'" },
        { "GET", URLS "?tz=2", "ann", NULL, 400, "'detail':'There is no such parameter.'" },
        { "GET", URLS "?page=2", "ann", NULL, 400,
          "'title':'A member or a parameter is not valid'" },
        { "POST", URLS "/bulk", "ann", "{'urls':[]}", 400, "did you mean links?" },
        { "POST", URLS "/bulk", "ann", "[]", 400, "must be in an object" },
    };
    SEND_ALL(*state, ROWS);
}

static void aliases_are_added(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/1','custom_alias':'first'}", 201 },
        { "POST", URLS, "bob", "{'long_url':'http://b.example/','custom_alias':'bobs'}", 201 },
        { "GET", "/second", .status = 404 }, /* now remembered as absent */
        { "PATCH", URLS "/first", "ann", "{'custom_alias':'second'}", 200,
          "'code':'first','short_url':'https://s.example/first'" },
        { "GET", URLS "/second", "ann", NULL, 200,
          "'custom_alias':'second','aliases':['first','second']" },
        { "PATCH", URLS "/second", "ann", "{'custom_alias':'first'}", 200,
          "'aliases':['second','first']" },
        { "PATCH", URLS "/first", "ann", "{'custom_alias':'bobs'}", 409, "'alias_taken'" },
        { "PATCH", URLS "/first", "ann", "{'custom_alias':'api'}", 400, "'reserved_alias'" },
        { "PATCH", URLS "/first", "ann", "{'custom_alias':'a b'}", 400, "'invalid_alias'" },
        { "PATCH", URLS "/first", "ann", "{'long_url':'http://a.example/2'}", 200 },
    };
    SEND_ALL(s, ROWS);
    location_is(s, "/first", 302, "http://a.example/2");
    location_is(s, "/second", 302, "http://a.example/2");
}

static void a_link_has_so_many_aliases(void **state)
{
    struct web_site *s = *state;
    struct exchange made =
        web_site_send(s, &(struct sent){ MAKE, "{'long_url':'http://a.example/'}", 201 });
    char target[64];
    char body[64];
    snprintf(target, sizeof(target), URLS "/%s", web_site_member(s, &made, "code"));
    for (int i = 0; i < LINK_ALIASES_MAX; i++) {
        snprintf(body, sizeof(body), "{'custom_alias':'alias-%d'}", i);
        web_site_send(s, &(struct sent){ "PATCH", target, "ann", body, 200 });
    }
    web_site_send(s, &(struct sent){ "PATCH", target, "ann", "{'custom_alias':'one-more'}", 400,
                                     "'field':'custom_alias'" });
    web_site_send(s, &(struct sent){ "PATCH", target, "ann", "{'custom_alias':'alias-7'}", 200,
                                     "'custom_alias':'alias-7'" });
}

static void versions_guard_changes(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/1','custom_alias':'one'}", 201 },
        { "PATCH", URLS "/one", "ann", "{'title':'a'}", 200, .if_match = "\"1\"" },
        { "PATCH", URLS "/one", "ann", "{'title':'b'}", 412, "'precondition_failed'",
          .if_match = "\"1\"" },
        { "PATCH", URLS "/one", "ann", "{'title':'c'}", 200, "'title':'c'",
          .if_match = "\"1\", \"2\"" },
        { "PATCH", URLS "/one", "ann", "{'title':'d'}", 200, .if_match = "*" },
        { "PATCH", URLS "/one", "ann", "{'title':'e'}", 412, .if_match = "W/\"4\"" },
        { "PATCH", URLS "/one", "ann", "{'title':'e'}", 412, .if_match = "4" },
        { "PATCH", URLS "/one", "ann", "{'title':'e'}", 412, .if_match = "\"04\"" },
        { "PATCH", URLS "/one", "ann", "{'title':'e'}", 412, .if_match = "\"4294967300\"" },
        { "PATCH", URLS "/one", "ann", "{'title':'e'}", 412, .if_match = "nonsense" },
        { "DELETE", URLS "/one", "ann", NULL, 412, .if_match = "\"3\"" },
        { "GET", URLS "/one", "ann", NULL, 200, "'title':'d'" },
    };
    SEND_ALL(s, ROWS);
    struct exchange x =
        web_site_send(s, &(struct sent){ "GET", URLS "/one", "ann", .status = 200 });
    assert_true(header_is(&x, "ETag", "\"4\""));
    x = web_site_send(s, &(struct sent){ "DELETE", URLS "/one", "ann", NULL, 200, "'message'",
                                         .if_match = "\"4\"" });
    x = web_site_send(s, &(struct sent){ MAKE, "{'long_url':'http://a.example/'}", 201 });
    assert_true(header_is(&x, "ETag", "\"1\""));
}

static void a_deletion_is_the_end(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/1','custom_alias':'one'}", 201 },
        { "PATCH", URLS "/one", "ann", "{'custom_alias':'two'}", 200 },
        { "GET", "/one", .status = 302 },
        { "DELETE", URLS "/one", "bob", NULL, 404 },
        { "DELETE", URLS "/one", "ann", NULL, 200, "'message'" },
        { "GET", "/one", .status = 404 },
        { "GET", "/two", .status = 404 },
        { "GET", URLS "/two", "ann", NULL, 404 },
        { "DELETE", URLS "/one", "ann", NULL, 404 },
        { "POST", URLS, "bob", "{'long_url':'http://b.example/','custom_alias':'one'}", 201 },
    };
    s->services.shortener.restore_window_s = 0;
    SEND_ALL(s, ROWS);
    location_is(s, "/one", 302, "http://b.example/");
}

static void a_deletion_is_undone(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/1','custom_alias':'one','tags':['t']}", 201 },
        { "PATCH", URLS "/one", "ann", "{'custom_alias':'two'}", 200 },
        { "POST", URLS "/one/restore", "ann", NULL, 404 }, /* it is not deleted */
        { "DELETE", URLS "/one", "ann", NULL, 200 },
        { "GET", "/one", .status = 404 },
        { "GET", "/two", .status = 404 },
        { "GET", URLS "/two", "ann", NULL, 404 },
        { "PATCH", URLS "/two", "ann", "{'title':'t'}", 404 },
        { "DELETE", URLS "/one", "ann", NULL, 404 },
        { "GET", URLS, "ann", NULL, 200, "'links':[]" },
        { "GET", URLS "?state=deleted", "ann", NULL, 200, "'state':'deleted','deleted_at':'20" },
        { "GET", URLS "?state=deleted", "bob", NULL, 200, "'links':[]" },
        { "GET", URLS "?state=deleted&owner=ann", "root", NULL, 200, "'code':'one'" },
        { "GET", URLS "?state=deleted&tag=t", "ann", NULL, 400, "'field':'tag'" },
        { "GET", URLS "?state=deleted&q=o", "ann", NULL, 400, "'field':'q'" },
        { "GET", "/api/v1/aliases/one", "bob", NULL, 200, "'reason':'alias_taken'" },
        { "POST", URLS, "bob", "{'long_url':'http://b.example/','custom_alias':'one'}", 409 },
        { "POST", URLS, "ann", "{'long_url':'http://b.example/','custom_alias':'two'}", 409 },
        { "POST", URLS "/one/restore", "bob", NULL, 404 },
        { "POST", URLS "/one/restore", NULL, NULL, 401 },
        { "POST", URLS "/a.b/restore", "ann", NULL, 404 },
        { "POST", URLS "/two/restore", "ann", NULL, 200, "'aliases':['one','two']" },
        { "POST", URLS "/two/restore", "ann", NULL, 404 },
        { "GET", URLS, "ann", NULL, 200, "'tags':['t']" },
        { "GET", URLS "?state=deleted", "ann", NULL, 200, "'links':[]" },
    };
    SEND_ALL(s, ROWS);
    location_is(s, "/one", 302, "http://a.example/1");
    location_is(s, "/two", 302, "http://a.example/1");
    static const struct sent AGAIN[] = {
        { "DELETE", URLS "/one", "root", NULL, 200 },
        { "GET", "/two", .status = 404 },
        { "POST", URLS "/one/restore", "root", NULL, 200, "'owner':'ann'" },
        { "GET", "/two", .status = 302 },
        { "DELETE", URLS "/one", "ann", NULL, 200 },
    };
    SEND_ALL(s, AGAIN);
    s->now += SITE_RESTORE_S - 1;
    web_site_send(s, &(struct sent){ "GET", URLS "?state=deleted", "ann", NULL, 200, "'one'" });
    s->now++;
    static const struct sent LATE[] = {
        { "GET", URLS "?state=deleted", "ann", NULL, 200, "'links':[]" },
        { "POST", URLS "/one/restore", "ann", NULL, 404 },
        { "GET", "/one", .status = 404 },
    };
    SEND_ALL(s, LATE);
}

static void clicks_are_spent_by_visits(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/1','custom_alias':'two','max_clicks':2}", 201 },
        { "HEAD", "/two", .status = 302, .headers = FIREFOX },
        { "GET", "/two", .status = 302, .headers = FIREFOX },
        { "HEAD", "/two", .status = 302, .headers = FIREFOX },
        { "GET", URLS "/two", "ann", NULL, 200, "'state':'live'" },
        { "GET", "/two", .status = 302, .headers = FIREFOX },
        { "GET", "/two", .status = 410, .headers = FIREFOX },
        { "HEAD", "/two", .status = 410, .headers = FIREFOX },
        { "GET", URLS "/two", "ann", NULL, 200, "'state':'exhausted'" },
        { "PATCH", URLS "/two", "ann", "{'max_clicks':3}", 200, "'state':'live'" },
        { "GET", "/two", .status = 302, .headers = FIREFOX },
        { "GET", "/two", .status = 410, .headers = FIREFOX },
        { "PATCH", URLS "/two", "ann", "{'max_clicks':null}", 200, "'max_clicks':null" },
        { "GET", "/two", .status = 302, .headers = FIREFOX },
    };
    SEND_ALL(s, ROWS);
    web_site_send(s, &(struct sent){ "PATCH", URLS "/two", "ann", "{'max_clicks':9}", 200 });
    db_fake_fail(s->db, 2, DB_UNAVAILABLE, false);
    web_site_send(s, &(struct sent){ "GET", "/two", .status = 503, .headers = FIREFOX });
    web_site_send(s, &(struct sent){ "HEAD", "/two", .status = 503, .headers = FIREFOX });
}

static void a_link_starts_when_it_starts(void **state)
{
    struct web_site *s = *state;
    web_site_send(s, &(struct sent){ MAKE,
                                     "{'long_url':'http://a.example/1','custom_alias':'later',"
                                     "'starts_at':'2027-01-15T09:00:00Z'}",
                                     201, "'state':'scheduled'" });
    web_site_send(s, &(struct sent){ "GET", "/later", .status = 404 });
    s->now += 3599;
    cache_fake_advance(s->cache, 3599);
    web_site_send(s, &(struct sent){ "GET", "/later", .status = 404 });
    s->now++;
    cache_fake_advance(s->cache, 1);
    web_site_send(s, &(struct sent){ "GET", "/later", .status = 302 });
}

/* The host's clock goes wrong and is put right, while caches and database go on: it is right in
 * every answer about a time, and does not matter in any other. */
static void the_clock_is_set(void **state)
{
    static const struct {
        int64_t off_s;
        int status;       /* of a link that ends in an hour */
        const char *says; /* of the same */
    } ROWS[] = {
        { 0, 302, "'state':'live'" },
        { -86400, 302, "'state':'live'" },
        { 86400, 410, "'state':'expired'" },
        { 0, 302, "'state':'live'" },
        { 3600, 410, "'state':'expired'" },
        { -3600, 302, "'state':'live'" },
        { 400000000, 410, "'state':'expired'" },
        { 0, 302, "'state':'live'" },
    };
    struct web_site *s = *state;
    const int64_t right = s->now;
    web_site_send(s, &(struct sent){ MAKE,
                                     "{'long_url':'http://a.example/1','custom_alias':'short',"
                                     "'ttl_seconds':3600}",
                                     201 });
    web_site_send(
        s, &(struct sent){ MAKE, "{'long_url':'http://a.example/2','custom_alias':'long'}", 201 });
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        s->now = right + ROWS[i].off_s;
        web_site_send(s, &(struct sent){ "GET", "/short", .status = ROWS[i].status });
        web_site_send(s, &(struct sent){ "GET", URLS "/short", "ann", NULL, 200, ROWS[i].says });
        web_site_send(s, &(struct sent){ "GET", "/long", .status = 302 });
        web_site_send(s, &(struct sent){ MAKE, "{'long_url':'http://a.example/'}", 201 });
    }
}

static void lives_have_limits(void **state)
{
    struct web_site *s = *state;
    s->services.shortener.default_ttl_s = 100;
    s->services.shortener.max_ttl_s = 200;
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/1','custom_alias':'one'}", 201,
          "'expires_at':'2027-01-15T08:01:40Z'" },
        { MAKE, "{'long_url':'http://a.example/1','ttl_seconds':200}", 201 },
        { MAKE, "{'long_url':'http://a.example/1','ttl_seconds':201}", 400, "'invalid_time'" },
        { "PATCH", URLS "/one", "ann", "{'ttl_seconds':201}", 400, "'invalid_time'" },
        { "PATCH", URLS "/one", "ann", "{'expires_at':null}", 200,
          "'expires_at':'2027-01-15T08:01:40Z'" },
    };
    SEND_ALL(s, ROWS);
    s->services.shortener.default_ttl_s = 0;
    web_site_send(s, &(struct sent){ MAKE, "{'long_url':'http://a.example/1'}", 201,
                                     "'expires_at':'2027-01-15T08:03:20Z'" });
}

static void users_have_limits_of_their_own(void **state)
{
    struct web_site *s = *state;
    struct error err = { "" };
    struct user user;
    assert_int_equal(db_user_find(s->db, SLICE("bob"), s->arena, &user, &err), DB_OK);
    const struct user_policy policy = { .default_ttl_s = 500, .max_ttl_s = 60 };
    assert_int_equal(db_user_set_policy(s->db, user.id, &policy, &err), DB_OK);
    s->services.shortener.max_ttl_s = 200;
    static const struct sent ROWS[] = {
        { "POST", URLS, "bob", "{'long_url':'http://a.example/1'}", 201,
          "'expires_at':'2027-01-15T08:01:00Z'" },
        { "POST", URLS, "bob", "{'long_url':'http://a.example/1','ttl_seconds':61}", 400,
          "'invalid_time'" },
        { "POST", URLS, "ann", "{'long_url':'http://a.example/1','ttl_seconds':61}", 201 },
    };
    SEND_ALL(s, ROWS);
}

/* Apache's modules make a redirect of a 200 with Location. */
static void reuse_tells_the_address_by_content_location(void **state)
{
    struct web_site *s = *state;
    static const struct sent rows[] = {
        { MAKE, "{'long_url':'http://a.example/x','custom_alias':'first','reuse':true}", 201 },
        { MAKE, "{'long_url':'http://a.example/x','reuse':true}", 200 },
    };
    struct exchange x = web_site_send(s, &rows[0]);
    assert_true(header_is(&x, "Location", "https://s.example/first"));
    assert_null(http_header_get(&x.response, "Content-Location").at);
    x = web_site_send(s, &rows[1]);
    assert_true(header_is(&x, "Content-Location", "https://s.example/first"));
    assert_null(http_header_get(&x.response, "Location").at);
}

static void reuse_finds_what_is_the_same(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://A.example/x','custom_alias':'mine','tags':['b','a']}", 201 },
        { MAKE, "{'long_url':'http://a.example:80/x','tags':['a','b'],'reuse':true}", 200,
          "'code':'mine'" },
        { MAKE, "{'long_url':'http://a.example/x','tags':['a'],'reuse':true}", 201 },
        { MAKE, "{'long_url':'http://a.example/x','tags':['a'],'reuse':true}", 200 },
        { MAKE, "{'long_url':'http://a.example/x','tags':['a','b']}", 201 },
        { MAKE,
          "{'long_url':'http://a.example/x','tags':['a','b'],'reuse':true,'custom_alias':'mine'}",
          200, "'code':'mine'" },
        { MAKE,
          "{'long_url':'http://a.example/x','tags':['a','b'],'reuse':true,'custom_alias':'fresh'}",
          201, "'code':'fresh'" },
        { MAKE, "{'long_url':'http://a.example/y','reuse':true}", 201 },
        { MAKE, "{'long_url':'http://a.example/y','reuse':true,'ttl_seconds':9}", 201 },
        { MAKE, "{'long_url':'http://a.example/y','reuse':true,'ttl_seconds':9}", 200 },
        { MAKE, "{'long_url':'http://a.example/y','reuse':true,'redirect_status':301}", 201 },
        { MAKE, "{'long_url':'http://a.example/y','reuse':true,'title':'t'}", 201 },
        { "POST", URLS, "bob", "{'long_url':'http://a.example/y','reuse':true}", 201 },
    };
    SEND_ALL(s, ROWS);
    s->now += 9;
    web_site_send(s, &(struct sent){ MAKE,
                                     "{'long_url':'http://a.example/y','reuse':true,"
                                     "'expires_at':'2027-01-15T08:00:18Z'}",
                                     201 });
}

static void a_retry_makes_nothing_new(void **state)
{
    struct web_site *s = *state;
    const char *body = "{'long_url':'http://a.example/','ttl_seconds':9}";
    struct exchange first = web_site_send(s, &(struct sent){ MAKE, body, 201, .once = "k-1" });
    const char *code = web_site_member(s, &first, "code");
    s->now += 5; /* the same body means another time now */
    struct exchange again = web_site_send(s, &(struct sent){ MAKE, body, 201, .once = "k-1" });
    assert_string_equal(web_site_member(s, &again, "code"), code);
    again = web_site_send(s, &(struct sent){ "POST", URLS, "bob", body, 201, .once = "k-1" });
    assert_string_not_equal(web_site_member(s, &again, "code"), code);
    assert_int_equal(db_fake_links(s->db), 2);
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/other'}", 409, "'idempotency_conflict'",
          .once = "k-1" },
        { MAKE, "{'long_url':'http://a.example/'}", 400, "'field':'Idempotency-Key'",
          .once = "with space" },
        { MAKE, "{'long_url':'http://a.example/','custom_alias':'once'}", 201, .once = "k-2" },
        { MAKE, "{'long_url':'http://a.example/','custom_alias':'once'}", 201, "'code':'once'",
          .once = "k-2" },
        { MAKE, "{'long_url':'http://a.example/','custom_alias':'once'}", 409, "'alias_taken'",
          .once = "k-3" },
        { "DELETE", URLS "/once", "ann", NULL, 200 },
        { MAKE, "{'long_url':'http://a.example/','custom_alias':'once'}", 409,
          "'idempotency_conflict'", .once = "k-2" },
    };
    SEND_ALL(s, ROWS);
}

static void a_name_for_a_create_lives_a_day(void **state)
{
    struct web_site *s = *state;
    const char *body = "{'long_url':'http://a.example/'}";
    web_site_send(s, &(struct sent){ MAKE, body, 201, .once = "day" });
    s->now += IDEMPOTENCY_LIFE_S - 1;
    web_site_send(s, &(struct sent){ MAKE, body, 201, .once = "day" });
    assert_int_equal(db_fake_links(s->db), 1);
    s->now += 2;
    web_site_send(s, &(struct sent){ MAKE, body, 201, .once = "day" });
    assert_int_equal(db_fake_links(s->db), 2);
}

static void a_lost_answer_makes_one_link(void **state)
{
    struct web_site *s = *state;
    const char *body = "{'long_url':'http://a.example/'}";
    web_site_send(s, &(struct sent){ MAKE, body, 201, .once = "k-0" }); /* ids are at hand now */
    db_fake_fail(s->db, 1, DB_UNAVAILABLE, true);
    web_site_send(s, &(struct sent){ MAKE, body, 503, .once = "k-1" });
    web_site_send(s, &(struct sent){ MAKE, body, 201, .once = "k-1" });
    assert_int_equal(db_fake_links(s->db), 2);
}

static void bulk_items_have_their_own_fate(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/','custom_alias':'taken'}", 201 },
        { "GET", "/fresh", .status = 404 },
        { "POST", URLS "/bulk", "ann",
          "{'links':[{'long_url':'http://a.example/1'},{'long_url':'nonsense'},"
          "{'long_url':'http://a.example/2','custom_alias':'taken'},"
          "{'long_url':'http://a.example/3','custom_alias':'fresh'},"
          "{'long_url':'http://a.example/4','custom_alias':'fresh'},"
          "{'long_ulr':'x'},5,{'long_url':'http://a.example/','reuse':true}]}",
          207, "'results':[{'status':201,'link':{" },
        { "GET", "/fresh", .status = 302 },
        { "POST", URLS "/bulk", "ann", "{'links':[]}", 400, "'field':'links'" },
        { "POST", URLS "/bulk", "ann", "{'links':{}}", 400, "'field':'links'" },
        { "POST", URLS "/bulk", "ann", "{}", 400, "'field':'links'" },
        { "POST", URLS "/bulk", "ann", "[]", 400, "'invalid_json'" },
        { "POST", URLS "/bulk", "ann", "{'links':[{'long_url':'http://a.example/'}]}", 400,
          "'field':'Idempotency-Key'", .once = "k" },
    };
    SEND_ALL(s, ROWS);
    struct exchange x = web_site_send(
        s, &(struct sent){ "POST", URLS "/bulk", "bob",
                           "{'links':[{'long_url':'http://a.example/1'},{'long_url':'nonsense'},"
                           "{'long_url':'http://a.example/2','custom_alias':'taken'},"
                           "{'long_url':'http://a.example/3','custom_alias':'fresher'},"
                           "{'long_url':'http://a.example/4','custom_alias':'fresher'},"
                           "{'long_ulr':'x'},5,{'long_url':'http://a.example/1','reuse':true}]}",
                           207 });
    static const char *const fates[] = {
        "http://a.example/1", "\"invalid_url\"",        "\"alias_taken\"",  "\"fresher\"",
        "\"alias_taken\"",    "did you mean long_url?", "\"invalid_json\"", "http://a.example/1",
    };
    const char *at = arena_copy(s->arena, x.response.body);
    for (size_t i = 0; i < sizeof(fates) / sizeof(fates[0]); i++) {
        at = strstr(at, fates[i]);
        if (!at)
            fail_msg("item %zu has not %s: %.*s", i, fates[i], SLICE_ARG(x.response.body));
        at++;
    }
    assert_int_equal(db_fake_links(s->db), 1 + 2 + 3);
}

static void a_bulk_without_a_database_makes_nothing(void **state)
{
    struct web_site *s = *state;
    web_site_send(s, &(struct sent){ MAKE, "{'long_url':'http://a.example/'}", 201 });
    db_fake_fail(s->db, 1, DB_UNAVAILABLE, false);
    web_site_send(s, &(struct sent){ "POST", URLS "/bulk", "ann",
                                     "{'links':[{'long_url':'http://a.example/1'}]}", 503 });
    assert_int_equal(db_fake_links(s->db), 1);
}

static const struct sent LISTS[] = {
    { "GET", URLS, "ann", NULL, 200, "{'links':[{'code':'spring-6'" },
    { "GET", URLS "?order=created", "ann", NULL, 200, "{'links':[{'code':'spring-0'" },
    { "GET", URLS, "root", NULL, 200, "{'links':[{'code':'bobs'" },
    { "GET", URLS "?owner=ann", "root", NULL, 200, "{'links':[{'code':'spring-6'" },
    { "GET", URLS "?owner=ann", "ann", NULL, 200, "{'links':[{'code':'spring-6'" },
    { "GET", URLS "?owner=nobody", "root", NULL, 200, "{'links':[],'next_cursor':null}" },
    { "GET", URLS "?owner=bob", "ann", NULL, 403, "'forbidden'" },
    { "GET", URLS "?tag=t0&limit=1&order=created", "ann", NULL, 200, "'spring-0'" },
    { "GET", URLS "?q=spring-3", "ann", NULL, 200, "'spring-3'" },
    { "GET", URLS "?q=bobs", "ann", NULL, 200, "{'links':[],'next_cursor':null}" },
    { "GET", URLS "?q=H4.EX", "ann", NULL, 200, "'spring-4'" },
    { "GET", URLS "?q=www.h4.ex", "ann", NULL, 200, "'spring-4'" },
    { "GET", URLS "?q=www.", "ann", NULL, 200, "{'links':[],'next_cursor':null}" },
    { "GET", URLS "?q=%73pring-5", "ann", NULL, 200, "'spring-5'" },
    { "GET", URLS "?q=&tag=&state=", "ann", NULL, 200, "'spring-6'" },
    { "GET", URLS "?long_url=http://h3.example/", "ann", NULL, 200,
      "{'links':[{'code':'spring-3'" },
    { "GET", URLS "?long_url=HTTP://H3.example:80/", "ann", NULL, 200, "'next_cursor':null}" },
    { "GET", URLS "?long_url=http%3A%2F%2Fh3.example%2F&tag=t1&state=live", "ann", NULL, 200,
      "'spring-3'" },
    { "GET", URLS "?long_url=http://h3.example/&tag=t0", "ann", NULL, 200,
      "{'links':[],'next_cursor':null}" },
    { "GET", URLS "?long_url=http://h3.example/&state=expired", "ann", NULL, 200, "{'links':[]," },
    { "GET", URLS "?long_url=http://h3.example/x", "ann", NULL, 200,
      "{'links':[],'next_cursor':null}" },
    { "GET", URLS "?long_url=http://h3.example/", "bob", NULL, 200,
      "{'links':[],'next_cursor':null}" },
    { "GET", URLS "?long_url=http://h3.example/", "root", NULL, 200,
      "{'links':[],'next_cursor':null}" },
    { "GET", URLS "?long_url=http://h3.example/&owner=ann", "root", NULL, 200, "'spring-3'" },
    { "GET", URLS "?long_url=http://h3.example/&owner=ann", "bob", NULL, 403 },
    { "GET", URLS "?long_url=h3.example", "ann", NULL, 400, "'field':'long_url'" },
    { "GET", URLS "?long_url=http://h3.example/&q=h3", "ann", NULL, 400, "'field':'long_url'" },
    { "GET", URLS "?state=live", "ann", NULL, 200, "'spring-6'" },
    { "GET", URLS "?state=expired", "ann", NULL, 200, "{'links':[],'next_cursor':null}" },
    { "GET", URLS "?state=dead", "ann", NULL, 400, "'field':'state'" },
    { "GET", URLS "?order=name", "ann", NULL, 400, "'field':'order'" },
    { "GET", URLS "?order=-clicks&limit=1", "ann", NULL, 200, "'next_cursor':'" },
    { "GET", URLS "?order=-expires&limit=1", "ann", NULL, 200, "'next_cursor':'" },
    { "GET", URLS "?limit=0", "ann", NULL, 400, "'field':'limit'" },
    { "GET", URLS "?limit=101", "ann", NULL, 400, "'field':'limit'" },
    { "GET", URLS "?limit=4294967297", "ann", NULL, 400, "'field':'limit'" },
    { "GET", URLS "?limit=1&limit=2", "ann", NULL, 400, "This parameter is given twice." },
    { "GET", URLS "?lmit=1", "ann", NULL, 400, "did you mean limit?" },
    { "GET", URLS "?q=%", "ann", NULL, 400, "'field':'q'" },
    { "GET", URLS "?q=%0g", "ann", NULL, 400, "'field':'q'" },
    { "GET", URLS "?q=%ff", "ann", NULL, 400, "'field':'q'" },
    { "GET", URLS "?q=%00", "ann", NULL, 400, "'field':'q'" },
    { "GET", URLS "?%zz=1", "ann", NULL, 400, "'invalid_field'" },
    { "GET", URLS "?cursor=garbage", "ann", NULL, 400, "'field':'cursor'" },
    { "GET", URLS "?cursor=AAAA", "ann", NULL, 400, "'field':'cursor'" },
    { "GET", URLS "?cursor=%22", "ann", NULL, 400, "'field':'cursor'" },
};

static void lists_go_page_by_page(void **state)
{
    struct web_site *s = *state;
    char body[128];
    for (int i = 0; i < 7; i++) {
        snprintf(body, sizeof(body),
                 "{'long_url':'http://h%d.example/','custom_alias':'spring-%d','tags':['t%d']}", i,
                 i, i % 2);
        web_site_send(s, &(struct sent){ MAKE, body, 201 });
    }
    web_site_send(s,
                  &(struct sent){ "POST", URLS, "bob",
                                  "{'long_url':'http://b.example/','custom_alias':'bobs'}", 201 });
    SEND_ALL(s, LISTS);
}

/* Follows the cursors of a list; how many links it has. */
static unsigned walk(struct web_site *s, const char *target)
{
    unsigned found = 0;
    char next[1024];
    snprintf(next, sizeof(next), "%s", target);
    for (int pages = 0; pages < 50; pages++) {
        struct exchange x = web_site_send(s, &(struct sent){ "GET", next, "ann", .status = 200 });
        const char *body = arena_copy(s->arena, x.response.body);
        for (const char *at = body; (at = strstr(at, "\"short_url\"")); at++)
            found++;
        const char *cursor = web_site_member(s, &x, "next_cursor");
        if (!cursor)
            return found;
        snprintf(next, sizeof(next), "%s&cursor=%s", target, cursor);
    }
    fail_msg("%s does not end", target);
    return 0;
}

static void cursors_lead_through_a_list_once(void **state)
{
    struct web_site *s = *state;
    char body[128];
    for (int i = 0; i < 23; i++) {
        snprintf(body, sizeof(body),
                 "{'long_url':'http://spring%d.example/','custom_alias':'spring-%d','tags':['t']}",
                 i / 2, i);
        web_site_send(s, &(struct sent){ MAKE, body, 201 });
    }
    assert_int_equal(walk(s, URLS "?limit=5"), 23);
    assert_int_equal(walk(s, URLS "?limit=23"), 23);
    assert_int_equal(walk(s, URLS "?limit=4&order=created"), 23);
    assert_int_equal(walk(s, URLS "?limit=4&order=-clicks"), 23);
    assert_int_equal(walk(s, URLS "?limit=4&order=expires&tag=t"), 23);
    assert_int_equal(walk(s, URLS "?limit=3&tag=t"), 23);
    assert_int_equal(walk(s, URLS "?limit=3&q=spring"), 23);
    assert_int_equal(walk(s, URLS "?limit=1&q=spring1"), 5);
    struct exchange x = web_site_send(s, &(struct sent){ "GET", URLS "?limit=5", "ann" });
    char target[512];
    const char *cursor = web_site_member(s, &x, "next_cursor");
    snprintf(target, sizeof(target), URLS "?tag=t&cursor=%s", cursor);
    web_site_send(s, &(struct sent){ "GET", target, "ann", NULL, 400, "'field':'cursor'" });
    snprintf(target, sizeof(target), URLS "?limit=7&cursor=%s", cursor);
    web_site_send(s, &(struct sent){ "GET", target, "ann", .status = 200 });
}

static void anothers_cursor_shows_nothing_of_anothers(void **state)
{
    struct web_site *s = *state;
    static const char *const lists[] = { URLS "?limit=1", URLS "?limit=1&q=spring",
                                         URLS "?limit=1&q=a.ex", URLS "?limit=1&tag=t" };
    char target[512];
    char body[128];
    for (int i = 0; i < 6; i++) {
        snprintf(body, sizeof(body),
                 "{'long_url':'http://a.example/','custom_alias':'spring-%d','tags':['t']}", i);
        const char *user = i % 2 ? "ann" : "bob";
        web_site_send(s, &(struct sent){ "POST", URLS, user, body, 201 });
    }
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        snprintf(target, sizeof(target), "%s", lists[i]);
        for (int pages = 0; pages < 6; pages++) {
            struct exchange x = web_site_send(s, &(struct sent){ "GET", target, "root" });
            const char *cursor = web_site_member(s, &x, "next_cursor");
            if (!cursor)
                break;
            snprintf(target, sizeof(target), "%s&cursor=%s", lists[i], cursor);
            x = web_site_send(s, &(struct sent){ "GET", target, "ann", .status = 200 });
            const char *owner = web_site_member(s, &x, "owner");
            assert_true(!owner || strcmp(owner, "ann") == 0);
        }
    }
}

static void keys_are_their_users(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { "GET", "/api/v1/keys", "ann", NULL, 200, "{'keys':[{'id':2,'user':'ann'" },
        { "GET", "/api/v1/keys", "root", NULL, 200, "{'keys':[{'id':1,'user':'root'" },
        { "POST", "/api/v1/keys", "ann", "{'scope':'write'}", 400, "'field':'scope'" },
        { "POST", "/api/v1/keys", "ann", "{'scope':5}", 400, "'field':'scope'" },
        { "POST", "/api/v1/keys", "ann", "{'expires_at':'soon'}", 400, "'field':'expires_at'" },
        { "POST", "/api/v1/keys", "ann", "{'expires_at':'2027-01-15T08:00:00Z'}", 400,
          "'invalid_time'" },
        { "GET", "/api/v1/keys?limit=2000", "root", NULL, 400, "'field':'limit'" },
        { "GET", "/api/v1/keys?cursor=x", "root", NULL, 400, "'field':'cursor'" },
        { "POST", "/api/v1/keys", "ann", "{'name':'laptop'}", 201, "'user':'ann','role':'user'" },
        { "POST", "/api/v1/keys", "ann", "{'user':'ann'}", 201, "'secret':'curt_" },
        { "POST", "/api/v1/keys", "ann", "{'user':'bob'}", 403, "'forbidden'" },
        { "POST", "/api/v1/keys", "ann", "{'role':'admin'}", 403, "'forbidden'" },
        { "POST", "/api/v1/keys", "root", "{'user':'carol','role':'user'}", 201, "'carol'" },
        { "POST", "/api/v1/keys", "root", "{'user':'carol','role':'admin'}", 400,
          "'invalid_field'" },
        { "POST", "/api/v1/keys", "root", "{'user':'dave','role':'admin'}", 201, "'role':'admin'" },
        { "POST", "/api/v1/keys", "root", "{'user':'e','role':'king'}", 400, "'field':'role'" },
        { "POST", "/api/v1/keys", "root", "{'user':'a\\nb'}", 400, "'invalid_field'" },
        { "POST", "/api/v1/keys", "root", "{'users':'a'}", 400, "did you mean user?" },
        { "DELETE", "/api/v1/keys/3", "ann", NULL, 404, "'not_found'" },
        { "DELETE", "/api/v1/keys/0", "root", NULL, 404 },
        { "DELETE", "/api/v1/keys/x", "root", NULL, 404 },
        { "DELETE", "/api/v1/keys/4294967298", "root", NULL, 404 },
        { "DELETE", "/api/v1/keys/99", "root", NULL, 404 },
        { "DELETE", "/api/v1/keys/3", "root", NULL, 200, "'message'" },
        { "GET", "/api/v1/keys", "bob", NULL, 401 },
    };
    SEND_ALL(s, ROWS);
    struct exchange x =
        web_site_send(s, &(struct sent){ "POST", "/api/v1/keys", "ann", "{}", 201 });
    const char *secret = web_site_member(s, &x, "secret");
    web_site_send(s, &(struct sent){ "GET", URLS, secret, .status = 200 });
    x = web_site_send(s, &(struct sent){ "GET", "/api/v1/keys", "ann", .status = 200 });
    assert_null(web_site_member(s, &x, "secret"));
    web_site_send(s, &(struct sent){ "GET", "/api/v1/keys", "ann", NULL, 200,
                                     "'last_used_at':'2027-01-15T08:00:00Z'" });
}

/* At its second, whoever remembers it; and a key that is about to expire makes none that stays. */
static void a_key_expires(void **state)
{
    struct web_site *s = *state;
    s->services.auth.remember_s = 1000;
    struct exchange x = web_site_send(s, &(struct sent){ "POST", "/api/v1/keys", "ann",
                                                         "{'expires_at':'2027-01-15T08:01:40Z'}",
                                                         201, "'scope':'manage','name':null" });
    const char *key = web_site_member(s, &x, "secret");
    web_site_send(s, &(struct sent){ "POST", "/api/v1/keys", key, "{}", 403, "'expires_at'" });
    web_site_send(s, &(struct sent){ "POST", "/api/v1/keys", key,
                                     "{'expires_at':'2027-01-15T08:01:41Z'}", 403, "'forbidden'" });
    web_site_send(s, &(struct sent){ "POST", "/api/v1/keys", key,
                                     "{'expires_at':'2027-01-15T08:01:40Z'}", 201 });
    s->now += 99;
    web_site_send(s, &(struct sent){ "GET", URLS, key, .status = 200 });
    s->now++;
    web_site_send(s, &(struct sent){ "GET", URLS, key, NULL, 401, "The API key has expired." });
    web_site_send(s, &(struct sent){ "GET", "/api/v1/keys", "ann", NULL, 200,
                                     "'expires_at':'2027-01-15T08:01:40Z'" });
}

static void a_key_used_often_is_written_down_seldom(void **state)
{
    struct web_site *s = *state;
    s->services.auth.remember_s = 1000;
    web_site_send(s, &(struct sent){ "GET", URLS "/none", "ann", .status = 404 });
    unsigned calls = db_fake_calls(s->db);
    for (int i = 0; i < 59; i++) {
        s->now++;
        web_site_send(s, &(struct sent){ "GET", URLS "/none", "ann", .status = 404 });
    }
    assert_int_equal(db_fake_calls(s->db), calls + 59); /* one for the link, none for the key */
    s->now++;
    web_site_send(s, &(struct sent){ "GET", URLS "/none", "ann", .status = 404 });
    assert_int_equal(db_fake_calls(s->db), calls + 59 + 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, web_site_set_up, web_site_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_create_takes_everything),
        TEST(a_link_is_found_however_it_arrives),
        TEST(links_take_paths_as_they_say),
        TEST(the_site_says_what_paths_mean),
        TEST(a_path_is_a_visit_of_its_link),
        TEST(an_alias_is_taken_off),
        TEST(a_preview_spends_no_click),
        TEST(a_form_makes_a_link),
        TEST(a_compressed_body_is_refused),
        TEST(visitors_are_sent_elsewhere),
        TEST(a_link_says_where_visitors_go_instead),
        TEST(a_site_says_it_for_links_that_do_not),
        TEST(only_links_with_a_fallback_ask_the_database),
        TEST(links_that_keep_the_method_take_every_method),
        TEST(a_change_changes_what_it_names),
        TEST(a_link_is_sent_back_whole),
        TEST(times_are_refused_with_their_reason),
        TEST(other_names_are_known),
        TEST(aliases_are_added),
        TEST(a_link_has_so_many_aliases),
        TEST(versions_guard_changes),
        TEST(a_deletion_is_the_end),
        TEST(a_deletion_is_undone),
        TEST(clicks_are_spent_by_visits),
        TEST(a_link_starts_when_it_starts),
        TEST(the_clock_is_set),
        TEST(lives_have_limits),
        TEST(users_have_limits_of_their_own),
        TEST(reuse_tells_the_address_by_content_location),
        TEST(reuse_finds_what_is_the_same),
        TEST(a_retry_makes_nothing_new),
        TEST(a_name_for_a_create_lives_a_day),
        TEST(a_lost_answer_makes_one_link),
        TEST(bulk_items_have_their_own_fate),
        TEST(a_bulk_without_a_database_makes_nothing),
        TEST(lists_go_page_by_page),
        TEST(cursors_lead_through_a_list_once),
        TEST(anothers_cursor_shows_nothing_of_anothers),
        TEST(keys_are_their_users),
        TEST(a_key_expires),
        TEST(a_key_used_often_is_written_down_seldom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
