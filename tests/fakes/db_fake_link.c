/* SPDX-License-Identifier: MIT */
/* Links in memory: finding, storing, changing, deleting. */
#include "fakes/db_fake_private.h"

#include <limits.h>
#include <stdlib.h>

#include "link/alias.h"

/* --- finding --- */

bool db_fake_has_code(const struct link *link, struct slice code)
{
    bool found = slice_eq(link->code, code);
    for (unsigned i = 0; i < link->n_aliases && !found; i++)
        found = slice_eq(link->aliases[i], code);
    return found || link_has_lowered(link, code);
}

static struct link *find_code(const struct db *db, struct slice code)
{
    for (size_t i = 0; i < db->n_links; i++) {
        if (db_fake_has_code(&db->links[i], code))
            return &db->links[i];
    }
    return NULL;
}

struct link *db_fake_find_id(const struct db *db, uint64_t link_id)
{
    for (size_t i = 0; i < db->n_links; i++) {
        if (db->links[i].target.link_id == link_id)
            return &db->links[i];
    }
    return NULL;
}

static struct link copy_link(const struct link *link, struct arena *arena)
{
    struct link copy = *link;
    copy.target.long_url = db_fake_keep(arena, link->target.long_url);
    copy.code = db_fake_keep(arena, link->code);
    copy.title = db_fake_keep(arena, link->title);
    copy.expired_url = db_fake_keep(arena, link->expired_url);
    copy.not_started_url = db_fake_keep(arena, link->not_started_url);
    copy.owner = db_fake_keep(arena, link->owner);
    copy.aliases = db_fake_keep_list(arena, link->aliases, link->n_aliases);
    copy.lowered = db_fake_keep_list(arena, link->lowered, link->n_lowered);
    copy.tags = db_fake_keep_list(arena, link->tags, link->n_tags);
    return copy;
}

struct link db_fake_link(const struct db *db, const struct link *link, struct arena *arena)
{
    struct link copy = copy_link(link, arena);
    bool owner_known = link->owner_id > 0 && link->owner_id <= db->n_users;
    copy.owner = owner_known ? db_fake_keep(arena, db->users[link->owner_id - 1].name)
                             : (struct slice){ NULL, 0 };
    return copy;
}

enum db_result db_link_find(struct db *db, struct slice code, struct arena *arena, struct link *out,
                            struct error *err)
{
    if (db_fake_fails(db, false, err))
        return db->failure;
    const struct link *link = find_code(db, code);
    if (!link)
        return DB_MISSING;
    *out = db_fake_link(db, link, arena);
    return DB_OK;
}

enum db_result db_resolve(struct db *db, struct slice code, struct arena *arena, struct target *out,
                          struct error *err)
{
    struct link link;
    enum db_result result = db_link_find(db, code, arena, &link, err);
    if (result == DB_OK)
        *out = link.target;
    return result;
}

enum db_result db_resolve_many(struct db *db, const struct code_list *codes, struct arena *arena,
                               struct target *out, struct error *err)
{
    if (db_fake_fails(db, false, err))
        return db->failure;
    if (codes->n > DB_BULK_MAX)
        return DB_FAILED;
    for (size_t i = 0; i < codes->n; i++) {
        const struct link *link = find_code(db, codes->at[i]);
        out[i] = link ? db_fake_link(db, link, arena).target : (struct target){ 0 };
    }
    return DB_OK;
}

enum db_result db_link_find_id(struct db *db, uint64_t link_id, struct arena *arena,
                               struct link *out, struct error *err)
{
    if (db_fake_fails(db, false, err))
        return db->failure;
    const struct link *link = db_fake_find_id(db, link_id);
    if (!link)
        return DB_MISSING;
    *out = db_fake_link(db, link, arena);
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
static void complete_aliases(struct db *db, struct link *link)
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
    link->aliases = db_fake_keep_list(db->text, all, ++link->n_aliases);
}

static bool is_taken(const struct db *db, struct slice code)
{
    return find_code(db, code) || db_fake_find_deleted(db, code);
}

static bool has_any(const struct db *db, const struct link *link)
{
    bool taken = is_taken(db, link->code);
    for (unsigned i = 0; i < link->n_aliases && !taken; i++)
        taken = is_taken(db, link->aliases[i]);
    for (unsigned i = 0; i < link->n_lowered && !taken; i++)
        taken = is_taken(db, link->lowered[i]);
    return taken;
}

