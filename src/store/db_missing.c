/* SPDX-License-Identifier: MIT */
/* Every answer is DB_FAILED. */
#include "store/db_missing.h"

static enum db_result link_find_id(struct db *db, uint64_t link_id, struct arena *arena,
                                   struct link *out, struct error *err)
{
    (void)db;
    (void)link_id;
    (void)arena;
    (void)out;
    error_set(err, "not built yet");
    return DB_FAILED;
}

static enum db_result links_insert_many(struct db *db, const struct link *links, size_t n,
                                        enum db_result *results, struct error *err)
{
    (void)db;
    (void)links;
    (void)n;
    (void)results;
    error_set(err, "not built yet");
    return DB_FAILED;
}

static enum db_result idempotency_find(struct db *db, struct idempotency *key, int64_t since,
                                       struct error *err)
{
    (void)db;
    (void)key;
    (void)since;
    error_set(err, "not built yet");
    return DB_FAILED;
}

static enum db_result links_same_url(struct db *db, uint32_t owner_id, struct slice long_url,
                                     struct arena *arena, struct link_page *out, struct error *err)
{
    (void)db;
    (void)owner_id;
    (void)long_url;
    (void)arena;
    (void)out;
    error_set(err, "not built yet");
    return DB_FAILED;
}

static enum db_result link_update(struct db *db, const struct link *link, struct slice new_alias,
                                  struct error *err)
{
    (void)db;
    (void)link;
    (void)new_alias;
    error_set(err, "not built yet");
    return DB_FAILED;
}

static enum db_result link_delete(struct db *db, uint64_t link_id, uint32_t version,
                                  struct error *err)
{
    (void)db;
    (void)link_id;
    (void)version;
    error_set(err, "not built yet");
    return DB_FAILED;
}

static enum db_result link_use(struct db *db, uint64_t link_id, uint64_t max_clicks,
                               struct error *err)
{
    (void)db;
    (void)link_id;
    (void)max_clicks;
    error_set(err, "not built yet");
    return DB_FAILED;
}

static enum db_result links_list(struct db *db, const struct link_query *query, struct arena *arena,
                                 struct link_page *out, struct error *err)
{
    (void)db;
    (void)query;
    (void)arena;
    (void)out;
    error_set(err, "not built yet");
    return DB_FAILED;
}

static enum db_result links_count(struct db *db, uint32_t owner_id, uint64_t *out,
                                  struct error *err)
{
    (void)db;
    (void)owner_id;
    (void)out;
    error_set(err, "not built yet");
    return DB_FAILED;
}

static enum db_result purge_batch(struct db *db, const struct purge *purge, struct purge_done *out,
                                  struct error *err)
{
    (void)db;
    (void)purge;
    (void)out;
    error_set(err, "not built yet");
    return DB_FAILED;
}

static enum db_result key_list(struct db *db, const struct key_query *query, struct arena *arena,
                               struct key_page *out, struct error *err)
{
    (void)db;
    (void)query;
    (void)arena;
    (void)out;
    error_set(err, "not built yet");
    return DB_FAILED;
}

static enum db_result key_revoke(struct db *db, uint32_t key_id, uint32_t user_id,
                                 int64_t revoked_at, struct error *err)
{
    (void)db;
    (void)key_id;
    (void)user_id;
    (void)revoked_at;
    error_set(err, "not built yet");
    return DB_FAILED;
}

static enum db_result key_touch(struct db *db, uint32_t key_id, int64_t used_at, struct error *err)
{
    (void)db;
    (void)key_id;
    (void)used_at;
    error_set(err, "not built yet");
    return DB_FAILED;
}

static enum db_result user_find(struct db *db, struct slice name, struct arena *arena,
                                struct user *out, struct error *err)
{
    (void)db;
    (void)name;
    (void)arena;
    (void)out;
    error_set(err, "not built yet");
    return DB_FAILED;
}

static enum db_result user_set_policy(struct db *db, uint32_t user_id,
                                      const struct user_policy *policy, struct error *err)
{
    (void)db;
    (void)user_id;
    (void)policy;
    error_set(err, "not built yet");
    return DB_FAILED;
}

void db_missing_fill(struct db_ops *ops)
{
    if (!ops->link_find_id)
        ops->link_find_id = link_find_id;
    if (!ops->links_insert_many)
        ops->links_insert_many = links_insert_many;
    if (!ops->idempotency_find)
        ops->idempotency_find = idempotency_find;
    if (!ops->links_same_url)
        ops->links_same_url = links_same_url;
    if (!ops->link_update)
        ops->link_update = link_update;
    if (!ops->link_delete)
        ops->link_delete = link_delete;
    if (!ops->link_use)
        ops->link_use = link_use;
    if (!ops->links_list)
        ops->links_list = links_list;
    if (!ops->links_count)
        ops->links_count = links_count;
    if (!ops->purge_batch)
        ops->purge_batch = purge_batch;
    if (!ops->key_list)
        ops->key_list = key_list;
    if (!ops->key_revoke)
        ops->key_revoke = key_revoke;
    if (!ops->key_touch)
        ops->key_touch = key_touch;
    if (!ops->user_find)
        ops->user_find = user_find;
    if (!ops->user_set_policy)
        ops->user_set_policy = user_set_policy;
}
