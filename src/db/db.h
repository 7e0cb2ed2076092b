/* SPDX-License-Identifier: MIT */
/* The database as the services see it: what can be asked of it, not how. db_sql.h speaks to MySQL
 * and MariaDB, fakes/db_fake.h keeps everything in memory for tests. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "db/db_types.h"

struct db;

/* All results live in the arena given. Every call may open the connection, retries what is safe to
 * retry after a lost connection or a deadlock, and says in `err` what failed. */
struct db_ops {
    /* The target behind a code: one statement. DB_MISSING when there is none. */
    enum db_result (*resolve)(struct db *db, struct slice code, struct arena *arena,
                              struct target *out, struct error *err);
    /* The targets behind up to DB_BULK_MAX codes, in one statement: out[i] is that of codes->at[i],
     * and its link_id 0 where no link has the code. */
    enum db_result (*resolve_many)(struct db *db, const struct code_list *codes,
                                   struct arena *arena, struct target *out, struct error *err);
    /* The whole link behind a code, with its tags, aliases and what was used of its max_clicks. */
    enum db_result (*link_find)(struct db *db, struct slice code, struct arena *arena,
                                struct link *out, struct error *err);
    /* The same by its id. */
    enum db_result (*link_find_id)(struct db *db, uint64_t link_id, struct arena *arena,
                                   struct link *out, struct error *err);
    /* Stores a link, its code, its aliases (where `code` may be missing) and its tags in one
     * transaction. target.link_id and code are set by the caller, `used` and `clicks` count too
     * (they are 0 but for an import). DB_TAKEN: another link has one of the codes. The same link_id
     * again after a success that was never heard of is DB_OK: the caller may retry as often as it
     * likes and there is one link. `key` may be NULL; otherwise it is stored with the link, and
     * DB_REPEATED says that it was used by another create that db_idempotency_find knows (or that
     * has just been purged: try again). */
    enum db_result (*link_insert)(struct db *db, const struct link *link,
                                  const struct idempotency *key, struct error *err);
    /* Stores up to DB_BULK_MAX links in one transaction and a few round trips, as link_insert would
     * one after the other: results[i] is DB_OK or DB_TAKEN. When the answer is not DB_OK nothing is
     * known of any, and the same call may be tried again. A code that an item wants and that an
     * earlier item has is taken, also when the earlier one fails for another of its codes. */
    enum db_result (*links_insert_many)(struct db *db, const struct link *links, size_t n,
                                        enum db_result *results, struct error *err);
    /* Stores up to DB_BULK_MAX links with a key each, in one transaction and a few round trips: all
     * or none. DB_TAKEN: a code or a key is in use, perhaps since an earlier call for the same
     * links whose answer was lost; link_insert of each tells. */
    enum db_result (*links_insert_once)(struct db *db, const struct link *links,
                                        const struct idempotency *keys, size_t n,
                                        struct error *err);
    /* What a key was used for after `since`; DB_MISSING when for nothing. key->key_hash is given,
     * the rest is filled. The link may have been deleted meanwhile. */
    enum db_result (*idempotency_find)(struct db *db, struct idempotency *key, int64_t since,
                                       struct error *err);
    /* The owner's links with exactly this long URL, the newest first, at most DB_SAME_URL_MAX. No
     * link is DB_OK with none. */
    enum db_result (*links_same_url)(struct db *db, const struct link_destination *to,
                                     struct arena *arena, struct link_page *out, struct error *err);
    /* Makes the stored link what `link` is: target, title, tags, owner_id and updated_at;
     * everything else stays. With the owner the link's part of the totals changes hands.
     * link->target.version is the version that the caller read; it is one higher afterwards.
     * `new_alias` (empty: none) becomes the newest alias; one that the link has already becomes the
     * newest again, but its generated code is DB_TAKEN. All or nothing. DB_STALE: the link has
     * another version by now. DB_MISSING: it is gone. DB_TAKEN: another link has the alias. A
     * change whose answer was lost is recognised by what is stored. The caller keeps
     * LINK_ALIASES_MAX. */
    enum db_result (*link_update)(struct db *db, const struct link *link, struct slice new_alias,
                                  struct error *err);
    /* Deletes a link with its codes, tags, counts and roll-ups. `version` 0: whatever version it
     * has. */
    enum db_result (*link_delete)(struct db *db, uint64_t link_id, uint32_t version,
                                  struct error *err);
    /* Gives those of the links that are the owner's to the user `to`, with their part of the
     * totals, in one transaction; each gets a new version, changed at `now`. Those that are not
     * there, or somebody else's by now, are passed over: the same call may be made again. */
    enum db_result (*links_give)(struct db *db, const struct owned_links *links, uint32_t to,
                                 int64_t now, struct error *err);
    /* Deletes those of the links that are the owner's, likewise. */
    enum db_result (*links_delete)(struct db *db, const struct owned_links *links,
                                   struct error *err);
    /* Spends one of the `max_clicks` redirects of a link. DB_MISSING: they are used up (or the link
     * is gone). Never lets more through; an answer that was lost may have spent one in vain. */
    enum db_result (*link_use)(struct db *db, uint64_t link_id, uint64_t max_clicks,
                               struct error *err);
    /* One page of a list. */
    enum db_result (*links_list)(struct db *db, const struct link_query *query, struct arena *arena,
                                 struct link_page *out, struct error *err);
    /* How many links an owner (or DB_OWNER_ANY) has, without counting them. */
    enum db_result (*links_count)(struct db *db, uint32_t owner_id, uint64_t *out,
                                  struct error *err);
    /* One batch of a purge, in one short transaction. Any number of hosts may purge at once: they
     * get different rows. A link is looked at again under its lock, so that one whose life was
     * prolonged meanwhile stays. */
    enum db_result (*purge_batch)(struct db *db, const struct purge *purge, struct purge_done *out,
                                  struct error *err);
    /* Rolls a batch of events up, in one transaction with the source's batch and positions: so that
     * each event counts exactly once, whatever happens. Flushes of all hosts queue; waiting
     * included it may take ten seconds. DB_STALE: the last batch of the source is not the one
     * before this one (db_clicks_source tells; a batch whose answer was lost may have been stored),
     * and nothing was changed. A late event counts in the record that its day has become; that of a
     * day which is part of a month by now makes a new record of the day, which the next fold adds.
     */
    enum db_result (*clicks_flush)(struct db *db, const struct click_flush *flush,
                                   struct click_flushed *out, struct error *err);
    /* How far a source has been rolled up; DB_MISSING when there was no batch of it. */
    enum db_result (*clicks_source)(struct db *db, struct slice source, struct arena *arena,
                                    struct click_source *out, struct error *err);
    /* Forgets a source that will never have another batch. */
    enum db_result (*clicks_source_drop)(struct db *db, struct slice source, struct error *err);
    /* The roll-ups of a link. None is DB_OK with none. */
    enum db_result (*clicks_read)(struct db *db, const struct click_query *query,
                                  struct arena *arena, struct click_rows *out, struct error *err);
    /* What an owner (or DB_OWNER_ANY) has, without counting. */
    enum db_result (*clicks_owner)(struct db *db, uint32_t owner_id, struct click_totals *out,
                                   struct error *err);
    /* One batch of folding, in one short transaction that queues with the flushes. Any number of
     * hosts may fold at once. */
    enum db_result (*clicks_compact_batch)(struct db *db, const struct click_compact *compact,
                                           struct click_compact_done *out, struct error *err);
    /* The next block of the sequence `name`; DB_MISSING when its slice is used up. */
    enum db_result (*range_take)(struct db *db, const char *name, struct id_range *out,
                                 struct error *err);
    /* How many ids the sequence has yet to hand out. */
    enum db_result (*range_left)(struct db *db, const char *name, uint64_t *left,
                                 struct error *err);
    enum db_result (*key_find)(struct db *db, uint32_t key_id, struct arena *arena,
                               struct api_key *out, struct error *err);
    /* Stores a key, and its user when the name is new (an existing user keeps its role). */
    enum db_result (*key_insert)(struct db *db, struct api_key *key, struct error *err);
    enum db_result (*key_list)(struct db *db, const struct key_query *query, struct arena *arena,
                               struct key_page *out, struct error *err);
    /* How many keys of `user_id` are valid at `now`. */
    enum db_result (*key_count)(struct db *db, uint32_t user_id, int64_t now, uint64_t *out,
                                struct error *err);
    /* Revokes a key of `user_id` (DB_OWNER_ANY: of anybody) at a time that is never moved again.
     * DB_MISSING: there is no such key. */
    enum db_result (*key_revoke)(struct db *db, uint32_t key_id, uint32_t user_id,
                                 int64_t revoked_at, struct error *err);
    /* Remembers that a key was used; an earlier time than the one stored changes nothing. */
    enum db_result (*key_touch)(struct db *db, uint32_t key_id, int64_t used_at, struct error *err);
    /* The user of this name. */
    enum db_result (*user_find)(struct db *db, struct slice name, struct arena *arena,
                                struct user *out, struct error *err);
    /* Sets the user's policy; DB_MISSING when there is no such user. */
    enum db_result (*user_set_policy)(struct db *db, uint32_t user_id,
                                      const struct user_policy *policy, struct error *err);
    enum db_result (*user_list)(struct db *db, const struct user_query *query, struct arena *arena,
                                struct user_page *out, struct error *err);
    /* Adds a user and sets user->id. DB_TAKEN: there is one of that name. */
    enum db_result (*user_add)(struct db *db, struct user *user, struct error *err);
    /* DB_MISSING: there is no such user. DB_TAKEN: it is the last admin, and remains one. */
    enum db_result (*user_set_role)(struct db *db, uint32_t user_id, enum user_role role,
                                    struct error *err);
    /* Deletes a user without links, with its keys; what its total still has (clicks of deleted
     * links) becomes the heir's (0: nobody's). DB_MISSING: there is no such user. DB_TAKEN: it is
     * the last admin. DB_STALE: it has links. */
    enum db_result (*user_delete)(struct db *db, uint32_t user_id, uint32_t heir_id,
                                  struct error *err);
    /* The value of a setting, any bytes. */
    enum db_result (*setting_get)(struct db *db, const char *name, struct arena *arena,
                                  struct slice *out, struct error *err);
    /* Writes the time of the database's clock into the heartbeat, in ms since the epoch; `at_ms` is
     * what is there afterwards. */
    enum db_result (*heartbeat_write)(struct db *db, int64_t *at_ms, struct error *err);
    /* What the heartbeat says; DB_MISSING when nobody has written one. */
    enum db_result (*heartbeat_read)(struct db *db, int64_t *at_ms, struct error *err);
    /* Asks the server whether it answers. */
    enum db_result (*ping)(struct db *db, struct error *err);
    /* Gives the connection back when it has not been used for the configured idle time. `now_ms` is
     * a monotonic time in milliseconds. Cheap when there is nothing to do. */
    void (*close_idle)(struct db *db, int64_t now_ms);
    void (*close)(struct db **db);
};

