/* SPDX-License-Identifier: MIT */
/* Handles statistics of a link and of all links of the caller, and their totals. */
#include "files/zone_file.h"
#include "service/click_log.h"
#include "service/statistics.h"
#include "service/stats_text.h"
#include "web/handlers.h"
#include "web/json_out.h"
#include "web/managing.h"
#include "web/query.h"
#include "web/refusal.h"
#include "web/validator.h"

#define CSV_TYPE "text/csv; charset=utf-8; header=present"

enum parameter { FROM, TO, UNIT, TZ, BY, LIMIT, FORMAT, N_PARAMETERS };

static const char *const NAMES[N_PARAMETERS] = {
    [FROM] = "from", [TO] = "to",       [UNIT] = "unit",     [TZ] = "tz",
    [BY] = "by",     [LIMIT] = "limit", [FORMAT] = "format",
};

/* The parameters. */
struct wanted {
    struct stats_query query;
    bool csv;
};

/* An absent parameter leaves *out as it is. */
static int read_time(struct exchange *x, enum parameter name, struct slice value,
                     const struct zone *zone, int64_t *out)
{
    if (!value.at || stats_time_read(query_with_plus(x, value), zone, out))
        return 0;
    return refuse_field(x, PROBLEM_INVALID_TIME, NAMES[name],
                        "This must be a date, or a date and time in RFC 3339 format.");
}

static int handle_stats_read_zone(struct exchange *x, struct slice value, struct stats_range *out)
{
    if (!value.at || slice_eq(value, SLICE("UTC")))
        return 0;
    struct error why;
    struct zone *zone = arena_alloc(x->arena, sizeof(*zone));
    value = query_with_plus(x, value);
    if (!zone)
        return refuse(x, PROBLEM_UNAVAILABLE, NULL);
    out->zone = zone;
    out->zone_name = value;
    if (zone_find(value, x->arena, zone, &why))
        return 0;
    struct error detail;
    error_set(&detail, "This %s.", why.text);
    return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[TZ], detail.text);
}

static int read_unit(struct exchange *x, struct slice value, enum stats_unit *out)
{
    *out = STATS_DAY;
    if (!value.at || stats_unit_read(value, out))
        return 0;
    return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[UNIT],
                        "This must be hour, day, week or month.");
}

static int handle_stats_read_range(struct exchange *x, const struct slice *values,
                                   struct stats_range *out)
{
    int64_t from = STATS_NO_TIME;
    int64_t to = STATS_NO_TIME;
    int status = read_unit(x, values[UNIT], &out->unit);
    if (status == 0)
        status = handle_stats_read_zone(x, values[TZ], out);
    if (status == 0)
        status = read_time(x, FROM, values[FROM], out->zone, &from);
    if (status == 0)
        status = read_time(x, TO, values[TO], out->zone, &to);
    if (status || stats_range_set(out, from, to, x->now))
        return status;
    struct error detail;
    error_set(&detail, "from must not be after to, with at most %d units between them.",
              STATS_BUCKETS_MAX);
    return refuse_field(x, PROBLEM_INVALID_TIME, NAMES[FROM], detail.text);
}

/* Reads the dimensions; all when there is no parameter. */
static int read_by(struct exchange *x, struct slice value, unsigned *by)
{
    *by = STATS_ALL_DIMENSIONS;
    if (!value.at || stats_dimensions_read(value, by))
        return 0;
    return refuse_field(
        x, PROBLEM_INVALID_FIELD, NAMES[BY],
        "This must be referrer, country, browser, os or device, or a comma-separated "
        "list of them.");
}

static int read_format(struct exchange *x, struct slice value, bool *csv)
{
    *csv = slice_eq(value, SLICE("csv"));
    if (!value.at || *csv || slice_eq(value, SLICE("json")))
        return 0;
    return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[FORMAT], "This must be json or csv.");
}

static int read_wanted(struct exchange *x, struct wanted *out)
{
    struct slice values[N_PARAMETERS];
    *out = (struct wanted){ .query.top = STATS_TOP_DEFAULT };
    int status = query_read(x, NAMES, N_PARAMETERS, values);
    if (status == 0)
        status = handle_stats_read_range(x, values, &out->query.range);
    if (status == 0)
        status = read_by(x, values[BY], &out->query.by);
    if (status == 0)
        status = query_number(x, NAMES[LIMIT], values[LIMIT], STATS_TOP_MAX, &out->query.top);
    if (status == 0)
        status = read_format(x, values[FORMAT], &out->csv);
    return status;
}

/* For clients that ask again and again: 304 for what they have already. */
static int respond_unless_known(struct exchange *x, const char *type, struct slice body)
{
    validator_add_bytes(x, body);
    if (validator_is_known(x))
        return 304;
    respond_body(x, type, body);
    return 200;
}

static int respond_statistics(struct exchange *x, const struct statistics *statistics, bool csv)
{
    if (!csv)
        return respond_unless_known(x, JSON_TYPE, stats_json(statistics, x->arena));
    http_header_add(&x->response, "Content-Disposition", SLICE("attachment; filename=stats.csv"));
    return respond_unless_known(x, CSV_TYPE, stats_csv(statistics, x->arena));
}

int handle_stats(struct exchange *x)
{
    struct wanted wanted;
    int status = read_wanted(x, &wanted);
    if (status)
        return status;
    const struct stats_request request = {
        .link = managing_request(x),
        .query = wanted.query,
        .ring = x->services->click_log ? x->services->click_log->ring : NULL,
    };
    struct statistics statistics;
    enum outcome outcome = statistics_read(x->services->db, &request, &statistics, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, NULL);
    return respond_statistics(x, &statistics, wanted.csv);
}

int handle_series(struct exchange *x)
{
    struct wanted wanted;
    int status = read_wanted(x, &wanted);
    if (status)
        return status;
    const struct stats_request request = {
        .link = { .caller = x->caller, .now = x->now, .arena = x->arena },
        .query = wanted.query,
    };
    struct statistics statistics;
    enum outcome outcome = statistics_read_all(x->services->db, &request, &statistics, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, NULL);
    return respond_statistics(x, &statistics, wanted.csv);
}

int handle_totals(struct exchange *x)
{
    uint32_t owner = x->caller.role == ROLE_ADMIN ? DB_OWNER_ANY : x->caller.user_id;
    struct click_totals totals = { 0 };
    int status = query_read(x, NULL, 0, NULL);
    if (status)
        return status;
    if (db_clicks_owner(x->services->db, owner, &totals, &x->err) != DB_OK)
        return refuse(x, PROBLEM_UNAVAILABLE, NULL);
    respond_body(x, JSON_TYPE, json_click_totals(x, &totals));
    return 200;
}
