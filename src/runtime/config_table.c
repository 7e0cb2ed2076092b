/* SPDX-License-Identifier: MIT */
/* The table of configuration keys. curt.conf(5) documents them; a test compares the two. */
#include "runtime/config_table.h"

#include <string.h>

#include "follow/log_format.h"
#include "link/code.h"
#include "link/link.h"
#include "text/suggest.h"

#define MS     INT64_C(1)
#define SECOND (1000 * MS)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define KIB    INT64_C(1024)
#define MIB    (1024 * KIB)
#define GIB    (1024 * MIB)

enum {
    TEXT_MAX = 1000,
    NAME_MAX_BYTES = 64,
    /* The longest path of a unix socket and the longest host name. */
    SOCKET_MAX = 107,
    PAGES_PATH_MAX = 64,
    HOST_MAX = 253,
};

static const struct config_choice STATUSES[] = {
    { "302", 302 }, { "301", 301 }, { "303", 303 }, { "307", 307 }, { "308", 308 }, { NULL, 0 },
};

static const struct config_choice EXTRA_PATHS[] = {
    { "404", EXTRA_PATH_REFUSED },
    { "append", EXTRA_PATH_APPENDED },
    { "ignore", EXTRA_PATH_IGNORED },
    { NULL, 0 },
};

static const struct config_choice ALIAS_CASES[] = {
    { "exact", 0 },
    { "ignore", 1 },
    { NULL, 0 },
};

static const struct config_choice TLS[] = {
    { "off", SQL_TLS_OFF },
    { "preferred", SQL_TLS_PREFERRED },
    { "required", SQL_TLS_REQUIRED },
    { "verify", SQL_TLS_VERIFY },
    { NULL, 0 },
};

static const struct config_choice LEVELS[] = {
    { "error", LOG_LEVEL_ERROR },
    { "warn", LOG_LEVEL_WARN },
    { "info", LOG_LEVEL_INFO },
    { "debug", LOG_LEVEL_DEBUG },
    { NULL, 0 },
};

static const struct config_choice FORMATS[] = {
    { "logfmt", LOG_LOGFMT },
    { "json", LOG_JSON },
    { NULL, 0 },
};

static const struct config_choice ROOTS[] = {
    { "hint", ROOT_PAGE_HINT },
    { "home", ROOT_PAGE_HOME },
    { "none", ROOT_PAGE_NONE },
    { NULL, 0 },
};

static const struct config_choice ROBOTS[] = {
    { "follow", ROBOTS_FOLLOW },
    { "none", ROBOTS_NONE },
    { NULL, 0 },
};

static const struct config_choice TARGETS[] = {
    { "stderr", LOG_STDERR },
    { "syslog", LOG_SYSLOG },
    { NULL, 0 },
};

static const struct config_choice PURGERS[] = {
    { "workers", 0 },
    { "command", 1 },
    { NULL, 0 },
};
static const struct config_choice READERS[] = {
    { "workers", 0 },
    { "command", 1 },
    { NULL, 0 },
};

static const struct config_choice CHARSETS[] = {
    { "36", 0 },
    { "62", 1 },
    { NULL, 0 },
};

#define AT(section, name) #section, #name
// NOLINTNEXTLINE(bugprone-macro-parentheses): a member cannot stand in parentheses
#define IN(section, member) offsetof(struct config, section.member)