/* The first member of every implementation. */
struct db {
    const struct db_ops *ops;
};

static inline enum db_result db_resolve(struct db *db, struct slice code, struct arena *arena,
                                        struct target *out, struct error *err)
{
    return db->ops->resolve(db, code, arena, out, err);
}

static inline enum db_result db_resolve_many(struct db *db, const struct code_list *codes,
                                             struct arena *arena, struct target *out,
                                             struct error *err)
{
    return db->ops->resolve_many(db, codes, arena, out, err);
}

static inline enum db_result db_link_find(struct db *db, struct slice code, struct arena *arena,
                                          struct link *out, struct error *err)
{
    return db->ops->link_find(db, code, arena, out, err);
}

static inline enum db_result db_link_find_id(struct db *db, uint64_t link_id, struct arena *arena,
                                             struct link *out, struct error *err)
{
    return db->ops->link_find_id(db, link_id, arena, out, err);
}

static inline enum db_result db_link_insert(struct db *db, const struct link *link,
                                            struct error *err)
{
    return db->ops->link_insert(db, link, NULL, err);
}

static inline enum db_result db_link_insert_once(struct db *db, const struct link *link,
                                                 const struct idempotency *key, struct error *err)
{
    return db->ops->link_insert(db, link, key, err);
}

static inline enum db_result db_links_insert_many(struct db *db, const struct link *links, size_t n,
                                                  enum db_result *results, struct error *err)
{
    return db->ops->links_insert_many(db, links, n, results, err);
}