static enum db_result store_link(struct db *db, const struct link *link, struct error *err)
{
    const struct link *other = find_code(db, link->code);
    if (other && other->target.link_id == link->target.link_id)
        return DB_OK;
    if (has_any(db, link))
        return DB_TAKEN;
    if (db_fake_find_id(db, link->target.link_id)) {
        error_set(err, "the id was given out twice");
        return DB_FAILED;
    }
    db->links = db_fake_grow(db->links, db->n_links, sizeof(*db->links));
    struct link *stored = &db->links[db->n_links++];
    *stored = copy_link(link, db->text);
    sort_tags(stored);
    complete_aliases(db, stored);
    stored->clicks_imported = link->clicks;
    db_fake_owner(db, link->owner_id)->total.clicks += link->clicks;
    return DB_OK;
}

static struct idempotency *find_name(struct db *db, const unsigned char *key_hash)
{
    for (size_t i = 0; i < db->n_names; i++) {
        if (memcmp(db->names[i].key_hash, key_hash, DB_HASH_BYTES) == 0)
            return &db->names[i];
    }
    return NULL;
}

/* The key's row: a new one, or one that is older than a day. NULL: it is in use. */
static struct idempotency *claim_name(struct db *db, const struct idempotency *key)
{
    struct idempotency *name = find_name(db, key->key_hash);
    if (name)
        return name->created_at <= key->created_at - 24 * 3600 ? name : NULL;
    db->names = db_fake_grow(db->names, db->n_names, sizeof(*db->names));
    name = &db->names[db->n_names];
    *name = (struct idempotency){ 0 };
    return name;
}

static enum db_result store_once(struct db *db, const struct link *link,
                                 const struct idempotency *key, struct error *err)
{
    struct idempotency *name = claim_name(db, key);
    if (!name)
        return find_name(db, key->key_hash)->link_id == link->target.link_id ? DB_OK : DB_REPEATED;
    enum db_result result = store_link(db, link, err);
    if (result != DB_OK)
        return result;
    if (name == &db->names[db->n_names])
        db->n_names++;
    *name = *key;
    name->link_id = link->target.link_id;
    return DB_OK;
}

enum db_result db_link_insert(struct db *db, const struct link *link, const struct idempotency *key,
                              struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    enum db_result result = key ? store_once(db, link, key, err) : store_link(db, link, err);
    return db_fake_answer(db, result);
}

enum db_result db_links_insert_many(struct db *db, const struct link *links, size_t n,
                                    enum db_result *results, struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    if (n > DB_BULK_MAX)
        return db_fake_answer(db, DB_FAILED);
    size_t n_before = db->n_links;
    for (size_t i = 0; i < n; i++) {
        results[i] = store_link(db, &links[i], err);
        if (results[i] == DB_FAILED) {
            db->n_links = n_before;
            return db_fake_answer(db, DB_FAILED);
        }
    }
    return db_fake_answer(db, DB_OK);
}

static enum db_result store_all_once(struct db *db, const struct link *links,
                                     const struct idempotency *keys, size_t n, struct error *err)
{
    size_t n_links = db->n_links;
    size_t n_names = db->n_names;
    for (size_t i = 0; i < n; i++) {
        enum db_result result = find_name(db, keys[i].key_hash) || find_code(db, links[i].code)
                                    ? DB_TAKEN
                                    : store_once(db, &links[i], &keys[i], err);
        if (result == DB_OK)
            continue;
        db->n_links = n_links;
        db->n_names = n_names;
        return result;
    }
    return DB_OK;
}

enum db_result db_links_insert_once(struct db *db, const struct link *links,
                                    const struct idempotency *keys, size_t n, struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    if (n > DB_BULK_MAX)
        return db_fake_answer(db, DB_FAILED);
    return db_fake_answer(db, store_all_once(db, links, keys, n, err));
}

enum db_result db_idempotency_find(struct db *db, struct idempotency *key, int64_t since,
                                   struct error *err)
{
    if (db_fake_fails(db, false, err))
        return db->failure;
    const struct idempotency *name = find_name(db, key->key_hash);
    if (!name || name->created_at <= since)
        return DB_MISSING;
    *key = *name;
    return DB_OK;
}

