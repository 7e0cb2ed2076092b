/* SPDX-License-Identifier: MIT */
/* The calls for operators: metrics and readiness. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/statements.h"
#include "edge/edge_target.h"
#include "follow/log_line.h"
#include "shm/breaker.h"
#include "support/web_site.h"
#include "web/count.h"
#include "web/exposition.h"
#include "web/metric_families.h"
#include "web/routes.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* --- access --- */

static void who_may_read_the_metrics(void **state)
{
    static const struct {
        const char *token; /* of the site */
        const char *peer, *forwarded_for, *authorization;
        int status;
    } rows[] = {
        { "", "127.0.0.1", NULL, NULL, 200 },
        { "", "127.3.2.1", NULL, NULL, 200 },
        { "", "::1", NULL, NULL, 200 },
        { "", "192.0.2.1", NULL, NULL, 403 },
        { "", "2001:db8::1", NULL, NULL, 403 },
        { "", NULL, NULL, NULL, 403 },
        /* A proxy on this machine that is not configured: the client may be any visitor. */
        { "", "127.0.0.1", "192.0.2.1", NULL, 403 },
        { "", "127.0.0.1", "127.0.0.1", NULL, 403 },
        /* 10.0.0.1 is trusted. */
        { "", "10.0.0.1", "127.0.0.1", NULL, 200 },
        { "", "10.0.0.1", "127.0.0.1, 192.0.2.1", NULL, 403 },
        { "", "10.0.0.1", NULL, NULL, 403 },
        { "", "192.0.2.1", NULL, "Bearer ", 403 },
        { "", "192.0.2.1", NULL, "Bearer scrape", 403 },
        { "scrape", "192.0.2.1", NULL, "Bearer scrape", 200 },
        { "scrape", "127.0.0.1", "192.0.2.1", "Bearer scrape", 200 },
        { "scrape", NULL, NULL, "bearer scrape", 200 },
        { "scrape", "192.0.2.1", NULL, "Bearer scrapes", 401 },
        { "scrape", "192.0.2.1", NULL, "Bearer scrap", 401 },
        { "scrape", "192.0.2.1", NULL, "Basic scrape", 401 },
        { "scrape", "192.0.2.1", NULL, NULL, 401 },
        { "scrape", "127.0.0.1", NULL, "Bearer wrong", 200 },
    };
    struct web_site *s = *state;
    struct slice bad;
    assert_true(http_proxies_parse(SLICE("127.0.0.0/8 ::1"), &s->site.metrics_allow, &bad));
    assert_true(http_proxies_parse(SLICE("10.0.0.1"), &s->site.proxies, &bad));
    for (size_t i = 0; i < ROWS(rows); i++) {
        print_message("# row %zu\n", i);
        s->site.metrics_token = slice_of(rows[i].token);
        struct exchange x = web_site_send(
            s, &(struct sent){ "GET", "/metrics", .status = rows[i].status, .peer = rows[i].peer,
                               .forwarded_for = rows[i].forwarded_for,
                               .authorization = rows[i].authorization });
        const char *type = rows[i].status == 200 ? EXPOSITION_TYPE : "application/problem+json";
        assert_true(slice_eq(http_header_get(&x.response, "Content-Type"), slice_of(type)));
        assert_int_equal(http_header_get(&x.response, "WWW-Authenticate").len > 0,
                         rows[i].status == 401);
    }
}

/* On a machine with other users, all of them connect from one of its own addresses. */
static void no_network_is_allowed_where_none_is_named(void **state)
{
    struct web_site *s = *state;
    struct slice bad;
    assert_true(http_proxies_parse(SLICE(""), &s->site.metrics_allow, &bad));
    s->site.metrics_token = SLICE("scrape");
    web_site_send(s, &(struct sent){ "GET", "/metrics", .status = 401, .peer = "127.0.0.1" });
    web_site_send(s, &(struct sent){ "GET", "/metrics", .status = 200, .peer = "127.0.0.1",
                                     .authorization = "Bearer scrape" });
}

/* --- the exposition --- */

