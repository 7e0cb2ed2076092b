/* SPDX-License-Identifier: MIT */
/* Access logs: what is read of a line in each format, and which lines count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "follow/log_format.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define FIREFOX     "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
#define AT          1796058000 /* 2026-11-30T17:00:00Z */

static struct line_format format_of(enum log_kind kind, const char *text)
{
    struct line_format format;
    struct error err = { "" };
    if (!log_format_compile(&format, kind, slice_of(text), &err))
        fail_msg("%s: %s", log_kind_name(kind), err.text);
    return format;
}

static enum log_verdict read_line(const struct line_format *format, const char *text,
                                  struct log_line *line)
{
    static char scratch[LOG_LINE_MAX];
    memset(line, 0, sizeof(*line));
    return log_parse(format, slice_of(text), scratch, line);
}

static void assert_slice(struct slice is, const char *should)
{
    if (!slice_eq(is, slice_of(should)))
        fail_msg("\"%.*s\", not \"%s\"", SLICE_ARG(is), should);
}

/* --- the shipped configurations --- */

/* The format in a configuration: the text between `begin` and `end`, without the quotes that the
 * server takes off: those of nginx's parts, or the backslashes of the others. */
static void read_shipped(const char *name, const char *begin, const char *end, char out[4096])
{
    char path[4096], text[16384];
    const char *top = getenv("CURT_SRCDIR");
    (void)snprintf(path, sizeof(path), "%s/%s", top ? top : ".", name);
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("cannot open %s", path);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    (void)fclose(file);
    const char *from = strstr(text, begin);
    if (!from)
        fail_msg("%s has no %s", path, begin);
    from += strlen(begin);
    const char *to = strstr(from, end);
    assert_non_null(to);
    bool is_nginx = strchr(begin, '\'') != NULL, is_outside = false;
    for (; from < to; from++) {
        if (is_nginx && *from == '\'')
            is_outside = !is_outside;
        else if (!is_outside && *from != '\\')
            *out++ = *from;
    }
    *out = '\0';
}

static void shipped_configurations(void **state)
{
    static const struct {
        enum log_kind kind;
        const char *name, *begin, *end;
    } files[] = {
        { LOG_NGINX, "nginx-conf/curt-cache-server.conf", "\nlog_format curt '", "';\n" },
        { LOG_APACHE, "apache-conf/curt-log.conf", "\nLogFormat \"", "\" curt\n" },
        { LOG_LIGHTTPD, "lighttpd-conf/curt-log.conf", "\naccesslog.format = \"", "\"\n" },
        { LOG_VARNISH, "varnish-conf/curt.ncsa", "", "\n" },
    };
    char text[4096];
    (void)state;
    for (size_t i = 0; i < ROWS(files); i++) {
        read_shipped(files[i].name, files[i].begin, files[i].end, text);
        assert_string_equal(text, log_format_default(files[i].kind));
    }
}

/* --- one line of each kind, by the shipped formats --- */

struct shipped {
    enum log_kind kind;
    const char *head, *line;
    const char *target;
};

