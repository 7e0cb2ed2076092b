/* SPDX-License-Identifier: MIT */
/* db.h over plain arrays with linear search: failures on request, the sequence, settings. */
#include "fakes/db_fake.h"

#include <stdlib.h>

#include "fakes/db_fake_private.h"

enum {
    FAKE_TEXT_MAX = 64 * 1024 * 1024, /* bytes of all that is stored */
};

/* --- failures on request --- */

bool db_fake_fails(struct db_fake *fake, bool is_write, struct error *err)
{
    fake->calls++;
    if (fake->to_fail == 0)
        return false;
    error_set(err, "the fake database was told to fail");
    if (fake->lost_answer && is_write)
        return false;
    fake->to_fail--;
    return true;
}

enum db_result db_fake_answer(struct db_fake *fake, enum db_result result)
{
    if (fake->to_fail == 0)
        return result;
    fake->to_fail--;
    return fake->failure;
}

void db_fake_fail(struct db *db, unsigned n, enum db_result result, bool lost_answer)
{
    struct db_fake *fake = db_fake_of(db);
    fake->to_fail = n;
    fake->failure = result;
    fake->lost_answer = lost_answer;
}

/* --- memory --- */

struct slice db_fake_keep(struct arena *arena, struct slice s)
{
    char *copy = arena_copy(arena, s);
    if (!copy)
        abort(); /* a test that stores this much is wrong */
    return (struct slice){ copy, s.len };
}

const struct slice *db_fake_keep_list(struct arena *arena, const struct slice *list, unsigned n)
{
    struct slice *copy = arena_alloc(arena, sizeof(*copy) * n);
    if (!copy)
        abort();
    for (unsigned i = 0; i < n; i++)
        copy[i] = db_fake_keep(arena, list[i]);
    return n > 0 ? copy : NULL;
}

void *db_fake_grow(void *array, size_t n, size_t size)
{
    if (n & (n + 1)) /* grows when n is 0, 1, 3, 7, …: doubled each time */
        return array;
    void *grown = realloc(array, (2 * n + 1) * size);
    if (!grown)
        abort();
    return grown;
}

/* --- the sequence --- */

static enum db_result take_range(struct db_fake *fake, const char *name, struct id_range *out,
                                 struct error *err)
{
    if (strcmp(name, "default") != 0) {
        error_set(err, "there is no sequence \"%s\"", name);
        return DB_FAILED;
    }
    uint64_t left = fake->ids.limit - fake->ids.next;
    if (left == 0) {
        error_set(err, "the sequence \"%s\" is used up", name);
        return DB_MISSING;
    }
    uint64_t size = fake->block_size < left ? fake->block_size : left;
    *out = (struct id_range){ fake->ids.next, fake->ids.next + size };
    fake->ids.next += size;
    return DB_OK;
}

static enum db_result fake_range_take(struct db *db, const char *name, struct id_range *out,
                                      struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    struct id_range range = { 0, 0 };
    enum db_result result = db_fake_answer(fake, take_range(fake, name, &range, err));
    if (result == DB_OK)
        *out = range;
    return result;
}

static enum db_result fake_range_left(struct db *db, const char *name, uint64_t *left,
                                      struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, false, err))
        return fake->failure;
    if (strcmp(name, "default") != 0) {
        error_set(err, "there is no sequence \"%s\"", name);
        return DB_FAILED;
    }
    *left = fake->ids.limit - fake->ids.next;
    return DB_OK;
}

/* --- settings --- */

static struct fake_setting *find_setting(struct db_fake *fake, const char *name)
{
    for (size_t i = 0; i < fake->n_settings; i++) {
        if (slice_eq(fake->settings[i].name, slice_of(name)))
            return &fake->settings[i];
    }
    return NULL;
}

void db_fake_set_setting(struct db *db, const char *name, struct slice value)
{
    struct db_fake *fake = db_fake_of(db);
    struct fake_setting *setting = find_setting(fake, name);
    if (!setting) {
        if (fake->n_settings == FAKE_SETTINGS_MAX)
            abort();
        setting = &fake->settings[fake->n_settings++];
        setting->name = db_fake_keep(fake->text, slice_of(name));
    }
    setting->value = db_fake_keep(fake->text, value);
}

