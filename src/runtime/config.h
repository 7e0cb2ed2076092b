/* SPDX-License-Identifier: MIT */
/* The configuration: one INI file, every key overridable by the environment variable
 * CURT_SECTION_KEY, immutable once loaded. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "cache/memcached.h"
#include "db/replicas.h"
#include "db/sql.h"
#include "db/sql_servers.h"
#include "edge/edge_target.h"
#include "fcgi/fcgi.h"
#include "follow/log_names.h"
#include "http/client.h"
#include "http/pages.h"
#include "link/alias.h"
#include "link/destination.h"
#include "link/rate.h"
#include "runtime/log.h"
#include "shm/breaker.h"
#include "shm/segment.h"
#include "spool/spool.h"
#include "text/url.h"

/* What the keys set. Strings belong to the configuration and are NUL-terminated. Members are named
 * like their keys: [section] key is config.section.key. */
struct config_server {
    const char *base_url;   /* normalised, without a trailing '/' */
    struct slice base_path; /* the path of base_url: "" or "/s" */
    struct slice base_host; /* its host, with the port if any */
    struct own_site own;    /* base_url and own_domains, by which own addresses are recognised */
    const char
        *own_domains; /* further hosts, space-separated, whose URLs are refused as destinations */
    unsigned max_requests; /* a worker is replaced after so many requests; 0: never */
    uint64_t max_body;     /* bytes */
    unsigned read_timeout_ms;
    uint64_t max_memory; /* bytes of a request's arena */
    struct http_proxies trusted_proxies;
};

struct config_links {
    const char *allowed_schemes; /* space-separated */
    bool allow_credentials;
    uint64_t max_url_bytes;
    unsigned redirect_status;
    unsigned extra_path;         /* enum extra_path, of links without one */
    unsigned ignores_alias_case; /* alias_case = ignore: 1; exact: 0 */
    unsigned alias_min;
    unsigned alias_max;
    const char *reserved_file; /* more reserved words, one a line; empty: none */
    unsigned code_length;
    const char *sequence; /* the row of the sequence table, one per region */
    unsigned id_reserve; /* ids that a host keeps in reserve for when the database is unavailable */
    int64_t max_lifetime_s;   /* longest time from now to expires_at */
    int64_t default_ttl_s;    /* of links without expires_at; 0: for ever */
    int64_t max_ttl_s;        /* longest lifetime that a user may request; 0: any, also for ever */
    int64_t purge_after_s;    /* how long an expired link is kept; 0: for ever */
    int64_t history_keep_s;   /* how long changes of destinations are kept; 0: for ever */
    int64_t restore_window_s; /* how long a deleted link can be restored; 0: not at all */
    const char *blocked_file; /* domains no link may lead to, one a line; empty: none */
};

struct config_cache {
    unsigned ttl_ms;          /* of links in memcached */
    unsigned negative_ttl_ms; /* of unknown codes */
    unsigned local_ttl_ms;    /* longest time until a host sees a change made on another host */
    unsigned stale_ms;        /* how long the local cache keeps a link for use while the database is
                                 unavailable */
    int64_t edge_ttl_s;       /* of redirects in HTTP caches; 0: they are not cached */
};

/* The pages for people, where visitors are sent instead of a page of Curt's (normalised; empty: to
 * that page), and what Curt's own pages show. */
struct config_pages {
    const char *path;        /* of the pages for people, below base_url: "/admin" */
    unsigned root;           /* enum root_page: what is at base_url itself without root_url */
    const char *operator;    /* who runs the site, for visitors; empty: not said */
    int64_t session_idle_s;  /* a session ends when it was not used for so long */
    int64_t session_max_s;   /* and at the latest so long after its start */
    const char *root_url;    /* from the address of the site itself */
    const char *unknown_url; /* from an unknown code */
    const char *expired_url; /* from an expired or exhausted link */
    const char
        *not_started_url;    /* from a link that has not started; empty: as from an unknown code */
    bool preview;            /* whether "{code}+" shows where a link leads */
    const char *logo;        /* a PNG file for QR codes; empty: none */
    const char *header_logo; /* a PNG or SVG file at the head of the pages; empty: none */
    const char *icon;        /* a PNG, SVG or ICO file of the site; empty: Curt's */
    const char *accent;      /* a colour, six hexadecimal digits; empty: Curt's */
    const char *imprint_url; /* http or https; empty: none. The same for privacy_url */
    const char *privacy_url;
    const char *abuse; /* where abuse is reported: http, https or mailto; empty: not said */
    unsigned robots;   /* enum robots_rule: what crawlers may do with short links */
};