/* --- changing --- */

/* Whether the link may get `code`. */
static bool may_have(const struct db *db, const struct link *link, struct slice code)
{
    const struct link *other = find_code(db, code);
    return other ? (other == link && (link->code_is_alias || !slice_eq(link->code, code)))
                 : !db_fake_find_deleted(db, code);
}

/* The lower-case forms of `link`, without `code`, and with `also` (empty: none). */
static void set_lowered(struct db *db, struct link *link, struct slice code, struct slice also)
{
    struct slice *all = arena_alloc(db->text, sizeof(*all) * (link->n_lowered + 1));
    unsigned n = 0;
    if (!all)
        abort();
    for (unsigned i = 0; i < link->n_lowered; i++) {
        if (!slice_eq(link->lowered[i], code) && !slice_eq(link->lowered[i], also))
            all[n++] = link->lowered[i];
    }
    if (also.len)
        all[n++] = db_fake_keep(db->text, also);
    link->lowered = all;
    link->n_lowered = n;
}

/* Makes `alias` the newest alias of the link. */
static enum db_result add_alias(struct db *db, struct link *link, struct slice alias)
{
    if (!may_have(db, link, alias))
        return DB_TAKEN;
    struct slice *all = arena_alloc(db->text, sizeof(*all) * (link->n_aliases + 1));
    if (!all)
        abort();
    unsigned n = 0;
    for (unsigned i = 0; i < link->n_aliases; i++) {
        if (!slice_eq(link->aliases[i], alias))
            all[n++] = link->aliases[i];
    }
    all[n++] = db_fake_keep(db->text, alias);
    link->aliases = all;
    link->n_aliases = n;
    set_lowered(db, link, alias, SLICE(""));
    return DB_OK;
}

/* Adds an alias with its lower-case form, if that is among those of `link`. */
static enum db_result add_alias_lowered(struct db *db, struct link *stored, const struct link *link,
                                        struct slice alias)
{
    struct slice lower = alias_lower(alias, db->text);
    bool lowers = link_has_lowered(link, lower);
    if (lowers && !may_have(db, stored, lower))
        return DB_TAKEN;
    enum db_result result = add_alias(db, stored, alias);
    if (result == DB_OK && lowers && !link_has_alias(stored, lower))
        set_lowered(db, stored, lower, lower);
    return result;
}

/* Transfers a link with its part of the totals; the fake moves only clicks by people. */
static void give(struct db *db, struct link *link, uint32_t to)
{
    db_fake_owner(db, link->owner_id)->total.clicks -= link->clicks;
    db_fake_owner(db, to)->total.clicks += link->clicks;
    link->owner_id = to;
}

static void add_history(struct db *db, const struct link *stored, const struct link *link,
                        const struct author *by)
{
    if (!by || slice_eq(stored->target.long_url, link->target.long_url))
        return;
    db->history = db_fake_grow(db->history, db->n_history, sizeof(*db->history));
    db->history[db->n_history++] = (struct fake_change){
        .link_id = link->target.link_id,
        .change = { .version = link->target.version + 1,
                    .changed_at = link->updated_at,
                    .user = db_fake_keep(db->text, by->user),
                    .key_id = by->key_id,
                    .old_url = db_fake_keep(db->text, stored->target.long_url),
                    .new_url = db_fake_keep(db->text, link->target.long_url) },
    };
}

enum db_result db_history_list(struct db *db, const struct history_query *query,
                               struct arena *arena, struct history_page *out, struct error *err)
{
    *out = (struct history_page){ 0 };
    if (db_fake_fails(db, false, err))
        return db->failure;
    if (query->limit == 0 || query->limit > DB_HISTORY_MAX) {
        error_set(err, "cannot list %u changes on a page", query->limit);
        return DB_FAILED;
    }
    out->changes = arena_alloc(arena, sizeof(*out->changes) * query->limit);
    for (size_t i = db->n_history; i > 0 && !out->more; i--) {
        const struct fake_change *at = &db->history[i - 1];
        if (at->link_id != query->link_id ||
            (query->below_version && at->change.version >= query->below_version))
            continue;
        out->more = out->n == query->limit;
        if (!out->more)
            out->changes[out->n++] = at->change;
    }
    return DB_OK;
}