static const struct shipped shipped_lines[] = {
    { LOG_NGINX, NULL,
      "1796058000.123 192.0.2.7 GET \"/abc?x=\\x22\" 302 HIT \"" FIREFOX
      "\" \"https://example.org/\" \"1\" \"-\" \"-\" \"-\" \"-\" 17.1",
      "/abc?x=\"" },
    { LOG_APACHE, NULL,
      "1796058000123456 192.0.2.7 \"GET /abc?x=\\\" HTTP/1.1\" 302 \"cache hit\" \"" FIREFOX
      "\" \"https://example.org/\" \"1\" \"-\" \"-\" \"-\" \"-\" 80.4711.0",
      "/abc?x=\"" },
    { LOG_VARNISH, NULL,
      "1796058000 192.0.2.7 GET \"/abc?x=\\\"\" 302 hit \"" FIREFOX
      "\" \"https://example.org/\" \"1\" \"-\" \"-\" \"-\" \"-\" 32770",
      "/abc?x=\"" },
    { LOG_LIGHTTPD, NULL,
      "1796058000123456 192.0.2.7 \"GET /abc?x=\\\" HTTP/1.1\" 302 \"HIT\" \"" FIREFOX
      "\" \"https://example.org/\" \"1\" \"-\" \"-\" \"-\" \"-\" 4711",
      "/abc?x=\"" },
    { LOG_CLOUDFLARE, NULL,
      "{\"EdgeStartTimestamp\":1796058000123456789,\"ClientRequestMethod\":\"GET\","
      "\"ClientRequestURI\":\"/abc?x=\\\"\",\"EdgeResponseStatus\":302,\"CacheCacheStatus\":"
      "\"hit\",\"ClientIP\":\"192.0.2.7\",\"ClientRequestUserAgent\":\"" FIREFOX
      "\",\"ClientRequestReferer\":\"https:\\/\\/"
      "example.org\\u002f\",\"Cookies\":{\"a\":[1,{}]},"
      "\"RequestHeaders\":{\"accept\":\"*\",\"dnt\":\"1\"}}",
      "/abc?x=\"" },
    { LOG_CLOUDFRONT,
      "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem "
      "sc-status cs(Referer) cs(User-Agent) cs-uri-query x-edge-result-type",
      "2026-11-30\t17:00:00\tFRA2\t1045\t192.0.2.7\tGET\td1.example\t/abc\t302\t"
      "https://example.org/\tMozilla/5.0%20(X11;%2520Linux%20x86_64;%20rv:120.0)%20Gecko/"
      "20100101%20Firefox/120.0\tx=1\tHit",
      "/abc" },
    { LOG_FASTLY, NULL,
      "{\"time\":\"2026-11-30T18:00:00+0100\",\"method\":\"GET\",\"target\":\"/abc?x=\\u0022\","
      "\"status\":\"302\",\"cache\":\"HIT-CLUSTER\",\"address\":\"192.0.2.7\",\"agent\":"
      "\"" FIREFOX "\",\"referer\":\"https://example.org/\",\"dnt\":\"1\",\"gpc\":null}",
      "/abc?x=\"" },
};

static void shipped(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(shipped_lines); i++) {
        struct line_format format = format_of(shipped_lines[i].kind, "");
        struct log_line line;
        if (shipped_lines[i].head)
            assert_true(log_format_is_head(&format, slice_of(shipped_lines[i].head)));
        assert_false(log_format_is_head(&format, slice_of(shipped_lines[i].line)));
        enum log_verdict verdict = read_line(&format, shipped_lines[i].line, &line);
        if (verdict != LOG_COUNTS)
            fail_msg("%s: verdict %d", log_kind_name(shipped_lines[i].kind), (int)verdict);
        assert_int_equal(line.at, AT);
        assert_int_equal(line.status, 302);
        assert_slice(line.method, "GET");
        assert_slice(line.target, shipped_lines[i].target);
        assert_slice(line.address, "192.0.2.7");
        assert_slice(line.agent, FIREFOX);
        assert_slice(line.referer, "https://example.org/");
        assert_int_equal(line.is_private, shipped_lines[i].kind != LOG_CLOUDFRONT);
        assert_false(line.is_prefetch);
    }
}

/* --- verdicts --- */

struct verdict {
    enum log_kind kind;
    const char *line;
    enum log_verdict verdict;
};

#define NGINX_SHORT \
    "$msec $request_method $request_uri $status $upstream_cache_status $http_purpose;"
#define OTHER_SHORT "%t %m %U%q %>s \"%{cache-status}e\""

