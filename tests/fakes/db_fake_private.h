/* SPDX-License-Identifier: MIT */
/* Private declarations shared by db_fake*.c. */
#pragma once

#include "db/click_rollup.h"
#include "fakes/db_fake.h"

enum {
    FAKE_SETTINGS_MAX = 16,
};

struct fake_setting {
    struct slice name;
    struct slice value;
};

/* A roll-up; its detail is allocated separately. */
struct fake_rollup {
    struct click_rollup row;
    char *detail;
};

struct fake_source {
    struct slice source;
    struct click_source at;
};

/* The clicks of an owner's links, including deleted ones. */
struct fake_owner {
    uint32_t owner_id;
    struct click_counts total;
};

struct db_fake {
    struct db db;
    struct arena *text;
    struct link *links;
    size_t n_links;
    struct user *users; /* the user with id i + 1 */
    size_t n_users;
    struct api_key *keys; /* the key with id i + 1 */
    size_t n_keys;
    struct idempotency *names;
    size_t n_names;
    struct fake_rollup *rollups;
    size_t n_rollups;
    struct fake_source *sources;
    size_t n_sources;
    struct fake_owner *owners; /* the owners whose links were clicked */
    size_t n_owners;
    struct fake_setting settings[FAKE_SETTINGS_MAX];
    size_t n_settings;
    struct id_range ids; /* of the sequence "default" */
    uint32_t block_size;
    int64_t heartbeat_ms; /* 0: none */
    unsigned calls;
    unsigned to_fail;
    enum db_result failure;
    bool lost_answer;
};

static inline struct db_fake *db_fake_of(const struct db *db)
{
    return (struct db_fake *)(uintptr_t)db;
}

/* Counts the call; returns whether it must fail now without doing anything. */
bool db_fake_fails(struct db_fake *fake, bool is_write, struct error *err);

/* The result of a write: `result`, unless its answer is to be lost. */
enum db_result db_fake_answer(struct db_fake *fake, enum db_result result);

/* Copies; abort the program when memory is out. */
struct slice db_fake_keep(struct arena *arena, struct slice s);
const struct slice *db_fake_keep_list(struct arena *arena, const struct slice *list, unsigned n);

/* Room for one more element of `size` bytes after the first `n`. */
void *db_fake_grow(void *array, size_t n, size_t size);

/* A copy of the link as db.h returns it, in `arena`. */
struct link db_fake_link(const struct db_fake *fake, const struct link *link, struct arena *arena);

/* The stored link, or NULL. */
struct link *db_fake_find_id(const struct db_fake *fake, uint64_t link_id);

/* The owner's clicks; created if there are none. */
struct fake_owner *db_fake_owner(struct db_fake *fake, uint32_t owner_id);

/* Deletes the roll-ups of a link, or of all links. */
void db_fake_forget_clicks(struct db_fake *fake, uint64_t link_id);
void db_fake_free_clicks(struct db_fake *fake);

/* The implementations of struct db_ops. */
enum db_result db_fake_resolve(struct db *db, struct slice code, struct arena *arena,
                               struct target *out, struct error *err);
enum db_result db_fake_resolve_many(struct db *db, const struct code_list *codes,
                                    struct arena *arena, struct target *out, struct error *err);
enum db_result db_fake_link_find(struct db *db, struct slice code, struct arena *arena,
                                 struct link *out, struct error *err);
enum db_result db_fake_link_find_id(struct db *db, uint64_t link_id, struct arena *arena,
                                    struct link *out, struct error *err);
enum db_result db_fake_link_insert(struct db *db, const struct link *link,
                                   const struct idempotency *key, struct error *err);
enum db_result db_fake_links_insert_many(struct db *db, const struct link *links, size_t n,
                                         enum db_result *results, struct error *err);
enum db_result db_fake_links_insert_once(struct db *db, const struct link *links,
                                         const struct idempotency *keys, size_t n,
                                         struct error *err);
enum db_result db_fake_idempotency_find(struct db *db, struct idempotency *key, int64_t since,
                                        struct error *err);
enum db_result db_fake_link_update(struct db *db, const struct link *link, struct slice new_alias,
                                   struct error *err);
enum db_result db_fake_link_delete(struct db *db, uint64_t link_id, uint32_t version,
                                   struct error *err);
enum db_result db_fake_link_use(struct db *db, uint64_t link_id, uint64_t max_clicks,
                                struct error *err);
enum db_result db_fake_purge_batch(struct db *db, const struct purge *purge, struct purge_done *out,
                                   struct error *err);
enum db_result db_fake_links_same_url(struct db *db, const struct link_destination *to,
                                      struct arena *arena, struct link_page *out,
                                      struct error *err);
enum db_result db_fake_links_list(struct db *db, const struct link_query *query,
                                  struct arena *arena, struct link_page *out, struct error *err);
enum db_result db_fake_links_count(struct db *db, uint32_t owner_id, uint64_t *out,
                                   struct error *err);
enum db_result db_fake_clicks_flush(struct db *db, const struct click_flush *flush,
                                    struct click_flushed *out, struct error *err);
enum db_result db_fake_clicks_source(struct db *db, struct slice source, struct arena *arena,
                                     struct click_source *out, struct error *err);
enum db_result db_fake_clicks_source_drop(struct db *db, struct slice source, struct error *err);
enum db_result db_fake_clicks_read(struct db *db, const struct click_query *query,
                                   struct arena *arena, struct click_rows *out, struct error *err);
enum db_result db_fake_clicks_owner(struct db *db, uint32_t owner_id, struct click_totals *out,
                                    struct error *err);
enum db_result db_fake_clicks_compact_batch(struct db *db, const struct click_compact *compact,
                                            struct click_compact_done *out, struct error *err);
enum db_result db_fake_key_find(struct db *db, uint32_t key_id, struct arena *arena,
                                struct api_key *out, struct error *err);
enum db_result db_fake_key_insert(struct db *db, struct api_key *key, struct error *err);
enum db_result db_fake_key_list(struct db *db, const struct key_query *query, struct arena *arena,
                                struct key_page *out, struct error *err);
enum db_result db_fake_key_revoke(struct db *db, uint32_t key_id, uint32_t user_id,
                                  int64_t revoked_at, struct error *err);
enum db_result db_fake_key_count(struct db *db, uint32_t user_id, int64_t now, uint64_t *out,
                                 struct error *err);
enum db_result db_fake_key_touch(struct db *db, uint32_t key_id, int64_t used_at,
                                 struct error *err);
enum db_result db_fake_user_find(struct db *db, struct slice name, struct arena *arena,
                                 struct user *out, struct error *err);
enum db_result db_fake_user_set_policy(struct db *db, uint32_t user_id,
                                       const struct user_policy *policy, struct error *err);
enum db_result db_fake_links_give(struct db *db, const struct owned_links *links, uint32_t to,
                                  int64_t now, struct error *err);
enum db_result db_fake_links_delete(struct db *db, const struct owned_links *links,
                                    struct error *err);
enum db_result db_fake_user_list(struct db *db, const struct user_query *query, struct arena *arena,
                                 struct user_page *out, struct error *err);
enum db_result db_fake_user_add(struct db *db, struct user *user, struct error *err);
enum db_result db_fake_user_set_role(struct db *db, uint32_t user_id, enum user_role role,
                                     struct error *err);
enum db_result db_fake_user_delete(struct db *db, uint32_t user_id, uint32_t heir_id,
                                   struct error *err);
