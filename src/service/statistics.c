/* SPDX-License-Identifier: MIT */
/* From roll-ups to a series and the breakdowns. */
#include "service/statistics.h"

#include "click/batch.h"

/* A statistic being put together. */
struct reading {
    const struct stats_request *request;
    struct statistics *out;
    struct stats_tops *tops;
    struct click_group *pending; /* of this link, a day each */
    size_t n_pending;
};

const char *stats_dimension_name(enum click_dimension dimension)
{
    static const char *const names[CLICK_DIMENSIONS] = {
        [CLICK_BY_REFERRER] = "referrer", [CLICK_BY_COUNTRY] = "country",
        [CLICK_BY_BROWSER] = "browser",   [CLICK_BY_OS] = "os",
        [CLICK_BY_DEVICE] = "device",
    };
    return names[dimension];
}

/* An empty bucket for every unit. */
static bool make_buckets(struct reading *r)
{
    const struct stats_range *range = &r->request->range;
    struct statistics *out = r->out;
    out->buckets = arena_alloc(r->request->arena, STATS_BUCKETS_MAX * sizeof(*out->buckets));
    for (int64_t at = range->from; out->buckets && at < range->end && out->n < STATS_BUCKETS_MAX;
         at = stats_unit_next(range->unit, at))
        out->buckets[out->n++] = (struct stats_bucket){ .at = at };
    return out->buckets != NULL;
}

static void add_counts(struct click_counts *to, const struct click_counts *counts)
{
    to->clicks += counts->clicks;
    to->visitors += counts->visitors;
    to->bots += counts->bots;
}

/* The bucket that `at` is in; NULL when it is outside. */
static struct stats_bucket *bucket_of(const struct reading *r, int64_t at)
{
    const struct stats_bucket *buckets = r->out->buckets;
    size_t low = 0;
    size_t high = r->out->n;
    if (at < r->request->range.from || at >= r->request->range.end)
        return NULL;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (buckets[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    return &r->out->buckets[low];
}

static void count_at(const struct reading *r, int64_t at, const struct click_counts *counts)
{
    struct stats_bucket *bucket = bucket_of(r, at);
    if (!bucket)
        return;
    add_counts(&bucket->counts, counts);
    add_counts(&r->out->total, counts);
}

/* Adds the record of the day, or month, that begins at `begin`. */
static bool add_record(const struct reading *r, int64_t begin, const struct click_day *day)
{
    bool by_hour = r->request->range.unit == STATS_HOUR && !day->folded;
    for (unsigned hour = 0; by_hour && hour < CLICK_HOURS; hour++)
        count_at(r, begin + (int64_t)hour * 3600, &day->hours[hour]);
    if (!by_hour)
        count_at(r, begin, &day->total);
    return stats_tops_add(r->tops, day->by);
}

/* What is not flushed yet of a day joins the day's record, so that visitors who came before are not
 * counted again. */
static bool add_pending_of(const struct reading *r, uint32_t at, struct click_day *day)
{
    for (size_t i = 0; i < r->n_pending; i++) {
        struct click_group *group = &r->pending[i];
        if (group->day == at && !click_day_add(day, group->events, group->n))
            return false;
        if (group->day == at)
            group->n = 0;
    }
    return true;
}

static bool add_rows(const struct reading *r, enum click_unit unit, const struct click_rows *rows,
                     struct error *err)
{
    for (size_t i = 0; i < rows->n; i++) {
        struct click_day day;
        uint32_t at = rows->rows[i].at;
        if (!click_day_decode(rows->rows[i].detail, r->request->arena, &day) ||
            (unit == CLICK_UNIT_DAY && !add_pending_of(r, at, &day)) ||
            !add_record(r, (int64_t)at * CLICK_DAY_SECONDS, &day)) {
            error_set(err, "a record of clicks cannot be read, or there is no memory for it");
            return false;
        }
    }
    return true;
}

static struct click_query query_of(const struct reading *r, enum click_unit unit)
{
    const struct stats_range *range = &r->request->range;
    return (struct click_query){
        .link_id = r->out->link.target.link_id,
        .unit = unit,
        .from_day = click_day_of(range->from),
        .end_day = click_day_of(range->end + CLICK_DAY_SECONDS - 1),
    };
}

static bool add_unit(const struct reading *r, enum click_unit unit, struct db *db,
                     struct error *err)
{
    const struct click_query query = query_of(r, unit);
    struct click_rows rows = { 0 };
    return db_clicks_read(db, &query, r->request->arena, &rows, err) == DB_OK &&
           add_rows(r, unit, &rows, err);
}

/* What is in the ring now; a ring that cannot be read counts as empty. */
static struct click_batch collect(const struct reading *r)
{
    struct click_ring *ring = r->request->ring;
    uint64_t pending = ring ? click_ring_level(ring).pending : 0;
    struct click_batch batch = { .max = pending < DB_CLICKS_MAX ? pending : DB_CLICKS_MAX };
    struct error unheard;
    if (batch.max == 0)
        return batch;
    batch.events = arena_alloc(r->request->arena, batch.max * sizeof(*batch.events));
    if (!batch.events || !click_ring_collect(ring, &batch, &unheard))
        batch.n = 0;
    return batch;
}

/* Finds the link's clicks, of the days at hand, among those that are not flushed yet. */
static bool find_pending(struct reading *r)
{
    struct click_batch batch = collect(r);
    const struct click_query days = query_of(r, CLICK_UNIT_DAY);
    size_t n = 0;
    for (size_t i = 0; i < batch.n; i++) {
        uint32_t day = click_day_of(batch.events[i].at);
        if (batch.events[i].link_id == days.link_id && day >= days.from_day && day < days.end_day)
            batch.events[n++] = batch.events[i];
    }
    return click_batch_group(batch.events, n, r->request->arena, &r->pending, &r->n_pending);
}

/* Adds the days that have nothing but what is not flushed yet. */
static bool add_pending_days(const struct reading *r)
{
    for (size_t i = 0; i < r->n_pending; i++) {
        const struct click_group *group = &r->pending[i];
        struct click_day day;
        click_day_init(&day, r->request->arena);
        if (group->n && (!click_day_add(&day, group->events, group->n) ||
                         !add_record(r, (int64_t)group->day * CLICK_DAY_SECONDS, &day)))
            return false;
    }
    return true;
}

enum manage_outcome statistics_read(struct db *db, const struct stats_request *request,
                                    struct statistics *out, struct error *err)
{
    const struct manage_request which = { .code = request->code,
                                          .caller = request->caller,
                                          .arena = request->arena };
    *out = (struct statistics){ .n = 0 };
    struct reading r = { .request = request, .out = out, .tops = stats_tops_new(request->arena) };
    enum manage_outcome outcome = manage_show(db, &which, &out->link, err);
    if (outcome != MANAGE_DONE)
        return outcome;
    if (!r.tops || !make_buckets(&r) || !find_pending(&r)) {
        error_set(err, "out of memory");
        return MANAGE_UNAVAILABLE;
    }
    if (!add_unit(&r, CLICK_UNIT_DAY, db, err) || !add_unit(&r, CLICK_UNIT_MONTH, db, err) ||
        !add_pending_days(&r))
        return MANAGE_UNAVAILABLE;
    stats_tops_finish(r.tops, request->top, out->by);
    return MANAGE_DONE;
}