static const char *exposition_of(struct web_site *s)
{
    struct exchange x = web_site_send(
        s, &(struct sent){ "GET", "/metrics", .status = 200, .authorization = "Bearer scrape" });
    return arena_copy(s->arena, x.response.body);
}

static void assert_has(const char *text, const char *line)
{
    const char *at = strstr(text, line);
    if (!at || (at > text && at[-1] != '\n') || at[strlen(line)] != '\n')
        fail_msg("no line \"%s\" in\n%s", line, text);
}

static void open_metrics(struct web_site *s)
{
    struct error err = { "" };
    s->services.metrics = metrics_open(NULL, &err);
    assert_non_null(s->services.metrics);
    s->services.readiness.metrics = s->services.metrics;
}

#define BUCKET(level, le, n)                                                                     \
    "http_request_duration_seconds_bucket{route=\"redirect\",cache_level=\"" level "\",le=\"" le \
    "\"} " n

/* The lines of the exposition after the requests below. */
static const char *const COUNTED[] = {
    "http_requests_total{method=\"POST\",route=\"create\",status=\"201\"} 1",
    "http_requests_total{method=\"GET\",route=\"redirect\",status=\"302\"} 2",
    "http_requests_total{method=\"HEAD\",route=\"redirect\",status=\"302\"} 1",
    "http_requests_total{method=\"GET\",route=\"redirect\",status=\"404\"} 1",
    "http_requests_total{method=\"GET\",route=\"redirect\",status=\"503\"} 1",
    "http_requests_total{method=\"PUT\",route=\"none\",status=\"405\"} 1",
    BUCKET("memcached", "0.001", "2"),
    BUCKET("memcached", "0.0025", "3"),
    BUCKET("memcached", "+Inf", "3"),
    "http_request_duration_seconds_sum{route=\"redirect\",cache_level=\"memcached\"} 0.003250",
    "http_request_duration_seconds_count{route=\"redirect\",cache_level=\"memcached\"} 3",
    BUCKET("none", "1", "0"),
    BUCKET("none", "+Inf", "1"),
    "http_request_duration_seconds_sum{route=\"redirect\",cache_level=\"none\"} 2.000000",
    "http_request_duration_seconds_count{route=\"create\",cache_level=\"none\"} 1",
    "cache_hits_total{cache_level=\"local\"} 0",
    "cache_hits_total{cache_level=\"memcached\"} 3",
    "cache_misses_total 2",
    "rate_limited_total{limit=\"creates_per_address\"} 0",
    "db_errors_total{kind=\"lost\"} 0",
    "clicks_recorded_total{visitor=\"human\"} 0",
    "flush_lag_seconds 0",
    "metrics_dropped_total 0",
    "workers 0",
    "# TYPE http_requests_total counter",
    "# TYPE http_request_duration_seconds histogram",
    "# TYPE replication_lag_seconds gauge",
};

static void requests_are_counted(void **state)
{
    static const struct {
        const char *method, *target, *body;
        int64_t us;
    } requests[] = {
        { "POST", "/api/v1/urls", "{'long_url':'http://a.example/','custom_alias':'anns'}", 1 },
        { "GET", "/anns", NULL, 1000 },
        { "GET", "/anns", NULL, 2000 },
        { "HEAD", "/anns", NULL, 250 },
        { "GET", "/nobody", NULL, 1 },
        { "PUT", "/shorten/", NULL, 1 },
    };
    struct web_site *s = *state;
    open_metrics(s);
    for (size_t i = 0; i < ROWS(requests); i++) {
        struct exchange x = web_site_send(
            s, &(struct sent){ requests[i].method, requests[i].target, "ann", requests[i].body });
        count_exchange(&x, requests[i].us);
    }
    db_fake_fail(s->db, 1000, DB_UNAVAILABLE, false);
    struct exchange x = web_site_send(s, &(struct sent){ "GET", "/uncached", .status = 503 });
    count_exchange(&x, 2000000);
    const char *text = exposition_of(s);
    for (size_t i = 0; i < ROWS(COUNTED); i++)
        assert_has(text, COUNTED[i]);
    metrics_close(&s->services.metrics);
}

