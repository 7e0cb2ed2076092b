/* SPDX-License-Identifier: MIT */
/* Encoding, decoding and sealing of cache entries, and their lifetime. */
#include "link/cache_entry.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/le.h"

struct slice cache_entry_encode(const struct cache_entry *entry, struct arena *arena)
{
    const struct target *target = &entry->target;
    size_t size = CACHE_ENTRY_HEAD + target->long_url.len;
    unsigned char *bytes = target->long_url.len > UINT32_MAX ? NULL : arena_alloc(arena, size);
    if (!bytes)
        return (struct slice){ NULL, 0 };
    unsigned char *at = bytes;
    at = le_put(at, CACHE_ENTRY_FORMAT, 1);
    at = le_put(at, entry->kind, 1);
    at = le_put(at, target->redirect_status, 2);
    at = le_put(at, target->flags, 2);
    at = le_put(at, target->version, 4);
    at = le_put(at, target->link_id, 8);
    at = le_put(at, (uint64_t)target->starts_at, 8);
    at = le_put(at, (uint64_t)target->expires_at, 8);
    at = le_put(at, target->max_clicks, 8);
    at = le_put(at, target->long_url.len, 4);
    if (target->long_url.len)
        memcpy(at, target->long_url.at, target->long_url.len);
    return (struct slice){ (const char *)bytes, size };
}

static bool names_a_link(const struct target *target)
{
    return target->link_id > 0 && target->version > 0;
}

static bool is_bare(const struct target *target)
{
    return target->long_url.len == 0 && target->redirect_status == 0 && target->flags == 0 &&
           target->starts_at == 0 && target->expires_at == 0 && target->max_clicks == 0;
}

static bool cache_entry_is_sound(const struct cache_entry *entry)
{
    const struct target *target = &entry->target;
    switch (entry->kind) {
    case ENTRY_TARGET:
        return names_a_link(target) && target->long_url.len > 0 && target->starts_at >= 0 &&
               target->expires_at >= 0 && redirect_status_is_valid(target->redirect_status);
    case ENTRY_ABSENT:
    case ENTRY_LOWERED:
        return is_bare(target) && target->link_id == 0 && target->version == 0;
    case ENTRY_TOMBSTONE:
        return is_bare(target) && names_a_link(target);
    }
    return false;
}

bool cache_entry_decode(struct slice bytes, struct cache_entry *out)
{
    if (bytes.len < CACHE_ENTRY_HEAD)
        return false;
    const unsigned char *at = (const unsigned char *)bytes.at;
    if (le_get(&at, 1) != CACHE_ENTRY_FORMAT)
        return false;
    *out = (struct cache_entry){ .kind = (enum cache_entry_kind)le_get(&at, 1) };
    out->target.redirect_status = (uint16_t)le_get(&at, 2);
    out->target.flags = (uint16_t)le_get(&at, 2);
    out->target.version = (uint32_t)le_get(&at, 4);
    out->target.link_id = le_get(&at, 8);
    out->target.starts_at = (int64_t)le_get(&at, 8);
    out->target.expires_at = (int64_t)le_get(&at, 8);
    out->target.max_clicks = le_get(&at, 8);
    if (le_get(&at, 4) != bytes.len - CACHE_ENTRY_HEAD)
        return false;
    out->target.long_url = slice_from(bytes, CACHE_ENTRY_HEAD);
    return cache_entry_is_sound(out);
}

static bool names_no_link(const struct cache_entry *entry)
{
    return entry->kind == ENTRY_ABSENT || entry->kind == ENTRY_LOWERED;
}

bool cache_entry_supersedes(const struct cache_entry *entry, const struct cache_entry *old)
{
    if (names_no_link(entry) || names_no_link(old))
        return !names_no_link(entry);
    if (entry->target.link_id != old->target.link_id)
        return entry->kind == ENTRY_TARGET;
    return entry->target.version > old->target.version;
}

static int64_t lifetime_until(int64_t lifetime, int64_t until, int64_t now)
{
    if (until <= now)
        return lifetime;
    return until - now < lifetime ? until - now : lifetime;
}

int64_t cache_entry_lifetime(const struct cache_entry *entry, int64_t default_s, uint32_t jitter,
                             int64_t now)
{
    const struct target *target = &entry->target;
    int64_t spread = default_s / 10;
    int64_t lifetime = default_s - (spread > 0 ? (int64_t)jitter % (spread + 1) : 0);
    if (entry->kind != ENTRY_TARGET)
        return lifetime;
    lifetime = lifetime_until(lifetime, target->starts_at, now);
    return lifetime_until(lifetime, target->expires_at, now);
}

/* --- seals --- */

static_assert(BIJECTION_KEY_BYTES >= crypto_generichash_KEYBYTES_MIN &&
                  BIJECTION_KEY_BYTES <= crypto_generichash_KEYBYTES_MAX,
              "the code key is a key of BLAKE2b");
static_assert(KEYED_HASH_KEY_BYTES >= crypto_generichash_BYTES_MIN, "a key is a hash of BLAKE2b");

void cache_seal_init(struct cache_seal *seal, const unsigned char code_key[BIJECTION_KEY_BYTES])
{
    static const unsigned char message[] = "curt: seals of cached records";
    int failed = crypto_generichash(seal->key, sizeof(seal->key), message, sizeof(message) - 1,
                                    code_key, BIJECTION_KEY_BYTES);
    assert(failed == 0); /* it fails only for invalid sizes */
    (void)failed;
}

/* The seal of `entry` for `code`. Code and entry are hashed separately, so that bytes cannot move
 * from one to the other. */
static void cache_seal_make(const struct cache_seal *seal, struct slice code, struct slice entry,
                            unsigned char out[CACHE_SEAL_BYTES])
{
    unsigned char hashes[2 * sizeof(uint64_t)];
    unsigned char *second =
        le_put(hashes, keyed_hash(seal->key, code.at, code.len), sizeof(uint64_t));
    le_put(second, keyed_hash(seal->key, entry.at, entry.len), sizeof(uint64_t));
    le_put(out, keyed_hash(seal->key, hashes, sizeof(hashes)), CACHE_SEAL_BYTES);
}

struct slice cache_entry_seal(const struct cache_seal *seal, struct slice code,
                              const struct cache_entry *entry, struct arena *arena)
{
    struct slice bytes = cache_entry_encode(entry, arena);
    char *sealed = bytes.len ? arena_alloc(arena, bytes.len + CACHE_SEAL_BYTES) : NULL;
    if (!sealed)
        return (struct slice){ NULL, 0 };
    memcpy(sealed, bytes.at, bytes.len);
    cache_seal_make(seal, code, bytes, (unsigned char *)sealed + bytes.len);
    return (struct slice){ sealed, bytes.len + CACHE_SEAL_BYTES };
}

bool cache_entry_unseal(const struct cache_seal *seal, struct slice code, struct slice bytes,
                        struct cache_entry *out)
{
    if (bytes.len < CACHE_SEAL_BYTES)
        return false;
    struct slice entry = { bytes.at, bytes.len - CACHE_SEAL_BYTES };
    unsigned char expected[CACHE_SEAL_BYTES];
    cache_seal_make(seal, code, entry, expected);
    return sodium_memcmp(expected, bytes.at + entry.len, CACHE_SEAL_BYTES) == 0 &&
           cache_entry_decode(entry, out);
}