/* clang-format off */
const struct config_key CONFIG_KEYS[] = {
    { AT(server, base_url), CONFIG_STRING, IN(server, base_url),
      "http://localhost:8080", 1, TEXT_MAX, NULL, "the URL that short URLs begin with" },
    { AT(server, own_domains), CONFIG_STRING, IN(server, own_domains),
      "", 0, TEXT_MAX, NULL, "further hosts of this site; their URLs are refused as destinations" },
    { AT(server, max_requests), CONFIG_UNSIGNED, IN(server, max_requests),
      "0", 0, 1000000000, NULL, "requests after which a worker is replaced; 0: never" },
    { AT(server, max_body), CONFIG_BYTES, IN(server, max_body),
      "64k", 1 * KIB, 16 * MIB, NULL, "the largest request body" },
    { AT(server, read_timeout), CONFIG_MILLISECONDS, IN(server, read_timeout_ms),
      "30s", 100 * MS, HOUR, NULL, "longest silence of the web server within a request" },
    { AT(server, max_memory), CONFIG_BYTES, IN(server, max_memory),
      "64m", 1 * MIB, 1024 * MIB, NULL, "the most memory of one request" },
    { AT(server, trusted_proxies), CONFIG_NETWORKS, IN(server, trusted_proxies),
      "", 0, 0, NULL, "networks whose X-Forwarded-For is trusted" },

    { AT(links, allowed_schemes), CONFIG_STRING, IN(links, allowed_schemes),
      "http https", 1, TEXT_MAX, NULL, "schemes a long URL may have" },
    { AT(links, allow_credentials), CONFIG_BOOL, IN(links, allow_credentials),
      "no", 0, 0, NULL, "whether a long URL may have user:password@" },
    { AT(links, max_url_bytes), CONFIG_BYTES, IN(links, max_url_bytes),
      "8000", 100, URL_MAX_BYTES_DEFAULT, NULL, "the longest long URL, after encoding" },
    { AT(links, redirect_status), CONFIG_ENUM, IN(links, redirect_status),
      "302", 0, 0, STATUSES, "the status of redirects of links without redirect_status" },
    { AT(links, extra_path), CONFIG_ENUM, IN(links, extra_path),
      "404", 0, 0, EXTRA_PATHS, "what a path behind a code means, for links without extra_path" },
    { AT(links, alias_case), CONFIG_ENUM, IN(links, ignores_alias_case),
      "exact", 0, 0, ALIAS_CASES, "whether the letter case of aliases counts" },
    { AT(links, alias_min), CONFIG_UNSIGNED, IN(links, alias_min),
      "3", 1, CODE_MAX, NULL, "the shortest alias" },
    { AT(links, alias_max), CONFIG_UNSIGNED, IN(links, alias_max),
      "50", 1, CODE_MAX, NULL, "the longest alias" },
    { AT(links, reserved_file), CONFIG_STRING, IN(links, reserved_file),
      "", 0, TEXT_MAX, NULL, "a file of further reserved words, one per line" },
    { AT(links, code_length), CONFIG_UNSIGNED, IN(links, code_length),
      "7", CODE_LENGTH_MIN, CODE_LENGTH_MAX, NULL, "the length of generated codes" },
    { AT(links, sequence), CONFIG_STRING, IN(links, sequence),
      "default", 1, NAME_MAX_BYTES, NULL, "the row of the sequence table that ids are taken from" },
    { AT(links, id_reserve), CONFIG_UNSIGNED, IN(links, id_reserve),
      "10000", 0, 1000000, NULL, "ids that a host keeps in reserve for when the database is unavailable" },
    { AT(links, max_lifetime), CONFIG_SECONDS_WIDE, IN(links, max_lifetime_s),
      "36500d", MINUTE, 365000 * DAY, NULL, "how far ahead a link may expire" },
    { AT(links, default_ttl), CONFIG_SECONDS_WIDE, IN(links, default_ttl_s),
      "0", 0, 36500 * DAY, NULL, "lifetime of a link without expires_at; 0: for ever" },
    { AT(links, max_ttl), CONFIG_SECONDS_WIDE, IN(links, max_ttl_s),
      "0", 0, 36500 * DAY, NULL, "longest lifetime of a link; 0: any" },
    { AT(links, purge_after), CONFIG_SECONDS_WIDE, IN(links, purge_after_s),
      "30d", 0, 36500 * DAY, NULL, "how long an expired link is kept; 0: for ever" },
    { AT(links, history_keep), CONFIG_SECONDS_WIDE, IN(links, history_keep_s),
      "365d", 0, 36500 * DAY, NULL, "how long changes of destinations are kept; 0: for ever" },
    { AT(links, restore_window), CONFIG_SECONDS_WIDE, IN(links, restore_window_s),
      "24h", 0, 365 * DAY, NULL, "how long a deleted link can be restored; 0: not at all" },
    { AT(links, blocked_file), CONFIG_STRING, IN(links, blocked_file),
      "", 0, TEXT_MAX, NULL, "a file of domains that are refused as destinations, one per line" },

    { AT(mysql, host), CONFIG_STRING_OR_NULL, IN(mysql, host),
      "localhost", 0, HOST_MAX, NULL, "the database server" },
    { AT(mysql, port), CONFIG_UNSIGNED, IN(mysql, port),
      "3306", 1, 65535, NULL, "its port" },
    { AT(mysql, socket), CONFIG_STRING_OR_NULL, IN(mysql, socket),
      "", 0, SOCKET_MAX, NULL, "its unix socket, used instead of host and port" },
    { AT(mysql, servers), CONFIG_STRING_OR_NULL, IN(mysql, servers),
      "", 0, TEXT_MAX, NULL, "the servers of a cluster, comma-separated, used instead of host, port and socket" },
    { AT(mysql, spread), CONFIG_BOOL, IN(mysql, spread),
      "no", 0, 0, NULL, "whether each worker prefers another one of servers" },
    { AT(mysql, user), CONFIG_STRING_OR_NULL, IN(mysql, user),
      "curt", 0, TEXT_MAX, NULL, "the database user" },
    { AT(mysql, password), CONFIG_SECRET, IN(mysql, password),
      "", 0, TEXT_MAX, NULL, "its password" },
    { AT(mysql, database), CONFIG_STRING, IN(mysql, database),
      "curt", 1, NAME_MAX_BYTES, NULL, "the database" },
    { AT(mysql, connect_timeout), CONFIG_MILLISECONDS, IN(mysql, connect_timeout_ms),
      "500ms", 10 * MS, 10 * MINUTE, NULL, "time-out of connecting" },
    { AT(mysql, read_timeout), CONFIG_MILLISECONDS, IN(mysql, read_timeout_ms),
      "1s", 10 * MS, 10 * MINUTE, NULL, "time-out of an answer" },
    { AT(mysql, write_timeout), CONFIG_MILLISECONDS, IN(mysql, write_timeout_ms),
      "1s", 10 * MS, 10 * MINUTE, NULL, "time-out of sending a statement" },
    { AT(mysql, idle_close), CONFIG_MILLISECONDS, IN(mysql, idle_close_ms),
      "30s", 0, DAY, NULL, "idle time after which a connection is closed; 0: never" },
    { AT(mysql, tls), CONFIG_ENUM, IN(mysql, tls),
      "preferred", 0, 0, TLS, "how the connection is protected" },
    { AT(mysql, tls_ca), CONFIG_STRING_OR_NULL, IN(mysql, tls_ca),
      "", 0, TEXT_MAX, NULL, "certificates of the authorities to trust" },
    { AT(mysql, tls_cert), CONFIG_STRING_OR_NULL, IN(mysql, tls_cert),
      "", 0, TEXT_MAX, NULL, "the client certificate" },
    { AT(mysql, tls_key), CONFIG_STRING_OR_NULL, IN(mysql, tls_key),
      "", 0, TEXT_MAX, NULL, "the key of the client certificate" },

    { AT(mysql, replicas), CONFIG_STRING, IN(replicas, servers),
      "", 0, TEXT_MAX, NULL, "replicas that redirects may be read from, comma-separated; empty: none" },
    { AT(mysql, max_replica_lag), CONFIG_MILLISECONDS, IN(replicas, max_lag_ms),
      "5s", 100 * MS, 30 * SECOND, NULL, "lag beyond which a replica is not read" },

    { AT(memcached, servers), CONFIG_STRING, IN(memcached, servers),
      "", 0, TEXT_MAX, NULL, "memcached servers, comma-separated; empty: none" },
    { AT(memcached, connect_timeout), CONFIG_MILLISECONDS, IN(memcached, connect_timeout_ms),
      "50ms", 1 * MS, MINUTE, NULL, "time-out of connecting" },
    { AT(memcached, timeout), CONFIG_MILLISECONDS, IN(memcached, timeout_ms),
      "50ms", 1 * MS, MINUTE, NULL, "time-out of one send or receive" },
    { AT(memcached, prefix), CONFIG_STRING, IN(memcached, prefix),
      "curt", 1, MEMCACHED_PREFIX_MAX, NULL, "prefix of every key, so that installations can share a server" },

    { AT(breaker, failures), CONFIG_UNSIGNED, IN(breaker, failures),
      "5", 0, BREAKER_COUNT_MAX, NULL, "failures in a row that open a server's circuit breaker; 0: never" },
    { AT(breaker, open), CONFIG_MILLISECONDS, IN(breaker, open_ms),
      "30s", 100 * MS, HOUR, NULL, "how long the breaker stays open" },
    { AT(breaker, probes), CONFIG_UNSIGNED, IN(breaker, probes),
      "3", 1, BREAKER_COUNT_MAX, NULL, "good answers in a row that close it" },

    { AT(segment, path), CONFIG_STRING, IN(segment, path),
      "auto", 0, TEXT_MAX, NULL, "the file of the shared segment; empty: none" },
    { AT(segment, local_cache), CONFIG_BYTES, IN(segment, local_bytes),
      "64m", 0, 64 * GIB, NULL, "bytes of the local cache, which all workers of the host share; 0: none" },

    { AT(spool, path), CONFIG_STRING, IN(spool, path),
      "auto", 0, TEXT_MAX, NULL, "directory of links created while the database is unavailable; empty: none" },
    { AT(spool, max_bytes), CONFIG_BYTES, IN(spool, max_bytes),
      "64m", 64 * KIB, 64 * GIB, NULL, "most bytes of its files" },

    { AT(cache, ttl), CONFIG_MILLISECONDS, IN(cache, ttl_ms),
      "1h", SECOND, 30 * DAY, NULL, "how long memcached keeps a link" },
    { AT(cache, negative_ttl), CONFIG_MILLISECONDS, IN(cache, negative_ttl_ms),
      "5s", 0, HOUR, NULL, "how long an unknown code is cached" },
    { AT(cache, local_ttl), CONFIG_MILLISECONDS, IN(cache, local_ttl_ms),
      "5s", 0, HOUR, NULL, "longest time until a host sees another host's change" },
    { AT(cache, stale_if_error), CONFIG_MILLISECONDS, IN(cache, stale_ms),
      "24h", 0, 30 * DAY, NULL, "how long a cached link redirects while the database is unavailable" },
    { AT(cache, edge_ttl), CONFIG_SECONDS_WIDE, IN(cache, edge_ttl_s),
      "0", 0, DAY, NULL, "how long HTTP caches may keep a redirect; 0: not at all" },

    { AT(api, anonymous_create), CONFIG_BOOL, IN(api, anonymous_create),
      "no", 0, 0, NULL, "whether links may be created without an API key" },
    { AT(api, cors_origins), CONFIG_STRING, IN(api, cors_origins),
      "", 0, TEXT_MAX, NULL, "origins of web pages that may use the API; *: any" },
    { AT(api, max_bulk_body), CONFIG_BYTES, IN(api, max_bulk_body),
      "8m", 1 * KIB, 64 * MIB, NULL, "the largest body of a bulk create" },

    { AT(pages, path), CONFIG_STRING, IN(pages, path),
      "/admin", 2, PAGES_PATH_MAX, NULL, "where the pages for people are, below base_url" },
    { AT(pages, session_idle), CONFIG_SECONDS_WIDE, IN(pages, session_idle_s),
      "12h", 5 * MINUTE, 365 * DAY, NULL, "idle time after which a session ends" },
    { AT(pages, session_max), CONFIG_SECONDS_WIDE, IN(pages, session_max_s),
      "30d", 5 * MINUTE, 365 * DAY, NULL, "lifetime of a session, however much it is used" },
    { AT(pages, root), CONFIG_ENUM, IN(pages, root),
      "hint", 0, 0, ROOTS, "the page at base_url itself" },
    { AT(pages, operator), CONFIG_STRING, IN(pages, operator),
      "", 0, PAGES_OPERATOR_MAX, NULL, "who runs the site, as the pages say; empty: not said" },
    { AT(pages, root_url), CONFIG_STRING, IN(pages, root_url),
      "", 0, TEXT_MAX, NULL, "where visitors of the site's own address are sent; empty: nowhere" },
    { AT(pages, unknown_url), CONFIG_STRING, IN(pages, unknown_url),
      "", 0, TEXT_MAX, NULL, "where visitors of unknown codes are sent; empty: nowhere" },
    { AT(pages, expired_url), CONFIG_STRING, IN(pages, expired_url),
      "", 0, TEXT_MAX, NULL, "where visitors of expired links are sent; empty: nowhere" },
    { AT(pages, not_started_url), CONFIG_STRING, IN(pages, not_started_url),
      "", 0, TEXT_MAX, NULL, "where visitors of links that have not started are sent; empty: as unknown_url says" },
    { AT(pages, preview), CONFIG_BOOL, IN(pages, preview),
      "yes", 0, 0, NULL, "whether a + after a short URL shows where it leads" },
    { AT(pages, logo), CONFIG_STRING, IN(pages, logo),
      "", 0, TEXT_MAX, NULL, "a PNG file to draw into QR codes with logo=yes; empty: none" },
    { AT(pages, header_logo), CONFIG_STRING, IN(pages, header_logo),
      "", 0, TEXT_MAX, NULL, "a PNG or SVG file at the head of the pages; empty: none" },
    { AT(pages, icon), CONFIG_STRING, IN(pages, icon),
      "", 0, TEXT_MAX, NULL, "a PNG, SVG or ICO file, the site's icon; empty: Curt's" },
    { AT(pages, accent), CONFIG_STRING, IN(pages, accent),
      "", 0, TEXT_MAX, NULL, "the colour of buttons and links, as 0b57d0; empty: Curt's" },
    { AT(pages, imprint_url), CONFIG_STRING, IN(pages, imprint_url),
      "", 0, TEXT_MAX, NULL, "the site's imprint, which the pages name; empty: none" },
    { AT(pages, privacy_url), CONFIG_STRING, IN(pages, privacy_url),
      "", 0, TEXT_MAX, NULL, "the site's privacy policy, likewise; empty: none" },
    { AT(pages, abuse), CONFIG_STRING, IN(pages, abuse),
      "", 0, TEXT_MAX, NULL, "where abuse is reported: a mail address or URL; empty: not said" },
    { AT(pages, robots), CONFIG_ENUM, IN(pages, robots),
      "follow", 0, 0, ROBOTS, "what crawlers may do with short links, as robots.txt says" },

    { AT(limits, creates_per_user), CONFIG_RATE, IN(limits, creates_per_user),
      "0", 0, 0, NULL, "rate of links and keys created by a user, except admins; 0: unlimited" },
    { AT(limits, creates_per_address), CONFIG_RATE, IN(limits, creates_per_address),
      "60/1m", 0, 0, NULL, "rate of links created by an address without a key" },
    { AT(limits, misses_per_address), CONFIG_RATE, IN(limits, misses_per_address),
      "600/1m", 0, 0, NULL, "rate of unknown codes and invalid API keys from an address" },
    { AT(limits, keys_per_user), CONFIG_UNSIGNED, IN(limits, keys_per_user),
      "100", 0, 1000000, NULL, "valid API keys that a user may create, except admins; 0: any number" },

    { AT(clicks, enabled), CONFIG_BOOL, IN(clicks, enabled),
      "yes", 0, 0, NULL, "whether redirects are counted" },
    { AT(clicks, flush_interval), CONFIG_MILLISECONDS, IN(clicks, flush_interval_ms),
      "2s", 100 * MS, HOUR, NULL, "how often a host's clicks are written to the database" },
    { AT(clicks, spill_max), CONFIG_BYTES, IN(clicks, spill_max),
      "256m", 0, 64 * GIB, NULL, "most bytes of clicks in spill files" },
    { AT(clicks, visitor_window), CONFIG_SECONDS_WIDE, IN(clicks, visitor_window_s),
      "24h", HOUR, DAY, NULL, "how long a returning visitor is recognised" },
    { AT(clicks, country_database), CONFIG_STRING, IN(clicks, country_database),
      "", 0, TEXT_MAX, NULL, "an MMDB file of the countries of addresses; empty: none" },
    { AT(clicks, keep_hourly), CONFIG_SECONDS_WIDE, IN(clicks, keep_hourly_s),
      "30d", 0, 36500 * DAY, NULL, "how long statistics keep hours; 0: for ever" },
    { AT(clicks, keep_daily), CONFIG_SECONDS_WIDE, IN(clicks, keep_daily_s),
      "730d", 0, 36500 * DAY, NULL, "how long statistics keep days; 0: for ever" },

    { AT(edge, logs), CONFIG_STRING, IN(edge, logs),
      "", 0, TEXT_MAX, NULL, "access logs of caches in front, from which clicks are counted: kind:/path" },
    { AT(edge, logs_reader), CONFIG_ENUM, IN(edge, logs_by_command),
      "workers", 0, 0, READERS, "who reads these logs: the workers, or curtctl clicks follow" },
    { AT(edge, logs_interval), CONFIG_MILLISECONDS, IN(edge, logs_interval_ms),
      "2s", 100 * MS, HOUR, NULL, "how often these logs are read" },
    { AT(edge, logs_max_age), CONFIG_SECONDS_WIDE, IN(edge, logs_max_age_s),
      "30d", DAY, 3650 * DAY, NULL, "how late a line of these logs may come to be counted" },
    { AT(edge, nginx_format), CONFIG_STRING, IN(edge, formats[LOG_NGINX]),
      "", 0, LOG_FORMAT_MAX, NULL, "the log_format of nginx; empty: that of curt-cache-server.conf" },
    { AT(edge, apache_format), CONFIG_STRING, IN(edge, formats[LOG_APACHE]),
      "", 0, LOG_FORMAT_MAX, NULL, "the LogFormat of Apache; empty: that of curt-log.conf" },
    { AT(edge, varnish_format), CONFIG_STRING, IN(edge, formats[LOG_VARNISH]),
      "", 0, LOG_FORMAT_MAX, NULL, "the format of varnishncsa; empty: that of curt.ncsa" },
    { AT(edge, lighttpd_format), CONFIG_STRING, IN(edge, formats[LOG_LIGHTTPD]),
      "", 0, LOG_FORMAT_MAX, NULL, "the accesslog.format of lighttpd; empty: that of curt-log.conf" },
    { AT(edge, cloudflare_format), CONFIG_STRING, IN(edge, formats[LOG_CLOUDFLARE]),
      "", 0, LOG_FORMAT_MAX, NULL, "members of the lines of Cloudflare's Logpush; empty: its own names" },
    { AT(edge, fastly_format), CONFIG_STRING, IN(edge, formats[LOG_FASTLY]),
      "", 0, LOG_FORMAT_MAX, NULL, "members of the lines of Fastly; empty: those of docs/edge.md" },

    { AT(edge, purge), CONFIG_STRING, IN(edge, purge),
      "", 0, TEXT_MAX, NULL, "caches in front that are told of changes: nginx:, apache:, varnish: or http: and a place" },
    { AT(edge, purge_by), CONFIG_ENUM, IN(edge, purge_by_command),
      "workers", 0, 0, PURGERS, "who tells them: the workers, or curtctl edge purge" },
    { AT(edge, purge_interval), CONFIG_MILLISECONDS, IN(edge, purge_interval_ms),
      "200ms", 50 * MS, HOUR, NULL, "how often changes are looked for" },
    { AT(edge, purge_max), CONFIG_UNSIGNED, IN(edge, purge_max),
      "100000", 1000, 10000000, NULL, "how many changes wait for caches that do not answer" },
    { AT(edge, purge_method), CONFIG_STRING, IN(edge, purge_method),
      "PURGE", 1, EDGE_METHOD_MAX, NULL, "the method of requests to http: places" },
    { AT(edge, purge_header), CONFIG_SECRET, IN(edge, purge_header),
      "", 0, TEXT_MAX, NULL, "a header of theirs, such as Authorization: Bearer TOKEN; empty: none" },
    { AT(edge, purge_body), CONFIG_STRING, IN(edge, purge_body),
      "", 0, TEXT_MAX, NULL, "their body, with {url}, {path} and {code}; empty: none" },

    { AT(compat, yourls), CONFIG_BOOL, IN(compat, yourls),
      "no", 0, 0, NULL, "whether YOURLS's API answers at /yourls-api.php" },
    { AT(compat, yourls_charset), CONFIG_ENUM, IN(compat, yourls_charset),
      "36", 0, 0, CHARSETS, "the characters that it keeps of a keyword: 36, digits and small letters; 62, capitals too" },
    { AT(compat, yourls_unique_urls), CONFIG_BOOL, IN(compat, yourls_unique_urls),
      "yes", 0, 0, NULL, "whether it refuses a long URL that the caller has a link to" },

    { AT(metrics, allow), CONFIG_NETWORKS, IN(metrics, allow),
      "127.0.0.0/8 ::1", 0, 0, NULL, "networks that may read the metrics" },
    { AT(metrics, token), CONFIG_SECRET, IN(metrics, token),
      "", 0, TEXT_MAX, NULL, "a bearer token for reading the metrics; empty: none" },

    { AT(log, level), CONFIG_ENUM, IN(log, level),
      "info", 0, 0, LEVELS, "the lowest level that is logged" },
    { AT(log, format), CONFIG_ENUM, IN(log, format),
      "logfmt", 0, 0, FORMATS, "the format of a line" },
    { AT(log, target), CONFIG_ENUM, IN(log, target),
      "stderr", 0, 0, TARGETS, "where lines go" },
    { AT(log, redirects), CONFIG_BOOL, IN(log, redirects),
      "no", 0, 0, NULL, "whether successful redirects are logged too" },
    { AT(log, addresses), CONFIG_BOOL, IN(log, addresses),
      "no", 0, 0, NULL, "whether the client's address is logged" },
};
/* clang-format on */