static enum db_result fake_setting_get(struct db *db, const char *name, struct arena *arena,
                                       struct slice *out, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, false, err))
        return fake->failure;
    const struct fake_setting *setting = find_setting(fake, name);
    if (!setting)
        return DB_MISSING;
    *out = db_fake_keep(arena, setting->value);
    return DB_OK;
}

/* --- life cycle --- */

static enum db_result fake_heartbeat_read(struct db *db, int64_t *at_ms, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, false, err))
        return fake->failure;
    *at_ms = fake->heartbeat_ms;
    return fake->heartbeat_ms ? DB_OK : DB_MISSING;
}

/* The fake's clock counts the writes. */
static enum db_result fake_heartbeat_write(struct db *db, int64_t *at_ms, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    if (db_fake_fails(fake, true, err))
        return fake->failure;
    *at_ms = ++fake->heartbeat_ms;
    return db_fake_answer(fake, DB_OK);
}

static enum db_result fake_ping(struct db *db, struct error *err)
{
    struct db_fake *fake = db_fake_of(db);
    return db_fake_fails(fake, false, err) ? fake->failure : DB_OK;
}

static void fake_close_idle(struct db *db, int64_t now_ms)
{
    (void)db;
    (void)now_ms;
}

static void fake_close(struct db **db)
{
    struct db_fake *fake = db_fake_of(*db);
    free(fake->links);
    free(fake->users);
    free(fake->keys);
    free(fake->names);
    db_fake_free_clicks(fake);
    arena_free(&fake->text);
    free(fake);
    *db = NULL;
}

static const struct db_ops ops = {
    .resolve = db_fake_resolve,
    .resolve_many = db_fake_resolve_many,
    .link_find = db_fake_link_find,
    .link_find_id = db_fake_link_find_id,
    .link_insert = db_fake_link_insert,
    .links_insert_many = db_fake_links_insert_many,
    .links_insert_once = db_fake_links_insert_once,
    .idempotency_find = db_fake_idempotency_find,
    .links_same_url = db_fake_links_same_url,
    .link_update = db_fake_link_update,
    .link_delete = db_fake_link_delete,
    .links_give = db_fake_links_give,
    .links_delete = db_fake_links_delete,
    .link_use = db_fake_link_use,
    .links_list = db_fake_links_list,
    .links_count = db_fake_links_count,
    .purge_batch = db_fake_purge_batch,
    .clicks_flush = db_fake_clicks_flush,
    .clicks_source = db_fake_clicks_source,
    .clicks_source_drop = db_fake_clicks_source_drop,
    .clicks_read = db_fake_clicks_read,
    .clicks_owner = db_fake_clicks_owner,
    .clicks_compact_batch = db_fake_clicks_compact_batch,
    .range_take = fake_range_take,
    .range_left = fake_range_left,
    .key_find = db_fake_key_find,
    .key_insert = db_fake_key_insert,
    .key_list = db_fake_key_list,
    .key_revoke = db_fake_key_revoke,
    .key_touch = db_fake_key_touch,
    .key_count = db_fake_key_count,
    .user_find = db_fake_user_find,
    .user_set_policy = db_fake_user_set_policy,
    .user_list = db_fake_user_list,
    .user_add = db_fake_user_add,
    .user_set_role = db_fake_user_set_role,
    .user_delete = db_fake_user_delete,
    .setting_get = fake_setting_get,
    .heartbeat_write = fake_heartbeat_write,
    .heartbeat_read = fake_heartbeat_read,
    .ping = fake_ping,
    .close_idle = fake_close_idle,
    .close = fake_close,
};

struct db *db_fake_new(uint64_t limit, uint32_t block_size)
{
    struct db_fake *fake = calloc(1, sizeof(*fake));
    struct arena *text = arena_new(FAKE_TEXT_MAX);
    if (!fake || !text)
        abort();
    fake->db.ops = &ops;
    fake->text = text;
    fake->ids = (struct id_range){ 1, limit };
    fake->block_size = block_size;
    return &fake->db;
}

unsigned db_fake_calls(const struct db *db)
{
    return db_fake_of(db)->calls;
}

unsigned db_fake_links(const struct db *db)
{
    return (unsigned)db_fake_of(db)->n_links;
}
