/* SPDX-License-Identifier: MIT */
/* Issuing ids, and fetching blocks ahead. */
#include "db/sequence.h"

#include <inttypes.h>

#include "os/monotonic.h"

enum {
    ROOM_KEPT = 8,  /* room that is left for blocks fetched by workers */
    AHEAD_PART = 8, /* a block is fetched ahead when fewer than this part of one is left */
};

static bool is_empty(struct id_range range)
{
    return range.next >= range.limit;
}

static uint64_t left_in(struct id_range range)
{
    return is_empty(range) ? 0 : range.limit - range.next;
}

static bool take_own(struct sequence *sequence, uint64_t *id)
{
    if (is_empty(sequence->own)) {
        sequence->own = sequence->ahead;
        sequence->ahead = (struct id_range){ 0, 0 };
    }
    if (is_empty(sequence->own))
        return false;
    *id = sequence->own.next++;
    return true;
}

/* Takes an id that is left in a block; *left is set to how many remain. This process's own ids are
 * used first, because they are wasted when it ends. */
static bool take(struct sequence *sequence, uint64_t *id, uint64_t *left)
{
    bool taken = take_own(sequence, id);
    *left = left_in(sequence->own) + left_in(sequence->ahead);
    if (taken || !sequence->segment)
        return taken;
    return segment_id_take(sequence->segment, sequence->name, id, left);
}

/* The end of the highest block that this host, as far as is known, has had. */
static uint64_t known_end(const struct sequence *sequence)
{
    uint64_t end = sequence->segment ? segment_id_end(sequence->segment, sequence->name) : 0;
    return end > sequence->end ? end : sequence->end;
}

/* A block that was stored before a statement began is never above that statement's block, unless
 * the database has been replaced by an older one. `end` was read before the statement. */
static enum db_result refuse_ids_from(const struct sequence *sequence, uint64_t id, uint64_t end,
                                      struct error *err)
{
    if (id >= end)
        return DB_OK;
    error_set(err,
              "the sequence \"%s\" went back to id %" PRIu64 ", and this host has had ids up to "
              "%" PRIu64 ": if an older database was restored, run \"curtctl sequence skip\"",
              sequence->name, id, end);
    return DB_STALE;
}

static enum db_result sequence_fetch(struct sequence *sequence, struct id_range *range,
                                     struct error *err)
{
    uint64_t end = known_end(sequence);
    enum db_result result = db_range_take(sequence->db, sequence->name, range, err);
    if (result == DB_OK && is_empty(*range)) {
        error_set(err, "the sequence \"%s\" returned an empty block", sequence->name);
        return DB_FAILED;
    }
    if (result == DB_OK)
        result = refuse_ids_from(sequence, range->next, end, err);
    if (result != DB_OK)
        return result;
    sequence->block = left_in(*range);
    if (sequence->end < range->limit)
        sequence->end = range->limit;
    return DB_OK;
}

/* Stores a block in the segment, otherwise in this process. */
static void sequence_keep(struct sequence *sequence, struct id_range range)
{
    if (is_empty(range) ||
        (sequence->segment && segment_id_put(sequence->segment, sequence->name, range)))
        return;
    /* Only a process without a segment fetches ahead, and only when `ahead` is empty: so at most
     * one of the two is in use. */
    if (is_empty(sequence->own))
        sequence->own = range;
    else
        sequence->ahead = range;
}

/* Whether this process should fetch the next block now. */
static bool may_fetch_ahead(struct sequence *sequence)
{
    int64_t now = monotonic_ms();
    if (!is_empty(sequence->ahead))
        return false;
    if (sequence->segment)
        return segment_id_fetch_begin(sequence->segment, sequence->name, now, SEQUENCE_PATIENCE_MS);
    if (sequence->fetch_at_ms && now - sequence->fetch_at_ms < SEQUENCE_PATIENCE_MS)
        return false;
    sequence->fetch_at_ms = now;
    return true;
}

static void fetch_ahead(struct sequence *sequence)
{
    struct id_range range;
    if (!may_fetch_ahead(sequence) || sequence_fetch(sequence, &range, NULL) != DB_OK)
        return;
    sequence_keep(sequence, range);
    sequence->fetch_at_ms = 0;
}

/* Fetches a block when no id is left; all processes may do so. The first id of the block is taken
 * before the block is shared. */
static enum db_result fetch_now(struct sequence *sequence, uint64_t *id, struct error *err)
{
    struct id_range range;
    uint64_t left;
    enum db_result result = sequence_fetch(sequence, &range, err);
    if (result == DB_OK) {
        *id = range.next++;
        sequence_keep(sequence, range);
        return DB_OK;
    }
    if (take(sequence, id, &left)) /* another process has fetched a block meanwhile */
        return DB_OK;
    if (result == DB_MISSING)
        error_set(err, "the sequence \"%s\" is used up", sequence->name);
    return result;
}

enum db_result sequence_next(struct sequence *sequence, uint64_t *id, struct error *err)
{
    uint64_t left;
    if (!take(sequence, id, &left))
        return fetch_now(sequence, id, err);
    uint64_t block = sequence->block ? sequence->block : SEQUENCE_BLOCK;
    if (left < block / AHEAD_PART)
        fetch_ahead(sequence);
    return DB_OK;
}

enum db_result sequence_stock_up(struct sequence *sequence, uint64_t wanted, unsigned blocks,
                                 uint64_t *left, struct error *err)
{
    enum db_result result = DB_OK;
    *left = 0;
    if (!sequence->segment)
        return DB_OK;
    struct segment_id_stock stock = segment_id_stock(sequence->segment, sequence->name);
    while (result == DB_OK && stock.left < wanted && stock.room > ROOM_KEPT && blocks-- > 0) {
        struct id_range range;
        result = sequence_fetch(sequence, &range, err);
        if (result == DB_OK)
            sequence_keep(sequence, range);
        stock = segment_id_stock(sequence->segment, sequence->name);
    }
    *left = stock.left;
    return result;
}

enum db_result sequence_check(struct sequence *sequence, struct sequence_row *row,
                              struct error *err)
{
    uint64_t end = known_end(sequence);
    enum db_result result = db_sequence_find(sequence->db, sequence->name, row, err);
    if (result == DB_OK)
        result = refuse_ids_from(sequence, row->next_id, end, err);
    if (result == DB_STALE && sequence->segment)
        segment_id_drop(sequence->segment, sequence->name);
    return result;
}
