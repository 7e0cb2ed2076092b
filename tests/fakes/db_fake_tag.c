/* SPDX-License-Identifier: MIT */
/* Tags in memory: listing and renaming. */
#include "fakes/db_fake_private.h"

static int by_bytes(struct slice x, struct slice y)
{
    size_t shared = x.len < y.len ? x.len : y.len;
    int order = shared ? memcmp(x.at, y.at, shared) : 0;
    return order ? order : (x.len > y.len) - (x.len < y.len);
}

/* The owner's first tag after `after`, with its links; links 0: there is none. */
static struct tag_count next_tag(const struct db *db, uint32_t owner_id, struct slice after)
{
    struct tag_count next = { { NULL, 0 }, 0 };
    for (size_t i = 0; i < db->n_links; i++) {
        const struct link *link = &db->links[i];
        for (unsigned j = 0; link->owner_id == owner_id && j < link->n_tags; j++) {
            int order = next.links ? by_bytes(link->tags[j], next.tag) : -1;
            if (by_bytes(link->tags[j], after) <= 0 || order > 0)
                continue;
            next = (struct tag_count){ link->tags[j], order == 0 ? next.links + 1 : 1 };
        }
    }
    return next;
}

enum db_result db_tag_list(struct db *db, const struct tag_query *query, struct arena *arena,
                           struct tag_page *out, struct error *err)
{
    *out = (struct tag_page){ 0 };
    if (db_fake_fails(db, false, err))
        return db->failure;
    out->tags = arena_alloc(arena, sizeof(*out->tags) * query->limit);
    if (!out->tags || query->limit == 0 || query->limit > DB_TAGS_MAX)
        return DB_FAILED;
    struct tag_count next = next_tag(db, query->owner_id, query->after);
    while (next.links && out->n < query->limit) {
        uint64_t links = next.links < DB_TAG_LINKS_MAX ? next.links : DB_TAG_LINKS_MAX;
        out->tags[out->n++] = (struct tag_count){ db_fake_keep(arena, next.tag), links };
        next = next_tag(db, query->owner_id, next.tag);
    }
    out->more = next.links > 0;
    return DB_OK;
}

/* The link's tags without `from`, and with `to` once, in order. */
static void rename_in(struct db *db, struct link *link, const struct tag_rename *rename)
{
    struct slice tags[LINK_TAGS_MAX + 1];
    unsigned n = 0;
    bool is_in = false;
    for (unsigned i = 0; i < link->n_tags; i++) {
        if (!is_in && by_bytes(rename->to, link->tags[i]) <= 0) {
            tags[n++] = rename->to;
            is_in = true;
        }
        if (!slice_eq(link->tags[i], rename->from) && !slice_eq(link->tags[i], rename->to))
            tags[n++] = link->tags[i];
    }
    if (!is_in)
        tags[n++] = rename->to;
    link->tags = db_fake_keep_list(db->text, tags, n);
    link->n_tags = n;
    link->target.version++;
    link->updated_at = rename->now;
}

enum db_result db_tag_rename(struct db *db, const struct tag_rename *rename,
                             struct tag_renamed *out, struct error *err)
{
    *out = (struct tag_renamed){ 0 };
    if (db_fake_fails(db, true, err))
        return db->failure;
    for (size_t i = 0; i < db->n_links && out->links < DB_OWNED_MAX; i++) {
        struct link *link = &db->links[i];
        bool has = false;
        for (unsigned j = 0; link->owner_id == rename->owner_id && j < link->n_tags; j++)
            has = has || slice_eq(link->tags[j], rename->from);
        if (has)
            rename_in(db, link, rename);
        out->links += has;
    }
    out->more = out->links == DB_OWNED_MAX;
    return db_fake_answer(db, DB_OK);
}
