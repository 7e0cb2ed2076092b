/* SPDX-License-Identifier: MIT */
/* Statistics, through json-c. */
#include "web/json_stats.h"

#include <json-c/json.h>

#include "web/json_object.h"

static void add_counts(struct json_object *o, const struct click_counts *counts)
{
    json_add(o, "clicks", json_object_new_uint64(counts->clicks));
    json_add(o, "visitors", json_object_new_uint64(counts->visitors));
    json_add(o, "bots", json_object_new_uint64(counts->bots));
}

static struct json_object *value_of(const struct click_value *value)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "value", json_text(value->value));
    json_add(o, "clicks", json_object_new_uint64(value->clicks));
    return o;
}

static struct json_object *breakdown_of(const struct stats_breakdown *breakdown)
{
    struct json_object *list = json_object_new_array();
    for (unsigned i = 0; i < breakdown->n; i++)
        json_object_array_add(list, value_of(&breakdown->values[i]));
    const struct click_value other = { SLICE("other"), breakdown->other };
    if (other.clicks)
        json_object_array_add(list, value_of(&other));
    return list;
}

static struct json_object *series_of(const struct statistics *statistics)
{
    struct json_object *series = json_object_new_array();
    for (size_t i = 0; i < statistics->n; i++) {
        struct json_object *bucket = json_object_new_object();
        json_add(bucket, "at", json_time_or_null(statistics->buckets[i].at));
        add_counts(bucket, &statistics->buckets[i].counts);
        json_object_array_add(series, bucket);
    }
    return series;
}

struct slice json_statistics(const struct exchange *x, const struct statistics *statistics,
                             const struct stats_range *range, unsigned by)
{
    struct json_object *o = json_object_new_object();
    struct json_object *breakdowns = json_object_new_object();
    json_add(o, "code", json_text(statistics->link.code));
    json_add(o, "from", json_time_or_null(range->from));
    json_add(o, "to", json_time_or_null(range->end));
    json_add(o, "unit", json_object_new_string(stats_unit_name(range->unit)));
    add_counts(o, &statistics->total);
    json_add(o, "series", series_of(statistics));
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++) {
        if (by & 1u << i)
            json_add(breakdowns, stats_dimension_name((enum click_dimension)i),
                     breakdown_of(&statistics->by[i]));
    }
    json_add(o, "by", breakdowns);
    return json_render(x->arena, o);
}

struct slice json_click_totals(const struct exchange *x, const struct click_totals *totals)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "links", json_object_new_uint64(totals->links));
    json_add(o, "clicks", json_object_new_uint64(totals->clicks));
    json_add(o, "visitors", json_object_new_uint64(totals->visitors));
    json_add(o, "bots", json_object_new_uint64(totals->bots));
    return json_render(x->arena, o);
}
