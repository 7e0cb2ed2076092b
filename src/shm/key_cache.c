/* SPDX-License-Identifier: MIT */
/* Keys in the shared segment. A reader copies a slot and uses the copy if its checksum is right.
 * Writers try a lock once, without waiting: if it is held, a confirmation is not stored, and a
 * revocation invalidates all keys by increasing the epoch. */
#include "shm/key_cache.h"

#include <assert.h>
#include <string.h>

#include "base/compiler.h"
#include "link/keyed_hash.h"
#include "shm/segment_layout.h"

enum {
    WRITERS = 1, /* the byte of the region that writers lock */
};

static_assert((int)KEY_CACHE_SLOTS == (int)SEGMENT_KEY_SLOTS, "the table holds so many");
static_assert((int)BIJECTION_KEY_BYTES == (int)SEGMENT_CODE_KEY, "the key fits");
static_assert((int)USER_NAME_MAX < (int)SEGMENT_KEY_USER, "the name fits");
static_assert(sizeof(struct segment_key) % sizeof(uint64_t) == 0, "copied word by word");

/* A fixed key is sufficient: the checksum detects torn writes, not attacks. */
static const unsigned char CHECK_KEY[KEYED_HASH_KEY_BYTES] NONSTRING = "what was written";

static struct segment_keys *keys_of(const struct segment *segment)
{
    return segment_region(segment, SEGMENT_KEYS);
}

static uint64_t load(const uint64_t *at)
{
    return __atomic_load_n(at, __ATOMIC_SEQ_CST);
}

/* Copies words that another process may be writing, or reading, at the same time. */
static void read_words(uint64_t *out, const void *shared, size_t bytes)
{
    for (size_t i = 0; i < bytes / sizeof(*out); i++)
        out[i] = __atomic_load_n((const uint64_t *)shared + i, __ATOMIC_RELAXED);
}

static void write_words(void *shared, const uint64_t *words, size_t bytes)
{
    for (size_t i = 0; i < bytes / sizeof(*words); i++)
        __atomic_store_n((uint64_t *)shared + i, words[i], __ATOMIC_RELAXED);
}

static void write_slot(struct segment_key *slot, const struct segment_key *content)
{
    uint64_t words[sizeof(*content) / sizeof(uint64_t)];
    memcpy(words, content, sizeof(words));
    write_words(slot, words, sizeof(words));
}

static void read_slot(struct segment_key *out, const struct segment_key *slot)
{
    uint64_t words[sizeof(*out) / sizeof(uint64_t)];
    read_words(words, slot, sizeof(words));
    memcpy(out, words, sizeof(words));
}

static struct segment_key *slot_of(struct segment_keys *keys, uint32_t key_id)
{
    return &keys->slots[key_id % KEY_CACHE_SLOTS];
}

static uint64_t check_of(const struct segment_key *key)
{
    const unsigned char *from = (const unsigned char *)key + sizeof(key->check);
    return keyed_hash(CHECK_KEY, from, sizeof(*key) - sizeof(key->check));
}

/* --- API keys --- */

struct key_stamp key_cache_stamp(struct segment *segment)
{
    return (struct key_stamp){ segment ? load(&keys_of(segment)->revocations) : 0 };
}

void key_cache_confirm(struct segment *segment, const struct api_key *key, int64_t now,
                       struct key_stamp stamp)
{
    if (!segment || key->user.len > USER_NAME_MAX ||
        !segment_try_lock(segment, SEGMENT_KEYS, WRITERS))
        return;
    struct segment_keys *keys = keys_of(segment);
    struct segment_key content = {
        .epoch = load(&keys->epoch),
        .key_id = key->id,
        .user_id = key->user_id,
        .role = key->role,
        .scope = key->scope,
        .expires_at = key->expires_at,
        .confirmed_at = now,
        .default_ttl_s = key->policy.default_ttl_s,
        .max_ttl_s = key->policy.max_ttl_s,
        .user_bytes = (uint32_t)key->user.len,
    };
    memcpy(content.hash, key->hash, sizeof(content.hash));
    if (key->user.len)
        memcpy(content.user, key->user.at, key->user.len);
    content.check = check_of(&content);
    if (load(&keys->revocations) == stamp.revocations)
        write_slot(slot_of(keys, key->id), &content);
    segment_unlock_byte(segment, SEGMENT_KEYS, WRITERS);
}

