/* SPDX-License-Identifier: MIT */
/* Renders the readings of metrics as lines, one family after the other. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "web/exposition.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "web/metric_families.h"

enum {
    TEXT_MAX = 16 << 20,
    US_PER_S = 1000000,
};

/* State of a rendering. */
struct page {
    const struct exposition *of;
    struct buf text;
    struct label_names names;
    struct metric_reading *readings; /* sorted */
    size_t n;
    size_t room;
};

/* --- collecting --- */

static void count_reading(void *context, const struct metric_reading *reading)
{
    (void)reading;
    ++*(size_t *)context;
}

static void take_reading(void *context, const struct metric_reading *reading)
{
    struct page *page = context;
    if (page->n < page->room)
        page->readings[page->n++] = *reading;
}

static int exposition_compare(const void *left, const void *right)
{
    const struct metric_reading *a = left;
    const struct metric_reading *b = right;
    if (a->metric != b->metric)
        return a->metric < b->metric ? -1 : 1;
    if (a->labels.a != b->labels.a)
        return a->labels.a - b->labels.a;
    if (a->labels.b != b->labels.b)
        return a->labels.b - b->labels.b;
    return a->labels.c - b->labels.c;
}

/* Adds the series with the value 0 that a family always has. */
static void add_zeros(struct page *page)
{
    size_t n_read = page->n;
    for (unsigned metric = METRIC_NONE + 1; metric < METRIC_N; metric++) {
        const struct metric_family *family = family_of((enum metric)metric);
        for (unsigned a = family->first; a <= family->last; a++) {
            const struct metric_reading zero = { (enum metric)metric, { (uint8_t)a, 0, 0 }, { 0 } };
            size_t i = 0;
            while (i < n_read && exposition_compare(&page->readings[i], &zero) != 0)
                i++;
            if (i == n_read)
                take_reading(page, &zero);
        }
    }
}

/* Collects the readings. Series that appear between the two walks are omitted until the next
 * scrape. */
static bool collect(struct page *page, struct arena *arena)
{
    enum { ZEROS_MAX = METRIC_N * 4 };
    size_t n = 0;
    if (!metrics_walk(page->of->metrics, count_reading, &n))
        return false;
    page->room = n + ZEROS_MAX;
    page->readings = arena_alloc(arena, page->room * sizeof(*page->readings));
    page->room -= ZEROS_MAX;
    if (!page->readings || !metrics_walk(page->of->metrics, take_reading, page))
        return false;
    page->room += ZEROS_MAX;
    add_zeros(page);
    qsort(page->readings, page->n, sizeof(*page->readings), exposition_compare);
    return true;
}

/* --- writing --- */

static void exposition_add_escaped(struct buf *text, struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        if (c == '\\' || c == '"')
            buf_add_byte(text, '\\');
        if (c == '\n')
            buf_add_text(text, "\\n");
        else
            buf_add_byte(text, c);
    }
}

