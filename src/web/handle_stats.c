/* SPDX-License-Identifier: MIT */
/* Statistics of a link, and of all of the caller's. */
#include "service/record.h"
#include "service/statistics.h"
#include "text/rfc3339.h"
#include "web/handlers.h"
#include "web/json_out.h"
#include "web/json_stats.h"
#include "web/query.h"
#include "web/refusal.h"
#include "web/stats_csv.h"

enum parameter { FROM, TO, UNIT, BY, LIMIT, FORMAT, N_PARAMETERS };

enum {
    ALL_DIMENSIONS = (1 << CLICK_DIMENSIONS) - 1,
};

static const char *const NAMES[N_PARAMETERS] = {
    [FROM] = "from", [TO] = "to",       [UNIT] = "unit",
    [BY] = "by",     [LIMIT] = "limit", [FORMAT] = "format",
};

/* What is asked for, besides the link. */
struct wanted {
    struct stats_range range;
    unsigned by;
    unsigned top;
    bool csv;
};

static int read_time(struct exchange *x, enum parameter name, struct slice value, int64_t *out)
{
    if (!value.at || rfc3339_parse(value, out))
        return 0;
    return refuse_field(x, PROBLEM_INVALID_TIME, NAMES[name],
                        "This must be a date, or a date and time as RFC 3339 spells it.");
}

static int read_unit(struct exchange *x, struct slice value, enum stats_unit *out)
{
    static const enum stats_unit units[] = { STATS_HOUR, STATS_DAY, STATS_MONTH };
    *out = STATS_DAY;
    if (!value.at)
        return 0;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        *out = units[i];
        if (slice_eq(value, slice_of(stats_unit_name(units[i]))))
            return 0;
    }
    return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[UNIT], "This must be hour, day or month.");
}

static int read_range(struct exchange *x, const struct slice *values, struct stats_range *out)
{
    int64_t from = 0;
    int64_t to = 0;
    enum stats_unit unit;
    int status = read_unit(x, values[UNIT], &unit);
    if (status == 0)
        status = read_time(x, FROM, values[FROM], &from);
    if (status == 0)
        status = read_time(x, TO, values[TO], &to);
    if (status || stats_range_make(unit, from, to, x->now, out))
        return status;
    struct error detail;
    error_set(&detail, "from must not come after to, and at most %d units be between them.",
              STATS_BUCKETS_MAX);
    return refuse_field(x, PROBLEM_INVALID_TIME, NAMES[FROM], detail.text);
}

static unsigned dimension_bit(struct slice name)
{
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++) {
        if (slice_eq(name, slice_of(stats_dimension_name((enum click_dimension)i))))
            return 1u << i;
    }
    return 0;
}

/* Names separated by commas; all when there are none. */
static int read_by(struct exchange *x, struct slice value, unsigned *by)
{
    *by = value.at ? 0 : ALL_DIMENSIONS;
    while (value.len) {
        size_t end = slice_find(value, ',');
        unsigned bit = dimension_bit((struct slice){ value.at, end });
        if (!bit)
            return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[BY],
                                "This must be referrer, country, browser, os or device, or several "
                                "of them with commas between.");
        *by |= bit;
        value = slice_from(value, end + 1);
    }
    return 0;
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
    *out = (struct wanted){ .top = STATS_TOP_DEFAULT };
    int status = query_read(x, NAMES, N_PARAMETERS, values);
    if (status == 0)
        status = read_range(x, values, &out->range);
    if (status == 0)
        status = read_by(x, values[BY], &out->by);
    if (status == 0)
        status = query_number(x, NAMES[LIMIT], values[LIMIT], STATS_TOP_MAX, &out->top);
    if (status == 0)
        status = read_format(x, values[FORMAT], &out->csv);
    return status;
}

int handle_stats(struct exchange *x)
{
    struct wanted wanted;
    int status = read_wanted(x, &wanted);
    if (status)
        return status;
    const struct stats_request request = {
        .code = x->match.captures[0],
        .caller = x->caller,
        .range = wanted.range,
        .top = wanted.top,
        .ring = x->services->recorder ? x->services->recorder->ring : NULL,
        .arena = x->arena,
    };
    struct statistics statistics;
    enum manage_outcome outcome = statistics_read(x->services->db, &request, &statistics, &x->err);
    if (outcome != MANAGE_DONE)
        return refuse_managing(x, outcome, SHORTEN_MADE);
    if (wanted.csv)
        respond_body(x, CSV_TYPE, stats_csv(&statistics, wanted.by, x->arena));
    else
        respond_body(x, JSON_TYPE, json_statistics(x, &statistics, &wanted.range, wanted.by));
    return 200;
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
