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
    int64_t updated_at;
};

struct fake_change {
    uint64_t link_id;
    struct destination_change change;
};

/* The clicks of an owner's links, including deleted ones. */
struct fake_owner {
    uint32_t owner_id;
    struct click_counts total;
};

struct db {
    struct arena *text;
    struct link *links;
    size_t n_links;
    struct link *deleted; /* by db_link_hide */
    size_t n_deleted;
    struct user *users; /* the user with id i + 1 */
    size_t n_users;
    struct api_key *keys; /* the key with id i + 1 */
    size_t n_keys;
    struct session *sessions; /* key.user_id and key.id say whose they are */
    size_t n_sessions;
    uint32_t last_session_id;
    struct sign_in *sign_ins;
    size_t n_sign_ins;
    struct fake_change *history;
    size_t n_history;
    struct idempotency *names;
    size_t n_names;
    struct fake_rollup *rollups;
    size_t n_rollups;
    struct fake_source *sources;
    size_t n_sources;
    struct fake_owner *owners; /* the owners whose links were clicked */
    size_t n_owners;
    struct edge_change *changes;
    size_t n_changes;
    uint64_t last_change;
    struct edge_change held; /* by db_fake_hold_change; id 0: none */
    bool holds_change;
    uint64_t edge_target, edge_position; /* of the one cache that it knows */
    struct fake_setting settings[FAKE_SETTINGS_MAX];
    size_t n_settings;
    struct id_range ids; /* of the sequence "default" */
    uint32_t block_size;
    int64_t heartbeat_ms; /* 0: none */
    unsigned calls;
    unsigned to_fail;
    enum db_result failure;
    bool lost_answer;
    struct db_fake_hooks hooks;
};

/* Counts the call; returns whether it must fail now without doing anything. */
bool db_fake_fails(struct db *db, bool is_write, struct error *err);

/* The result of a write: `result`, unless its answer is to be lost. */
enum db_result db_fake_answer(struct db *db, enum db_result result);

/* Copies; abort the program when memory is out. */
struct slice db_fake_keep(struct arena *arena, struct slice s);
const struct slice *db_fake_keep_list(struct arena *arena, const struct slice *list, unsigned n);

/* Room for one more element of `size` bytes after the first `n`. */
void *db_fake_grow(void *array, size_t n, size_t size);

/* A copy of the link as db.h returns it, in `arena`. */
struct link db_fake_link(const struct db *db, const struct link *link, struct arena *arena);

/* The stored link, or NULL. */
struct link *db_fake_find_id(const struct db *db, uint64_t link_id);

/* The key as db_key_find returns it; false, and the id 0, when there is none. */
bool db_fake_key(struct db *db, uint32_t key_id, struct arena *arena, struct api_key *out);

/* Whether the link has the code, as an alias or otherwise. */
bool db_fake_has_code(const struct link *link, struct slice code);

/* Takes a link out of the list of links. */
void db_fake_take_out(struct db *db, struct link *link);

/* Calls the hook of a link that is about to change. */
void db_fake_link_changes(struct db *db, uint64_t link_id);

/* Keeps that a link will change, if there is such a link; returns how many changes there were. */
size_t db_fake_keep_change(struct db *db, uint64_t link_id);

/* The result of the write; where it failed, there are only so many changes as before. */
enum db_result db_fake_answer_change(struct db *db, size_t before, enum db_result result);

/* The deleted link that has the code, or NULL. */
struct link *db_fake_find_deleted(const struct db *db, struct slice code);

/* The part of a purge that deletes links for good that were deleted before. */
void db_fake_purge_deleted(struct db *db, const struct purge *purge, struct purge_done *out);

/* Gives the deleted links of an owner to another; without one they cannot be restored. */
void db_fake_give_deleted(struct db *db, uint32_t owner_id, uint32_t to);

/* Drops at most `limit` changes of destinations: those of the link, or with 0 those before a time;
 * returns how many. */
unsigned db_fake_drop_changes(struct db *db, uint64_t link_id, int64_t before, unsigned limit);

/* The part of a purge that deletes sessions and tokens. */
void db_fake_purge_sessions(struct db *db, const struct purge *purge, struct purge_done *out);

/* The owner's clicks; created if there are none. */
struct fake_owner *db_fake_owner(struct db *db, uint32_t owner_id);

/* Deletes the roll-ups of a link, or of all links. */
void db_fake_forget_clicks(struct db *db, uint64_t link_id);
void db_fake_free_clicks(struct db *db);