/* Keeps the changes that a purge, or the deletion of a link, leaves. */
unsigned db_fake_drop_changes(struct db *db, uint64_t link_id, int64_t before, unsigned limit)
{
    size_t kept = 0;
    unsigned dropped = 0;
    for (size_t i = 0; i < db->n_history; i++) {
        const struct fake_change *at = &db->history[i];
        bool goes = link_id ? at->link_id == link_id : at->change.changed_at < before;
        if (goes && dropped < limit)
            dropped++;
        else
            db->history[kept++] = *at;
    }
    db->n_history = kept;
    return dropped;
}

static enum db_result update(struct db *db, const struct link *link, struct slice new_alias,
                             const struct author *by)
{
    struct link *stored = db_fake_find_id(db, link->target.link_id);
    if (!stored)
        return DB_MISSING;
    if (stored->target.version != link->target.version)
        return DB_STALE;
    if (new_alias.len > 0 && add_alias_lowered(db, stored, link, new_alias) != DB_OK)
        return DB_TAKEN;
    add_history(db, stored, link, by);
    struct link copy = copy_link(link, db->text);
    stored->target = copy.target;
    stored->target.version++;
    stored->title = copy.title;
    stored->expired_url = copy.expired_url;
    stored->not_started_url = copy.not_started_url;
    stored->tags = copy.tags;
    stored->n_tags = copy.n_tags;
    stored->updated_at = copy.updated_at;
    if (stored->owner_id != link->owner_id)
        give(db, stored, link->owner_id);
    sort_tags(stored);
    return DB_OK;
}

void db_fake_link_changes(struct db *db, uint64_t link_id)
{
    if (db->hooks.link_changes)
        db->hooks.link_changes(db->hooks.context, db, link_id);
}

enum db_result db_link_update(struct db *db, const struct link *link, struct slice new_alias,
                              const struct author *by, struct error *err)
{
    db_fake_link_changes(db, link->target.link_id);
    if (db_fake_fails(db, true, err))
        return db->failure;
    size_t before = db_fake_keep_change(db, link->target.link_id);
    return db_fake_answer_change(db, before, update(db, link, new_alias, by));
}

static enum db_result remove_alias(struct db *db, const struct link *link, struct slice alias)
{
    struct link *stored = db_fake_find_id(db, link->target.link_id);
    if (stored && stored->target.version != link->target.version)
        return DB_STALE;
    if (!stored || !link_has_alias(stored, alias))
        return DB_MISSING;
    struct slice *all = arena_alloc(db->text, stored->n_aliases * sizeof(*all));
    unsigned n = 0;
    for (unsigned i = 0; i < stored->n_aliases; i++) {
        if (!slice_eq(stored->aliases[i], alias))
            all[n++] = stored->aliases[i];
    }
    stored->aliases = all;
    stored->n_aliases = n;
    struct slice lower = alias_lower(alias, db->text);
    if (link_has_lowered(link, alias))
        set_lowered(db, stored, alias, alias);
    if (!link_has_lowered(link, lower))
        set_lowered(db, stored, lower, SLICE(""));
    stored->code = db_fake_keep(db->text, link->code);
    stored->updated_at = link->updated_at;
    stored->target.version++;
    return DB_OK;
}

enum db_result db_alias_delete(struct db *db, const struct link *link, struct slice alias,
                               struct error *err)
{
    db_fake_link_changes(db, link->target.link_id);
    if (db_fake_fails(db, true, err))
        return db->failure;
    size_t before = db_fake_keep_change(db, link->target.link_id);
    return db_fake_answer_change(db, before, remove_alias(db, link, alias));
}

enum db_result db_alias_lower(struct db *db, const struct link *link, struct slice lower,
                              struct error *err)
{
    db_fake_link_changes(db, link->target.link_id);
    if (db_fake_fails(db, true, err))
        return db->failure;
    struct link *stored = db_fake_find_id(db, link->target.link_id);
    if (!stored)
        return db_fake_answer(db, DB_MISSING);
    if (stored->target.version != link->target.version)
        return db_fake_answer(db, DB_STALE);
    if (!may_have(db, stored, lower))
        return db_fake_answer(db, DB_TAKEN);
    if (!link_has_alias(stored, lower))
        set_lowered(db, stored, lower, lower);
    return db_fake_answer(db, DB_OK);
}