static inline enum db_result db_links_insert_once(struct db *db, const struct link *links,
                                                  const struct idempotency *keys, size_t n,
                                                  struct error *err)
{
    return db->ops->links_insert_once(db, links, keys, n, err);
}

static inline enum db_result db_idempotency_find(struct db *db, struct idempotency *key,
                                                 int64_t since, struct error *err)
{
    return db->ops->idempotency_find(db, key, since, err);
}

static inline enum db_result db_links_same_url(struct db *db, const struct link_destination *to,
                                               struct arena *arena, struct link_page *out,
                                               struct error *err)
{
    return db->ops->links_same_url(db, to, arena, out, err);
}

static inline enum db_result db_link_update(struct db *db, const struct link *link,
                                            struct slice new_alias, struct error *err)
{
    return db->ops->link_update(db, link, new_alias, err);
}

static inline enum db_result db_link_delete(struct db *db, uint64_t link_id, uint32_t version,
                                            struct error *err)
{
    return db->ops->link_delete(db, link_id, version, err);
}

static inline enum db_result db_links_give(struct db *db, const struct owned_links *links,
                                           uint32_t to, int64_t now, struct error *err)
{
    return db->ops->links_give(db, links, to, now, err);
}

static inline enum db_result db_links_delete(struct db *db, const struct owned_links *links,
                                             struct error *err)
{
    return db->ops->links_delete(db, links, err);
}