static void values_are_printed_in_base_units(void **state)
{
    struct web_site *s = *state;
    const struct metric_labels none = { 0 };
    open_metrics(s);
    metrics_set(s->services.metrics, METRIC_REPLICATION_LAG_MS, (struct metric_labels){ 1, 0, 0 },
                1250);
    metrics_set(s->services.metrics, METRIC_IDS_LEFT, none, 123456);
    metrics_set(s->services.metrics, METRIC_FLUSHED_AT, none, SITE_NOW - 42);
    metrics_count(s->services.metrics, METRIC_DB_ERRORS, 200); /* a number of another build */
    metrics_add(s->services.metrics, METRIC_LOG_LINES, (struct metric_labels){ LOG_NGINX, 6, 0 },
                7);
    metrics_set(s->services.metrics, METRIC_LOG_BEHIND, (struct metric_labels){ LOG_FASTLY, 0, 0 },
                8);
    metrics_set(s->services.metrics, METRIC_LOG_UNREADABLE,
                (struct metric_labels){ LOG_APACHE, 0, 0 }, 9);
    const struct metric_labels cache = { EDGE_VARNISH, 2, 0 };
    metrics_add(s->services.metrics, METRIC_EDGE_PURGES, (struct metric_labels){ EDGE_HTTP, 1, 1 },
                3);
    metrics_set(s->services.metrics, METRIC_EDGE_PENDING, cache, 4);
    metrics_set(s->services.metrics, METRIC_EDGE_OLDEST_MS, cache, 2500);
    metrics_hold(s->services.metrics, HOLDING_DB_CONNECTIONS, 5);
    metrics_hold(s->services.metrics, HOLDING_DB_STATEMENTS, 2);
    metrics_observe_us(s->services.metrics, METRIC_DB_QUERY_DURATION,
                       (struct metric_labels){ STATEMENT_PING, 0, 0 }, 15001);
    const char *text = exposition_of(s);
    assert_has(text, "replication_lag_seconds{replica=\"1\"} 1.25");
    assert_has(text, "ids_left 123456");
    assert_has(text, "log_lines_total{log=\"nginx\",result=\"unreadable\"} 7");
    assert_has(text, "log_bytes_behind{log=\"fastly\"} 8");
    assert_has(text, "edge_purges_total{cache=\"http\",target=\"1\",result=\"failed\"} 3");
    assert_has(text, "edge_purges_pending{cache=\"varnish\",target=\"2\"} 4");
    assert_has(text, "edge_purge_oldest_seconds{cache=\"varnish\",target=\"2\"} 2.5");
    assert_has(text, "log_files_unreadable{log=\"apache\"} 9");
    assert_has(text, "flush_lag_seconds 42");
    assert_has(text, "db_errors_total{kind=\"unknown\"} 1");
    assert_has(text, "db_connections{state=\"active\"} 2");
    assert_has(text, "db_connections{state=\"idle\"} 3");
    assert_has(text, "db_query_duration_seconds_bucket{query=\"ping\",le=\"0.015\"} 0");
    assert_has(text, "db_query_duration_seconds_bucket{query=\"ping\",le=\"0.025\"} 1");
    assert_has(text, "db_query_duration_seconds_sum{query=\"ping\"} 0.015001");
    metrics_close(&s->services.metrics);
}

static void refusals_are_counted_by_limit(void **state)
{
    const struct rate one = { .interval_us = 1000000, .burst = 1 };
    struct web_site *s = *state;
    struct error err = { "" };
    open_metrics(s);
    s->site.anonymous_create = true;
    s->services.limits = (struct limits){ buckets_open(NULL, &err), one, one, one };
    const struct sent rows[] = {
        { "POST", "/api/v1/urls", "ann", "{'long_url':'http://a.example/'}", 201 },
        { "POST", "/api/v1/urls", "ann", "{'long_url':'http://a.example/'}", 429 },
        { "POST", "/api/v1/urls", "ann", "{'long_url':'http://a.example/'}", 429 },
        { "POST", "/api/v1/urls", NULL, "{'long_url':'http://a.example/'}", 201 },
        { "POST", "/api/v1/urls", NULL, "{'long_url':'http://a.example/'}", 429 },
        { "GET", "/nobody", NULL, NULL, 404 },
        { "GET", "/nobody", NULL, NULL, 429 },
    };
    SEND_ALL(s, rows);
    const char *text = exposition_of(s);
    assert_has(text, "rate_limited_total{limit=\"creates_per_user\"} 2");
    assert_has(text, "rate_limited_total{limit=\"creates_per_address\"} 1");
    assert_has(text, "rate_limited_total{limit=\"misses_per_address\"} 1");
    buckets_close(&s->services.limits.buckets);
    metrics_close(&s->services.metrics);
}