static void add_head(struct buf *text, const char *name, const char *type, const char *help)
{
    buf_printf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Writes `name`, `suffix`, the labels of the reading in braces, and `le` unless that is NULL. */
static void exposition_add_series(struct page *page, const struct metric_family *family,
                                  const char *suffix, struct metric_labels labels, const char *le)
{
    const unsigned values[FAMILY_LABELS] = { labels.a, labels.b, labels.c };
    const char *before = "{";
    buf_add_text(&page->text, family->name);
    buf_add_text(&page->text, suffix);
    for (unsigned i = 0; i < FAMILY_LABELS && family->labels[i].name; i++) {
        struct slice value = family->labels[i].text(&page->names, values[i]);
        buf_printf(&page->text, "%s%s=\"", before, family->labels[i].name);
        exposition_add_escaped(&page->text, value.len ? value : SLICE("unknown"));
        buf_add_byte(&page->text, '"');
        before = ",";
    }
    if (le)
        buf_printf(&page->text, "%sle=\"%s\"", before, le);
    if (le || family->labels[0].name)
        buf_add_byte(&page->text, '}');
    buf_add_byte(&page->text, ' ');
}

static void add_histogram(struct page *page, const struct metric_family *family,
                          const struct metric_reading *reading)
{
    uint64_t sum_us = reading->values[METRICS_BUCKETS];
    uint64_t count = 0;
    for (unsigned i = 0; i < METRICS_BUCKETS; i++) {
        char bound[LABEL_TEXT_MAX] = "+Inf";
        if (i < METRICS_BUCKETS - 1)
            snprintf(bound, sizeof(bound), "%g", (double)METRICS_BOUNDS_US[i] / US_PER_S);
        count += reading->values[i];
        exposition_add_series(page, family, "_bucket", reading->labels, bound);
        buf_printf(&page->text, "%" PRIu64 "\n", count);
    }
    exposition_add_series(page, family, "_sum", reading->labels, NULL);
    buf_printf(&page->text, "%" PRIu64 ".%06u\n", sum_us / US_PER_S, (unsigned)(sum_us % US_PER_S));
    exposition_add_series(page, family, "_count", reading->labels, NULL);
    buf_printf(&page->text, "%" PRIu64 "\n", count);
}

static void exposition_add_value(struct page *page, const struct metric_family *family,
                                 const struct metric_reading *reading)
{
    int64_t value = (int64_t)reading->values[0];
    exposition_add_series(page, family, "", reading->labels, NULL);
    if (family->type == FAMILY_COUNTER)
        buf_printf(&page->text, "%" PRIu64, reading->values[0]);
    else if (family->unit == UNIT_MILLISECONDS)
        buf_printf(&page->text, "%g", (double)value / 1000);
    else if (family->unit == UNIT_SINCE)
        buf_add_int(&page->text, value > 0 && value < page->of->now ? page->of->now - value : 0);
    else
        buf_add_int(&page->text, value);
    buf_add_byte(&page->text, '\n');
}

static void add_families(struct page *page)
{
    static const char *const TYPES[] = { "counter", "gauge", "histogram" };
    const struct metric_reading *reading = page->readings;
    const struct metric_reading *end = page->readings + page->n;
    for (unsigned metric = METRIC_NONE + 1; metric < METRIC_N; metric++) {
        const struct metric_family *family = family_of((enum metric)metric);
        add_head(&page->text, family->name, TYPES[family->type], family->help);
        for (; reading < end && reading->metric == metric; reading++) {
            if (family->type == FAMILY_HISTOGRAM)
                add_histogram(page, family, reading);
            else
                exposition_add_value(page, family, reading);
        }
    }
}

/* --- series that are not in shm/metrics --- */

static void add_backend(void *context, unsigned slot, struct slice name, enum breaker_state state)
{
    struct page *page = context;
    if (!breakers_use(page->of->breakers, slot))
        return;
    for (int i = BREAKER_CLOSED; i <= BREAKER_PROBING; i++) {
        buf_add_text(&page->text, "breaker_state{backend=\"");
        exposition_add_escaped(&page->text, name);
        buf_printf(&page->text, "\",state=\"%s\"} %d\n", breaker_state_name((enum breaker_state)i),
                   (int)state == i);
    }
    char *copy = arena_copy(page->text.arena, name);
    if (copy && slot < BREAKERS_MAX)
        page->names.backends[slot] = (struct slice){ copy, name.len };
}

/* Called before the families, whose labels use the backends' names read here. */
static void add_breakers(struct page *page)
{
    add_head(&page->text, "breaker_state", "gauge",
             "1 for the state that the backend's breaker is in.");
    if (page->of->breakers)
        breakers_walk(page->of->breakers, page->of->now_ms, add_backend, page);
}

static void add_holdings(struct page *page)
{
    const struct metrics *metrics = page->of->metrics;
    int64_t open = metrics_held(metrics, HOLDING_DB_CONNECTIONS);
    int64_t active = metrics_held(metrics, HOLDING_DB_STATEMENTS);
    if (active > open) /* the two counters are not read at one moment */
        active = open;
    add_head(&page->text, "db_connections", "gauge", "Open connections to databases.");
    buf_printf(&page->text, "db_connections{state=\"active\"} %" PRId64 "\n", active);
    buf_printf(&page->text, "db_connections{state=\"idle\"} %" PRId64 "\n", open - active);
    add_head(&page->text, "workers", "gauge", "Running workers of this host.");
    buf_printf(&page->text, "workers %" PRId64 "\n", metrics_held(metrics, HOLDING_WORKERS));
}

static void add_build(struct page *page)
{
    add_head(&page->text, "build_info", "gauge", "1, with the version as a label.");
    buf_add_text(&page->text, "build_info{version=\"" PACKAGE_VERSION "\"} 1\n");
    add_head(&page->text, "metrics_dropped_total", "counter",
             "Additions to series for which there was no room.");
    buf_printf(&page->text, "metrics_dropped_total %" PRIu64 "\n",
               metrics_dropped(page->of->metrics));
}

struct slice exposition_render(const struct exposition *exposition, struct arena *arena)
{
    struct page *page = arena_alloc(arena, sizeof(*page));
    if (!page)
        return (struct slice){ NULL, 0 };
    page->of = exposition;
    page->text = buf_in(arena, TEXT_MAX);
    if (!collect(page, arena))
        return (struct slice){ NULL, 0 };
    add_build(page);
    add_holdings(page);
    add_breakers(page);
    add_families(page);
    return buf_slice(&page->text);
}