static inline enum db_result db_link_use(struct db *db, uint64_t link_id, uint64_t max_clicks,
                                         struct error *err)
{
    return db->ops->link_use(db, link_id, max_clicks, err);
}

static inline enum db_result db_links_list(struct db *db, const struct link_query *query,
                                           struct arena *arena, struct link_page *out,
                                           struct error *err)
{
    return db->ops->links_list(db, query, arena, out, err);
}

static inline enum db_result db_links_count(struct db *db, uint32_t owner_id, uint64_t *out,
                                            struct error *err)
{
    return db->ops->links_count(db, owner_id, out, err);
}

static inline enum db_result db_purge_batch(struct db *db, const struct purge *purge,
                                            struct purge_done *out, struct error *err)
{
    return db->ops->purge_batch(db, purge, out, err);
}

static inline enum db_result db_clicks_flush(struct db *db, const struct click_flush *flush,
                                             struct click_flushed *out, struct error *err)
{
    return db->ops->clicks_flush(db, flush, out, err);
}

static inline enum db_result db_clicks_source(struct db *db, struct slice source,
                                              struct arena *arena, struct click_source *out,
                                              struct error *err)
{
    return db->ops->clicks_source(db, source, arena, out, err);
}

static inline enum db_result db_clicks_source_drop(struct db *db, struct slice source,
                                                   struct error *err)
{
    return db->ops->clicks_source_drop(db, source, err);
}

static inline enum db_result db_clicks_read(struct db *db, const struct click_query *query,
                                            struct arena *arena, struct click_rows *out,
                                            struct error *err)
{
    return db->ops->clicks_read(db, query, arena, out, err);
}

static inline enum db_result db_clicks_owner(struct db *db, uint32_t owner_id,
                                             struct click_totals *out, struct error *err)
{
    return db->ops->clicks_owner(db, owner_id, out, err);
}

