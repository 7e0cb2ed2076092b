/* SPDX-License-Identifier: MIT */
/* db.h over plain arrays, searched from end to end. */
#include "store/db_fake.h"

#include <stdlib.h>

#include "store/db_missing.h"

enum {
    FAKE_TEXT_MAX = 64 * 1024 * 1024, /* bytes of all that is stored */
    FAKE_SETTINGS_MAX = 16,
};

struct fake_setting {
    struct slice name;
    struct slice value;
};

struct fake_user {
    struct slice name;
    enum user_role role;
};

struct db_fake {
    struct db db;
    struct arena *text;
    struct link *links;
    size_t n_links;
    struct fake_user *users; /* the user with id i + 1 */
    size_t n_users;
    struct api_key *keys; /* the key with id i + 1 */
    size_t n_keys;
    struct fake_setting settings[FAKE_SETTINGS_MAX];
    size_t n_settings;
    struct id_range ids; /* of the sequence "default" */
    uint32_t block_size;
    unsigned calls;
    unsigned to_fail;
    enum db_result failure;
    bool lost_answer;
};

static struct db_fake *fake_of(const struct db *db)
{
    return (struct db_fake *)(uintptr_t)db;
}

/* --- failing on demand -------------------------------------------------------------------------
 */

/* Counts the call; whether it must answer `failure` now instead of doing anything. */
static bool fails(struct db_fake *fake, bool is_write, struct error *err)
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

/* The answer to a write that came to `result`, unless the answer gets lost. */
static enum db_result answer(struct db_fake *fake, enum db_result result)
{
    if (fake->to_fail == 0)
        return result;
    fake->to_fail--;
    return fake->failure;
}

void db_fake_fail(struct db *db, unsigned n, enum db_result result, bool lost_answer)
{
    struct db_fake *fake = fake_of(db);
    fake->to_fail = n;
    fake->failure = result;
    fake->lost_answer = lost_answer;
}

/* --- memory ------------------------------------------------------------------------------------
 */

static struct slice keep(struct arena *arena, struct slice s)
{
    char *copy = arena_copy(arena, s);
    if (!copy)
        abort(); /* a test that stores this much is wrong */
    return (struct slice){ copy, s.len };
}

/* Room for one more element of `size` bytes after the first `n`. */
static void *grow(void *array, size_t n, size_t size)
{
    if (n & (n + 1)) /* grows when n is 0, 1, 3, 7, …: doubled each time */
        return array;
    void *grown = realloc(array, (2 * n + 1) * size);
    if (!grown)
        abort();
    return grown;
}

/* --- links -------------------------------------------------------------------------------------
 */

static struct link *find_code(const struct db_fake *fake, struct slice code)
{
    for (size_t i = 0; i < fake->n_links; i++) {
        if (slice_eq(fake->links[i].code, code))
            return &fake->links[i];
    }
    return NULL;
}

static bool has_id(const struct db_fake *fake, uint64_t link_id)
{
    for (size_t i = 0; i < fake->n_links; i++) {
        if (fake->links[i].target.link_id == link_id)
            return true;
    }
    return false;
}

static struct link copy_link(const struct link *link, struct arena *arena)
{
    struct link copy = *link;
    copy.target.long_url = keep(arena, link->target.long_url);
    copy.code = keep(arena, link->code);
    copy.title = keep(arena, link->title);
    copy.owner = keep(arena, link->owner);
    return copy;
}

static enum db_result fake_link_find(struct db *db, struct slice code, struct arena *arena,
                                     struct link *out, struct error *err)
{
    struct db_fake *fake = fake_of(db);
    if (fails(fake, false, err))
        return fake->failure;
    const struct link *link = find_code(fake, code);
    if (!link)
        return DB_MISSING;
    *out = copy_link(link, arena);
    bool owner_known = link->owner_id > 0 && link->owner_id <= fake->n_users;
    out->owner =
        owner_known ? keep(arena, fake->users[link->owner_id - 1].name) : (struct slice){ NULL, 0 };
    return DB_OK;
}

static enum db_result fake_resolve(struct db *db, struct slice code, struct arena *arena,
                                   struct target *out, struct error *err)
{
    struct link link;
    enum db_result result = fake_link_find(db, code, arena, &link, err);
    if (result == DB_OK)
        *out = link.target;
    return result;
}

static enum db_result store_link(struct db_fake *fake, const struct link *link, struct error *err)
{
    const struct link *other = find_code(fake, link->code);
    if (other)
        return other->target.link_id == link->target.link_id ? DB_OK : DB_TAKEN;
    if (has_id(fake, link->target.link_id)) {
        error_set(err, "the id was given out twice");
        return DB_FAILED;
    }
    fake->links = grow(fake->links, fake->n_links, sizeof(*fake->links));
    fake->links[fake->n_links++] = copy_link(link, fake->text);
    return DB_OK;
}