static void open_breakers(struct web_site *s, struct breakers **out)
{
    const struct breaker_options options = {
        .failures = 1, .open_ms = 1000, .probes = 1, .metrics = s->services.metrics
    };
    struct error err = { "" };
    *out = breakers_open(NULL, &options, &err);
    assert_non_null(*out);
    s->services.readiness.breakers = *out;
}

static void backends_are_named(void **state)
{
    struct web_site *s = *state;
    struct breakers *breakers;
    open_metrics(s);
    open_breakers(s, &breakers);
    breaker_find(breakers, SLICE("mysql"));
    struct breaker odd = breaker_find(breakers, SLICE("memcached \"\\\n"));
    breaker_report(odd, false, 0);
    const char *text = exposition_of(s);
    assert_has(text, "breaker_state{backend=\"mysql\",state=\"closed\"} 1");
    assert_has(text, "breaker_state{backend=\"mysql\",state=\"open\"} 0");
    assert_has(text, "breaker_state{backend=\"memcached \\\"\\\\\\n\",state=\"open\"} 1");
    assert_has(text, "breaker_opened_total{backend=\"memcached \\\"\\\\\\n\"} 1");
    breakers_close(&breakers);
    metrics_close(&s->services.metrics);
}

/* Every metric has a name of its own and a help that needs no escaping. */
static void the_families_are_sound(void **state)
{
    (void)state;
    for (int i = METRIC_NONE + 1; i < METRIC_N; i++) {
        const struct metric_family *family = family_of((enum metric)i);
        assert_non_null(family->name);
        assert_non_null(family->help);
        assert_null(strpbrk(family->help, "\\\n"));
        size_t len = strlen(family->name);
        bool is_total = len > 6 && strcmp(family->name + len - 6, "_total") == 0;
        assert_int_equal(is_total, family->type == FAMILY_COUNTER);
        for (int k = METRIC_NONE + 1; k < i; k++)
            assert_string_not_equal(family->name, family_of((enum metric)k)->name);
    }
}

/* Otherwise one name would have two numbers, and a series would be printed twice. */
static void routes_of_a_name_stand_together(void **state)
{
    (void)state;
    unsigned n = 1;
    while (route_name(n))
        n++;
    assert_true(n > 10);
    for (unsigned i = 1; i < n; i++) {
        for (unsigned k = i + 1; k < n; k++) {
            bool same = strcmp(route_name(i), route_name(k)) == 0;
            if (same)
                assert_string_equal(route_name(k - 1), route_name(k));
        }
    }
    assert_string_equal(route_name(0), "none");
}

/* --- readiness --- */

