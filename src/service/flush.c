/* SPDX-License-Identifier: MIT */
/* Flushes the ring and the spill files, in the order of steps that counts each click exactly
 * once. */
#include "service/flush.h"

#include <string.h>

#include "clicklog/click_spill.h"

enum {
    REFUSED_MAX = 8, /* batches in a row; other flushers may cause a few */
};

/* --- a batch --- */

struct batch {
    const unsigned char *source;
    uint64_t number;
    struct slice positions;
    struct click_event *events;
    size_t n;
};

/* Allocates events for one batch of the `waiting` clicks; `*max` is their number. */
static struct click_event *event_room(struct flusher *flusher, uint64_t waiting, size_t *max,
                                      struct error *err)
{
    *max = waiting < DB_CLICKS_MAX ? waiting : DB_CLICKS_MAX;
    arena_reset(flusher->arena);
    struct click_event *events = arena_alloc(flusher->arena, *max * sizeof(*events));
    if (!events)
        error_set(err, "out of memory");
    return events;
}

static enum db_result flush_store(struct flusher *flusher, const struct batch *batch, int64_t now,
                                  struct flush_total *total, struct error *err)
{
    const struct click_flush flush = {
        .source = { (const char *)batch->source, CLICK_SOURCE_BYTES },
        .batch = batch->number,
        .positions = batch->positions,
        .events = batch->events,
        .n = batch->n,
        .arena = flusher->arena,
        .now = now,
    };
    struct click_flushed flushed;
    enum db_result result = db_clicks_flush(flusher->db, &flush, &flushed, err);
    if (result != DB_STALE)
        metrics_count(flusher->metrics, METRIC_FLUSHES, result != DB_OK);
    if (result != DB_OK)
        return result;
    flusher->refused = 0;
    total->events += batch->n;
    total->clicks += flushed.clicks;
    total->bots += flushed.bots;
    total->dropped += flushed.dropped;
    metrics_add(flusher->metrics, METRIC_CLICKS_FLUSHED, (struct metric_labels){ 0 }, batch->n);
    return DB_OK;
}

/* --- the ring --- */

static enum db_result tell_secret(struct flusher *flusher, struct error *err)
{
    struct slice secret;
    enum db_result result =
        db_setting_get(flusher->db, FLUSH_SECRET_SETTING, flusher->arena, &secret, err);
    if (result == DB_OK && secret.len == CLICK_SECRET_BYTES)
        click_ring_tell_secret(flusher->ring, (const unsigned char *)secret.at);
    return result == DB_MISSING ? DB_OK : result; /* clicks are counted without it */
}

/* Reads from the database how far the ring was flushed, by any process, and advances the ring to
 * it. */
static enum db_result flush_ask(struct flusher *flusher, struct error *err)
{
    struct click_source known = { 0 };
    const struct slice source = { (const char *)click_ring_source(flusher->ring),
                                  CLICK_SOURCE_BYTES };
    arena_reset(flusher->arena);
    enum db_result result = tell_secret(flusher, err);
    if (result == DB_OK)
        result = db_clicks_source(flusher->db, source, flusher->arena, &known, err);
    if (result != DB_OK && result != DB_MISSING)
        return result;
    const struct click_positions positions = click_positions_read(known.positions);
    click_ring_advance(flusher->ring, &positions);
    flusher->batch = known.batch;
    flusher->is_known = true;
    return DB_OK;
}

static enum db_result flush_lanes(struct flusher *flusher, int64_t now, struct flush_total *total,
                                  struct error *err)
{
    struct click_batch collected = { .n = 0 };
    uint64_t pending = click_ring_level(flusher->ring).pending;
    if (pending == 0)
        return DB_OK;
    collected.events = event_room(flusher, pending, &collected.max, err);
    if (!collected.events || !click_ring_collect(flusher->ring, &collected, err))
        return DB_FAILED;
    const struct batch batch = {
        .source = click_ring_source(flusher->ring),
        .number = flusher->batch + 1,
        .positions = click_positions_bytes(&collected.after),
        .events = collected.events,
        .n = collected.n,
    };
    enum db_result result = flush_store(flusher, &batch, now, total, err);
    if (result != DB_OK)
        return result;
    flusher->batch++;
    click_ring_advance(flusher->ring, &collected.after);
    total->more = total->more || pending > DB_CLICKS_MAX;
    return DB_OK;
}

static enum db_result flush_ring(struct flusher *flusher, int64_t now, struct flush_total *total,
                                 struct error *err)
{
    if (!flusher->ring)
        return DB_OK;
    if (!click_ring_flush_lock(flusher->ring)) {
        total->busy = true;
        flusher->is_known = false;
        return DB_OK;
    }
    enum db_result result = flusher->is_known ? DB_OK : flush_ask(flusher, err);
    if (result == DB_OK) {
        total->damaged += click_ring_repair(flusher->ring);
        result = flush_lanes(flusher, now, total, err);
    }
    if (result != DB_OK)
        flusher->is_known = false;
    click_ring_flush_unlock(flusher->ring);
    return result;
}