static inline enum db_result db_clicks_compact_batch(struct db *db,
                                                     const struct click_compact *compact,
                                                     struct click_compact_done *out,
                                                     struct error *err)
{
    return db->ops->clicks_compact_batch(db, compact, out, err);
}

static inline enum db_result db_range_take(struct db *db, const char *name, struct id_range *out,
                                           struct error *err)
{
    return db->ops->range_take(db, name, out, err);
}

static inline enum db_result db_range_left(struct db *db, const char *name, uint64_t *left,
                                           struct error *err)
{
    return db->ops->range_left(db, name, left, err);
}

static inline enum db_result db_key_find(struct db *db, uint32_t key_id, struct arena *arena,
                                         struct api_key *out, struct error *err)
{
    return db->ops->key_find(db, key_id, arena, out, err);
}

static inline enum db_result db_key_insert(struct db *db, struct api_key *key, struct error *err)
{
    return db->ops->key_insert(db, key, err);
}

static inline enum db_result db_key_list(struct db *db, const struct key_query *query,
                                         struct arena *arena, struct key_page *out,
                                         struct error *err)
{
    return db->ops->key_list(db, query, arena, out, err);
}

static inline enum db_result db_key_count(struct db *db, uint32_t user_id, int64_t now,
                                          uint64_t *out, struct error *err)
{
    return db->ops->key_count(db, user_id, now, out, err);
}

static inline enum db_result db_key_revoke(struct db *db, uint32_t key_id, uint32_t user_id,
                                           int64_t revoked_at, struct error *err)
{
    return db->ops->key_revoke(db, key_id, user_id, revoked_at, err);
}

static inline enum db_result db_key_touch(struct db *db, uint32_t key_id, int64_t used_at,
                                          struct error *err)
{
    return db->ops->key_touch(db, key_id, used_at, err);
}

static inline enum db_result db_user_find(struct db *db, struct slice name, struct arena *arena,
                                          struct user *out, struct error *err)
{
    return db->ops->user_find(db, name, arena, out, err);
}

static inline enum db_result db_user_set_policy(struct db *db, uint32_t user_id,
                                                const struct user_policy *policy, struct error *err)
{
    return db->ops->user_set_policy(db, user_id, policy, err);
}

static inline enum db_result db_user_list(struct db *db, const struct user_query *query,
                                          struct arena *arena, struct user_page *out,
                                          struct error *err)
{
    return db->ops->user_list(db, query, arena, out, err);
}

static inline enum db_result db_user_add(struct db *db, struct user *user, struct error *err)
{
    return db->ops->user_add(db, user, err);
}

static inline enum db_result db_user_set_role(struct db *db, uint32_t user_id, enum user_role role,
                                              struct error *err)
{
    return db->ops->user_set_role(db, user_id, role, err);
}

static inline enum db_result db_user_delete(struct db *db, uint32_t user_id, uint32_t heir_id,
                                            struct error *err)
{
    return db->ops->user_delete(db, user_id, heir_id, err);
}

static inline enum db_result db_setting_get(struct db *db, const char *name, struct arena *arena,
                                            struct slice *out, struct error *err)
{
    return db->ops->setting_get(db, name, arena, out, err);
}

static inline enum db_result db_heartbeat_write(struct db *db, int64_t *at_ms, struct error *err)
{
    return db->ops->heartbeat_write(db, at_ms, err);
}

static inline enum db_result db_heartbeat_read(struct db *db, int64_t *at_ms, struct error *err)
{
    return db->ops->heartbeat_read(db, at_ms, err);
}

static inline enum db_result db_ping(struct db *db, struct error *err)
{
    return db->ops->ping(db, err);
}

static inline void db_close_idle(struct db *db, int64_t now_ms)
{
    db->ops->close_idle(db, now_ms);
}

/* NULL is fine; sets *db to NULL. */
static inline void db_close(struct db **db)
{
    if (*db)
        (*db)->ops->close(db);
}