static const struct {
    bool database_away, local_cache, wants_segment, has_segment;
    const char *backends[3]; /* that have breakers; one with a '!' before it is open */
    int status;
    const char *body;
    int64_t spooled, rejected;
} HOSTS[] = {
    { false,
      false,
      false,
      false,
      { NULL },
      200,
      "{'status':'ready','backends':{'mysql':{'state':'up'},'replicas':[],'memcached':[],"
      "'segment':{'state':'none'},'spool':{'entries':0,'bytes':0,'rejected':0}}}" },
    { false,
      true,
      true,
      true,
      { "memcached a", "memcached b", "replica 1" },
      200,
      "{'status':'ready','backends':{'mysql':{'state':'up'},'replicas':[{'state':'up'}],"
      "'memcached':[{'state':'up'},{'state':'up'}],'segment':{'state':'up'}," },
    { false, false, true, false, { NULL }, 200, "{'status':'degraded'" },
    { false,
      true,
      true,
      true,
      { "memcached a", "!memcached b" },
      200,
      "{'status':'degraded','backends':{'mysql':{'state':'up'},'replicas':[],"
      "'memcached':[{'state':'up'},{'state':'down'}]" },
    { false,
      true,
      true,
      true,
      { "!replica 1" },
      200,
      "{'status':'degraded','backends':{'mysql':{'state':'up'},"
      "'replicas':[{'state':'down'}]" },
    { true,
      false,
      false,
      false,
      { NULL },
      503,
      "{'status':'unavailable','backends':{'mysql':{'state':'down'}" },
    { true, false, false, false, { "!memcached a", "!replica 1" }, 503, "{'status':'unavailable'" },
    { true, false, false, false, { "memcached a" }, 200, "{'status':'degraded'" },
    { true, false, false, false, { "replica 1" }, 200, "{'status':'degraded'" },
    { true, true, true, true, { NULL }, 200, "{'status':'degraded'" },
    { false,
      true,
      true,
      true,
      { NULL },
      200,
      "{'status':'degraded','backends':{'mysql':{'state':'up'},'replicas':[],'memcached':[],"
      "'segment':{'state':'up'},'spool':{'entries':7,'bytes':700,'rejected':0}}}",
      7,
      0 },
    { false,
      true,
      true,
      true,
      { NULL },
      200,
      "{'status':'degraded','backends':{'mysql':{'state':'up'},'replicas':[],'memcached':[],"
      "'segment':{'state':'up'},'spool':{'entries':0,'bytes':0,'rejected':2}}}",
      0,
      2 },
    { false, true, true, true, { NULL }, 200, "{'status':'ready'" },
};

static void readiness(void **state)
{
    struct web_site *s = *state;
    open_metrics(s);
    for (size_t i = 0; i < ROWS(HOSTS); i++) {
        struct breakers *breakers;
        print_message("# row %zu\n", i);
        open_breakers(s, &breakers);
        for (size_t k = 0; k < 3 && HOSTS[i].backends[k]; k++) {
            bool is_open = HOSTS[i].backends[k][0] == '!';
            struct breaker one = breaker_find(breakers, slice_of(HOSTS[i].backends[k] + is_open));
            if (is_open)
                breaker_report(one, false, 0);
        }
        s->services.readiness.has_local_cache = HOSTS[i].local_cache;
        s->services.readiness.wants_segment = HOSTS[i].wants_segment;
        s->services.readiness.has_segment = HOSTS[i].has_segment;
        db_fake_fail(s->db, HOSTS[i].database_away ? 1000 : 0, DB_UNAVAILABLE, false);
        const struct metric_labels none = { 0 };
        const int64_t bytes = 100 * HOSTS[i].spooled;
        metrics_set(s->services.metrics, METRIC_SPOOL_ENTRIES, none, HOSTS[i].spooled);
        metrics_set(s->services.metrics, METRIC_SPOOL_BYTES, none, bytes);
        metrics_set(s->services.metrics, METRIC_SPOOL_REJECTED_KEPT, none, HOSTS[i].rejected);
        struct exchange x = web_site_send(
            s, &(struct sent){ "GET", "/readyz", .status = HOSTS[i].status, .has = HOSTS[i].body });
        assert_true(
            slice_eq(http_header_get(&x.response, "Content-Type"), SLICE("application/json")));
        breakers_close(&breakers);
    }
}

int main(void)
{
#define ON_A_SITE(test) cmocka_unit_test_setup_teardown(test, web_site_set_up, web_site_tear_down)
    const struct CMUnitTest tests[] = {
        ON_A_SITE(who_may_read_the_metrics),
        ON_A_SITE(no_network_is_allowed_where_none_is_named),
        ON_A_SITE(requests_are_counted),
        ON_A_SITE(values_are_printed_in_base_units),
        ON_A_SITE(refusals_are_counted_by_limit),
        ON_A_SITE(backends_are_named),
        cmocka_unit_test(the_families_are_sound),
        cmocka_unit_test(routes_of_a_name_stand_together),
        ON_A_SITE(readiness),
    };
    return cmocka_run_group_tests_name("web_ops", tests, NULL, NULL);
}
