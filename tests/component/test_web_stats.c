/* SPDX-License-Identifier: MIT */
/* Requests for statistics: parameters, owners, formats, and clicks that are not flushed yet. */
#include "support/web_site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/click_log.h"
#include "support/host_files.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define STATS       "/api/v1/urls/abc/stats"

struct clicks {
    struct web_site *site;
    struct host_files files;
    struct click_ring *ring;
    struct click_log click_log;
};

static int set_up(void **state)
{
    if (web_site_set_up(state) != 0)
        return -1;
    struct clicks *c = calloc(1, sizeof(*c));
    assert_non_null(c);
    c->site = *state;
    *state = c; /* which tears it down */
    assert_true(host_files_make(&c->files, "ring"));
    c->ring = host_ring_open(c->files.path);
    c->click_log = (struct click_log){
        .ring = c->ring,
        .spill = { .dir = c->files.dir, .max_bytes = 0, .fd = -1 },
        .countries = { .path = "" },
        .window_s = 86400,
    };
    web_site_log_clicks(c->site, &c->click_log);
    return 0;
}

static int tear_down(void **state)
{
    struct clicks *c = *state;
    click_log_close(&c->click_log);
    click_ring_close(&c->ring);
    host_files_remove(&c->files);
    *state = c->site;
    free(c);
    return web_site_tear_down(state);
}

static struct exchange ask(struct clicks *c, const char *target, const char *has)
{
    return web_site_send(c->site, &(struct sent){ "GET", target, "ann", NULL, 200, has });
}

/* SITE_NOW is 2027-01-15T08:00:00Z. */
static const struct {
    const char *query;
    int status;
    const char *has;
} queries[] = {
    { "", 200, "'from':'2026-12-17T00:00:00Z','to':'2027-01-16T00:00:00Z','unit':'day'," },
    { "?unit=hour", 200, "'from':'2027-01-13T09:00:00Z','to':'2027-01-15T09:00:00Z'" },
    { "?unit=month", 200, "'from':'2026-02-01T00:00:00Z','to':'2027-02-01T00:00:00Z'" },
    { "?from=2027-01-14&to=2027-01-14", 200,
      "'series':[{'at':'2027-01-14T00:00:00Z','clicks':0,'visitors':0,'bots':0}]" },
    { "?from=2027-01-14T22:00:00%2B02:00", 200, "'from':'2027-01-14T00:00:00Z'" },
    { "?unit=week", 200, "'from':'2026-10-26T00:00:00Z','to':'2027-01-18T00:00:00Z'" },
    { "", 200, "'zone':{'name':'UTC','utc_until':null}" },
    { "?tz=UTC", 200, "'from':'2026-12-17T00:00:00Z'" },
    { "?tz=Europe/Berlin", 200, "'from':'2026-12-17T00:00:00+01:00'" },
    { "?tz=Europe%2FBerlin&unit=week", 200, "'to':'2027-01-18T00:00:00+01:00'" },
    { "?tz=Europe/Berlin", 200, "'zone':{'name':'Europe/Berlin','utc_until':null}" },
    { "?tz=Europe/Berlin&from=2027-01-14&to=2027-01-14", 200,
      "[{'at':'2027-01-14T00:00:00+01:00'" },
    { "?tz=Europe/Berlin&from=2027-01-13T23:00:00Z", 200, "'from':'2027-01-14T00:00:00+01:00'" },
    { "?tz=%2B05:30", 200, "'from':'2026-12-17T00:00:00+05:30'" },
    { "?tz=+05:30", 200, "'name':'+05:30'" },
    { "?tz=America/New_York&unit=hour", 200, "'from':'2027-01-13T04:00:00-05:00'" },
    { "?tz=Europe/Paderborn", 400, "'field':'tz'" },
    { "?tz=europe/berlin", 400, "is not a time zone that this system knows." },
    { "?tz=../../etc/passwd", 400, "such as Europe/Berlin." },
    /* A '+' that was not encoded, and jQuery's parameter against caches. */
    { "?from=2027-01-14T00:00:00+02:00", 200, "'from':'2027-01-13T00:00:00Z'" },
    { "?to=2027-01-14T00:00:00+02:00&_=1796022000000", 200, "'to':'2027-01-14T00:00:00Z'" },
    { "?from=2027-01-14+00:00:00Z", 400, "'field':'from'" },
    { "?_=1&_=2", 200, "'code':'abc'" },
    { "?by=os", 200, "'by':{'os':[]}}" },
    { "?by=os,referrer", 200, "'by':{'referrer':[],'os':[]}}" },
    { "?by=os%2Cdevice", 200, "'by':{'os':[],'device':[]}}" },
    { "?limit=200&format=json", 200, "'code':'abc'" },
    { "?format=csv", 200, "section,value,clicks,visitors,bots\r\ntotal,,0,0,0\r\nseries," },
    { "?unit=year", 400, "'field':'unit'" },
    { "?from=yesterday", 400, "'code':'invalid_time'" },
    { "?to=2027-13-01", 400, "'field':'to'" },
    { "?from=2027-01-15&to=2027-01-14", 400, "'field':'from'" },
    { "?from=2020-01-01", 400, "2000 units" },
    { "?by=city", 400, "'field':'by'" },
    { "?by=os,", 400, "'field':'by'" },
    { "?limit=0", 400, "'field':'limit'" },
    { "?limit=201", 400, "'field':'limit'" },
    { "?format=xml", 400, "'field':'format'" },
    { "?page=2", 400, "'code':'invalid_field'" },
    { "?x=2", 400, "There is no such parameter.'" },
    { "?tx=UTC", 400, "There is no such parameter.'" },
    { "?form=csv", 400, "did you mean from?" },
    { "?unit=day&unit=day", 400, "'field':'unit'" },
};

