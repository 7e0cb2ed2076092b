/* SPDX-License-Identifier: MIT */
/* The table of metrics as Prometheus sees them. docs/operations.md tells people the same. */
#include "web/metric_families.h"

#include <stdio.h>

#include "db/sql.h"
#include "db/statements.h"
#include "http/request.h"
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

/* --- the table --- */

#define NO_ZEROS        .first = 1, .last = 0
#define ZEROS(from, to) .first = (from), .last = (to)

/* clang-format off */
static const struct metric_family FAMILIES[METRIC_N] = {
    [METRIC_HTTP_REQUESTS] = {
        "http_requests_total", "Requests answered.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { "method", method_text }, { "route", route_text }, { "status", number_text } }, NO_ZEROS },
    [METRIC_HTTP_DURATION] = {
        "http_request_duration_seconds", "From a request read to its answer written.",
        FAMILY_HISTOGRAM, UNIT_AS_IT_IS,
        { { "route", route_text }, { "cache_level", level_text } }, NO_ZEROS },
    [METRIC_CACHE_HITS] = {
        "cache_hits_total", "Codes that a cache knew, or knew not to exist.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { "cache_level", level_text } }, ZEROS(LEVEL_LOCAL, LEVEL_MEMCACHED) },
    [METRIC_CACHE_MISSES] = {
        "cache_misses_total", "Codes that no cache knew.", FAMILY_COUNTER, UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_DB_QUERY_DURATION] = {
        "db_query_duration_seconds", "Statements run, connecting and preparing included.",
        FAMILY_HISTOGRAM, UNIT_AS_IT_IS, { { "query", query_text } }, NO_ZEROS },
    [METRIC_DB_CONNECTIONS_OPENED] = {
        "db_connections_opened_total", "Connections to databases made.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { 0 } }, 0, 0 },
    [METRIC_DB_CONNECTIONS_CLOSED] = {
        "db_connections_closed_total", "Connections closed, or found lost.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { 0 } }, 0, 0 },
    [METRIC_DB_ERRORS] = {
        "db_errors_total", "Statements that failed: no connection or no answer, a lock, anything else.",
        FAMILY_COUNTER, UNIT_AS_IT_IS, { { "kind", fault_text } }, ZEROS(SQL_RETRY, SQL_ERROR) },
    [METRIC_RATE_LIMITED] = {
        "rate_limited_total", "Requests refused because a limit was reached.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { "limit", limit_text } }, ZEROS(LIMIT_CREATES_PER_USER, LIMIT_MISSES_PER_ADDRESS) },
    [METRIC_BREAKER_OPENED] = {
        "breaker_opened_total", "How often a backend that failed again and again was given a rest.",
        FAMILY_COUNTER, UNIT_AS_IT_IS, { { "backend", backend_text } }, NO_ZEROS },
    [METRIC_REPLICATION_LAG_MS] = {
        "replication_lag_seconds", "How far a replica is behind.", FAMILY_GAUGE, UNIT_MILLISECONDS,
        { { "replica", number_text } }, NO_ZEROS },
    [METRIC_IDS_LEFT] = {
        "ids_left", "Ids that the sequence has yet to hand out.", FAMILY_GAUGE, UNIT_AS_IT_IS,
        { { 0 } }, NO_ZEROS },
    [METRIC_IDS_RESERVED] = {
        "ids_reserved", "Ids at hand for links made while the database is away.", FAMILY_GAUGE, UNIT_AS_IT_IS,
        { { 0 } }, NO_ZEROS },
    [METRIC_SPOOL_ENTRIES] = {
        "spool_entries", "Links that wait for the database to come back.", FAMILY_GAUGE, UNIT_AS_IT_IS,
        { { 0 } }, 0, 0 },
    [METRIC_SPOOL_BYTES] = {
        "spool_bytes", "Size of the files they wait in.", FAMILY_GAUGE, UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_SPOOL_ACCEPTED] = {
        "spool_accepted_total", "Links put into the spool.", FAMILY_COUNTER, UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_SPOOL_REFUSED] = {
        "spool_refused_total", "Links refused because the spool was full.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { 0 } }, 0, 0 },
    [METRIC_SPOOL_REPLAYED] = {
        "spool_replayed_total", "Links that went from the spool to the database.", FAMILY_COUNTER,
        UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_SPOOL_REJECTED] = {
        "spool_rejected_total", "Links of the spool that the database did not take.", FAMILY_COUNTER,
        UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_SPOOL_REJECTED_KEPT] = {
        "spool_rejected_kept", "Links that the database did not take and that nobody has dealt with yet.",
        FAMILY_GAUGE, UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_INVALIDATIONS] = {
        "unpublished_changes", "Changes of links that memcached has yet to be told.", FAMILY_GAUGE,
        UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_CLICKS_RECORDED] = {
        "clicks_recorded_total", "Redirects counted.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { "visitor", visitor_text } }, ZEROS(0, 1) },
    [METRIC_CLICKS_SPILLED] = {
        "clicks_spilled_total", "Clicks that went to a file because memory for them was full.", FAMILY_COUNTER,
        UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_CLICKS_LOST] = {
        "clicks_lost_total", "Clicks that found no room and are counted nowhere else.", FAMILY_COUNTER,
        UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_CLICKS_FLUSHED] = {
        "clicks_flushed_total", "Clicks that have reached the database.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { 0 } }, 0, 0 },
    [METRIC_CLICKS_PENDING] = {
        "clicks_pending", "Clicks that have yet to reach the database.", FAMILY_GAUGE, UNIT_AS_IT_IS,
        { { 0 } }, 0, 0 },
    [METRIC_FLUSHES] = {
        "flushes_total", "Flushes of clicks to the database.", FAMILY_COUNTER, UNIT_AS_IT_IS,
        { { "result", result_text } }, ZEROS(0, 1) },
    [METRIC_FLUSHED_AT] = {
        "flush_lag_seconds", "How long ago all clicks had reached the database.", FAMILY_GAUGE, UNIT_SINCE,
        { { 0 } }, 0, 0 },
    [METRIC_UNTRUSTED_PROXY] = {
        "untrusted_proxy_requests_total", "Requests that say that a proxy passed them on which "
        "server.trusted_proxies does not have, and that a limit counted for the proxy's address.",
        FAMILY_COUNTER, UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
    [METRIC_WORKERS_STARTED] = {
        "workers_started_total", "Workers started.", FAMILY_COUNTER, UNIT_AS_IT_IS, { { 0 } }, 0, 0 },
};
/* clang-format on */

const struct metric_family *family_of(enum metric metric)
{
    return &FAMILIES[metric];
}
