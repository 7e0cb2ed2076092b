/* SPDX-License-Identifier: MIT */
/* The table of metrics as Prometheus sees them, which docs/operations.md documents. */
#include "web/metric_families.h"

#include <stdio.h>

#include "db/sql.h"
#include "db/statements.h"
#include "edge/edge_target.h"
#include "follow/log_line.h"
#include "http/request.h"
#include "service/follow_lines.h"
#include "service/limits.h"
#include "service/resolve.h"
#include "web/routes.h"

/* --- labels --- */

static struct slice method_text(struct label_names *names, unsigned value)
{
    (void)names;
    return value < 8 ? slice_of(http_method_name((enum http_method)(1U << value)))
                     : (struct slice){ NULL, 0 };
}

static struct slice route_text(struct label_names *names, unsigned value)
{
    (void)names;
    return slice_of(route_name(value));
}

static struct slice number_text(struct label_names *names, unsigned value)
{
    int len = snprintf(names->number, sizeof(names->number), "%u", value);
    return (struct slice){ names->number, (size_t)len };
}

static struct slice level_text(struct label_names *names, unsigned value)
{
    (void)names;
    return value <= LEVEL_DATABASE ? slice_of(cache_level_name((enum cache_level)value))
                                   : (struct slice){ NULL, 0 };
}

static struct slice query_text(struct label_names *names, unsigned value)
{
    (void)names;
    return value < STATEMENT_COUNT ? slice_of(statement_of((enum statement_id)value)->name)
                                   : (struct slice){ NULL, 0 };
}

static struct slice fault_text(struct label_names *names, unsigned value)
{
    (void)names;
    switch (value) {
    case SQL_RETRY:
        return SLICE("lock");
    case SQL_LOST:
        return SLICE("lost");
    case SQL_ERROR:
        return SLICE("error");
    default:
        return (struct slice){ NULL, 0 };
    }
}

static struct slice limit_text(struct label_names *names, unsigned value)
{
    (void)names;
    return slice_of(limit_kind_name((enum limit_kind)value));
}

static struct slice backend_text(struct label_names *names, unsigned value)
{
    return value < BREAKERS_MAX ? names->backends[value] : (struct slice){ NULL, 0 };
}

static struct slice visitor_text(struct label_names *names, unsigned value)
{
    (void)names;
    return value == 0 ? SLICE("human") : SLICE("bot");
}

static struct slice result_text(struct label_names *names, unsigned value)
{
    (void)names;
    return value == 0 ? SLICE("succeeded") : SLICE("failed");
}

static struct slice log_text_of(struct label_names *names, unsigned value)
{
    (void)names;
    return value < LOG_KINDS ? slice_of(log_kind_name((enum log_kind)value))
                             : (struct slice){ NULL, 0 };
}

static struct slice edge_text(struct label_names *names, unsigned value)
{
    (void)names;
    return value < EDGE_KINDS ? slice_of(edge_kind_name((enum edge_kind)value))
                              : (struct slice){ NULL, 0 };
}

static struct slice line_text(struct label_names *names, unsigned value)
{
    (void)names;
    return slice_of(follow_result_name(value));
}

/* --- the table --- */

#define NO_ZEROS        .first = 1, .last = 0
#define ZEROS(from, to) .first = (from), .last = (to)