static const struct verdict judged[] = {
    { LOG_NGINX, "1796058000.000 GET /a 302 HIT -;", LOG_COUNTS },
    { LOG_NGINX, "1796058000.000 GET /a 302 HIT -;\r", LOG_COUNTS },
    { LOG_NGINX, "1796058000.000 GET /a 301 STALE -;", LOG_COUNTS },
    { LOG_NGINX, "1796058000.000 GET /a 303 UPDATING -;", LOG_COUNTS },
    { LOG_NGINX, "1796058000.000 GET /a 307 hit -;", LOG_COUNTS },
    { LOG_NGINX, "1796058000.000 GET /a 308 HIT -;", LOG_COUNTS },
    { LOG_NGINX, "1796058000.000 GET /a 302 MISS -;", LOG_ASKED },
    { LOG_NGINX, "1796058000.000 GET /a 302 EXPIRED -;", LOG_ASKED },
    { LOG_NGINX, "1796058000.000 GET /a 302 BYPASS -;", LOG_ASKED },
    { LOG_NGINX, "1796058000.000 GET /a 302 REVALIDATED -;", LOG_ASKED },
    { LOG_NGINX, "1796058000.000 GET /a 302 - -;", LOG_ASKED },
    { LOG_NGINX, "1796058000.000 GET /a 302 HITS -;", LOG_ASKED },
    { LOG_NGINX, "1796058000.000 HEAD /a 302 HIT -;", LOG_NO_VISIT },
    { LOG_NGINX, "1796058000.000 POST /a 307 HIT -;", LOG_NO_VISIT },
    { LOG_NGINX, "1796058000.000 GET /a 302 HIT prefetch;", LOG_NO_VISIT },
    { LOG_NGINX, "1796058000.000 GET /a 200 HIT -;", LOG_NO_REDIRECT },
    { LOG_NGINX, "1796058000.000 GET /a 304 HIT -;", LOG_NO_REDIRECT },
    { LOG_NGINX, "1796058000.000 GET /a 404 HIT -;", LOG_NO_REDIRECT },
    { LOG_NGINX, "- GET /a 302 HIT -;", LOG_UNREADABLE },
    { LOG_NGINX, "soon GET /a 302 HIT -;", LOG_UNREADABLE },
    { LOG_NGINX, "1796058000.000 GET /a 302 HIT -", LOG_UNREADABLE },
    { LOG_NGINX, "1796058000.000 GET /a 302 HIT -; more", LOG_UNREADABLE },
    { LOG_NGINX, "1796058000.000 GET /a 30x HIT -;", LOG_UNREADABLE },
    { LOG_NGINX, "1796058000.000 GET /a", LOG_UNREADABLE },
    { LOG_NGINX, "x", LOG_UNREADABLE },
    { LOG_APACHE, "[30/Nov/2026:18:00:00 +0100] GET /a?b 302 \"cache hit\"", LOG_COUNTS },
    { LOG_APACHE, "[30/Nov/2026:18:00:00 +0100] GET /a 302 \"cache miss: attempting entity save\"",
      LOG_ASKED },
    { LOG_APACHE, "[30/Nov/2026:18:00:00 +0100] GET /a 302 \"-\"", LOG_ASKED },
    { LOG_APACHE, "[31/Nov/2026:18:00:00 +0100] GET /a 302 \"cache hit\"", LOG_UNREADABLE },
    { LOG_APACHE, "[30/Nov/2026:18:00:00 +0100] GET /a 302 \"cache hit", LOG_UNREADABLE },
    { LOG_APACHE, "[30/Nov/2026:18:00:00 +0100] GET /a 302 \"cache hit\\\"", LOG_UNREADABLE },
    { LOG_FASTLY,
      "{\"time\":\"1796058000\",\"method\":\"GET\",\"target\":\"/a\",\"status\":302,"
      "\"cache\":\"MISS\"}",
      LOG_ASKED },
    { LOG_FASTLY,
      "{\"time\":\"1796058000\",\"method\":\"GET\",\"target\":\"/a\",\"status\":302,"
      "\"cache\":\"HITPASS\"}",
      LOG_ASKED },
    { LOG_FASTLY,
      " { \"time\" : 1796058000 , \"method\" : \"GET\", \"target\":\"/a\",\"status\":302,"
      "\"cache\":\"HIT\" } ",
      LOG_COUNTS },
    { LOG_FASTLY,
      "{\"time\":1796058000,\"method\":\"GET\",\"target\":\"/a\",\"status\":302,"
      "\"cache\":\"HIT\"",
      LOG_UNREADABLE },
    { LOG_FASTLY, "{\"time\":1796058000,\"x\":[[[[[[[[1]]]]]]]]}", LOG_UNREADABLE },
    { LOG_FASTLY, "{\"time\":1796058000,}", LOG_UNREADABLE },
    { LOG_FASTLY, "{\"time\\", LOG_UNREADABLE },
    { LOG_FASTLY, "{}", LOG_NO_REDIRECT },
    { LOG_FASTLY, "[]", LOG_UNREADABLE },
    { LOG_CLOUDFRONT, "2026-11-30\t17:00:00", LOG_UNREADABLE },
};

