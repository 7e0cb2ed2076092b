/* SPDX-License-Identifier: MIT */
/* Deleted links in memory, which can be restored. */
#include "fakes/db_fake_private.h"

#include <limits.h>
#include <stdlib.h>

struct link *db_fake_find_deleted(const struct db *db, struct slice code)
{
    for (size_t i = 0; i < db->n_deleted; i++) {
        if (db_fake_has_code(&db->deleted[i], code))
            return &db->deleted[i];
    }
    return NULL;
}

static enum db_result hide(struct db *db, uint64_t link_id, uint32_t version, int64_t now)
{
    struct link *link = db_fake_find_id(db, link_id);
    if (!link)
        return DB_MISSING;
    if (version != 0 && link->target.version != version)
        return DB_STALE;
    db->deleted = db_fake_grow(db->deleted, db->n_deleted, sizeof(*db->deleted));
    struct link *hidden = &db->deleted[db->n_deleted++];
    *hidden = *link;
    hidden->target.version++;
    hidden->deleted_at = now;
    db_fake_take_out(db, link);
    return DB_OK;
}

enum db_result db_link_hide(struct db *db, uint64_t link_id, uint32_t version, int64_t now,
                            struct error *err)
{
    db_fake_link_changes(db, link_id);
    if (db_fake_fails(db, true, err))
        return db->failure;
    size_t before = db_fake_keep_change(db, link_id);
    return db_fake_answer_change(db, before, hide(db, link_id, version, now));
}

enum db_result db_deleted_find(struct db *db, struct slice code, struct arena *arena,
                               struct link *out, struct error *err)
{
    if (db_fake_fails(db, false, err))
        return db->failure;
    const struct link *link = db_fake_find_deleted(db, code);
    if (!link)
        return DB_MISSING;
    *out = db_fake_link(db, link, arena);
    return DB_OK;
}

/* --- the list --- */

static int upwards(const void *a, const void *b)
{
    uint64_t left = ((const struct link *)a)->target.link_id;
    uint64_t right = ((const struct link *)b)->target.link_id;
    return (left > right) - (left < right);
}

static int downwards(const void *a, const void *b)
{
    return upwards(b, a);
}

static bool is_listed(const struct link *link, const struct link_query *query)
{
    bool is_down = link_order_is_down(query->order);
    const struct link after = { .target = { .link_id = query->after.link_id } };
    return link->deleted_at > query->deleted_since &&
           (query->owner_id == DB_OWNER_ANY || query->owner_id == link->owner_id) &&
           (!query->after.is_set || (is_down ? downwards : upwards)(link, &after) > 0);
}

enum db_result db_deleted_list(struct db *db, const struct link_query *query, struct arena *arena,
                               struct link_page *out, struct error *err)
{
    *out = (struct link_page){ .next = query->after };
    if (db_fake_fails(db, false, err))
        return db->failure;
    out->links = arena_alloc(arena, sizeof(*out->links) * query->limit);
    if (!out->links || query->limit == 0 || query->limit > DB_PAGE_MAX)
        return DB_FAILED;
    if (db->n_deleted > 0)
        qsort(db->deleted, db->n_deleted, sizeof(*db->deleted),
              link_order_is_down(query->order) ? downwards : upwards);
    for (size_t i = 0; i < db->n_deleted; i++) {
        if (!is_listed(&db->deleted[i], query))
            continue;
        out->more = out->n == query->limit;
        if (out->more)
            break;
        out->links[out->n++] = db_fake_link(db, &db->deleted[i], arena);
    }
    if (out->n > 0)
        out->next = (struct link_position){ .is_set = true,
                                            .link_id = out->links[out->n - 1].target.link_id };
    return DB_OK;
}

/* --- restoring and purging --- */

static void drop(struct db *db, struct link *link)
{
    *link = db->deleted[--db->n_deleted];
}

static enum db_result restore(struct db *db, uint64_t link_id, int64_t since)
{
    for (size_t i = 0; i < db->n_deleted; i++) {
        struct link *link = &db->deleted[i];
        if (link->target.link_id != link_id || link->deleted_at <= since)
            continue;
        db->links = db_fake_grow(db->links, db->n_links, sizeof(*db->links));
        struct link *back = &db->links[db->n_links++];
        *back = *link;
        back->target.version++;
        back->deleted_at = 0;
        drop(db, link);
        return DB_OK;
    }
    return DB_MISSING;
}

enum db_result db_link_restore(struct db *db, uint64_t link_id, int64_t since, struct error *err)
{
    db_fake_link_changes(db, link_id);
    if (db_fake_fails(db, true, err))
        return db->failure;
    return db_fake_answer(db, restore(db, link_id, since));
}

void db_fake_purge_deleted(struct db *db, const struct purge *purge, struct purge_done *out)
{
    for (size_t i = db->n_deleted; i-- > 0 && out->links < purge->limit;) {
        if (db->deleted[i].deleted_at >= purge->deleted_before)
            continue;
        db_fake_forget_clicks(db, db->deleted[i].target.link_id);
        db_fake_drop_changes(db, db->deleted[i].target.link_id, 0, UINT_MAX);
        drop(db, &db->deleted[i]);
        out->links++;
    }
}

void db_fake_give_deleted(struct db *db, uint32_t owner_id, uint32_t to)
{
    for (size_t i = 0; i < db->n_deleted; i++) {
        if (db->deleted[i].owner_id != owner_id)
            continue;
        db->deleted[i].owner_id = to;
        if (to == 0)
            db->deleted[i].deleted_at = 0;
    }
}