bool key_cache_find(struct segment *segment, uint32_t key_id, int64_t since, struct arena *arena,
                    struct api_key *out)
{
    if (!segment)
        return false;
    struct segment_keys *keys = keys_of(segment);
    struct segment_key copy;
    uint64_t epoch = load(&keys->epoch);
    read_slot(&copy, slot_of(keys, key_id));
    if (copy.key_id != key_id || copy.epoch != epoch || copy.confirmed_at <= since ||
        copy.user_bytes > USER_NAME_MAX || copy.check != check_of(&copy))
        return false;
    *out = (struct api_key){
        .id = copy.key_id,
        .user_id = copy.user_id,
        .role = copy.role == ROLE_ADMIN ? ROLE_ADMIN : ROLE_USER,
        .scope = (enum key_scope)copy.scope,
        .expires_at = copy.expires_at,
        .policy = { copy.default_ttl_s, copy.max_ttl_s },
    };
    memcpy(out->hash, copy.hash, sizeof(out->hash));
    out->user = (struct slice){ arena_copy(arena, (struct slice){ copy.user, copy.user_bytes }),
                                copy.user_bytes };
    return out->user.at != NULL;
}

void key_cache_forget(struct segment *segment, uint32_t key_id)
{
    if (!segment)
        return;
    struct segment_keys *keys = keys_of(segment);
    const struct segment_key nothing = { 0 };
    /* First, so that no key that was read from the database before this moment is stored. */
    __atomic_add_fetch(&keys->revocations, 1, __ATOMIC_SEQ_CST);
    if (!segment_try_lock(segment, SEGMENT_KEYS, WRITERS)) {
        __atomic_add_fetch(&keys->epoch, 1, __ATOMIC_SEQ_CST);
        return;
    }
    struct segment_key known;
    read_slot(&known, slot_of(keys, key_id));
    if (known.key_id == key_id)
        write_slot(slot_of(keys, key_id), &nothing);
    segment_unlock_byte(segment, SEGMENT_KEYS, WRITERS);
}

void key_cache_forget_all(struct segment *segment)
{
    if (!segment)
        return;
    struct segment_keys *keys = keys_of(segment);
    __atomic_add_fetch(&keys->revocations, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&keys->epoch, 1, __ATOMIC_SEQ_CST);
}

/* --- the code key --- */

static uint64_t check_code_key(const unsigned char key[BIJECTION_KEY_BYTES])
{
    uint64_t check = keyed_hash(CHECK_KEY, key, BIJECTION_KEY_BYTES);
    return check ? check : 1;
}

void key_cache_set_code_key(struct segment *segment, const unsigned char key[BIJECTION_KEY_BYTES])
{
    unsigned char known[BIJECTION_KEY_BYTES];
    uint64_t check = check_code_key(key);
    if (!segment ||
        (key_cache_code_key(segment, known) && memcmp(known, key, sizeof(known)) == 0) ||
        !segment_try_lock(segment, SEGMENT_KEYS, WRITERS))
        return;
    struct segment_keys *keys = keys_of(segment);
    uint64_t words[BIJECTION_KEY_BYTES / sizeof(uint64_t)];
    memcpy(words, key, sizeof(words));
    write_words(keys->code_key, words, sizeof(words));
    __atomic_store_n(&keys->code_key_check, check, __ATOMIC_SEQ_CST);
    segment_unlock_byte(segment, SEGMENT_KEYS, WRITERS);
}

bool key_cache_code_key(struct segment *segment, unsigned char out[BIJECTION_KEY_BYTES])
{
    if (!segment)
        return false;
    const struct segment_keys *keys = keys_of(segment);
    uint64_t words[BIJECTION_KEY_BYTES / sizeof(uint64_t)];
    uint64_t check = load(&keys->code_key_check);
    read_words(words, keys->code_key, sizeof(words));
    memcpy(out, words, sizeof(words));
    return check != 0 && check == check_code_key(out);
}