static void verdicts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(judged); i++) {
        const char *text = judged[i].kind == LOG_NGINX    ? NGINX_SHORT
                           : judged[i].kind == LOG_APACHE ? OTHER_SHORT
                                                          : "";
        struct line_format format = format_of(judged[i].kind, text);
        struct log_line line;
        enum log_verdict verdict = read_line(&format, judged[i].line, &line);
        if (verdict != judged[i].verdict)
            fail_msg("\"%s\": %d, not %d", judged[i].line, (int)verdict, (int)judged[i].verdict);
    }
}

/* A format may write JSON in nginx's own language. */
static void nginx_json(void **state)
{
    (void)state;
    struct line_format format =
        format_of(LOG_NGINX, "{\"t\":\"${time_iso8601}\",\"r\":\"$request\",\"s\":$status,\"c\":"
                             "\"$upstream_cache_status\",\"a\":\"$http_user_agent\"}");
    struct log_line line;
    enum log_verdict verdict = read_line(&format,
                                         "{\"t\":\"2026-11-30T17:00:00+00:00\",\"r\":\"GET "
                                         "http://a.example/b c HTTP/1.0\",\"s\":302,"
                                         "\"c\":\"HIT\",\"a\":\"x\\\\\\\"\\u00e9\\t\"}",
                                         &line);
    assert_int_equal(verdict, LOG_COUNTS);
    assert_int_equal(line.at, AT);
    assert_slice(line.target, "/b c");
    assert_slice(line.agent, "x\\\"\xc3\xa9\t");
}

/* --- formats that cannot be --- */

struct refused {
    enum log_kind kind;
    const char *text, *why;
};

