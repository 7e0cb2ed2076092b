/* SPDX-License-Identifier: MIT */
/* The code key, from the database or the segment. */
#include "db/code_key.h"

#include <string.h>

#include "shm/key_cache.h"

enum {
    KEY_ARENA_MAX = 4096,
};

static enum db_result code_key_read_database(const struct code_key_source *source,
                                             struct arena *arena,
                                             unsigned char out[BIJECTION_KEY_BYTES],
                                             struct error *err)
{
    struct slice key;
    enum db_result result = db_setting_get(source->db, CODES_KEY_SETTING, arena, &key, err);
    if (result == DB_OK && key.len != BIJECTION_KEY_BYTES)
        result = DB_MISSING;
    if (result == DB_OK)
        memcpy(out, key.at, BIJECTION_KEY_BYTES);
    if (result == DB_MISSING)
        error_set(err, "the database has no usable %s setting: run curtctl db migrate",
                  CODES_KEY_SETTING);
    return result;
}

bool code_key_read(const struct code_key_source *source, unsigned char out[BIJECTION_KEY_BYTES],
                   struct error *err)
{
    struct arena *arena = arena_new(KEY_ARENA_MAX);
    if (!arena)
        return error_set(err, "out of memory");
    enum db_result result = code_key_read_database(source, arena, out, err);
    if (result == DB_OK)
        key_cache_set_code_key(source->segment, out);
    arena_free(&arena);
    return result == DB_OK ||
           (result == DB_UNAVAILABLE && key_cache_code_key(source->segment, out));
}

bool code_key_get(const struct code_key_source *source, unsigned char out[BIJECTION_KEY_BYTES],
                  struct error *err)
{
    return key_cache_code_key(source->segment, out) || code_key_read(source, out, err);
}
