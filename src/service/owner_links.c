/* SPDX-License-Identifier: MIT */
/* Lists a page of links and gives or deletes them; deletions are published, also of links that
 * another process has deleted meanwhile. */
#include "service/owner_links.h"

enum {
    PAGE = 100, /* links; with a year of clicks each they are a transaction of some seconds */
};

static enum db_result give(const struct owner_links *work, const struct owned_links *links,
                           struct error *err)
{
    return db_links_transfer(work->shortener->db, links, work->heir->id, work->now, err);
}

static enum db_result work_on(struct owner_links *work, const struct link_page *page,
                              struct error *err)
{
    uint64_t ids[PAGE];
    for (size_t i = 0; i < page->n; i++)
        ids[i] = page->links[i].target.link_id;
    const struct owned_links links = { .owner_id = work->owner_id, .ids = ids, .n = page->n };
    enum db_result result =
        work->heir ? give(work, &links, err) : db_links_delete(work->shortener->db, &links, err);
    if (result != DB_OK)
        return result;
    for (size_t i = 0; i < page->n && !work->heir; i++)
        link_cache_delete(work->shortener->cache, &page->links[i], work->now);
    work->done += page->n;
    if (work->step)
        work->step(work->context, work->done);
    return DB_OK;
}

/* Goes through the list once; stops when `done` is at least `end`. */
static enum db_result owner_links_pass(struct owner_links *work, uint64_t end, struct error *err)
{
    struct link_query query = {
        .owner_id = work->owner_id, .now = work->now, .order = LINK_ORDER_OLDEST, .limit = PAGE
    };
    struct link_page page = { .more = true };
    while (page.more && work->done < end) {
        arena_reset(work->arena);
        enum db_result result = db_links_list(work->shortener->db, &query, work->arena, &page, err);
        if (result == DB_OK && page.n > 0)
            result = work_on(work, &page, err);
        if (result != DB_OK)
            return result;
        query.after = page.next;
    }
    return DB_OK;
}

enum db_result owner_links_empty(struct owner_links *work, struct error *err)
{
    uint64_t end = work->links_max ? work->done + work->links_max : UINT64_MAX;
    uint64_t before;
    enum db_result result;
    do {
        before = work->done;
        result = owner_links_pass(work, end, err);
        work->more = work->done >= end;
    } while (result == DB_OK && work->done > before && !work->more);
    return result;
}
