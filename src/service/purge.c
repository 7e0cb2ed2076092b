/* SPDX-License-Identifier: MIT */
/* Deletes what has expired, batch by batch, and computes the pause between batches. */
#include "service/purge.h"

#include "service/create.h"

/* The time `keep_s` seconds before `now`; 0, which is none, for a `keep_s` of 0. */
static int64_t purge_before(int64_t now, int64_t keep_s)
{
    return keep_s && now > keep_s ? now - keep_s : 0;
}

enum db_result purge_step(struct db *db, const struct purge_rules *rules, int64_t now,
                          struct purge_total *total, struct error *err)
{
    const struct purge purge = {
        .expired_before = purge_before(now, rules->links_s),
        .deleted_before = now - rules->deleted_s,
        .idempotency_before = now - IDEMPOTENCY_LIFE_S,
        .sessions_before = purge_before(now, rules->sessions_s),
        .sign_ins_before = now,
        .changes_before = purge_before(now, rules->changes_s),
        .limit = PURGE_BATCH,
    };
    struct purge_done done = { 0 };
    enum db_result result = db_purge_batch(db, &purge, &done, err);
    total->more = result == DB_OK && done.more;
    total->links += done.links;
    total->idempotency_keys += done.idempotency_keys;
    total->sessions += done.sessions;
    total->changes += done.changes;
    return result;
}

int64_t purge_pause_ms(int64_t took_ms, unsigned share)
{
    int64_t pause = took_ms > 0 ? took_ms * (100 - (int64_t)share) / share : 0;
    if (pause < PURGE_PAUSE_MIN_MS)
        return share == 100 ? 0 : PURGE_PAUSE_MIN_MS;
    return pause < PURGE_PAUSE_MAX_MS ? pause : PURGE_PAUSE_MAX_MS;
}