/* --- spill files --- */

/* Reads how far a spill file was flushed; batch 0 when it was not. Its position is the number of
 * its next click. */
static enum db_result ask_file(struct flusher *flusher, const struct click_spill_file *file,
                               struct click_source *known, uint64_t *from, struct error *err)
{
    const struct slice source = { (const char *)file->source, CLICK_SOURCE_BYTES };
    *known = (struct click_source){ 0 };
    *from = 0;
    arena_reset(flusher->arena);
    enum db_result result = db_clicks_source(flusher->db, source, flusher->arena, known, err);
    if (result == DB_OK && known->positions.len == sizeof(*from))
        memcpy(from, known->positions.at, sizeof(*from));
    return result == DB_MISSING ? DB_OK : result;
}

/* Removes a spill file that is flushed entirely. The file is removed before its source row: without
 * the row its clicks would be counted again. */
static enum db_result finish_file(struct flusher *flusher, const struct click_spill_file *file,
                                  uint64_t read, struct error *err)
{
    const struct slice source = { (const char *)file->source, CLICK_SOURCE_BYTES };
    if (read < file->events || !click_spill_remove(file, read)) {
        flusher->kept += read;
        return DB_OK;
    }
    return db_clicks_source_drop(flusher->db, source, err);
}

static enum db_result flush_file(struct flusher *flusher, const struct click_spill_file *file,
                                 int64_t now, struct flush_total *total, struct error *err)
{
    struct click_source known;
    uint64_t from;
    enum db_result result = ask_file(flusher, file, &known, &from, err);
    if (result != DB_OK || from >= file->events)
        return result == DB_OK ? finish_file(flusher, file, from, err) : result;
    struct click_spill_part part = { .next = from };
    part.events = event_room(flusher, file->events - from, &part.max, err);
    if (!part.events || !click_spill_read(file, from, &part, err))
        return DB_FAILED;
    const struct batch batch = {
        .source = file->source,
        .number = known.batch + 1,
        .positions = { (const char *)&part.next, sizeof(part.next) },
        .events = part.events,
        .n = part.n,
    };
    result = flush_store(flusher, &batch, now, total, err);
    if (result != DB_OK)
        return result;
    total->more = total->more || part.next < file->events;
    return finish_file(flusher, file, part.next, err);
}

static enum db_result flush_spill(struct flusher *flusher, int64_t now, struct flush_total *total,
                                  struct error *err)
{
    struct click_spill_file file;
    enum db_result result = DB_OK;
    if (!flusher->spill_dir || !*flusher->spill_dir)
        return DB_OK;
    struct click_spill_dir *dir = click_spill_dir_open(flusher->spill_dir, err);
    if (!dir)
        return DB_FAILED;
    flusher->kept = 0;
    while (result == DB_OK && click_spill_next(dir, &file)) {
        result = flush_file(flusher, &file, now, total, err);
        click_spill_close(&file);
    }
    click_spill_dir_close(&dir);
    return result;
}

/* --- both --- */

/* A batch that is refused as not the next one is no failure: another process has flushed, or a
 * batch whose answer was lost was stored. The next step reads the position. */
static enum db_result flush_ignore_stale(struct flusher *flusher, enum db_result result,
                                         struct flush_total *total, struct error *err)
{
    if (result != DB_STALE)
        return result;
    if (++flusher->refused > REFUSED_MAX) {
        error_set(err, "another batch of clicks than the next one is stored, again and again");
        return DB_FAILED;
    }
    total->more = true;
    return DB_OK;
}

enum db_result flush_step(struct flusher *flusher, int64_t now, struct flush_total *total,
                          struct error *err)
{
    total->more = false;
    total->busy = false;
    enum db_result result =
        flush_ignore_stale(flusher, flush_ring(flusher, now, total, err), total, err);
    if (result == DB_OK)
        result = flush_ignore_stale(flusher, flush_spill(flusher, now, total, err), total, err);
    arena_reset(flusher->arena);
    if (result == DB_OK && !total->more && !total->busy)
        metrics_set(flusher->metrics, METRIC_FLUSHED_AT, (struct metric_labels){ 0 }, now);
    return result;
}

uint64_t flush_pending(const struct flusher *flusher)
{
    uint64_t pending = flusher->ring ? click_ring_level(flusher->ring).pending : 0;
    uint64_t spilled = 0;
    if (flusher->spill_dir && *flusher->spill_dir)
        spilled = click_spill_measure(flusher->spill_dir).events;
    if (spilled > flusher->kept)
        pending += spilled - flusher->kept;
    metrics_set(flusher->metrics, METRIC_CLICKS_PENDING, (struct metric_labels){ 0 },
                (int64_t)pending);
    return pending;
}
