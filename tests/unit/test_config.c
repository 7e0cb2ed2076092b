/* SPDX-License-Identifier: MIT */
/* The configuration: valid and invalid files, error texts; the manual and the example must name
 * every key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/config.h"
#include "runtime/config_table.h"

/* A configuration file with this text; the caller removes it. */
static const char *write_file(const char *text, char path[32])
{
    snprintf(path, 32, "/tmp/curt-conf-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return path;
}

/* Loads `text`; *err has "FILE" where the path was. */
static struct config *load(const char *text, struct error *err)
{
    char path[32];
    write_file(text, path);
    struct config *config = config_load(path, err);
    unlink(path);
    for (char *at; (at = strstr(err->text, path)) != NULL;) {
        memmove(at + 4, at + strlen(path), strlen(at + strlen(path)) + 1);
        memcpy(at, "FILE", 4);
    }
    return config;
}

static struct config *load_good(const char *text)
{
    struct error err = { "" };
    struct config *config = load(text, &err);
    if (!config)
        fail_msg("%s", err.text);
    return config;
}

static void defaults(void **state)
{
    (void)state;
    struct config *config = load_good("");
    assert_string_equal(config->server.base_url, "http://localhost:8080");
    assert_true(slice_eq(config->server.base_path, SLICE("")));
    assert_true(slice_eq(config->server.base_host, SLICE("localhost:8080")));
    assert_int_equal(config->server.max_body, 65536);
    assert_int_equal(config->server.read_timeout_ms, 30000);
    assert_int_equal(config->links.redirect_status, 302);
    assert_int_equal(config->links.max_lifetime_s, INT64_C(36500) * 86400);
    assert_false(config->links.allow_credentials);
    assert_string_equal(config->mysql.host, "localhost");
    assert_int_equal(config->mysql.port, 3306);
    assert_null(config->mysql.socket);
    assert_null(config->mysql.password);
    assert_int_equal(config->mysql.connect_timeout_ms, 500);
    assert_int_equal(config->mysql.tls, SQL_TLS_PREFERRED);
    assert_string_equal(config->memcached.servers, "");
    assert_int_equal(config->breaker.failures, 5);
    assert_int_equal(config->breaker.open_ms, 30000);
    assert_int_equal(config->breaker.probes, 3);
    assert_non_null(strstr(config->segment.path, "/curt-"));
    assert_int_equal(config->cache.ttl_ms, 3600000);
    assert_int_equal(config->log.level, LOG_LEVEL_INFO);
    assert_false(config->log.redirects);
    config_free(&config);
    assert_null(config);
    config_free(&config);
}

struct wanted {
    const char *section;
    const char *key;
    char value[400];
    char source[100];
};

static void find(void *context, const char *section, const char *key, const char *value,
                 const char *source)
{
    struct wanted *wanted = context;
    if (strcmp(section, wanted->section) != 0 || strcmp(key, wanted->key) != 0)
        return;
    snprintf(wanted->value, sizeof(wanted->value), "%s", value);
    snprintf(wanted->source, sizeof(wanted->source), "%s", source);
}

static void good_values(void **state)
{
    static const struct {
        const char *text, *section, *key, *value;
    } rows[] = {
        { "[server]\nbase_url = https://Ex.ORG:443/s/\n", "server", "base_url",
          "https://ex.org/s" },
        { "[server]\nbase_url=http://[::1]:80\n", "server", "base_url", "http://[::1]" },
        { "\xef\xbb\xbf[log]\nlevel = debug\n", "log", "level", "debug" },
        { "[log]\r\nlevel = debug\r\n", "log", "level", "debug" },
        { "# x\n; y\n\n  [log]\n  level : warn ; z\n", "log", "level", "warn" },
        { "[log]\nlevel = warn\n[api]\n[log]\nformat = json\n", "log", "format", "json" },
        { "[log]\nlevel = error", "log", "level", "error" },
        { "[pages]\npath = /my-pages/for_us\n", "pages", "path", "/my-pages/for_us" },
        { "[pages]\nroot_url = HTTPS://www.Ex.org\n", "pages", "root_url", "https://www.ex.org" },
        { "[server]\nbase_url = https://ex.org/s\n[pages]\nunknown_url = https://ex.org/404\n",
          "pages", "unknown_url", "https://ex.org/404" },
        { "[pages]\npath = /Our_pages-2\n", "pages", "path", "/Our_pages-2" },
        { "[pages]\nroot = none\n", "pages", "root", "none" },
        { "[pages]\noperator = Ex & Sons\n", "pages", "operator", "Ex & Sons" },
        { "[pages]\naccent = #0B57d0\n", "pages", "accent", "#0B57d0" },
        { "[pages]\nabuse = abuse+s@ex.org\n", "pages", "abuse", "mailto:abuse+s@ex.org" },
        { "[pages]\nabuse = mailto:a_b@ex.org\n", "pages", "abuse", "mailto:a_b@ex.org" },
        { "[pages]\nabuse = HTTPS://Ex.org/@us\n", "pages", "abuse", "https://ex.org/@us" },
        { "[pages]\nimprint_url = HTTP://Ex.org\n", "pages", "imprint_url", "http://ex.org" },
        { "[pages]\nprivacy_url = https://ex.org/p\n", "pages", "privacy_url", "https://ex.org/p" },
        { "[pages]\nrobots = none\n", "pages", "robots", "none" },
        { "[mysql]\npassword = a;b#c=d e\n", "mysql", "password", "***" },
        { "[mysql]\npassword =\n", "mysql", "password", "" },
        { "[segment]\npath = /x/y\n", "segment", "path", "/x/y" },
        { "[segment]\npath =\n", "segment", "path", "" },
        { "[cache]\nnegative_ttl = 0\n", "cache", "negative_ttl", "0" },
        { "[edge]\nlogs = nginx:/a/b.log, varnish:/c/\n", "edge", "logs",
          "nginx:/a/b.log, varnish:/c/" },
        { "[edge]\nnginx_format = $msec \"$request\" $status $upstream_cache_status x\n", "edge",
          "nginx_format", "$msec \"$request\" $status $upstream_cache_status x" },
        { "[edge]\nlogs_reader = command\n", "edge", "logs_reader", "command" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wanted wanted = { rows[i].section, rows[i].key, "", "" };
        struct config *config = load_good(rows[i].text);
        config_walk(config, find, &wanted);
        assert_string_equal(wanted.value, rows[i].value);
        config_free(&config);
    }
}

static void numbers(void **state)
{
    (void)state;
    struct config *config =
        load_good("[server]\nmax_body = 2M\nread_timeout = 1500ms\n"
                  "max_requests = 7\nmax_memory = 1g\n"
                  "[links]\nmax_url_bytes = 2k\nallow_credentials = on\n"
                  "redirect_status = 308\nmax_lifetime = 365000d\n"
                  "[breaker]\nopen = 250ms\nfailures = 0\n[cache]\nttl = 30d\n");
    assert_int_equal(config->server.max_body, 2 * 1024 * 1024);
    assert_int_equal(config->server.max_memory, 1024 * 1024 * 1024);
    assert_int_equal(config->server.read_timeout_ms, 1500);
    assert_int_equal(config->server.max_requests, 7);
    assert_int_equal(config->links.max_url_bytes, 2048);
    assert_true(config->links.allow_credentials);
    assert_int_equal(config->links.redirect_status, 308);
    assert_int_equal(config->links.max_lifetime_s, INT64_C(365000) * 86400);
    assert_int_equal(config->breaker.open_ms, 250);
    assert_int_equal(config->breaker.failures, 0);
    assert_int_equal(config->cache.ttl_ms, 30U * 86400 * 1000);
    config_free(&config);
}

#define VERIFY "[mysql]\ntls = verify\ntls_ca = /x\n"

static const struct {
    const char *text, *why;
} REFUSALS[] = {
    { "x = 1\n", "FILE:1: \"x\" comes before the first [section]" },
    { "[servr]\nx = 1\n", "FILE:2: unknown section [servr]; did you mean [server]?" },
    { "[server]\n\nbase_ulr = x\n",
      "FILE:3: unknown key \"base_ulr\" in [server]; did you mean \"base_url\"?" },
    { "[mysql]\nBase_url = x\n",
      "FILE:2: unknown key \"Base_url\" in [mysql]; did you mean \"base_url\" of [server]?" },
    { "[log]\nlevel = info\n#\nlevel = info\n",
      "FILE:4: \"level\" of [log] was given before, at FILE:2" },
    { "[log]\nlevel\n", "FILE:2: neither [section], key = value nor a comment" },
    { "[log\nlevel = info\n", "FILE:1: neither [section], key = value nor a comment" },
    { "[log]\nlevel = loud\n",
      "FILE:2: level of [log]: \"loud\" is none of: error, warn, info, debug" },
    { "[log]\nredirects = maybe\n", "FILE:2: redirects of [log]: \"maybe\" is neither yes nor no" },
    { "[mysql]\nport = 70000\n",
      "FILE:2: port of [mysql]: \"70000\" is not a whole number from 1 to 65535" },
    { "[mysql]\nport = 0x50\n",
      "FILE:2: port of [mysql]: \"0x50\" is not a whole number from 1 to 65535" },
    { "[mysql]\nport =\n", "FILE:2: port of [mysql]: \"\" is not a whole number from 1 to 65535" },
    { "[mysql]\ndatabase =\n", "FILE:2: database of [mysql]: must not be empty" },
    { "[server]\nmax_body = 99999999999999999999\n",
      "FILE:2: max_body of [server]: \"99999999999999999999\" is not a number of bytes (64k, "
      "8m) from 1k to 16m" },
    { "[server]\nmax_body = 9007199254740993m\n",
      "FILE:2: max_body of [server]: \"9007199254740993m\" is not a number of bytes (64k, 8m) "
      "from 1k to 16m" },
    { "[cache]\nttl = 31d\n", "FILE:2: ttl of [cache]: \"31d\" is not a duration (500ms, 30s, "
                              "5m, 24h, 7d, 2w) from 1s to 30d" },
    { "[cache]\nttl = -1s\n", "FILE:2: ttl of [cache]: \"-1s\" is not a duration (500ms, 30s, "
                              "5m, 24h, 7d, 2w) from 1s to 30d" },
    { "[cache]\nedge_ttl = 1500ms\n",
      "FILE:2: edge_ttl of [cache]: \"1500ms\" is not a duration of whole seconds (30s, "
      "5m, 24h, 7d, 2w) from 0 to 1d" },
    { "[edge]\npurge = squid:http://a\n",
      "FILE:2: purge of [edge]: \"squid:http://a\": a cache is " },
    { "[edge]\npurge = nginx:/1 nginx:/2 nginx:/3 nginx:/4 nginx:/5 nginx:/6 nginx:/7 nginx:/8 "
      "nginx:/9\n",
      "FILE:2: purge of [edge]: has more than 8 caches" },
    { "[edge]\npurge_method = purge\n",
      "FILE:2: purge_method of [edge]: is not a method in capitals" },
    { "[edge]\npurge_header = Bearer x\n",
      "FILE:2: purge_header of [edge]: is not \"Name: value\"" },
    { "[edge]\npurge_header = Authorization:\n",
      "FILE:2: purge_header of [edge]: is not \"Name: value\"" },
    { "[edge]\npurge_max = 999\n", "FILE:2: purge_max of [edge]: \"999\" is not " },
    { "[mysql]\nreplicas = unix:x\n", "FILE:2: replicas of [mysql]: replica \"unix:x\": " },
    { "[mysql]\nreplicas = a,b,c,d,e,f,g,h,i\n",
      "FILE:2: replicas of [mysql]: expected at most 8 replicas, not 9" },
    { "[mysql]\nreplicas = a b\n",
      "FILE:2: replicas of [mysql]: \"a b\" has a space: servers are separated by commas" },
    { "[memcached]\nservers = a:1 b:1\n", "FILE:2: servers of [memcached]: \"a:1 b:1\" has a "
                                          "space: servers are separated by commas" },
    { "[memcached]\nservers = a:0\n",
      "FILE:2: servers of [memcached]: memcached server \"a:0\": " },
    { "[server]\nown_domains = a.example, b.example\n",
      "FILE:2: own_domains of [server]: has a comma: the items of this list are separated" },
    { "[links]\nallowed_schemes = http,https\n",
      "FILE:2: allowed_schemes of [links]: has a comma" },
    { "[pages]\npath = admin\n", "FILE:2: path of [pages]: must be a path like /admin" },
    { "[pages]\npath = /admin/\n", "FILE:2: path of [pages]: must be a path like /admin" },
    { "[pages]\npath = //admin\n", "FILE:2: path of [pages]: must be a path like /admin" },
    { "[pages]\npath = /a/../b\n", "FILE:2: path of [pages]: must be a path like /admin" },
    { "[pages]\npath = /a%20b\n", "FILE:2: path of [pages]: must be a path like /admin" },
    { "[pages]\npath = /api/pages\n", "FILE:2: path of [pages]: is a path of Curt's own" },
    { "[pages]\npath = /urls\n", "FILE:2: path of [pages]: is a path of Curt's own" },
    { "[pages]\npath = /Readyz\n", "FILE:2: path of [pages]: is a path of Curt's own" },
    { "[pages]\nroot_url = www.example\n", "FILE:2: root_url of [pages]: " },
    { "[pages]\npath = admin\n",
      "FILE:2: path of [pages]: must be a path like /admin, of letters" },
    { "[pages]\npath = /a.b\n", "FILE:2: path of [pages]: must be a path like" },
    { "[pages]\npath = /api\n", "FILE:2: path of [pages]: is a path of Curt's own" },
    { "[pages]\npath = /\n", "FILE:2: path of [pages]: " },
    { "[pages]\nroot = page\n", "FILE:2: root of [pages]: \"page\" is none of: hint, home, none" },
    { "[pages]\nexpired_url = mailto:a@b.example\n", "FILE:2: expired_url of [pages]: " },
    { "[pages]\naccent = red\n", "FILE:2: accent of [pages]: must be a colour of six" },
    { "[pages]\naccent = 0b57d\n", "FILE:2: accent of [pages]: must be a colour of six" },
    { "[pages]\naccent = 0b57d0;}a{b:c\n", "FILE:2: accent of [pages]: must be a colour of six" },
    { "[pages]\nabuse = us\n", "FILE:2: abuse of [pages]: must be a mail address like" },
    { "[pages]\nabuse = a@b@c\n", "FILE:2: abuse of [pages]: must be a mail address like" },
    { "[pages]\nabuse = a@b?subject=c\n", "FILE:2: abuse of [pages]: must be a mail address like" },
    { "[pages]\nabuse = javascript:alert(1)\n", "FILE:2: abuse of [pages]: must be a mail" },
    { "[pages]\nabuse = javascript://%0aalert(1)\n", "FILE:2: abuse of [pages]: " },
    { "[pages]\nimprint_url = javascript:alert(1)\n", "FILE:2: imprint_url of [pages]: " },
    { "[pages]\nprivacy_url = /privacy\n", "FILE:2: privacy_url of [pages]: " },
    { "[pages]\nrobots = all\n", "FILE:2: robots of [pages]: \"all\" is none of: follow, none" },
    { "[server]\nbase_url = https://ex.org\n[pages]\nnot_started_url = https://ex.org/404\n",
      "FILE:4: not_started_url of [pages]: leads back to Curt" },
    { "[server]\nbase_url = https://ex.org\n[pages]\nunknown_url = https://ex.org/404\n",
      "FILE:4: unknown_url of [pages]: leads back to Curt" },
    { "[server]\nbase_url = https://ex.org/s\n[pages]\nroot_url = http://EX.org/s/x\n",
      "FILE:4: root_url of [pages]: leads back to Curt" },
    { "[api]\ncors_origins = https://a.example, https://b.example\n",
      "FILE:2: cors_origins of [api]: has a comma" },
    { "[breaker]\nprobes = 0\n", "FILE:2: probes of [breaker]: " },
    { "[edge]\nlogs = /var/log/x\n", "FILE:2: logs of [edge]: \"/var/log/x\": the log's kind is" },
    { "[edge]\nlogs = nginx:x\n", "FILE:2: logs of [edge]: \"nginx:x\": the path is not absolute" },
    { "[edge]\nlogs = nginx:/1 nginx:/2 nginx:/3 nginx:/4 nginx:/5 nginx:/6 nginx:/7 nginx:/8 "
      "nginx:/9 nginx:/a nginx:/b nginx:/c nginx:/d nginx:/e nginx:/f nginx:/g nginx:/h\n",
      "FILE:2: logs of [edge]: has more than 16 logs" },
    { "[edge]\nnginx_format = $msec $request $status\n",
      "FILE:2: nginx_format of [edge]: the log format lacks the answer of the cache" },
    { "[edge]\nfastly_format = when=time\n",
      "FILE:2: fastly_format of [edge]: \"when\" is no key of a log format" },
    { "[edge]\nlogs_max_age = 1h\n", "FILE:2: logs_max_age of [edge]: " },
    { "[edge]\nlogs_reader = root\n", "FILE:2: logs_reader of [edge]: \"root\" is none of" },
    { "[memcached]\nprefix = a b\n",
      "FILE:2: prefix of [memcached]: must be visible ASCII without spaces" },
    { "[server]\nbase_url = ftp://x/\n", "FILE:2: base_url of [server]: " },
    { "[server]\nbase_url = http://x/?q\n",
      "FILE:2: base_url of [server]: must have neither a query nor a fragment" },
    { "[server]\nbase_url = http://x/#f\n",
      "FILE:2: base_url of [server]: must have neither a query nor a fragment" },
    { "[server]\nmax_memory = 1m\n[server]\nmax_body = 1m\n",
      "FILE:2: max_memory of [server]: must be at least 512k more" },
    { "[links]\nallowed_schemes = http javascript\n",
      "FILE:2: allowed_schemes of [links]: \"javascript\" cannot be allowed" },
    { "[links]\nallowed_schemes = HTTP\n",
      "FILE:2: allowed_schemes of [links]: \"HTTP\" cannot be allowed" },
    { "[links]\nalias_min = 51\n", "FILE:2: alias_min of [links]: 51 is more than alias_max, 50" },
    { "[links]\nalias_max = 101\n",
      "FILE:2: alias_max of [links]: \"101\" is not a whole number from 1 to 100" },
    { "[links]\nsequence = a'b\n", "FILE:2: sequence of [links]: may hold letters" },
    { "[mysql]\ntls_cert = /x\n", "FILE:2: tls_cert of [mysql]: tls_cert and tls_key go together" },
    { "[mysql]\ntls_key = /x\n", "FILE:2: tls_key of [mysql]: tls_cert and tls_key go together" },
    { "[mysql]\ntls_ca = /x\n", "FILE:2: tls_ca of [mysql]: is for tls = verify alone" },
    { "[mysql]\ntls_ca = /x\ntls = off\n", "FILE:2: tls_ca of [mysql]: is for tls = verify alone" },
    { "[mysql]\ntls = preferred\ntls_ca = /x\n",
      "FILE:3: tls_ca of [mysql]: is for tls = verify alone" },
    { "[mysql]\ntls_ca = /x\ntls = required\n",
      "FILE:2: tls_ca of [mysql]: is for tls = verify alone" },
    { "[mysql]\ntls = verify\nhost = db.example\n", "FILE:2: tls of [mysql]: verify needs tls_ca" },
    { VERIFY "socket = /s\n", "FILE:4: socket of [mysql]: tls = verify checks a name over TCP" },
    { VERIFY "host = db.example\nsocket = /s\n",
      "FILE:5: socket of [mysql]: tls = verify checks a name over TCP" },
    { VERIFY "host =\n", "FILE:4: host of [mysql]: tls = verify checks a name, and there is none" },
    { VERIFY "host = 127.0.0.1\n",
      "FILE:4: host of [mysql]: tls = verify checks a name, and \"127.0.0.1\" is an address" },
    { VERIFY "host = 192.0.2.1.\n", "FILE:4: host of [mysql]: tls = verify checks a name, and" },
    { VERIFY "host = 127.1\n", "FILE:4: host of [mysql]: tls = verify checks a name, and" },
    { VERIFY "host = 0x7f000001\n", "FILE:4: host of [mysql]: tls = verify checks a name, and" },
    { VERIFY "host = ::1\n", "FILE:4: host of [mysql]: tls = verify checks a name, and" },
    { VERIFY "host = fe80::1%eth0\n", "FILE:4: host of [mysql]: tls = verify checks a name, and" },
    { VERIFY "replicas = a.example,10.0.0.2\n",
      "FILE:4: replicas of [mysql]: tls = verify checks a name, and \"10.0.0.2\" is an address" },
    { VERIFY "servers = a.example,10.0.0.2\n",
      "FILE:4: servers of [mysql]: tls = verify checks a name, and \"10.0.0.2\" is an address" },
    { "[mysql]\nservers = a.example b.example\n", "FILE:2: servers of [mysql]: " },
    { VERIFY "replicas = [2001:db8::2]:3306\n",
      "FILE:4: replicas of [mysql]: tls = verify checks a name, and \"2001:db8::2\" is" },
    { VERIFY "replicas = a.example,unix:/s\n",
      "FILE:4: replicas of [mysql]: tls = verify checks a name over TCP, and \"/s\" is a unix" },
    { "[segment]\npath = x\n", "FILE:2: path of [segment]: must be" },
    { "[log]\nlevel = x\ny\n", "FILE:3: neither" },
    { "[links]\nallowed_schemes = http\thttps\n",
      "FILE:2: allowed_schemes of [links]: holds a control character" },
    { "[mysql]\nuser = a\x01z\n", "FILE:2: user of [mysql]: holds a control character" },
};

static void refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(REFUSALS) / sizeof(REFUSALS[0]); i++) {
        struct error err = { "" };
        struct config *config = load(REFUSALS[i].text, &err);
        if (config)
            fail_msg("row %zu was taken", i);
        if (strncmp(err.text, REFUSALS[i].why, strlen(REFUSALS[i].why)) != 0)
            fail_msg("row %zu: \"%s\" instead of \"%s\"", i, err.text, REFUSALS[i].why);
    }
}

