/* SPDX-License-Identifier: MIT */
/* Reads all aliases in the order of their bytes, looks up the lower-case forms of a page at once,
 * and adds those that no link has. */
#include "service/lower_aliases.h"

#include <assert.h>

#include "link/alias.h"

enum {
    TRIES_MAX = 16, /* more changes of a link by others in a row: something else is wrong */
};

static_assert((int)DB_ALIASES_MAX <= (int)DB_BULK_MAX, "the forms of a page are looked up at once");

/* The aliases with capitals of a page, their lower-case forms, and the links that have those. */
struct lower_page {
    struct alias_row *rows;
    struct slice *lower;
    struct target *targets;
    size_t n;
};

static bool lower_page_make(struct lower_page *page, const struct alias_page *read,
                            struct arena *arena)
{
    *page = (struct lower_page){
        .rows = read->rows,
        .lower = arena_alloc(arena, (read->n + 1) * sizeof(*page->lower)),
        .targets = arena_alloc(arena, (read->n + 1) * sizeof(*page->targets)),
    };
    for (size_t i = 0; i < read->n && page->lower; i++) {
        struct slice lower = alias_lower(read->rows[i].code, arena);
        if (!lower.at)
            return false;
        if (slice_eq(lower, read->rows[i].code))
            continue;
        page->rows[page->n] = read->rows[i];
        page->lower[page->n++] = lower;
    }
    return page->lower && page->targets;
}

static void lower_report_conflict(struct lower_aliases *work, struct slice alias,
                                  struct slice lower)
{
    work->conflicts++;
    if (work->conflict)
        work->conflict(work->context, alias, lower);
}

/* Publishes the new code: it may have been requested before, and be cached as absent. */
static void lower_publish(const struct lower_aliases *work, const struct link *link,
                          struct slice lower)
{
    const struct link renamed = { .target = link->target, .code = lower };
    link_cache_publish(work->cache, &renamed, work->now);
}

static enum db_result lower_add(struct lower_aliases *work, const struct alias_row *row,
                                struct slice lower, struct error *err)
{
    enum db_result result = DB_STALE;
    struct link link = { .n_aliases = 0 };
    for (int tries = 0; tries < TRIES_MAX && result == DB_STALE; tries++) {
        result = db_link_find_id(work->db, row->link_id, work->arena, &link, err);
        if (result == DB_OK && !link_has_alias(&link, row->code))
            return DB_OK; /* removed meanwhile */
        if (result == DB_OK)
            result = db_alias_lower(work->db, &link, lower, err);
    }
    if (result == DB_OK) {
        work->added++;
        lower_publish(work, &link, lower);
    }
    if (result == DB_TAKEN)
        lower_report_conflict(work, row->code, lower);
    return result == DB_TAKEN || result == DB_MISSING ? DB_OK : result;
}

static enum db_result lower_work_on(struct lower_aliases *work, const struct lower_page *page,
                                    struct error *err)
{
    const struct code_list list = { page->lower, page->n };
    enum db_result result = db_resolve_many(work->db, &list, work->arena, page->targets, err);
    for (size_t i = 0; i < page->n && result == DB_OK; i++) {
        uint64_t holder = page->targets[i].link_id;
        if (holder == page->rows[i].link_id)
            work->present++;
        else if (holder)
            lower_report_conflict(work, page->rows[i].code, page->lower[i]);
        else if (work->looks)
            work->added++;
        else
            result = lower_add(work, &page->rows[i], page->lower[i], err);
    }
    return result;
}

/* The next page; *after is the code that it ends with. */
static enum db_result lower_step(struct lower_aliases *work, char after[CODE_MAX + 1], size_t *len,
                                 struct error *err)
{
    struct alias_page read;
    struct lower_page page;
    arena_reset(work->arena);
    enum db_result result =
        db_aliases_list(work->db, (struct slice){ after, *len }, work->arena, &read, err);
    if (result != DB_OK)
        return result;
    work->more = read.n == DB_ALIASES_MAX;
    work->aliases += read.n;
    if (read.n) {
        const struct slice last = read.rows[read.n - 1].code;
        *len = last.len < CODE_MAX ? last.len : CODE_MAX;
        memcpy(after, last.at, *len);
    }
    if (lower_page_make(&page, &read, work->arena))
        return lower_work_on(work, &page, err);
    error_set(err, "out of memory");
    return DB_FAILED;
}

enum db_result lower_aliases_run(struct lower_aliases *work, struct error *err)
{
    char after[CODE_MAX + 1] = "";
    size_t len = 0;
    enum db_result result = DB_OK;
    do {
        result = lower_step(work, after, &len, err);
        if (work->step)
            work->step(work->context, work->aliases);
    } while (result == DB_OK && work->more && (work->max == 0 || work->aliases < work->max));
    return result;
}
