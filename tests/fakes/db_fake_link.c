/* SPDX-License-Identifier: MIT */
/* Links in memory: finding, storing, changing, deleting. */
#include "fakes/db_fake_private.h"

#include <stdlib.h>

/* --- finding --- */

static bool has_code(const struct link *link, struct slice code)
{
    bool found = slice_eq(link->code, code);
    for (unsigned i = 0; i < link->n_aliases && !found; i++)
        found = slice_eq(link->aliases[i], code);
    return found;
}

static struct link *find_code(const struct db_fake *fake, struct slice code)
{
    for (size_t i = 0; i < fake->n_links; i++) {
        if (has_code(&fake->links[i], code))
            return &fake->links[i];
    }
    return NULL;
}

struct link *db_fake_find_id(const struct db_fake *fake, uint64_t link_id)
{
    for (size_t i = 0; i < fake->n_links; i++) {
        if (fake->links[i].target.link_id == link_id)
            return &fake->links[i];
    }
    return NULL;
}

static struct link copy_link(const struct link *link, struct arena *arena)
{
    struct link copy = *link;
    copy.target.long_url = db_fake_keep(arena, link->target.long_url);
    copy.code = db_fake_keep(arena, link->code);
    copy.title = db_fake_keep(arena, link->title);
    copy.owner = db_fake_keep(arena, link->owner);
    copy.aliases = db_fake_keep_list(arena, link->aliases, link->n_aliases);
    copy.tags = db_fake_keep_list(arena, link->tags, link->n_tags);
    return copy;
}

struct link db_fake_link(const struct db_fake *fake, const struct link *link, struct arena *arena)
{
    struct link copy = copy_link(link, arena);
    bool owner_known = link->owner_id > 0 && link->owner_id <= fake->n_users;
    copy.owner = owner_known ? db_fake_keep(arena, fake->users[link->owner_id - 1].name)
                             : (struct slice){ NULL, 0 };
    return copy;
}

enum db_result db_fake_link_find(struct db *db, struct slice code, struct arena *arena,
                                 struct link *out, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, false, err))
        return fake->failure;
    const struct link *link = find_code(fake, code);
    if (!link)
        return DB_MISSING;
    *out = db_fake_link(fake, link, arena);
    return DB_OK;
}

enum db_result db_fake_resolve(struct db *db, struct slice code, struct arena *arena,
                               struct target *out, struct error *err)
{
    struct link link;
    enum db_result result = db_fake_link_find(db, code, arena, &link, err);
    if (result == DB_OK)
        *out = link.target;
    return result;
}

enum db_result db_fake_resolve_many(struct db *db, const struct code_list *codes,
                                    struct arena *arena, struct target *out, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, false, err))
        return fake->failure;
    if (codes->n > DB_BULK_MAX)
        return DB_FAILED;
    for (size_t i = 0; i < codes->n; i++) {
        const struct link *link = find_code(fake, codes->at[i]);
        out[i] = link ? db_fake_link(fake, link, arena).target : (struct target){ 0 };
    }
    return DB_OK;
}

enum db_result db_fake_link_find_id(struct db *db, uint64_t link_id, struct arena *arena,
                                    struct link *out, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, false, err))
        return fake->failure;
    const struct link *link = db_fake_find_id(fake, link_id);
    if (!link)
        return DB_MISSING;
    *out = db_fake_link(fake, link, arena);
    return DB_OK;
}

/* --- storing --- */