/* Valid combinations of the TLS settings for the database. */
static void tls_that_is_taken(void **state)
{
    static const char *const texts[] = {
        VERIFY, /* localhost, over TCP then */
        VERIFY "host = db.example\n",
        VERIFY "host = db.example.\n",
        VERIFY "host = db_1\n",
        VERIFY "host = 1.db\nport = 1\nreplicas = a.example, b.example:3307\n",
        VERIFY "tls_cert = /c\ntls_key = /k\n",
        "[mysql]\ntls = required\nsocket = /s\nreplicas = 10.0.0.2, unix:/s\n",
        "[mysql]\ntls = required\nhost = ::1\ntls_cert = /c\ntls_key = /k\n",
        "[mysql]\ntls = preferred\nhost = 127.0.0.1\n",
        "[mysql]\ntls = off\nhost = 127.0.0.1\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct config *config = load_good(texts[i]);
        config_free(&config);
    }
}

/* inih splits lines of 200 bytes and more; we do not. */
static void long_lines(void **state)
{
    (void)state;
    char text[2000], expected[301];
    memset(expected, 'u', 300);
    expected[300] = '\0';
    snprintf(text, sizeof(text),
             "[mysql]\nuser = %s\t; a comment\r\nhost = h\n# %s = no key\ndatabase = d\n", expected,
             expected);
    struct config *config = load_good(text);
    assert_string_equal(config->mysql.user, expected);
    assert_string_equal(config->mysql.host, "h");
    assert_string_equal(config->mysql.database, "d");
    config_free(&config);
    struct error err = { "" };
    assert_null(load(expected, &err));
    assert_string_equal(err.text, "FILE:1: neither [section], key = value nor a comment");
}

