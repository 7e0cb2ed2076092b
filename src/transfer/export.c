/* SPDX-License-Identifier: MIT */
/* Writes the links page by page. */
#include "transfer/export.h"

#include <errno.h>
#include <string.h>

#include "transfer/link_json.h"

enum {
    ARENA_MAX = 256 * 1024 * 1024,
    PAGE = 500,
    RECORD_MAX = 1024 * 1024,
    TRIES = 5,
};

static bool write_text(const struct export *export, const struct buf *text, struct error *err)
{
    struct slice bytes = buf_slice(text);
    if (text->failed || fwrite(bytes.at, 1, bytes.len, export->out) != bytes.len) {
        error_set(err, "writing: %s", text->failed ? "out of memory" : strerror(errno));
        return false;
    }
    return true;
}

static bool write_link(const struct export *export, struct arena *arena, const struct link *link,
                       struct error *err)
{
    struct buf text = buf_in(arena, RECORD_MAX);
    if (export->format == FORMAT_CSV) {
        link_csv_add(&text, link, export->csv_form);
    } else {
        link_json_add(&text, link, NULL);
        buf_add_byte(&text, '\n');
    }
    return write_text(export, &text, err);
}

static bool write_names(const struct export *export, struct arena *arena, struct error *err)
{
    struct buf text = buf_in(arena, RECORD_MAX);
    if (export->format != FORMAT_CSV)
        return true;
    link_csv_add_names(&text);
    return write_text(export, &text, err);
}

static enum db_result read_page(const struct export *export, const struct link_position *after,
                                struct arena *arena, struct link_page *page, struct error *err)
{
    const struct link_query query = {
        .owner_id = export->owner_id,
        .now = export->now,
        .order = LINK_ORDER_OLDEST,
        .limit = PAGE,
        .after = *after,
    };
    enum db_result result = DB_FAILED;
    for (int tries = 0; tries < TRIES; tries++) {
        result = db_links_list(export->db, &query, arena, page, err);
        if (result != DB_UNAVAILABLE)
            break;
    }
    return result;
}

static enum db_result export_write_all(struct export *export, struct arena *pages,
                                       struct arena *lines, uint64_t *n, struct error *err)
{
    struct link_position after = { 0 };
    struct link_page page = { .more = true };
    if (!write_names(export, lines, err))
        return DB_FAILED;
    while (page.more) {
        arena_reset(pages);
        enum db_result result = read_page(export, &after, pages, &page, err);
        if (result != DB_OK)
            return result;
        for (size_t i = 0; i < page.n; i++) {
            arena_reset(lines);
            if (!write_link(export, lines, &page.links[i], err))
                return DB_FAILED;
            ++*n;
        }
        /* A list without a search is ordered by id: its positions have no key in the arena. */
        after = page.next;
        if (export->step)
            export->step(export->context, *n);
    }
    return DB_OK;
}

enum db_result export_run(struct export *export, uint64_t *n, struct error *err)
{
    struct arena *pages = arena_new(ARENA_MAX);
    struct arena *lines = arena_new(ARENA_MAX);
    enum db_result result = DB_FAILED;
    *n = 0;
    error_set(err, "out of memory");
    if (pages && lines)
        result = export_write_all(export, pages, lines, n, err);
    if (result == DB_OK && fflush(export->out) != 0) {
        error_set(err, "writing: %s", strerror(errno));
        result = DB_FAILED;
    }
    arena_free(&lines);
    arena_free(&pages);
    return result;
}