struct config_api {
    bool anonymous_create;
    const char *cors_origins; /* space-separated; "*": any; empty: none */
    uint64_t max_bulk_body;   /* bytes */
};

struct config_limits {
    struct rate creates_per_user;
    struct rate creates_per_address; /* without a key */
    struct rate misses_per_address;  /* unknown codes, and invalid keys */
    unsigned keys_per_user;          /* valid at once; 0: any number */
};

struct config_clicks {
    bool enabled;
    unsigned flush_interval_ms;
    uint64_t spill_max;           /* bytes of all files of the host */
    int64_t visitor_window_s;     /* how long a visitor is recognised */
    const char *country_database; /* an MMDB file; empty: none */
    int64_t keep_hourly_s; /* how long hourly counts and visitor sketches are kept; 0: for ever */
    int64_t keep_daily_s;  /* how long daily counts are kept; 0: for ever */
};

/* The caches in front: their access logs (service/follow.h), and how they learn of changes
 * (service/edge_changes.h). */
struct config_edge {
    const char *logs;               /* "nginx:/path varnish:/path" (log_place_next); empty: none */
    const char *formats[LOG_KINDS]; /* nginx_format and so on; empty: the shipped one */
    unsigned logs_by_command;       /* logs_reader = command: 1; workers: 0 */
    unsigned logs_interval_ms;      /* between two looks at the logs */
    int64_t logs_max_age_s;         /* older lines are not counted */
    const char *purge;         /* caches that are told of changes (edge_target_next); empty: none */
    unsigned purge_by_command; /* purge_by = command: 1; workers: 0 */
    unsigned purge_interval_ms; /* between two looks for changes */
    unsigned purge_max;         /* changes that wait for caches that do not answer */
    const char *purge_method;   /* of the requests of http: targets; with purge_header and */
    const char *purge_header;   /* purge_body, in which {url} and so on are replaced */
    const char *purge_body;
};

/* The dialects of other programs. */
struct config_compat {
    bool yourls;             /* whether /yourls-api.php answers */
    unsigned yourls_charset; /* enum yourls_charset: the characters that are kept of a keyword */
    bool yourls_unique_urls; /* whether a long URL that the caller has a link to is refused */
};

/* Who may read the metrics. */
struct config_metrics {
    struct http_proxies allow; /* from these networks */
    const char *token;         /* or with this bearer token; NULL: none */
};

struct config {
    struct config_server server;
    struct config_links links;
    struct sql_options mysql;
    struct replicas_options replicas; /* from keys of [mysql] */
    struct memcached_options memcached;
    struct breaker_options breaker;
    struct segment_options segment;
    struct spool_options spool;
    struct config_cache cache;
    struct config_pages pages;
    struct config_api api;
    struct config_limits limits;
    struct config_clicks clicks;
    struct config_edge edge;
    struct config_compat compat;
    struct config_metrics metrics;
    struct log_options log;
    const void *internals; /* where each value came from */
};

/* Calls `each` for every valid value that is probably a mistake: a quoted one, or a secret that is
 * cut by a comment. `text` describes the problem ("has quotes, which are a part of it") and never
 * has the value. */
typedef void config_doubt(void *context, const char *section, const char *key, const char *source,
                          const char *text);
void config_doubts(const struct config *config, config_doubt *each, void *context);

/* The path of the configuration file if none is given: $CURT_CONFIG, or
 * SYSCONFDIR/curt/curt.conf. */
const char *config_default_path(void);

/* Reads the file, then the environment, and checks every value. With `path` NULL the default path
 * is read, and a missing file is no error. Returns NULL with the first error, which names the file,
 * the line, the key, and for an unknown key the nearest known one. */
struct config *config_load(const char *path, struct error *err);

/* Loads the configuration as processes of user `uid` do: the default path of the segment is theirs.
 * For root, who administers them. */
struct config *config_load_for(const char *path, unsigned uid, struct error *err);

/* NULL is allowed; sets *config to NULL. */
void config_free(struct config **config);

/* Calls `each` for every key in order, with its value as text (secrets as "***") and its source
 * ("default", "FILE:LINE", "CURT_MYSQL_HOST"). */
typedef void config_each(void *context, const char *section, const char *key, const char *value,
                         const char *source);
void config_walk(const struct config *config, config_each *each, void *context);