void db_fake_take_out(struct db *db, struct link *link)
{
    size_t after = (size_t)(&db->links[db->n_links] - (link + 1));
    memmove(link, link + 1, after * sizeof(*link));
    db->n_links--;
}

static void remove_link(struct db *db, struct link *link)
{
    db_fake_forget_clicks(db, link->target.link_id);
    db_fake_drop_changes(db, link->target.link_id, 0, UINT_MAX);
    db_fake_take_out(db, link);
}

static enum db_result delete_link(struct db *db, uint64_t link_id, uint32_t version)
{
    struct link *link = db_fake_find_id(db, link_id);
    if (!link)
        return DB_MISSING;
    if (version != 0 && link->target.version != version)
        return DB_STALE;
    remove_link(db, link);
    return DB_OK;
}

enum db_result db_link_delete(struct db *db, uint64_t link_id, uint32_t version, struct error *err)
{
    db_fake_link_changes(db, link_id);
    if (db_fake_fails(db, true, err))
        return db->failure;
    size_t before = db_fake_keep_change(db, link_id);
    return db_fake_answer_change(db, before, delete_link(db, link_id, version));
}

enum db_result db_links_transfer(struct db *db, const struct owned_links *links, uint32_t to,
                                 int64_t now, struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    if (links->n == 0 || links->n > DB_OWNED_MAX)
        return db_fake_answer(db, DB_FAILED);
    for (size_t i = 0; i < links->n && to != links->owner_id; i++) {
        struct link *link = db_fake_find_id(db, links->ids[i]);
        if (!link || link->owner_id != links->owner_id)
            continue;
        give(db, link, to);
        link->target.version++;
        link->updated_at = now;
    }
    return db_fake_answer(db, DB_OK);
}

enum db_result db_links_delete(struct db *db, const struct owned_links *links, struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    if (links->n == 0 || links->n > DB_OWNED_MAX)
        return db_fake_answer(db, DB_FAILED);
    for (size_t i = 0; i < links->n; i++) {
        struct link *link = db_fake_find_id(db, links->ids[i]);
        if (!link || link->owner_id != links->owner_id)
            continue;
        db_fake_keep_change(db, link->target.link_id);
        remove_link(db, link);
    }
    return db_fake_answer(db, DB_OK);
}

enum db_result db_link_use(struct db *db, uint64_t link_id, uint64_t max_clicks, struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    struct link *link = db_fake_find_id(db, link_id);
    bool is_counted = link && (link->target.max_clicks > 0 || link->used > 0);
    if (!is_counted || link->used >= max_clicks)
        return db_fake_answer(db, DB_MISSING);
    link->used++;
    return db_fake_answer(db, DB_OK);
}

/* --- purging --- */

static void purge_links(struct db *db, const struct purge *purge, struct purge_done *out)
{
    for (size_t i = db->n_links; i-- > 0 && out->links < purge->limit;) {
        const struct target *target = &db->links[i].target;
        if (!target->expires_at || target->expires_at >= purge->expired_before)
            continue;
        remove_link(db, &db->links[i]);
        out->links++;
    }
}

static void purge_names(struct db *db, const struct purge *purge, struct purge_done *out)
{
    for (size_t i = db->n_names; i-- > 0 && out->idempotency_keys < purge->limit;) {
        if (db->names[i].created_at >= purge->idempotency_before)
            continue;
        db->names[i] = db->names[--db->n_names];
        out->idempotency_keys++;
    }
}

enum db_result db_purge_batch(struct db *db, const struct purge *purge, struct purge_done *out,
                              struct error *err)
{
    *out = (struct purge_done){ 0 };
    if (db_fake_fails(db, true, err))
        return db->failure;
    if (purge->limit == 0 || purge->limit > DB_PURGE_MAX)
        return db_fake_answer(db, DB_FAILED);
    purge_links(db, purge, out);
    purge_names(db, purge, out);
    db_fake_purge_deleted(db, purge, out);
    out->more = out->links == purge->limit || out->idempotency_keys == purge->limit;
    db_fake_purge_sessions(db, purge, out);
    out->changes += db_fake_drop_changes(db, 0, purge->changes_before, purge->limit);
    out->more = out->more || out->changes == purge->limit;
    return db_fake_answer(db, DB_OK);
}