static enum db_result fake_link_insert(struct db *db, const struct link *link,
                                       const struct idempotency *key, struct error *err)
{
    (void)key;
    struct db_fake *fake = fake_of(db);
    if (fails(fake, true, err))
        return fake->failure;
    return answer(fake, store_link(fake, link, err));
}

/* --- the sequence ------------------------------------------------------------------------------
 */

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
    struct db_fake *fake = fake_of(db);
    if (fails(fake, true, err))
        return fake->failure;
    struct id_range range = { 0, 0 };
    enum db_result result = answer(fake, take_range(fake, name, &range, err));
    if (result == DB_OK)
        *out = range;
    return result;
}

/* --- users and keys ----------------------------------------------------------------------------
 */

static enum db_result fake_key_find(struct db *db, uint32_t key_id, struct arena *arena,
                                    struct api_key *out, struct error *err)
{
    struct db_fake *fake = fake_of(db);
    if (fails(fake, false, err))
        return fake->failure;
    if (key_id == 0 || key_id > fake->n_keys)
        return DB_MISSING;
    *out = fake->keys[key_id - 1];
    out->name = keep(arena, out->name);
    out->user = keep(arena, out->user);
    return DB_OK;
}

/* The id of the user, who is added when the name is new. */
static uint32_t user_id(struct db_fake *fake, const struct api_key *key)
{
    for (size_t i = 0; i < fake->n_users; i++) {
        if (slice_eq(fake->users[i].name, key->user))
            return (uint32_t)i + 1;
    }
    fake->users = grow(fake->users, fake->n_users, sizeof(*fake->users));
    fake->users[fake->n_users] = (struct fake_user){ keep(fake->text, key->user), key->role };
    return (uint32_t)++fake->n_users;
}

static void store_key(struct db_fake *fake, struct api_key *key)
{
    key->user_id = user_id(fake, key);
    key->role = fake->users[key->user_id - 1].role;
    for (size_t i = 0; i < fake->n_keys; i++) {
        const struct api_key *other = &fake->keys[i];
        if (other->user_id == key->user_id &&
            memcmp(other->hash, key->hash, sizeof(key->hash)) == 0) {
            key->id = other->id;
            return;
        }
    }
    fake->keys = grow(fake->keys, fake->n_keys, sizeof(*fake->keys));
    key->id = (uint32_t)fake->n_keys + 1;
    struct api_key *stored = &fake->keys[fake->n_keys++];
    *stored = *key;
    stored->user = keep(fake->text, key->user);
    stored->name = keep(fake->text, key->name);
}

static enum db_result fake_key_insert(struct db *db, struct api_key *key, struct error *err)
{
    struct db_fake *fake = fake_of(db);
    if (fails(fake, true, err))
        return fake->failure;
    store_key(fake, key);
    return answer(fake, DB_OK);
}

/* --- settings ----------------------------------------------------------------------------------
 */

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
    struct db_fake *fake = fake_of(db);
    struct fake_setting *setting = find_setting(fake, name);
    if (!setting) {
        if (fake->n_settings == FAKE_SETTINGS_MAX)
            abort();
        setting = &fake->settings[fake->n_settings++];
        setting->name = keep(fake->text, slice_of(name));
    }
    setting->value = keep(fake->text, value);
}

static enum db_result fake_setting_get(struct db *db, const char *name, struct arena *arena,
                                       struct slice *out, struct error *err)
{
    struct db_fake *fake = fake_of(db);
    if (fails(fake, false, err))
        return fake->failure;
    const struct fake_setting *setting = find_setting(fake, name);
    if (!setting)
        return DB_MISSING;
    *out = keep(arena, setting->value);
    return DB_OK;
}

/* --- life cycle --------------------------------------------------------------------------------
 */

static enum db_result fake_ping(struct db *db, struct error *err)
{
    struct db_fake *fake = fake_of(db);
    return fails(fake, false, err) ? fake->failure : DB_OK;
}

static void fake_close_idle(struct db *db, int64_t now_ms)
{
    (void)db;
    (void)now_ms;
}

static void fake_close(struct db **db)
{
    struct db_fake *fake = fake_of(*db);
    free(fake->links);
    free(fake->users);
    free(fake->keys);
    arena_free(&fake->text);
    free(fake);
    *db = NULL;
}

static struct db_ops ops = {
    .resolve = fake_resolve,
    .link_find = fake_link_find,
    .link_insert = fake_link_insert,
    .range_take = fake_range_take,
    .key_find = fake_key_find,
    .key_insert = fake_key_insert,
    .setting_get = fake_setting_get,
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
    db_missing_fill(&ops);
    fake->db.ops = &ops;
    fake->text = text;
    fake->ids = (struct id_range){ 1, limit };
    fake->block_size = block_size;
    return &fake->db;
}

unsigned db_fake_calls(const struct db *db)
{
    return fake_of(db)->calls;
}

unsigned db_fake_links(const struct db *db)
{
    return (unsigned)fake_of(db)->n_links;
}
