/* SPDX-License-Identifier: MIT */
/* Ids from the sequence, codes from ids; listed words are passed over. */
#include "service/codes.h"

#include <string.h>

#include "store/key_memory.h"

enum {
    KEY_ARENA_MAX = 4096,
};

static bool use_key(struct codes *codes, const unsigned char key[BIJECTION_KEY_BYTES])
{
    codes->scheme.length = codes->length;
    bijection_init(&codes->scheme.bijection, key);
    return codes->ready = true;
}

static bool read_key(struct codes *codes, struct arena *arena, struct error *err)
{
    struct slice key;
    unsigned char known[BIJECTION_KEY_BYTES];
    struct segment *segment = codes->sequence.segment;
    enum db_result result = db_setting_get(codes->db, CODES_KEY_SETTING, arena, &key, err);
    if (result == DB_OK && key.len == BIJECTION_KEY_BYTES) {
        key_memory_set_code_key(segment, (const unsigned char *)key.at);
        return use_key(codes, (const unsigned char *)key.at);
    }
    if (result == DB_OK || result == DB_MISSING)
        error_set(err, "the database has no usable %s setting: run curtctl db migrate",
                  CODES_KEY_SETTING);
    return result == DB_UNAVAILABLE && key_memory_code_key(segment, known) && use_key(codes, known);
}

enum codes_result codes_prepare(struct codes *codes, struct error *err)
{
    if (codes->ready)
        return CODES_OK;
    struct arena *arena = arena_new(KEY_ARENA_MAX);
    if (!arena) {
        error_set(err, "out of memory");
        return CODES_UNAVAILABLE;
    }
    bool read = read_key(codes, arena, err);
    arena_free(&arena);
    return read ? CODES_OK : CODES_UNAVAILABLE;
}

enum codes_result codes_next_id(struct codes *codes, uint64_t *id, struct error *err)
{
    switch (sequence_next(&codes->sequence, id, err)) {
    case SEQUENCE_OK:
        return CODES_OK;
    case SEQUENCE_EXHAUSTED:
        return CODES_EXHAUSTED;
    case SEQUENCE_UNAVAILABLE:
        break;
    }
    return CODES_UNAVAILABLE;
}

enum codes_result codes_next(struct codes *codes, uint64_t *id, char out[CODE_MAX + 1],
                             struct error *err)
{
    enum codes_result result = codes_prepare(codes, err);
    while (result == CODES_OK) {
        result = codes_next_id(codes, id, err);
        if (result == CODES_OK && !code_from_id(&codes->scheme, *id, out)) {
            error_set(err, "the id is past the last code of %d digits", CODE_LENGTH_MAX);
            result = CODES_EXHAUSTED;
        }
        if (result == CODES_OK && !code_spells_listed_word(slice_of(out), codes->reserved))
            break;
    }
    return result;
}