static int by_bytes(const void *a, const void *b)
{
    const struct slice *x = a;
    const struct slice *y = b;
    int order = memcmp(x->at, y->at, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void sort_tags(struct link *link)
{
    if (link->n_tags > 0)
        qsort((void *)(uintptr_t)link->tags, link->n_tags, sizeof(*link->tags), by_bytes);
}

/* Adds `code` to the aliases if it was chosen. */
static void complete_aliases(struct db_fake *fake, struct link *link)
{
    bool listed = !link->code_is_alias;
    for (unsigned i = 0; i < link->n_aliases; i++)
        listed |= slice_eq(link->aliases[i], link->code);
    if (listed)
        return;
    struct slice all[LINK_ALIASES_MAX + 1] = { link->code };
    if (link->n_aliases > LINK_ALIASES_MAX)
        abort();
    for (unsigned i = 0; i < link->n_aliases; i++)
        all[i + 1] = link->aliases[i];
    link->aliases = db_fake_keep_list(fake->text, all, ++link->n_aliases);
}

static bool has_any(const struct db_fake *fake, const struct link *link)
{
    bool taken = find_code(fake, link->code) != NULL;
    for (unsigned i = 0; i < link->n_aliases && !taken; i++)
        taken = find_code(fake, link->aliases[i]) != NULL;
    return taken;
}

static enum db_result store_link(struct db_fake *fake, const struct link *link, struct error *err)
{
    const struct link *other = find_code(fake, link->code);
    if (other && other->target.link_id == link->target.link_id)
        return DB_OK;
    if (has_any(fake, link))
        return DB_TAKEN;
    if (db_fake_find_id(fake, link->target.link_id)) {
        error_set(err, "the id was given out twice");
        return DB_FAILED;
    }
    fake->links = db_fake_grow(fake->links, fake->n_links, sizeof(*fake->links));
    struct link *stored = &fake->links[fake->n_links++];
    *stored = copy_link(link, fake->text);
    sort_tags(stored);
    complete_aliases(fake, stored);
    db_fake_owner(fake, link->owner_id)->total.clicks += link->clicks;
    return DB_OK;
}

static struct idempotency *find_name(struct db_fake *fake, const unsigned char *key_hash)
{
    for (size_t i = 0; i < fake->n_names; i++) {
        if (memcmp(fake->names[i].key_hash, key_hash, DB_HASH_BYTES) == 0)
            return &fake->names[i];
    }
    return NULL;
}

/* The key's row: a new one, or one that is older than a day. NULL: it is in use. */
static struct idempotency *claim_name(struct db_fake *fake, const struct idempotency *key)
{
    struct idempotency *name = find_name(fake, key->key_hash);
    if (name)
        return name->created_at <= key->created_at - 24 * 3600 ? name : NULL;
    fake->names = db_fake_grow(fake->names, fake->n_names, sizeof(*fake->names));
    name = &fake->names[fake->n_names];
    *name = (struct idempotency){ 0 };
    return name;
}

static enum db_result store_once(struct db_fake *fake, const struct link *link,
                                 const struct idempotency *key, struct error *err)
{
    struct idempotency *name = claim_name(fake, key);
    if (!name)
        return find_name(fake, key->key_hash)->link_id == link->target.link_id ? DB_OK
                                                                               : DB_REPEATED;
    enum db_result result = store_link(fake, link, err);
    if (result != DB_OK)
        return result;
    if (name == &fake->names[fake->n_names])
        fake->n_names++;
    *name = *key;
    name->link_id = link->target.link_id;
    return DB_OK;
}

enum db_result db_fake_link_insert(struct db *db, const struct link *link,
                                   const struct idempotency *key, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    enum db_result result = key ? store_once(fake, link, key, err) : store_link(fake, link, err);
    return db_fake_answer(fake, result);
}

enum db_result db_fake_links_insert_many(struct db *db, const struct link *links, size_t n,
                                         enum db_result *results, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    if (n > DB_BULK_MAX)
        return db_fake_answer(fake, DB_FAILED);
    size_t n_before = fake->n_links;
    for (size_t i = 0; i < n; i++) {
        results[i] = store_link(fake, &links[i], err);
        if (results[i] == DB_FAILED) {
            fake->n_links = n_before;
            return db_fake_answer(fake, DB_FAILED);
        }
    }
    return db_fake_answer(fake, DB_OK);
}

static enum db_result store_all_once(struct db_fake *fake, const struct link *links,
                                     const struct idempotency *keys, size_t n, struct error *err)
{
    size_t n_links = fake->n_links;
    size_t n_names = fake->n_names;
    for (size_t i = 0; i < n; i++) {
        enum db_result result = find_name(fake, keys[i].key_hash) || find_code(fake, links[i].code)
                                    ? DB_TAKEN
                                    : store_once(fake, &links[i], &keys[i], err);
        if (result == DB_OK)
            continue;
        fake->n_links = n_links;
        fake->n_names = n_names;
        return result;
    }
    return DB_OK;
}

enum db_result db_fake_links_insert_once(struct db *db, const struct link *links,
                                         const struct idempotency *keys, size_t n,
                                         struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    if (n > DB_BULK_MAX)
        return db_fake_answer(fake, DB_FAILED);
    return db_fake_answer(fake, store_all_once(fake, links, keys, n, err));
}

enum db_result db_fake_idempotency_find(struct db *db, struct idempotency *key, int64_t since,
                                        struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, false, err))
        return fake->failure;
    const struct idempotency *name = find_name(fake, key->key_hash);
    if (!name || name->created_at <= since)
        return DB_MISSING;
    *key = *name;
    return DB_OK;
}

/* --- changing --- */

/* Makes `alias` the newest alias of the link. */
static enum db_result add_alias(struct db_fake *fake, struct link *link, struct slice alias)
{
    const struct link *other = find_code(fake, alias);
    if (other && (other != link || (!link->code_is_alias && slice_eq(link->code, alias))))
        return DB_TAKEN;
    struct slice *all = arena_alloc(fake->text, sizeof(*all) * (link->n_aliases + 1));
    if (!all)
        abort();
    unsigned n = 0;
    for (unsigned i = 0; i < link->n_aliases; i++) {
        if (!slice_eq(link->aliases[i], alias))
            all[n++] = link->aliases[i];
    }
    all[n++] = db_fake_keep(fake->text, alias);
    link->aliases = all;
    link->n_aliases = n;
    return DB_OK;
}

