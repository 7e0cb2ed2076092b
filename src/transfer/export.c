/* SPDX-License-Identifier: MIT */
/* Writes the links page by page. */
#include "transfer/export.h"

#include <errno.h>
#include <string.h>

#include "transfer/link_json.h"

enum {
    ARENA_MAX = 256 * 1024 * 1024,
    PAGE = 500,
    CHUNK_PAGE = 250, /* of which a chunk needs more than one if links are short */
    RECORD_MAX = 1024 * 1024,
    TRIES = 5,
};

static bool write_text(const struct export *export, const struct buf *text, struct error *err)
{
    struct slice bytes = buf_slice(text);
    if (text->failed || fwrite(bytes.at, 1, bytes.len, export->out) != bytes.len)
        return error_set(err, "writing: %s", text->failed ? "out of memory" : strerror(errno));
    return true;
}

static void add_link(const struct export *export, const struct link *link, struct buf *text)
{
    if (export->format == FORMAT_CSV) {
        link_csv_add(text, link, export->csv_form);
    } else {
        link_json_add(text, link, NULL);
        buf_add_byte(text, '\n');
    }
}

static bool write_link(const struct export *export, struct arena *arena, const struct link *link,
                       struct error *err)
{
    struct buf text = buf_in(arena, RECORD_MAX);
    add_link(export, link, &text);
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

/* What is listed. */
static struct link_query export_query(const struct export *export, unsigned limit,
                                      const struct link_position *after)
{
    return (struct link_query){
        .owner_id = export->owner_id,
        .now = export->now,
        .order = LINK_ORDER_OLDEST,
        .limit = limit,
        .after = *after,
    };
}

static enum db_result read_page(const struct export *export, const struct link_query *query,
                                struct arena *arena, struct link_page *page, struct error *err)
{
    enum db_result result = DB_FAILED;
    for (int tries = 0; tries < TRIES; tries++) {
        result = db_links_list(export->db, query, arena, page, err);
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
        const struct link_query query = export_query(export, PAGE, &after);
        enum db_result result = read_page(export, &query, pages, &page, err);
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

/* --- in chunks --- */

/* Adds the links of a page while there is room; false when there is none. */
static bool chunk_add(const struct export *export, const struct link_page *page,
                      struct export_chunk *out, struct buf *text)
{
    for (size_t i = 0; i < page->n; i++) {
        const size_t before = text->len;
        add_link(export, &page->links[i], text);
        if (text->failed)
            return false;
        if (text->len > EXPORT_CHUNK_MAX && out->next.is_set) {
            text->len = before;
            return false;
        }
        out->next = (struct link_position){ .is_set = true,
                                            .part = LINK_PART_IDS,
                                            .link_id = page->links[i].target.link_id };
    }
    return true;
}

enum db_result export_chunk(const struct export *export, const struct link_position *after,
                            struct arena *arena, struct export_chunk *out, struct error *err)
{
    struct buf text = buf_in(arena, EXPORT_CHUNK_MAX + RECORD_MAX);
    struct link_position at = *after;
    *out = (struct export_chunk){ .more = true };
    if (export->format == FORMAT_CSV && !after->is_set)
        link_csv_add_names(&text);
    for (bool has_room = true; has_room && out->more;) {
        struct link_page page;
        const struct link_query query = export_query(export, CHUNK_PAGE, &at);
        enum db_result result = read_page(export, &query, arena, &page, err);
        if (result != DB_OK)
            return result;
        has_room = chunk_add(export, &page, out, &text);
        out->more = page.more || !has_room;
        if (has_room)
            out->next = at = page.next;
    }
    if (text.failed) {
        error_set(err, "out of memory");
        return DB_FAILED;
    }
    out->text = buf_slice(&text);
    return DB_OK;
}