static const struct {
    const char *text;  /* in [mysql] */
    const char *doubt; /* the beginning of the warning; "": none */
} DOUBTS[] = {
    { "password = abc", "" },
    { "password = \"abc\"", "password has quotes" },
    { "password = 'abc'", "password has quotes" },
    { "password = \"a ;b\"", "password is cut" },
    { "password = \"", "" },
    { "password = a\"b\"", "" },
    { "password = abc ; mine", "password ends at" },
    { "password = a;b", "" },
    { "; password = a ;b", "" },
    { "host = h ; of the database", "" },
    { "user = \"me\"", "user has quotes" },
    { "user = me\npassword = x ;\n", "password ends at" },
    { "port = 3306 ; \"the port\"", "" },
};

static void collect(void *context, const char *section, const char *key, const char *source,
                    const char *text)
{
    char *out = context;
    (void)section, (void)source;
    snprintf(out + strlen(out), 200 - strlen(out), "%s %s", key, text);
}

static void doubts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(DOUBTS) / sizeof(DOUBTS[0]); i++) {
        char text[200];
        char printed[200] = "";
        snprintf(text, sizeof(text), "[mysql]\n%s\n", DOUBTS[i].text);
        struct config *config = load_good(text);
        config_doubts(config, collect, printed);
        config_free(&config);
        if (strncmp(printed, DOUBTS[i].doubt, strlen(DOUBTS[i].doubt)) != 0 ||
            !*printed != !*DOUBTS[i].doubt)
            fail_msg("row %zu: \"%s\"", i, printed);
    }
}