static void refused(void **state)
{
    (void)state;
    static const struct refused rows[] = {
        { LOG_NGINX, "$msec$request $status $upstream_cache_status",
          "nothing separates the fields 1 and 2 of the log format" },
        { LOG_NGINX, "$request $status $upstream_cache_status", "the log format lacks the time" },
        { LOG_NGINX, "$msec $request_uri $status $upstream_cache_status",
          "the log format lacks the method" },
        { LOG_NGINX, "$msec $request_method $status $upstream_cache_status",
          "the log format lacks the target" },
        { LOG_NGINX, "$msec $request $upstream_cache_status", "the log format lacks the status" },
        { LOG_NGINX, "$msec $request $status", "the log format lacks the answer of the cache" },
        { LOG_NGINX, "$msec $", "the log format is not understood after field 1" },
        { LOG_NGINX, "${msec", "the log format is not understood after field 0" },
        { LOG_APACHE, "%{User-Agent", "the log format is not understood after field 0" },
        { LOG_APACHE, "%", "the log format is not understood after field 0" },
        { LOG_FASTLY, "time", "the log format is not a list of at most 32 \"key=Member\"" },
        { LOG_FASTLY, "when=time", "\"when\" is no key of a log format" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct line_format format;
        struct error err = { "" };
        assert_false(log_format_compile(&format, rows[i].kind, slice_of(rows[i].text), &err));
        assert_string_equal(err.text, rows[i].why);
    }
    static char many[LOG_FORMAT_MAX + 2];
    struct line_format format;
    struct error err = { "" };
    memset(many, ' ', LOG_FORMAT_MAX + 1);
    assert_false(log_format_compile(&format, LOG_NGINX, slice_of(many), &err));
    assert_string_equal(err.text, "the log format has more than 2048 bytes");
    for (size_t i = 0; i + 2 < 3 * (LOG_PARTS_MAX + 2); i += 3)
        memcpy(many + i, "$a ", 3);
    many[3 * (LOG_PARTS_MAX + 1)] = '\0';
    assert_false(log_format_compile(&format, LOG_NGINX, slice_of(many), &err));
    assert_string_equal(err.text, "the log format has more than 32 fields");
}

/* --- times --- */

struct time {
    const char *text;
    int64_t at; /* -1: refused */
};

static void times(void **state)
{
    (void)state;
    static const struct time rows[] = {
        { "1796058000", AT },
        { "1796058000.999", AT },
        { "1796058000123", AT },
        { "1796058000123456", AT },
        { "1796058000123456789", AT },
        { "2026-11-30T17:00:00Z", AT },
        { "2026-11-30T18:30:00.5+01:30", AT },
        { "2026-11-30T18:30:00+0130", AT },
        { "2026-11-30T15:30:00-0130", AT },
        { "30/Nov/2026:17:00:00 +0000", AT },
        { "30/Nov/2026:13:30:00 -0330", AT },
        { "30/Nov/2026:17:00:00", AT },
        { "29/Feb/2028:00:00:00", 1835395200 },
        { "29/Feb/2027:00:00:00", -1 },
        { "30/Nov/2026:17:00:00 +01", -1 },
        { "30/Nov/2026:24:00:00", -1 },
        { "30/nov/2026:17:00:00", -1 },
        { "00/Nov/2026:17:00:00", -1 },
        { "30/Nov/0000:17:00:00", -1 },
        { "01/Jan/1970:00:00:00 +0100", -1 },
        { "", -1 },
        { "-5", -1 },
        { "12x", -1 },
        { "99999999999", -1 },
        { "12345678901234567890", -1 },
        { "2026-11-30", -1 },
        { "2106-11-30T17:00:00Z", -1 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int64_t at = -1;
        bool is_read = log_time_parse(slice_of(rows[i].text), &at);
        if (is_read != (rows[i].at >= 0) || at != rows[i].at)
            fail_msg("\"%s\": %lld", rows[i].text, (long long)at);
    }
}

static void kinds(void **state)
{
    (void)state;
    for (int kind = 0; kind < LOG_KINDS; kind++)
        assert_int_equal(log_kind_of(slice_of(log_kind_name((enum log_kind)kind))), kind);
    assert_int_equal(log_kind_of(SLICE("iis")), LOG_KINDS);
    assert_string_equal(log_kind_name(LOG_KINDS), "unknown");
}

/* A line beyond the limit is unreadable; one at the limit is read. */
static void long_lines(void **state)
{
    (void)state;
    static char text[LOG_LINE_MAX + 2], scratch[LOG_LINE_MAX];
    struct line_format format =
        format_of(LOG_NGINX, "$msec $request_method $status $upstream_cache_status $request_uri");
    const char begin[] = "1796058000.0 GET 302 HIT /";
    struct log_line line;
    memset(text, '\\', LOG_LINE_MAX + 1);
    memcpy(text, begin, sizeof(begin) - 1);
    assert_int_equal(log_parse(&format, (struct slice){ text, LOG_LINE_MAX }, scratch, &line),
                     LOG_COUNTS);
    assert_int_equal(log_parse(&format, (struct slice){ text, LOG_LINE_MAX + 1 }, scratch, &line),
                     LOG_UNREADABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped),    cmocka_unit_test(verdicts),
        cmocka_unit_test(nginx_json), cmocka_unit_test(refused),
        cmocka_unit_test(times),      cmocka_unit_test(kinds),
        cmocka_unit_test(long_lines), cmocka_unit_test(shipped_configurations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
