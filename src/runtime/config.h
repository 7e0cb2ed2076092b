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
#include "fcgi/fcgi.h"
#include "http/client.h"
#include "link/alias.h"
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
    const char
        *own_domains; /* further hosts whose URLs are refused as destinations, space-separated */
    unsigned max_requests; /* a fresh worker after so many; 0: never */
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
    unsigned alias_min;
    unsigned alias_max;
    const char *reserved_file; /* more reserved words, one a line; empty: none */
    unsigned code_length;
    const char *sequence;     /* the row of the sequence table, one per region */
    unsigned id_reserve;      /* ids that a host keeps at hand for when the database is away */
    int64_t max_lifetime_s;   /* the longest expires_at ahead */
    int64_t default_ttl_s;    /* of links that name no end; 0: for ever */
    int64_t max_ttl_s;        /* the longest life a user may ask for; 0: any, for ever too */
    int64_t purge_after_s;    /* how long an expired link is kept; 0: for ever */
    const char *blocked_file; /* domains no link may lead to, one a line; empty: none */
};

struct config_cache {
    unsigned ttl_ms;          /* of links in memcached */
    unsigned negative_ttl_ms; /* of unknown codes */
    unsigned local_ttl_ms;    /* how long a host may go on with what another host has changed */
    unsigned stale_ms;  /* how long the local cache keeps a link for when nobody can be asked */
    int64_t edge_ttl_s; /* of redirects in caches in front of the web server; 0: not kept */
};

struct config_api {
    bool anonymous_create;
    const char *cors_origins; /* space-separated; "*": any; empty: none */
    uint64_t max_bulk_body;   /* bytes */
};

struct config_limits {
    struct rate creates_per_user;
    struct rate creates_per_address; /* without a key */
    struct rate misses_per_address;  /* unknown codes, and wrong keys */
    unsigned keys_per_user;          /* valid at once; 0: any number */
};

struct config_clicks {
    bool enabled;
    unsigned flush_interval_ms;
    uint64_t spill_max;           /* bytes of all files of the host */
    int64_t visitor_window_s;     /* how long a visitor is the same one */
    const char *country_database; /* an MMDB file; empty: none */
    int64_t keep_hourly_s;        /* how long hours and visitors are kept apart; 0: for ever */
    int64_t keep_daily_s;         /* how long days are; 0: for ever */
};

/* Who may read the metrics. */
struct config_metrics {
    struct http_proxies allow; /* from these networks */
    const char *token;         /* or with this; NULL: with none */
};

struct config {
    struct config_server server;
    struct config_links links;
    struct sql_options mysql;
    struct replicas_options replicas; /* keys of [mysql], too */
    struct memcached_options memcached;
    struct breaker_options breaker;
    struct segment_options segment;
    struct spool_options spool;
    struct config_cache cache;
    struct config_api api;
    struct config_limits limits;
    struct config_clicks clicks;
    struct config_metrics metrics;
    struct log_options log;
    const void *internals; /* where each value came from */
};

/* Tells of every value that is valid and may not be meant so: a quoted one, a secret that a comment
 * ends. `text` is what is said of it ("has quotes, which are a part of it"), and never the value.
 */
typedef void config_doubt(void *context, const char *section, const char *key, const char *source,
                          const char *text);
void config_doubts(const struct config *config, config_doubt *each, void *context);

/* Where the configuration is when nobody says: $CURT_CONFIG, or SYSCONFDIR/curt/curt.conf. */
const char *config_default_path(void);

/* Reads the file (a missing file is an error only when `path` was asked for by name; NULL means the
 * default path, and no file there means defaults and environment), then the environment, and checks
 * every value. NULL with the first error, which names the file, the line, the key, and for an
 * unknown key the nearest known one. */
struct config *config_load(const char *path, struct error *err);

/* The same as the processes of another user see it: the path of the segment that nobody has set is
 * theirs. For root, who looks after them. */
struct config *config_load_for(const char *path, unsigned uid, struct error *err);

/* NULL is fine; sets *config to NULL. */
void config_free(struct config **config);

/* Tells about every key in turn: its value as text (secrets as "***") and where it came from
 * ("default", "FILE:LINE", "CURT_MYSQL_HOST"). */
typedef void config_each(void *context, const char *section, const char *key, const char *value,
                         const char *source);
void config_walk(const struct config *config, config_each *each, void *context);