/* A colour that light pages cannot show as it is. */
static void doubts_of_the_accent(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "", "" },
        { "0b57d0", "" },
        { "ffd400", "accent has too little contrast with the light pages" },
        { "#727272", "" },                               /* 4.53 */
        { "#767676", "accent has too little contrast" }, /* 4.27 */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[100];
        char printed[200] = "";
        snprintf(text, sizeof(text), "[pages]\naccent = %s\n", rows[i][0]);
        struct config *config = load_good(text);
        config_doubts(config, collect, printed);
        config_free(&config);
        if (strncmp(printed, rows[i][1], strlen(rows[i][1])) != 0 || !*printed != !*rows[i][1])
            fail_msg("%s: \"%s\"", rows[i][0], printed);
    }
}

/* The paths that root uses for the segment of another user's workers. */
static void paths_of_another_user(void **state)
{
    (void)state;
    struct error err = { "" };
    char path[32];
    write_file("", path);
    struct config *config = config_load_for(path, 12345, &err);
    unlink(path);
    assert_non_null(config);
    assert_non_null(strstr(config->segment.path, "/curt-12345-"));
    config_free(&config);
}

static void environment(void **state)
{
    static const struct {
        const char *name, *value;
        const char *why; /* NULL: it is taken, and user of [mysql] is... */
        const char *user;
    } rows[] = {
        { "CURT_MYSQL_USER", "env", NULL, "env" },
        { "CURT_MYSQL_USERS", "env",
          "CURT_MYSQL_USERS: unknown key \"users\" in [mysql]; did you mean \"user\"?", NULL },
        { "CURT_MYSQL_", "env", "CURT_MYSQL_: unknown key \"\" in [mysql]", NULL },
        { "CURT_MYSQL_PORT", "x", "CURT_MYSQL_PORT: port of [mysql]: \"x\" is not a whole", NULL },
        { "CURT_MYSQL", "env", NULL, "file" },
        { "CURT_mysql_user", "env", NULL, "file" },
        { "CURT_SRCDIR_X", "env", NULL, "file" },
        { "MYSQL_USER", "env", NULL, "file" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error err = { "" };
        setenv(rows[i].name, rows[i].value, 1);
        struct config *config = load("[mysql]\nuser = file\n", &err);
        unsetenv(rows[i].name);
        if (!config != (rows[i].why != NULL))
            fail_msg("row %zu: \"%s\"", i, err.text);
        if (config)
            assert_string_equal(config->mysql.user, rows[i].user);
        else if (strncmp(err.text, rows[i].why, strlen(rows[i].why)) != 0)
            fail_msg("row %zu: \"%s\" instead of \"%s\"", i, err.text, rows[i].why);
        config_free(&config);
    }
}

static void sources(void **state)
{
    (void)state;
    char path[32], expected[64];
    struct error err = { "" };
    write_file("\n[mysql]\nuser = a\n", path);
    setenv("CURT_MYSQL_HOST", "h", 1);
    struct config *config = config_load(path, &err);
    unsetenv("CURT_MYSQL_HOST");
    unlink(path);
    assert_non_null(config);
    struct wanted user = { "mysql", "user", "", "" }, host = { "mysql", "host", "", "" },
                  port = { "mysql", "port", "", "" };
    config_walk(config, find, &user);
    config_walk(config, find, &host);
    config_walk(config, find, &port);
    snprintf(expected, sizeof(expected), "%s:3", path);
    assert_string_equal(user.source, expected);
    assert_string_equal(host.source, "CURT_MYSQL_HOST");
    assert_string_equal(port.source, "default");
    config_free(&config);
}

static void files(void **state)
{
    (void)state;
    struct error err = { "" };
    assert_null(config_load("/nonexistent/curt.conf", &err));
    assert_string_equal(err.text, "/nonexistent/curt.conf: No such file or directory");
    assert_null(config_load("/tmp", &err));
    assert_string_equal(err.text, "/tmp: Is a directory");
    assert_null(config_load("/dev/zero", &err));
    assert_string_equal(err.text, "/dev/zero: larger than 256 KiB");
    setenv("CURT_CONFIG", "/nonexistent/curt.conf", 1);
    assert_string_equal(config_default_path(), "/nonexistent/curt.conf");
    assert_null(config_load(NULL, &err));
    unsetenv("CURT_CONFIG");
}

/* --- the documents --- */

static char *slurp(const char *name)
{
    char path[4096];
    const char *top = getenv("CURT_SRCDIR");
    snprintf(path, sizeof(path), "%s/%s", top ? top : ".", name);
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("cannot open %s", path);
    char *text = calloc(1, 256 * 1024);
    assert_true(fread(text, 1, 256 * 1024 - 1, file) > 0);
    fclose(file);
    return text;
}

/* The markup of section names and keys in a document. */
struct spelling {
    const char *before_section, *after_section;
    const char *before_key, *after_key, *before_value;
};

static const struct spelling manual = { "\n.Ss [", "]\n", "\n.It Ic ", " No =", " Li " };
static const struct spelling example = { "\n[", "]\n", "\n#", " =", " " };

static void expect_all_keys(const char *document, const struct spelling *spelling)
{
    char *text = slurp(document);
    const char *section = "", *at = text;
    for (size_t i = 0; i < CONFIG_KEYS_N; i++) {
        const struct config_key *key = &CONFIG_KEYS[i];
        char line[300];
        if (strcmp(section, key->section) != 0) {
            snprintf(line, sizeof(line), "%s%s%s", spelling->before_section, key->section,
                     spelling->after_section);
            at = strstr(text, line);
            if (!at)
                fail_msg("%s has no section %s", document, key->section);
            section = key->section;
        }
        snprintf(line, sizeof(line), "%s%s%s%s%s\n", spelling->before_key, key->name,
                 spelling->after_key, key->fallback[0] ? spelling->before_value : "",
                 key->fallback);
        if (!strstr(at, line))
            fail_msg("%s lacks, in [%s]: %s", document, section, line);
    }
    free(text);
}

/* Every line that begins with `mark` must have a known key. */
static void expect_only_keys(const char *document, const char *heading, const char *mark)
{
    char *text = slurp(document), *rest = text;
    char section[64] = "";
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        size_t at_heading = strlen(heading);
        if (strncmp(line, heading, at_heading) == 0)
            snprintf(section, sizeof(section), "%.*s", (int)strcspn(line + at_heading, "]"),
                     line + at_heading);
        if (strncmp(line, mark, strlen(mark)) != 0 || section[0] == '\0')
            continue;
        char name[64];
        const char *key = line + strlen(mark);
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(key, " "), key);
        if (strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name) && name[0] &&
            !config_key_find(section, name))
            fail_msg("%s: there is no %s in [%s]", document, name, section);
    }
    free(text);
}