const size_t CONFIG_KEYS_N = sizeof(CONFIG_KEYS) / sizeof(CONFIG_KEYS[0]);

const struct config_key *config_key_find(const char *section, const char *name)
{
    for (size_t i = 0; i < CONFIG_KEYS_N; i++) {
        if (strcmp(CONFIG_KEYS[i].section, section) == 0 && strcmp(CONFIG_KEYS[i].name, name) == 0)
            return &CONFIG_KEYS[i];
    }
    return NULL;
}

static bool config_section_exists(const char *section)
{
    for (size_t i = 0; i < CONFIG_KEYS_N; i++) {
        if (strcmp(CONFIG_KEYS[i].section, section) == 0)
            return true;
    }
    return false;
}

size_t config_key_index(const struct config_key *key)
{
    return (size_t)(key - CONFIG_KEYS);
}

static const char *nearest_section(const char *section)
{
    const char *best = CONFIG_KEYS[0].section;
    unsigned best_distance = DISTANCE_FAR;
    for (size_t i = 0; i < CONFIG_KEYS_N; i++) {
        const char *candidate = CONFIG_KEYS[i].section;
        unsigned distance = distance_between(slice_of(section), slice_of(candidate));
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

/* The key whose name is nearest. A key of another section must be nearer by 3 to be chosen, since
 * typing errors are more frequent than a wrong section. */
static const struct config_key *nearest_key(const char *section, const char *name)
{
    const struct config_key *best = &CONFIG_KEYS[0];
    unsigned best_distance = DISTANCE_FAR + 3;
    for (size_t i = 0; i < CONFIG_KEYS_N; i++) {
        const struct config_key *candidate = &CONFIG_KEYS[i];
        unsigned distance = distance_between(slice_of(name), slice_of(candidate->name));
        if (strcmp(candidate->section, section) != 0)
            distance += 3;
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

void config_key_unknown(const char *section, const char *name, struct error *err)
{
    if (!config_section_exists(section)) {
        error_set(err, "unknown section [%.64s]; did you mean [%s]?", section,
                  nearest_section(section));
        return;
    }
    const struct config_key *near = nearest_key(section, name);
    if (strcmp(near->section, section) == 0)
        error_set(err, "unknown key \"%.64s\" in [%s]; did you mean \"%s\"?", name, section,
                  near->name);
    else
        error_set(err, "unknown key \"%.64s\" in [%s]; did you mean \"%s\" of [%s]?", name, section,
                  near->name, near->section);
}
