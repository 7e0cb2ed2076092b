/* SPDX-License-Identifier: MIT */
/* db.h over plain arrays with linear search: failures on request, the sequence, settings. */
#include "fakes/db_fake.h"

#include <stdlib.h>

#include "fakes/db_fake_private.h"

enum {
    FAKE_TEXT_MAX = 64 * 1024 * 1024, /* bytes of all that is stored */
};

/* --- failures on request --- */

bool db_fake_fails(struct db *db, bool is_write, struct error *err)
{
    db->calls++;
    if (db->to_fail == 0)
        return false;
    error_set(err, "the fake database fails as the test asked");
    if (db->lost_answer && is_write)
        return false;
    db->to_fail--;
    return true;
}

enum db_result db_fake_answer(struct db *db, enum db_result result)
{
    if (db->to_fail == 0)
        return result;
    db->to_fail--;
    return db->failure;
}

void db_fake_fail(struct db *db, unsigned n, enum db_result result, bool lost_answer)
{
    db->to_fail = n;
    db->failure = result;
    db->lost_answer = lost_answer;
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

static enum db_result take_range(struct db *db, const char *name, struct id_range *out,
                                 struct error *err)
{
    if (strcmp(name, "default") != 0) {
        error_set(err, "there is no sequence \"%s\"", name);
        return DB_FAILED;
    }
    uint64_t left = db->ids.limit - db->ids.next;
    if (left == 0) {
        error_set(err, "the sequence \"%s\" is used up", name);
        return DB_MISSING;
    }
    uint64_t size = db->block_size < left ? db->block_size : left;
    *out = (struct id_range){ db->ids.next, db->ids.next + size };
    db->ids.next += size;
    return DB_OK;
}

enum db_result db_range_take(struct db *db, const char *name, struct id_range *out,
                             struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    struct id_range range = { 0, 0 };
    enum db_result result = db_fake_answer(db, take_range(db, name, &range, err));
    if (result == DB_OK)
        *out = range;
    return result;
}

enum db_result db_sequence_find(struct db *db, const char *name, struct sequence_row *out,
                                struct error *err)
{
    if (db_fake_fails(db, false, err))
        return db->failure;
    if (strcmp(name, "default") != 0) {
        error_set(err, "there is no sequence \"%s\"", name);
        return DB_FAILED;
    }
    *out = (struct sequence_row){ .next_id = db->ids.next,
                                  .limit_id = db->ids.limit,
                                  .block_size = db->block_size };
    return DB_OK;
}

/* --- settings --- */

static struct fake_setting *find_setting(struct db *db, const char *name)
{
    for (size_t i = 0; i < db->n_settings; i++) {
        if (slice_eq(db->settings[i].name, slice_of(name)))
            return &db->settings[i];
    }
    return NULL;
}

void db_fake_set_setting(struct db *db, const char *name, struct slice value)
{
    struct fake_setting *setting = find_setting(db, name);
    if (!setting) {
        if (db->n_settings == FAKE_SETTINGS_MAX)
            abort();
        setting = &db->settings[db->n_settings++];
        setting->name = db_fake_keep(db->text, slice_of(name));
    }
    setting->value = db_fake_keep(db->text, value);
}

enum db_result db_setting_get(struct db *db, const char *name, struct arena *arena,
                              struct slice *out, struct error *err)
{
    if (db_fake_fails(db, false, err))
        return db->failure;
    const struct fake_setting *setting = find_setting(db, name);
    if (!setting)
        return DB_MISSING;
    *out = db_fake_keep(arena, setting->value);
    return DB_OK;
}

/* --- life cycle --- */

enum db_result db_heartbeat_read(struct db *db, int64_t *at_ms, struct error *err)
{
    if (db_fake_fails(db, false, err))
        return db->failure;
    *at_ms = db->heartbeat_ms;
    return db->heartbeat_ms ? DB_OK : DB_MISSING;
}

/* The fake's clock counts the writes. */
enum db_result db_heartbeat_write(struct db *db, int64_t *at_ms, struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    *at_ms = ++db->heartbeat_ms;
    return db_fake_answer(db, DB_OK);
}

enum db_result db_ping(struct db *db, struct error *err)
{
    return db_fake_fails(db, false, err) ? db->failure : DB_OK;
}

void db_close_idle(struct db *db, int64_t now_ms)
{
    (void)db;
    (void)now_ms;
}

void db_close(struct db **db)
{
    struct db *fake = *db;
    if (!fake)
        return;
    free(fake->links);
    free(fake->deleted);
    free(fake->changes);
    free(fake->users);
    free(fake->keys);
    free(fake->sessions);
    free(fake->sign_ins);
    free(fake->names);
    free(fake->history);
    db_fake_free_clicks(fake);
    arena_free(&fake->text);
    free(fake);
    *db = NULL;
}

struct db *db_fake_new(uint64_t limit, uint32_t block_size)
{
    struct db *db = calloc(1, sizeof(*db));
    struct arena *text = arena_new(FAKE_TEXT_MAX);
    if (!db || !text)
        abort();
    db->text = text;
    db->ids = (struct id_range){ 1, limit };
    db->block_size = block_size;
    return db;
}

void db_fake_set_hooks(struct db *db, const struct db_fake_hooks *hooks)
{
    db->hooks = *hooks;
}

unsigned db_fake_calls(const struct db *db)
{
    return db->calls;
}

unsigned db_fake_links(const struct db *db)
{
    return (unsigned)db->n_links;
}
