/* SPDX-License-Identifier: MIT */
/* Writes statistics as JSON and as CSV. */
#include "service/stats_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "text/escape.h"
#include "text/rfc3339.h"

enum {
    TEXT_MAX = 2 << 20, /* bytes; the longest statistics are a quarter of that */
};

static bool is_wanted(const struct statistics *statistics, unsigned dimension)
{
    return statistics->query.by & 1U << dimension;
}

/* The value "other"; false when it has no clicks. */
static bool other_of(const struct stats_breakdown *breakdown, struct click_value *out)
{
    *out = (struct click_value){ SLICE("other"), breakdown->other };
    return breakdown->other > 0;
}

/* --- JSON --- */

static void add_name(struct buf *b, const char *name)
{
    buf_printf(b, "\"%s\":", name);
}

static void add_string(struct buf *b, struct slice text)
{
    buf_add_byte(b, '"');
    escape_json(b, text);
    buf_add_byte(b, '"');
}

static void add_time(struct buf *b, const struct stats_range *range, int64_t at)
{
    char text[RFC3339_OFFSET_SIZE];
    stats_time_format(range, at, text);
    buf_printf(b, "\"%s\"", text);
}

/* The date before which the series has UTC days, or null. */
static void add_zone(struct buf *b, const struct statistics *statistics)
{
    char until[RFC3339_SIZE];
    rfc3339_format(statistics->utc_until * CLICK_DAY_SECONDS, until);
    buf_add_text(b, ",\"zone\":{\"name\":");
    add_string(b, statistics->query.range.zone ? statistics->query.range.zone_name : SLICE("UTC"));
    if (statistics->utc_until)
        buf_printf(b, ",\"utc_until\":\"%.10s\"}", until);
    else
        buf_add_text(b, ",\"utc_until\":null}");
}

static void add_counts(struct buf *b, const struct click_counts *counts)
{
    buf_printf(b, "\"clicks\":%" PRIu64 ",\"visitors\":%" PRIu64 ",\"bots\":%" PRIu64,
               counts->clicks, counts->visitors, counts->bots);
}

static void stats_text_add_head(struct buf *b, const struct statistics *statistics)
{
    const struct stats_range *range = &statistics->query.range;
    if (statistics->link.code.len) {
        add_name(b, "code");
        add_string(b, statistics->link.code);
        buf_add_byte(b, ',');
    }
    buf_add_text(b, "\"from\":");
    add_time(b, range, range->from);
    buf_add_text(b, ",\"to\":");
    add_time(b, range, range->end);
    buf_printf(b, ",\"unit\":\"%s\"", stats_unit_name(range->unit));
    add_zone(b, statistics);
    buf_add_byte(b, ',');
    add_counts(b, &statistics->total);
    if (statistics->link.code.len)
        buf_printf(b, ",\"clicks_imported\":%" PRIu64, statistics->link.clicks_imported);
}

static void stats_text_add_series(struct buf *b, const struct statistics *statistics)
{
    add_name(b, "series");
    buf_add_byte(b, '[');
    for (size_t i = 0; i < statistics->n; i++) {
        buf_add_text(b, i ? ",{\"at\":" : "{\"at\":");
        add_time(b, &statistics->query.range, statistics->buckets[i].at);
        buf_add_byte(b, ',');
        add_counts(b, &statistics->buckets[i].counts);
        buf_add_byte(b, '}');
    }
    buf_add_byte(b, ']');
}

static void add_value(struct buf *b, const struct click_value *value)
{
    buf_add_text(b, "{\"value\":");
    add_string(b, value->value);
    buf_printf(b, ",\"clicks\":%" PRIu64 "}", value->clicks);
}

static void stats_text_add_breakdown(struct buf *b, const struct stats_breakdown *breakdown)
{
    struct click_value other;
    buf_add_byte(b, '[');
    for (unsigned i = 0; i < breakdown->n; i++) {
        if (i)
            buf_add_byte(b, ',');
        add_value(b, &breakdown->values[i]);
    }
    if (other_of(breakdown, &other)) {
        if (breakdown->n)
            buf_add_byte(b, ',');
        add_value(b, &other);
    }
    buf_add_byte(b, ']');
}

static void stats_text_add_breakdowns(struct buf *b, const struct statistics *statistics)
{
    bool first = true;
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++) {
        if (!is_wanted(statistics, i))
            continue;
        if (!first)
            buf_add_byte(b, ',');
        first = false;
        add_name(b, stats_dimension_name((enum click_dimension)i));
        stats_text_add_breakdown(b, &statistics->by[i]);
    }
}

struct slice stats_json(const struct statistics *statistics, struct arena *arena)
{
    struct buf b = buf_in(arena, TEXT_MAX);
    buf_add_byte(&b, '{');
    stats_text_add_head(&b, statistics);
    buf_add_byte(&b, ',');
    stats_text_add_series(&b, statistics);
    buf_add_text(&b, ",\"by\":{");
    stats_text_add_breakdowns(&b, statistics);
    buf_add_text(&b, "}}");
    return buf_slice(&b);
}

/* --- CSV --- */

static void add_cells(struct buf *b, const struct click_counts *counts)
{
    buf_printf(b, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\r\n", counts->clicks, counts->visitors,
               counts->bots);
}

static void add_cell(struct buf *b, struct slice text)
{
    buf_add_byte(b, '"');
    escape_spreadsheet(b, text);
    buf_add_byte(b, '"');
}

static void add_row(struct buf *b, unsigned dimension, const struct click_value *value)
{
    buf_add_text(b, stats_dimension_name((enum click_dimension)dimension));
    buf_add_byte(b, ',');
    add_cell(b, value->value);
    buf_printf(b, ",%" PRIu64 ",,\r\n", value->clicks);
}

static void stats_text_add_rows(struct buf *b, unsigned dimension,
                                const struct stats_breakdown *breakdown)
{
    struct click_value other;
    for (unsigned i = 0; i < breakdown->n; i++)
        add_row(b, dimension, &breakdown->values[i]);
    if (other_of(breakdown, &other))
        add_row(b, dimension, &other);
}

struct slice stats_csv(const struct statistics *statistics, struct arena *arena)
{
    struct buf b = buf_in(arena, TEXT_MAX);
    buf_add_text(&b, "section,value,clicks,visitors,bots\r\ntotal,");
    add_cells(&b, &statistics->total);
    if (statistics->link.clicks_imported)
        buf_printf(&b, "imported,,%" PRIu64 ",,\r\n", statistics->link.clicks_imported);
    for (size_t i = 0; i < statistics->n; i++) {
        char at[RFC3339_OFFSET_SIZE];
        stats_time_format(&statistics->query.range, statistics->buckets[i].at, at);
        buf_printf(&b, "series,%s", at);
        add_cells(&b, &statistics->buckets[i].counts);
    }
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++) {
        if (is_wanted(statistics, i))
            stats_text_add_rows(&b, i, &statistics->by[i]);
    }
    return buf_slice(&b);
}
