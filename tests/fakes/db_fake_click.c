/* SPDX-License-Identifier: MIT */
/* Clicks in memory. */
#include "fakes/db_fake_private.h"

#include <stdlib.h>

enum {
    SCRATCH_MAX = 64 << 20,
};

static struct arena *scratch(void)
{
    struct arena *arena = arena_new(SCRATCH_MAX);
    if (!arena)
        abort();
    return arena;
}

/* --- roll-ups --- */

static struct fake_rollup *find_rollup(const struct db *db, const struct click_rollup *like)
{
    for (size_t i = 0; i < db->n_rollups; i++) {
        const struct click_rollup *row = &db->rollups[i].row;
        if (row->link_id == like->link_id && row->at == like->at &&
            click_rollup_unit(row) == click_rollup_unit(like))
            return &db->rollups[i];
    }
    return NULL;
}

/* Stores a row whose detail is in an arena. */
static void keep_rollup(struct db *db, const struct click_rollup *row)
{
    struct fake_rollup *kept = find_rollup(db, row);
    if (!kept) {
        db->rollups = db_fake_grow(db->rollups, db->n_rollups, sizeof(*db->rollups));
        kept = &db->rollups[db->n_rollups++];
        *kept = (struct fake_rollup){ 0 };
    }
    char *detail = realloc(kept->detail, row->detail.len);
    if (!detail)
        abort();
    memcpy(detail, row->detail.at, row->detail.len);
    kept->row = *row;
    kept->row.detail.at = kept->detail = detail;
}

static void forget_rollup(struct db *db, struct fake_rollup *rollup)
{
    const struct fake_rollup *last = &db->rollups[--db->n_rollups];
    free(rollup->detail);
    rollup->row = last->row;
    rollup->detail = last->detail;
}

void db_fake_forget_clicks(struct db *db, uint64_t link_id)
{
    for (size_t i = db->n_rollups; i-- > 0;) {
        if (db->rollups[i].row.link_id == link_id)
            forget_rollup(db, &db->rollups[i]);
    }
}

void db_fake_free_clicks(struct db *db)
{
    for (size_t i = 0; i < db->n_rollups; i++)
        free(db->rollups[i].detail);
    free(db->rollups);
    free(db->sources);
    free(db->owners);
}

struct fake_owner *db_fake_owner(struct db *db, uint32_t owner_id)
{
    for (size_t i = 0; i < db->n_owners; i++) {
        if (db->owners[i].owner_id == owner_id)
            return &db->owners[i];
    }
    db->owners = db_fake_grow(db->owners, db->n_owners, sizeof(*db->owners));
    struct fake_owner *owner = &db->owners[db->n_owners++];
    *owner = (struct fake_owner){ .owner_id = owner_id };
    return owner;
}

/* --- sources --- */

static struct fake_source *find_source(const struct db *db, struct slice source)
{
    for (size_t i = 0; i < db->n_sources; i++) {
        if (slice_eq(db->sources[i].source, source))
            return &db->sources[i];
    }
    return NULL;
}

static void keep_source(struct db *db, const struct click_flush *flush)
{
    struct fake_source *source = find_source(db, flush->source);
    if (!source) {
        db->sources = db_fake_grow(db->sources, db->n_sources, sizeof(*db->sources));
        source = &db->sources[db->n_sources++];
        source->source = db_fake_keep(db->text, flush->source);
    }
    source->at = (struct click_source){ flush->batch, db_fake_keep(db->text, flush->positions) };
    source->updated_at = flush->now;
}

enum db_result db_clicks_source(struct db *db, struct slice source, struct arena *arena,
                                struct click_source *out, struct error *err)
{
    if (db_fake_fails(db, false, err))
        return db->failure;
    const struct fake_source *found = find_source(db, source);
    if (!found)
        return DB_MISSING;
    *out = (struct click_source){ found->at.batch, db_fake_keep(arena, found->at.positions) };
    return DB_OK;
}

enum db_result db_clicks_source_drop(struct db *db, struct slice source, struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    struct fake_source *found = find_source(db, source);
    if (found)
        *found = db->sources[--db->n_sources];
    return db_fake_answer(db, DB_OK);
}

