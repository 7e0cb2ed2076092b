/* SPDX-License-Identifier: MIT */
/* Changes for caches in front in memory. Its clock stands still: no change is ever too old. */
#include "fakes/db_fake_private.h"

#include <string.h>

static void keep(struct db *db, struct slice code)
{
    if (db->holds_change) {
        db->held = (struct edge_change){ ++db->last_change, code };
        return;
    }
    db->changes = db_fake_grow(db->changes, db->n_changes, sizeof(*db->changes));
    db->changes[db->n_changes++] = (struct edge_change){ ++db->last_change, code };
}

size_t db_fake_keep_change(struct db *db, uint64_t link_id)
{
    size_t before = db->n_changes;
    const struct link *link = db_fake_find_id(db, link_id);
    if (!link)
        return before;
    keep(db, link->code);
    for (unsigned i = 0; i < link->n_aliases; i++)
        keep(db, link->aliases[i]);
    for (unsigned i = 0; i < link->n_lowered; i++)
        keep(db, link->lowered[i]);
    return before;
}

enum db_result db_fake_answer_change(struct db *db, size_t before, enum db_result result)
{
    if (result != DB_OK)
        db->n_changes = before;
    return db_fake_answer(db, result);
}

void db_fake_hold_change(struct db *db, bool holds)
{
    db->holds_change = holds;
}

void db_fake_release_changes(struct db *db)
{
    db->changes = db_fake_grow(db->changes, db->n_changes, sizeof(*db->changes));
    memmove(db->changes + 1, db->changes, db->n_changes * sizeof(*db->changes));
    db->changes[0] = db->held;
    db->n_changes++;
}

enum db_result db_edge_changes(struct db *db, uint64_t after, struct arena *arena,
                               struct edge_change_page *out, struct error *err)
{
    out->n = 0;
    if (db_fake_fails(db, false, err))
        return db->failure;
    out->at = arena_alloc(arena, DB_CHANGES_MAX * sizeof(*out->at));
    for (size_t i = 0; i < db->n_changes && out->at && out->n < DB_CHANGES_MAX; i++) {
        if (db->changes[i].id > after)
            out->at[out->n++] = db->changes[i];
    }
    return out->at ? DB_OK : DB_FAILED;
}

enum db_result db_edge_newest(struct db *db, uint64_t *id, struct error *err)
{
    *id = db->n_changes ? db->changes[db->n_changes - 1].id : 0;
    return db_fake_fails(db, false, err) ? db->failure : DB_OK;
}

enum db_result db_edge_changes_bound(struct db *db, const struct edge_bound *bound,
                                     uint64_t *dropped, struct error *err)
{
    *dropped = 0;
    if (db_fake_fails(db, true, err))
        return db->failure;
    if (db->n_changes > bound->max)
        *dropped = db->n_changes - bound->max;
    db->n_changes -= *dropped;
    if (*dropped)
        memmove(db->changes, db->changes + *dropped, db->n_changes * sizeof(*db->changes));
    return DB_OK;
}

enum db_result db_edge_position(struct db *db, uint64_t target, uint64_t *position,
                                struct error *err)
{
    *position = target == db->edge_target ? db->edge_position : 0;
    return db_fake_fails(db, false, err) ? db->failure : DB_OK;
}

enum db_result db_edge_position_set(struct db *db, uint64_t target, uint64_t position,
                                    struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    db->edge_target = target;
    db->edge_position = position;
    return DB_OK;
}