static void parameters(void **state)
{
    struct clicks *c = *state;
    for (size_t i = 0; i < ROWS(queries); i++) {
        char target[128];
        print_message("# %s\n", queries[i].query);
        for (unsigned spelling = 0; spelling < 2; spelling++) {
            snprintf(target, sizeof(target), "%s%s", spelling ? "/analytics/abc" : STATS,
                     queries[i].query);
            web_site_send(c->site, &(struct sent){ "GET", target, "ann", NULL, queries[i].status,
                                                   queries[i].has });
        }
    }
}

static void whose_they_are(void **state)
{
    static const struct sent rows[] = {
        { "GET", STATS, "ann", NULL, 200 },
        { "GET", STATS, "bob", NULL, 404 },
        { "GET", STATS, "root", NULL, 200 },
        { "GET", STATS, NULL, NULL, 401 },
        { "HEAD", STATS, "ann", NULL, 200 },
        { "POST", STATS, "ann", "{}", 405 },
        { "GET", "/analytics/abc", "bob", NULL, 404 },
        { "GET", "/analytics/none", "ann", NULL, 404 },
        { "GET", "/analytics/", "ann", NULL, 404 },
    };
    struct clicks *c = *state;
    SEND_ALL(c->site, rows);
}

/* There is no flush in this test. */
static void a_click_is_there_at_once(void **state)
{
    struct clicks *c = *state;
    for (unsigned i = 0; i < 3; i++)
        web_site_send(c->site,
                      &(struct sent){ "GET", "/abc", NULL, NULL, 302, .headers = FIREFOX });
    web_site_send(
        c->site, &(struct sent){ "GET", "/abc", NULL, NULL, 302, .headers = FIREFOX "HTTP_DNT=1" });
    web_site_send(c->site, &(struct sent){ "GET", "/abc", NULL, NULL, 302 });
    web_site_send(c->site, &(struct sent){ "HEAD", "/abc", NULL, NULL, 302, .headers = FIREFOX });
    ask(c, STATS "?from=2027-01-15",
        "'clicks':4,'visitors':0,'bots':1,'clicks_imported':0,'series':");
    ask(c, STATS "?by=browser", "'by':{'browser':[{'value':'Firefox','clicks':3}]}");
    ask(c, STATS "?by=referrer", "'by':{'referrer':[{'value':'direct','clicks':3}]}");
    ask(c, STATS "?unit=hour&from=2027-01-15T08:00:00Z",
        "'series':[{'at':'2027-01-15T08:00:00Z','clicks':4,");
}