static void the_manual_has_every_key(void **state)
{
    (void)state;
    expect_all_keys("man/curt.conf.5", &manual);
    expect_only_keys("man/curt.conf.5", ".Ss [", ".It Ic ");
}

static void the_example_has_every_key(void **state)
{
    (void)state;
    expect_all_keys("docs/curt.conf.example", &example);
    expect_only_keys("docs/curt.conf.example", "[", "#");
}

/* The example is loaded unchanged, and with all commented settings enabled. */
static void the_example_loads(void **state)
{
    (void)state;
    char *text = slurp("docs/curt.conf.example");
    struct config *config = load_good(text);
    config_free(&config);
    for (char *at = text; (at = strstr(at, "\n#")) != NULL; at++) {
        if (at[2] != ' ')
            memmove(at + 1, at + 2, strlen(at + 2) + 1);
    }
    config = load_good(text);
    struct wanted last = { "log", "addresses", "", "" };
    config_walk(config, find, &last);
    assert_string_not_equal(last.source, "default");
    config_free(&config);
    free(text);
}

static void every_key_has_help_and_a_sound_default(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONFIG_KEYS_N; i++) {
        assert_true(strlen(CONFIG_KEYS[i].help) > 5);
        assert_ptr_equal(config_key_find(CONFIG_KEYS[i].section, CONFIG_KEYS[i].name),
                         &CONFIG_KEYS[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(good_values),
        cmocka_unit_test(numbers),
        cmocka_unit_test(refusals),
        cmocka_unit_test(tls_that_is_taken),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(doubts),
        cmocka_unit_test(doubts_of_the_accent),
        cmocka_unit_test(paths_of_another_user),
        cmocka_unit_test(environment),
        cmocka_unit_test(sources),
        cmocka_unit_test(files),
        cmocka_unit_test(the_manual_has_every_key),
        cmocka_unit_test(the_example_has_every_key),
        cmocka_unit_test(the_example_loads),
        cmocka_unit_test(every_key_has_help_and_a_sound_default),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