/* clang-format off */
static const struct metric_family FAMILIES[METRIC_N] = {
    [METRIC_HTTP_REQUESTS] = {
        "http_requests_total", "Requests answered.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { "method", method_text }, { "route", route_text }, { "status", number_text } }, NO_ZEROS },
    [METRIC_HTTP_DURATION] = {
        "http_request_duration_seconds", "Time from a request read to its response written.",
        FAMILY_HISTOGRAM, UNIT_AS_IT_IS,
        { { "route", route_text }, { "cache_level", level_text } }, NO_ZEROS },
    [METRIC_CACHE_HITS] = {
        "cache_hits_total", "Look-ups of codes that a cache answered, as existing or not.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { "cache_level", level_text } }, ZEROS(LEVEL_LOCAL, LEVEL_MEMCACHED) },
    [METRIC_CACHE_MISSES] = {
        "cache_misses_total", "Look-ups of codes that no cache answered.", FAMILY_COUNTER, UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_DB_QUERY_DURATION] = {
        "db_query_duration_seconds", "Duration of statements, connecting and preparing included.",
        FAMILY_HISTOGRAM, UNIT_AS_IT_IS, { { "query", query_text } }, NO_ZEROS },
    [METRIC_DB_CONNECTIONS_OPENED] = {
        "db_connections_opened_total", "Connections to databases opened.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { 0 } }, 0, 0 },
    [METRIC_DB_CONNECTIONS_CLOSED] = {
        "db_connections_closed_total", "Connections to databases closed, or found lost.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { 0 } }, 0, 0 },
    [METRIC_DB_ERRORS] = {
        "db_errors_total", "Statements that failed: no connection or no answer, a lock, anything else.",
        FAMILY_COUNTER, UNIT_AS_IT_IS, { { "kind", fault_text } }, ZEROS(SQL_RETRY, SQL_ERROR) },
    [METRIC_RATE_LIMITED] = {
        "rate_limited_total", "Requests refused because a limit was reached.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { "limit", limit_text } }, ZEROS(LIMIT_CREATES_PER_USER, LIMIT_MISSES_PER_ADDRESS) },
    [METRIC_BREAKER_OPENED] = {
        "breaker_opened_total", "How often a backend's circuit breaker opened.",
        FAMILY_COUNTER, UNIT_AS_IT_IS, { { "backend", backend_text } }, NO_ZEROS },
    [METRIC_REPLICATION_LAG_MS] = {
        "replication_lag_seconds", "Replication lag of a replica.", FAMILY_GAUGE, UNIT_MILLISECONDS,
        { { "replica", number_text } }, NO_ZEROS },
    [METRIC_IDS_LEFT] = {
        "ids_left", "Ids left in the sequence.", FAMILY_GAUGE, UNIT_AS_IT_IS,
        { { 0 } }, NO_ZEROS },
    [METRIC_IDS_RESERVED] = {
        "ids_reserved", "Ids in reserve for links created while the database is unavailable.", FAMILY_GAUGE, UNIT_AS_IT_IS,
        { { 0 } }, NO_ZEROS },
    [METRIC_SPOOL_ENTRIES] = {
        "spool_entries", "Links in the spool.", FAMILY_GAUGE, UNIT_AS_IT_IS,
        { { 0 } }, 0, 0 },
    [METRIC_SPOOL_BYTES] = {
        "spool_bytes", "Size of the spool's files.", FAMILY_GAUGE, UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_SPOOL_ACCEPTED] = {
        "spool_accepted_total", "Links added to the spool.", FAMILY_COUNTER, UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_SPOOL_REFUSED] = {
        "spool_refused_total", "Links refused because the spool was full or could not be written.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { 0 } }, 0, 0 },
    [METRIC_SPOOL_REPLAYED] = {
        "spool_replayed_total", "Links replayed from the spool into the database.", FAMILY_COUNTER,
        UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_SPOOL_REJECTED] = {
        "spool_rejected_total", "Links of the spool that could not be stored in the database.", FAMILY_COUNTER,
        UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_SPOOL_REJECTED_KEPT] = {
        "spool_rejected_kept", "Rejected links that are still in rejected.tsv.",
        FAMILY_GAUGE, UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_INVALIDATIONS] = {
        "unpublished_changes", "Codes in the queue of invalidations to be sent to memcached.", FAMILY_GAUGE,
        UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_CLICKS_RECORDED] = {
        "clicks_recorded_total", "Redirects counted.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { "visitor", visitor_text } }, ZEROS(0, 1) },
    [METRIC_CLICKS_SPILLED] = {
        "clicks_spilled_total", "Clicks written to a spill file because the click ring was full.", FAMILY_COUNTER,
        UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_CLICKS_LOST] = {
        "clicks_lost_total", "Clicks lost because neither the ring nor a spill file had room.", FAMILY_COUNTER,
        UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_CLICKS_FLUSHED] = {
        "clicks_flushed_total", "Clicks flushed to the database.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { 0 } }, 0, 0 },
    [METRIC_CLICKS_PENDING] = {
        "clicks_pending", "Clicks not yet flushed to the database.", FAMILY_GAUGE, UNIT_AS_IT_IS,
        { { 0 } }, 0, 0 },
    [METRIC_FLUSHES] = {
        "flushes_total", "Flushes of clicks to the database.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { "result", result_text } }, ZEROS(0, 1) },
    [METRIC_FLUSHED_AT] = {
        "flush_lag_seconds", "Time since all clicks were flushed to the database.", FAMILY_GAUGE, UNIT_SINCE,
        { { 0 } }, 0, 0 },
    [METRIC_UNTRUSTED_PROXY] = {
        "untrusted_proxy_requests_total", "Requests by a proxy that is not in "
        "server.trusted_proxies, counted by a limit for the proxy's address.",
        FAMILY_COUNTER, UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_LOG_LINES] = {
        "log_lines_total", "Lines of access logs of caches in front, by what became of them.", FAMILY_COUNTER,
        UNIT_AS_IT_IS, { { "log", log_text_of }, { "result", line_text } }, NO_ZEROS },
    [METRIC_LOG_BEHIND] = {
        "log_bytes_behind", "Bytes of these logs that have not been read.", FAMILY_GAUGE, UNIT_AS_IT_IS,
        { { "log", log_text_of } }, NO_ZEROS },
    [METRIC_LOG_UNREADABLE] = {
        "log_files_unreadable", "Files of these logs that cannot be read.", FAMILY_GAUGE, UNIT_AS_IT_IS,
        { { "log", log_text_of } }, NO_ZEROS },
    [METRIC_EDGE_PURGES] = {
        "edge_purges_total", "Codes of changed links that caches in front were told of.", FAMILY_COUNTER,
        UNIT_AS_IT_IS, { { "cache", edge_text }, { "target", number_text }, { "result", result_text } }, NO_ZEROS },
    [METRIC_EDGE_PENDING] = {
        "edge_purges_pending", "Codes of changed links that these caches were not told of yet.", FAMILY_GAUGE,
        UNIT_AS_IT_IS, { { "cache", edge_text }, { "target", number_text } }, NO_ZEROS },
    [METRIC_EDGE_OLDEST_MS] = {
        "edge_purge_oldest_seconds", "How long the oldest of these has waited.", FAMILY_GAUGE,
        UNIT_MILLISECONDS, { { "cache", edge_text }, { "target", number_text } }, NO_ZEROS },
    [METRIC_WORKERS_STARTED] = {
        "workers_started_total", "Workers started.", FAMILY_COUNTER, UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
};
/* clang-format on */

const struct metric_family *family_of(enum metric metric)
{
    return &FAMILIES[metric];
}
