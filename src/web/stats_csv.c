/* SPDX-License-Identifier: MIT */
/* Rows of statistics. */
#include "web/stats_csv.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "text/rfc3339.h"

enum {
    CSV_MAX = 4 << 20, /* bytes; the longest statistics are a tenth of that */
};

static void add_counts(struct buf *b, const struct click_counts *counts)
{
    buf_printf(b, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\r\n", counts->clicks, counts->visitors,
               counts->bots);
}

/* In quotes; what a spreadsheet would take for a formula is kept from that by an apostrophe. */
static void add_text(struct buf *b, struct slice text)
{
    buf_add_byte(b, '"');
    if (text.len && strchr("=+-@\t\r", text.at[0]))
        buf_add_byte(b, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"')
            buf_add_byte(b, '"');
        buf_add_byte(b, text.at[i]);
    }
    buf_add_byte(b, '"');
}

static void add_value(struct buf *b, const char *section, const struct click_value *value)
{
    buf_add_text(b, section);
    buf_add_byte(b, ',');
    add_text(b, value->value);
    buf_printf(b, ",%" PRIu64 ",,\r\n", value->clicks);
}

static void add_breakdown(struct buf *b, const char *name, const struct stats_breakdown *breakdown)
{
    for (unsigned i = 0; i < breakdown->n; i++)
        add_value(b, name, &breakdown->values[i]);
    const struct click_value other = { SLICE("other"), breakdown->other };
    if (other.clicks)
        add_value(b, name, &other);
}

struct slice stats_csv(const struct statistics *statistics, unsigned by, struct arena *arena)
{
    struct buf b = buf_in(arena, CSV_MAX);
    buf_add_text(&b, "section,value,clicks,visitors,bots\r\ntotal,");
    add_counts(&b, &statistics->total);
    for (size_t i = 0; i < statistics->n; i++) {
        char at[RFC3339_SIZE];
        rfc3339_format(statistics->buckets[i].at, at);
        buf_printf(&b, "series,%s", at);
        add_counts(&b, &statistics->buckets[i].counts);
    }
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++) {
        if (by & 1u << i)
            add_breakdown(&b, stats_dimension_name((enum click_dimension)i), &statistics->by[i]);
    }
    return buf_slice(&b);
}
