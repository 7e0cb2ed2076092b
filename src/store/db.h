/* SPDX-License-Identifier: MIT */
/* The database as the services see it: what can be asked of it, not how. db_sql.h speaks to MySQL
 * and MariaDB, db_fake.h keeps everything in memory for tests. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "link/link.h"

enum db_result {
    DB_OK,
    DB_MISSING,     /* no such row; for db_range_take: the sequence is used up */
    DB_TAKEN,       /* the unique index says somebody else has it */
    DB_UNAVAILABLE, /* down, too slow, or lost on the way, retries included: nothing is known */
    DB_FAILED,      /* a refusal that a retry will not cure: a missing table, no permission */
};

enum {
    DB_DOMAIN_DEFAULT = 1,
    DB_USER_NAME_MAX = 100, /* bytes */
    DB_KEY_NAME_MAX = 100,  /* bytes */
    DB_KEY_HASH_BYTES = 32,
    DB_SETTING_MAX = 1024,     /* bytes */
    DB_SEQUENCE_NAME_MAX = 64, /* bytes */
};

/* Ids [next, limit) that nobody else was given. */
struct id_range {
    uint64_t next;
    uint64_t limit;
};

enum user_role {
    ROLE_USER = 0,
    ROLE_ADMIN = 1,
};

struct api_key {
    uint32_t id;         /* set by db_key_insert */
    uint32_t user_id;    /* likewise */
    struct slice user;   /* the user's name */
    enum user_role role; /* the user's */
    struct slice name;   /* the key's; may be empty */
    unsigned char hash[DB_KEY_HASH_BYTES];
    int64_t created_at;
    int64_t revoked_at; /* 0: not revoked */
};

struct db;

/* All results live in the arena given. Every call may open the connection, retries what is safe to
 * retry after a lost connection or a deadlock, and says in `err` what failed. */
struct db_ops {
    /* The target behind a code: one statement. DB_MISSING when there is none. */
    enum db_result (*resolve)(struct db *db, struct slice code, struct arena *arena,
                              struct target *out, struct error *err);
    /* The whole link behind a code. */
    enum db_result (*link_find)(struct db *db, struct slice code, struct arena *arena,
                                struct link *out, struct error *err);
    /* Stores a link and its code in one transaction. target.link_id and code are set by the caller.
     * DB_TAKEN: another link has the code. The same link_id again after a success that was never
     * heard of is DB_OK: the caller may retry as often as it likes and there is one link. */
    enum db_result (*link_insert)(struct db *db, const struct link *link, struct error *err);
    /* The next block of the sequence `name`; DB_MISSING when its slice is used up. */
    enum db_result (*range_take)(struct db *db, const char *name, struct id_range *out,
                                 struct error *err);
    enum db_result (*key_find)(struct db *db, uint32_t key_id, struct arena *arena,
                               struct api_key *out, struct error *err);
    /* Stores a key, and its user when the name is new (an existing user keeps its role). */
    enum db_result (*key_insert)(struct db *db, struct api_key *key, struct error *err);
    /* The value of a setting, any bytes. */
    enum db_result (*setting_get)(struct db *db, const char *name, struct arena *arena,
                                  struct slice *out, struct error *err);
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

static inline enum db_result db_link_find(struct db *db, struct slice code, struct arena *arena,
                                          struct link *out, struct error *err)
{
    return db->ops->link_find(db, code, arena, out, err);
}

static inline enum db_result db_link_insert(struct db *db, const struct link *link,
                                            struct error *err)
{
    return db->ops->link_insert(db, link, err);
}

static inline enum db_result db_range_take(struct db *db, const char *name, struct id_range *out,
                                           struct error *err)
{
    return db->ops->range_take(db, name, out, err);
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

static inline enum db_result db_setting_get(struct db *db, const char *name, struct arena *arena,
                                            struct slice *out, struct error *err)
{
    return db->ops->setting_get(db, name, arena, out, err);
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