/* Transfers a link with its part of the totals; the fake moves only clicks by people. */
static void give(struct db_fake *fake, struct link *link, uint32_t to)
{
    db_fake_owner(fake, link->owner_id)->total.clicks -= link->clicks;
    db_fake_owner(fake, to)->total.clicks += link->clicks;
    link->owner_id = to;
}

static enum db_result update(struct db_fake *fake, const struct link *link, struct slice new_alias)
{
    struct link *stored = db_fake_find_id(fake, link->target.link_id);
    if (!stored)
        return DB_MISSING;
    if (stored->target.version != link->target.version)
        return DB_STALE;
    if (new_alias.len > 0 && add_alias(fake, stored, new_alias) != DB_OK)
        return DB_TAKEN;
    struct link copy = copy_link(link, fake->text);
    stored->target = copy.target;
    stored->target.version++;
    stored->title = copy.title;
    stored->tags = copy.tags;
    stored->n_tags = copy.n_tags;
    stored->updated_at = copy.updated_at;
    if (stored->owner_id != link->owner_id)
        give(fake, stored, link->owner_id);
    sort_tags(stored);
    return DB_OK;
}

enum db_result db_fake_link_update(struct db *db, const struct link *link, struct slice new_alias,
                                   struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    return db_fake_answer(fake, update(fake, link, new_alias));
}

static void remove_link(struct db_fake *fake, struct link *link)
{
    db_fake_forget_clicks(fake, link->target.link_id);
    size_t after = (size_t)(&fake->links[fake->n_links] - (link + 1));
    memmove(link, link + 1, after * sizeof(*link));
    fake->n_links--;
}

static enum db_result delete_link(struct db_fake *fake, uint64_t link_id, uint32_t version)
{
    struct link *link = db_fake_find_id(fake, link_id);
    if (!link)
        return DB_MISSING;
    if (version != 0 && link->target.version != version)
        return DB_STALE;
    remove_link(fake, link);
    return DB_OK;
}

enum db_result db_fake_link_delete(struct db *db, uint64_t link_id, uint32_t version,
                                   struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    return db_fake_answer(fake, delete_link(fake, link_id, version));
}

enum db_result db_fake_links_give(struct db *db, const struct owned_links *links, uint32_t to,
                                  int64_t now, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    if (links->n == 0 || links->n > DB_OWNED_MAX)
        return db_fake_answer(fake, DB_FAILED);
    for (size_t i = 0; i < links->n && to != links->owner_id; i++) {
        struct link *link = db_fake_find_id(fake, links->ids[i]);
        if (!link || link->owner_id != links->owner_id)
            continue;
        give(fake, link, to);
        link->target.version++;
        link->updated_at = now;
    }
    return db_fake_answer(fake, DB_OK);
}

enum db_result db_fake_links_delete(struct db *db, const struct owned_links *links,
                                    struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    if (links->n == 0 || links->n > DB_OWNED_MAX)
        return db_fake_answer(fake, DB_FAILED);
    for (size_t i = 0; i < links->n; i++) {
        struct link *link = db_fake_find_id(fake, links->ids[i]);
        if (link && link->owner_id == links->owner_id)
            remove_link(fake, link);
    }
    return db_fake_answer(fake, DB_OK);
}

enum db_result db_fake_link_use(struct db *db, uint64_t link_id, uint64_t max_clicks,
                                struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    struct link *link = db_fake_find_id(fake, link_id);
    bool is_counted = link && (link->target.max_clicks > 0 || link->used > 0);
    if (!is_counted || link->used >= max_clicks)
        return db_fake_answer(fake, DB_MISSING);
    link->used++;
    return db_fake_answer(fake, DB_OK);
}

/* --- purging --- */

static void purge_links(struct db_fake *fake, const struct purge *purge, struct purge_done *out)
{
    for (size_t i = fake->n_links; i-- > 0 && out->links < purge->limit;) {
        const struct target *target = &fake->links[i].target;
        if (!target->expires_at || target->expires_at >= purge->expired_before)
            continue;
        remove_link(fake, &fake->links[i]);
        out->links++;
    }
}

static void purge_names(struct db_fake *fake, const struct purge *purge, struct purge_done *out)
{
    for (size_t i = fake->n_names; i-- > 0 && out->idempotency_keys < purge->limit;) {
        if (fake->names[i].created_at >= purge->idempotency_before)
            continue;
        fake->names[i] = fake->names[--fake->n_names];
        out->idempotency_keys++;
    }
}

enum db_result db_fake_purge_batch(struct db *db, const struct purge *purge, struct purge_done *out,
                                   struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    *out = (struct purge_done){ 0 };
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    if (purge->limit == 0 || purge->limit > DB_PURGE_MAX)
        return db_fake_answer(fake, DB_FAILED);
    purge_links(fake, purge, out);
    purge_names(fake, purge, out);
    out->more = out->links == purge->limit || out->idempotency_keys == purge->limit;
    return db_fake_answer(fake, DB_OK);
}