/* A client that asks again and again gets the statistics only when they have changed. */
static void what_has_not_changed_is_not_sent_again(void **state)
{
    struct clicks *c = *state;
    struct exchange x = ask(c, STATS, "'clicks':0,");
    struct slice tag = http_header_get(&x.response, "ETag");
    char headers[64];
    assert_true(tag.len == 18);
    snprintf(headers, sizeof(headers), "HTTP_IF_NONE_MATCH=%.*s\n", SLICE_ARG(tag));
    struct sent again = { "GET", STATS, "ann", NULL, 304, .headers = headers };
    x = web_site_send(c->site, &again);
    assert_true(x.response.body.len == 0);
    assert_true(slice_eq(http_header_get(&x.response, "ETag"), tag));
    web_site_send(c->site, &(struct sent){ "GET", "/abc", NULL, NULL, 302, .headers = FIREFOX });
    again.status = 200;
    web_site_send(c->site, &again);
    struct sent table = { "GET", STATS "?format=csv", "ann", NULL, 200, .headers = headers };
    web_site_send(c->site, &table);
}

static void a_table_is_a_download(void **state)
{
    struct exchange x = ask(*state, STATS "?format=csv", "total,");
    assert_true(slice_starts_with(http_header_get(&x.response, "Content-Type"),
                                  SLICE("text/csv; charset=utf-8")));
    assert_true(slice_starts_with(http_header_get(&x.response, "Content-Disposition"),
                                  SLICE("attachment")));
    assert_true(slice_eq(http_header_get(&x.response, "X-Content-Type-Options"), SLICE("nosniff")));
    assert_true(slice_eq(http_header_get(&x.response, "Cache-Control"), SLICE("no-store")));
}

/* What visitors send as a referrer does not become markup or a formula in what owners read. */
static void referrers_are_hosts(void **state)
{
    static const char *const referrers[] = {
        "https://<script>alert(1)</script>/",
        "https://a.example/<script>alert(1)</script>",
        "https://a.example\"><script>alert(1)</script>",
        "<script>alert(1)</script>",
        "javascript:<script>alert(1)</script>",
        "https://x@<script>alert(1)</script>:80/",
        "https://=cmd|'/c calc'!A1/",
        "=HYPERLINK(\"https://evil.example\")",
    };
    struct clicks *c = *state;
    for (size_t i = 0; i < ROWS(referrers); i++) {
        char headers[512];
        snprintf(headers, sizeof(headers), FIREFOX "HTTP_REFERER=%s", referrers[i]);
        web_site_send(c->site,
                      &(struct sent){ "GET", "/abc", NULL, NULL, 302, .headers = headers });
    }
    static const char *const formats[] = { STATS "?limit=200", STATS "?limit=200&format=csv" };
    for (size_t i = 0; i < ROWS(formats); i++) {
        struct exchange x = ask(c, formats[i], "a.example");
        const struct slice body = x.response.body;
        const char *text = arena_copy(c->site->arena, body);
        assert_null(strstr(text, "<"));
        assert_null(strstr(text, ",\"="));
        assert_null(strstr(text, "HYPERLINK"));
    }
}

static void totals(void **state)
{
    static const struct sent rows[] = {
        { "GET", "/api/v1/stats/series?from=2027-01-15&by=os", "ann", NULL, 200,
          "{'from':'2027-01-15T00:00:00Z','to':'2027-01-16T00:00:00Z','unit':'day','zone':"
          "{'name':'UTC','utc_until':null},'clicks':0,'visitors':0,'bots':0,'series':[{" },
        { "GET", "/api/v1/stats", "ann", NULL, 200,
          "{'links':1,'clicks':0,'visitors':0,'bots':0}" },
        { "GET", "/api/v1/stats", "bob", NULL, 200,
          "{'links':0,'clicks':0,'visitors':0,'bots':0}" },
        { "GET", "/api/v1/stats", "root", NULL, 200, "{'links':1," },
        { "GET", "/api/v1/stats", NULL, NULL, 401 },
        { "GET", "/api/v1/stats?from=2027-01-01", "ann", NULL, 400 },
    };
    struct clicks *c = *state;
    SEND_ALL(c->site, rows);
}

#define STATS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STATS_TEST(parameters),
        STATS_TEST(whose_they_are),
        STATS_TEST(a_click_is_there_at_once),
        STATS_TEST(what_has_not_changed_is_not_sent_again),
        STATS_TEST(a_table_is_a_download),
        STATS_TEST(referrers_are_hosts),
        STATS_TEST(totals),
    };
    return cmocka_run_group_tests_name("web_stats", tests, NULL, NULL);
}
