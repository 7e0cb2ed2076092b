/* SPDX-License-Identifier: MIT */
/* Adds the roll-ups of a link, or of a series, and pending clicks up to a series and the
 * breakdowns. */
#include "service/statistics.h"

#include "click/batch.h"
#include "text/date.h"

enum {
    SCRATCH_MAX = 2 << 20, /* bytes for one record and the pending clicks added to it */
};

/* The state of a call of statistics_read. */
struct reading {
    const struct stats_request *request;
    struct statistics *out;
    struct stats_tops *tops;
    struct arena *scratch;       /* reset for each record */
    struct click_group *pending; /* the link's pending clicks, one group per day */
    size_t n_pending;
};

/* --- the series --- */

/* An empty bucket for every unit. */
static bool make_buckets(struct reading *r)
{
    const struct stats_range *range = &r->request->query.range;
    struct statistics *out = r->out;
    out->buckets = arena_alloc(r->request->link.arena, STATS_BUCKETS_MAX * sizeof(*out->buckets));
    for (int64_t at = range->from; out->buckets && at < range->end && out->n < STATS_BUCKETS_MAX;
         at = stats_unit_next(range, at))
        out->buckets[out->n++] = (struct stats_bucket){ .at = at };
    return out->buckets != NULL;
}

/* The bucket that `at` is in; NULL when it is outside the range. */
static struct stats_bucket *bucket_of(const struct reading *r, int64_t at)
{
    const struct stats_range *range = &r->request->query.range;
    size_t low = 0;
    size_t high = r->out->n;
    if (at < range->from || at >= range->end)
        return NULL;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (r->out->buckets[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    return &r->out->buckets[low];
}

static void statistics_add_counts(struct click_counts *to, const struct click_counts *counts)
{
    to->clicks += counts->clicks;
    to->visitors += counts->visitors;
    to->bots += counts->bots;
}

/* Adds the counts to the bucket of `at`; false when that is outside the range. */
static bool count_at(const struct reading *r, int64_t at, const struct click_counts *counts)
{
    struct stats_bucket *bucket = bucket_of(r, at);
    if (!bucket)
        return false;
    statistics_add_counts(&bucket->counts, counts);
    statistics_add_counts(&r->out->total, counts);
    return true;
}

/* Adds a record without hours, of `days` days: all of it on the zone's day of the same date. */
static bool add_whole(const struct reading *r, uint32_t at, uint32_t days,
                      const struct click_day *day)
{
    const struct zone *zone = r->request->query.range.zone;
    if (!count_at(r, zone_day_begin(zone, at), &day->total))
        return false;
    if (zone && r->out->utc_until < (int64_t)at + days)
        r->out->utc_until = (int64_t)at + days;
    return true;
}

/* Adds the record of the day or month that begins on the day `at` and has `days` days. False when
 * the arena is full. */
static bool add_record(const struct reading *r, uint32_t at, uint32_t days,
                       const struct click_day *day)
{
    const struct stats_range *range = &r->request->query.range;
    bool counted = false;
    if ((range->unit == STATS_HOUR || range->zone) && !day->compacted) {
        const int64_t begin = (int64_t)at * CLICK_DAY_SECONDS;
        for (unsigned hour = 0; hour < CLICK_HOURS; hour++)
            counted |= count_at(r, begin + (int64_t)hour * 3600, &day->hours[hour]);
    } else {
        counted = add_whole(r, at, days, day);
    }
    return !counted || stats_tops_add(r->tops, day->by);
}

/* --- records --- */

/* The pending clicks of the row's day; NULL: none. They are added to the day's record, so that a
 * visitor who is in it already is not counted again. */
static const struct click_group *pending_of(const struct reading *r, const struct click_row *row)
{
    for (size_t i = 0; i < r->n_pending; i++) {
        if (row->unit == CLICK_UNIT_DAY && r->pending[i].day == row->at)
            return &r->pending[i];
    }
    return NULL;
}

static uint32_t month_days(uint32_t first)
{
    const struct date date = date_of_days(first);
    return (uint32_t)date_month_days(date.year, date.month);
}

/* Adds a row and the pending clicks of its day. Of a record that cannot be decoded the totals are
 * used. */
static bool statistics_add_row(const struct reading *r, const struct click_row *row)
{
    struct click_day day;
    const struct click_group *pending = pending_of(r, row);
    arena_reset(r->scratch);
    bool readable = pending ? click_day_decode(row->detail, r->scratch, &day)
                            : click_day_look(row->detail, r->scratch, &day);
    if (!readable) {
        click_day_init(&day, r->scratch);
        click_day_compact(&day);
        day.total = row->total;
    }
    return (!pending || click_day_add(&day, pending->events, pending->n)) &&
           add_record(r, row->at, row->unit == CLICK_UNIT_MONTH ? month_days(row->at) : 1, &day);
}

/* Whether the rows have the day. Rows of days come before those of months, each in order of
 * time. */
static bool has_day(const struct click_rows *rows, uint32_t day)
{
    for (size_t i = rows->n; i-- > 0;) {
        if (rows->rows[i].unit == CLICK_UNIT_DAY && rows->rows[i].at <= day)
            return rows->rows[i].at == day;
    }
    return false;
}

/* Adds a day of which all clicks are pending. */
static bool add_new_day(const struct reading *r, const struct click_group *pending)
{
    struct click_day day;
    arena_reset(r->scratch);
    click_day_init(&day, r->scratch);
    return click_day_add(&day, pending->events, pending->n) && add_record(r, pending->day, 1, &day);
}

static bool add_all(const struct reading *r, const struct click_rows *rows)
{
    for (size_t i = 0; i < rows->n; i++)
        if (!statistics_add_row(r, &rows->rows[i]))
            return false;
    for (size_t i = 0; i < r->n_pending; i++)
        if (!has_day(rows, r->pending[i].day) && !add_new_day(r, &r->pending[i]))
            return false;
    return true;
}

/* --- pending clicks in the ring --- */

/* The position after which clicks are pending: per lane the later one of that stored with the rows
 * and of the ring's heads, which were read before the rows. */
static struct click_positions behind(struct slice stored, struct click_positions heads)
{
    struct click_positions positions = click_positions_read(stored);
    for (unsigned i = 0; i < CLICK_LANES; i++) {
        if (positions.heads[i] < heads.heads[i])
            positions.heads[i] = heads.heads[i];
    }
    return positions;
}

static size_t keep_days(struct click_batch *batch, const struct click_query *query)
{
    size_t n = 0;
    for (size_t i = 0; i < batch->n; i++) {
        uint32_t day = click_day_of(batch->events[i].at);
        if (day >= query->from_day && day < query->end_day)
            batch->events[n++] = batch->events[i];
    }
    return n;
}

/* Finds the link's clicks after `from` on the days of the query. A ring that cannot be read counts
 * as empty. False when the arena is full. */
static bool find_pending(struct reading *r, const struct click_query *query,
                         const struct click_positions *from)
{
    struct error unheard;
    const uint64_t n = click_ring_after(r->request->ring, from);
    struct click_batch batch = { .max = n < DB_CLICKS_MAX ? n : DB_CLICKS_MAX };
    batch.events = arena_alloc(r->request->link.arena, batch.max * sizeof(*batch.events));
    if (!batch.events)
        return false;
    if (!click_ring_find_link(r->request->ring, query->link_id, from, &batch, &unheard))
        return true;
    return click_batch_group(batch.events, keep_days(&batch, query), r->request->link.arena,
                             &r->pending, &r->n_pending);
}

/* --- the whole --- */

static struct click_query query_of(const struct reading *r)
{
    const struct stats_range *range = &r->request->query.range;
    const struct click_ring *ring = r->request->ring;
    struct click_query query = {
        .link_id = r->out->link.target.link_id,
        .from_day = click_day_of(range->from < 0 ? 0 : range->from),
        .end_day = click_day_of(range->end + CLICK_DAY_SECONDS - 1),
    };
    if (ring)
        query.source = (struct slice){ (const char *)click_ring_source(ring), CLICK_SOURCE_BYTES };
    return query;
}

/* Reads rows and pending clicks. The rows come with the position up to which the ring was flushed
 * into them; later clicks are read from the ring, where they remain readable even if they are
 * flushed meanwhile: so every click is in exactly one of the two, unless more than DB_CLICKS_MAX
 * are pending. */
static enum outcome read_clicks(struct reading *r, struct db *db, struct error *err)
{
    const struct click_query query = query_of(r);
    struct click_positions from = { { 0 } };
    struct click_rows rows;
    if (r->request->ring)
        from = click_ring_heads(r->request->ring);
    if (db_clicks_read(db, &query, r->request->link.arena, &rows, err) != DB_OK)
        return OUTCOME_UNAVAILABLE;
    from = behind(rows.source.positions, from);
    if ((r->request->ring && !find_pending(r, &query, &from)) || !add_all(r, &rows) ||
        !stats_tops_finish(r->tops, r->request->query.top, r->out->by)) {
        error_set(err, "no memory for the statistics");
        return OUTCOME_UNAVAILABLE;
    }
    return OUTCOME_OK;
}

/* Fills *out, whose `query` and `link` are set. */
static enum outcome statistics_fill(struct db *db, const struct stats_request *request,
                                    struct statistics *out, struct error *err)
{
    struct reading r = { .request = request,
                         .out = out,
                         .tops = stats_tops_new(request->link.arena, request->query.by),
                         .scratch = arena_new(SCRATCH_MAX) };
    enum outcome outcome = OUTCOME_UNAVAILABLE;
    if (r.tops && r.scratch && make_buckets(&r))
        outcome = read_clicks(&r, db, err);
    else
        error_set(err, "no memory for the statistics");
    arena_free(&r.scratch);
    return outcome;
}

enum outcome statistics_read(struct db *db, const struct stats_request *request,
                             struct statistics *out, struct error *err)
{
    *out = (struct statistics){ .query = request->query };
    enum outcome outcome = manage_show(db, &request->link, &out->link, err);
    return outcome == OUTCOME_OK ? statistics_fill(db, request, out, err) : outcome;
}

enum outcome statistics_read_all(struct db *db, const struct stats_request *request,
                                 struct statistics *out, struct error *err)
{
    const struct caller *caller = &request->link.caller;
    struct stats_request flushed = *request;
    flushed.ring = NULL;
    *out = (struct statistics){ .query = request->query };
    out->link.target.link_id =
        click_series_id(caller->role == ROLE_ADMIN ? DB_OWNER_ANY : caller->user_id);
    return statistics_fill(db, &flushed, out, err);
}