enum db_result db_clicks_sources_purge(struct db *db, const struct click_source_purge *purge,
                                       struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    for (size_t i = db->n_sources; i-- > 0;) {
        const struct fake_source *source = &db->sources[i];
        if ((unsigned char)source->source.at[0] == purge->part &&
            source->at.positions.len == purge->positions_len && source->updated_at < purge->before)
            db->sources[i] = db->sources[--db->n_sources];
    }
    return db_fake_answer(db, DB_OK);
}

/* --- flushing --- */

/* Adds the events to the stored roll-up of the link or series, and returns the increase. */
static struct click_counts add_group(struct db *db, uint64_t link_id,
                                     const struct click_group *group)
{
    struct arena *arena = scratch();
    struct click_rollup row = { .link_id = link_id, .at = group->day };
    const struct fake_rollup *kept = find_rollup(db, &row);
    if (kept)
        row = kept->row;
    struct click_counts gained;
    if (!click_rollup_add(&row, (struct click_groups){ &group, 1 }, arena, &gained))
        abort();
    keep_rollup(db, &row);
    arena_free(&arena);
    return gained;
}

static void count_group(struct db *db, const struct click_group *group, struct click_flushed *out)
{
    struct link *link = db_fake_find_id(db, group->link_id);
    for (size_t i = 0; i < db->n_deleted && !link; i++) {
        if (db->deleted[i].target.link_id == group->link_id)
            link = &db->deleted[i];
    }
    if (!link) {
        out->dropped += group->n;
        return;
    }
    const struct click_counts gained = add_group(db, group->link_id, group);
    add_group(db, click_series_id(DB_OWNER_ANY), group);
    if (link->owner_id)
        add_group(db, click_series_id(link->owner_id), group);
    link->clicks += gained.clicks;
    struct click_counts *total = &db_fake_owner(db, link->owner_id)->total;
    total->clicks += gained.clicks;
    total->visitors += gained.visitors;
    total->bots += gained.bots;
    out->clicks += gained.clicks;
    out->bots += gained.bots;
    out->rows++;
}

static enum db_result flush_batch(struct db *db, const struct click_flush *flush,
                                  struct click_flushed *out)
{
    const struct fake_source *source = find_source(db, flush->source);
    struct click_group *groups = NULL;
    size_t n = 0;
    if (flush->source.len != DB_SOURCE_BYTES || flush->batch == 0 || flush->n > DB_CLICKS_MAX ||
        flush->positions.len > DB_POSITIONS_MAX ||
        !click_batch_group(flush->events, flush->n, flush->arena, &groups, &n))
        return DB_FAILED;
    if ((source ? source->at.batch : 0) != flush->batch - 1)
        return DB_STALE;
    for (size_t i = 0; i < n; i++)
        count_group(db, &groups[i], out);
    keep_source(db, flush);
    return DB_OK;
}

enum db_result db_clicks_flush(struct db *db, const struct click_flush *flush,
                               struct click_flushed *out, struct error *err)
{
    *out = (struct click_flushed){ 0 };
    if (db_fake_fails(db, true, err))
        return db->failure;
    return db_fake_answer(db, flush_batch(db, flush, out));
}

/* --- reading --- */

static int by_unit_and_time(const void *a, const void *b)
{
    const struct click_row *left = a;
    const struct click_row *right = b;
    if (left->unit != right->unit)
        return left->unit < right->unit ? -1 : 1;
    return (left->at > right->at) - (left->at < right->at);
}

enum db_result db_clicks_read(struct db *db, const struct click_query *query, struct arena *arena,
                              struct click_rows *out, struct error *err)
{
    *out = (struct click_rows){ 0 };
    if (db->hooks.clicks_read_begins)
        db->hooks.clicks_read_begins(db->hooks.context);
    if (db_fake_fails(db, false, err))
        return db->failure;
    out->rows = arena_alloc(arena, sizeof(*out->rows) * db->n_rollups);
    if (!out->rows)
        return DB_FAILED;
    for (size_t i = 0; i < db->n_rollups; i++) {
        const struct click_rollup *row = &db->rollups[i].row;
        if (row->link_id == query->link_id && row->at >= query->from_day &&
            row->at < query->end_day)
            out->rows[out->n++] = (struct click_row){ click_rollup_unit(row), row->at, row->total,
                                                      db_fake_keep(arena, row->detail) };
    }
    qsort(out->rows, out->n, sizeof(*out->rows), by_unit_and_time);
    const struct fake_source *source = find_source(db, query->source);
    if (source)
        out->source =
            (struct click_source){ source->at.batch, db_fake_keep(arena, source->at.positions) };
    if (db->hooks.clicks_read_ends)
        db->hooks.clicks_read_ends(db->hooks.context, out);
    return DB_OK;
}

enum db_result db_clicks_owner(struct db *db, uint32_t owner_id, struct click_totals *out,
                               struct error *err)
{
    *out = (struct click_totals){ 0 };
    if (db_fake_fails(db, false, err))
        return db->failure;
    for (size_t i = 0; i < db->n_links; i++)
        out->links += owner_id == DB_OWNER_ANY || db->links[i].owner_id == owner_id;
    for (size_t i = 0; i < db->n_owners; i++) {
        const struct fake_owner *owner = &db->owners[i];
        if (owner_id != DB_OWNER_ANY && owner->owner_id != owner_id)
            continue;
        out->clicks += owner->total.clicks;
        out->visitors += owner->total.visitors;
        out->bots += owner->total.bots;
    }
    return DB_OK;
}

/* --- compaction --- */

/* The oldest row of a stage that is before `before`; NULL when there is none. */
static struct fake_rollup *oldest(const struct db *db, enum click_stage stage, uint32_t before)
{
    struct fake_rollup *found = NULL;
    for (size_t i = 0; i < db->n_rollups; i++) {
        struct fake_rollup *rollup = &db->rollups[i];
        if (rollup->row.stage == stage && rollup->row.at < before &&
            (!found || rollup->row.at < found->row.at))
            found = rollup;
    }
    return found;
}

static void compact_day(struct db *db, const struct fake_rollup *day)
{
    struct arena *arena = scratch();
    struct click_rollup row = day->row;
    if (!click_rollup_compact(&row, arena))
        abort();
    keep_rollup(db, &row);
    arena_free(&arena);
}

static void merge_day(struct db *db, const struct fake_rollup *day)
{
    struct arena *arena = scratch();
    struct click_rollup month = { .link_id = day->row.link_id,
                                  .at = click_month_of(day->row.at),
                                  .stage = CLICK_STAGE_MONTH };
    const struct click_rollup gone = day->row;
    const struct fake_rollup *kept = find_rollup(db, &month);
    if (kept)
        month = kept->row;
    if (!click_rollup_merge(&month, &gone, arena))
        abort();
    keep_rollup(db, &month);
    forget_rollup(db, find_rollup(db, &gone));
    arena_free(&arena);
}

static void compact_some(struct db *db, const struct click_compact *compact,
                         struct click_compact_done *out)
{
    uint32_t before = compact->hourly_before > compact->daily_before ? compact->hourly_before
                                                                     : compact->daily_before;
    const struct fake_rollup *day;
    while (out->compacted < compact->limit && (day = oldest(db, CLICK_STAGE_HOURLY, before))) {
        compact_day(db, day);
        out->compacted++;
    }
    while (out->merged < compact->limit &&
           (day = oldest(db, CLICK_STAGE_DAILY, compact->daily_before))) {
        merge_day(db, day);
        out->merged++;
    }
    out->more = out->compacted == compact->limit || out->merged == compact->limit;
}

enum db_result db_clicks_compact_batch(struct db *db, const struct click_compact *compact,
                                       struct click_compact_done *out, struct error *err)
{
    *out = (struct click_compact_done){ 0 };
    if (db_fake_fails(db, true, err))
        return db->failure;
    if (compact->limit == 0 || compact->limit > DB_COMPACT_MAX)
        return db_fake_answer(db, DB_FAILED);
    compact_some(db, compact, out);
    if (db->hooks.compacted)
        db->hooks.compacted(db->hooks.context, compact, out);
    return db_fake_answer(db, DB_OK);
}
