/* SPDX-License-Identifier: MIT */
/* API keys: format, hashing, checking, and the process's cache of recently used keys. */
#include "service/auth.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "service/secret.h"
#include "text/base62.h"

#define KEY_PREFIX "curt_"

static_assert(KEY_TEXT_MAX > sizeof(KEY_PREFIX) + 6 + 1 + SECRET_DIGITS, "a key fits its text");
static_assert((int)KEY_HASH_BYTES == (int)SECRET_HASH_BYTES, "the hash fits its column");
static_assert((int)KEY_SECRET_BYTES == (int)SECRET_BYTES, "a key has one secret");

/* Splits a key's text into id and secret; false when it is malformed. */
static bool parse_key(struct slice text, uint32_t *id, struct slice *secret)
{
    if (!slice_starts_with(text, SLICE(KEY_PREFIX)))
        return false;
    text = slice_from(text, sizeof(KEY_PREFIX) - 1);
    struct slice digits = { text.at, slice_find(text, '_') };
    *secret = slice_from(text, digits.len + 1);
    uint64_t value;
    if (digits.len > 6 || !base62_decode(digits, &value) || value == 0 || value > UINT32_MAX)
        return false;
    *id = (uint32_t)value;
    return secret->len == SECRET_DIGITS;
}

static struct auth_memory *memory_slot(struct auth *auth, uint32_t key_id)
{
    return &auth->remembered[key_id % AUTH_REMEMBERED];
}

static void auth_remember(struct auth *auth, const struct api_key *key, int64_t now,
                          struct key_stamp stamp)
{
    struct auth_memory *slot = memory_slot(auth, key->id);
    *slot = (struct auth_memory){
        .caller = {
            .user_id = key->user_id,
            .key_id = key->id,
            .role = key->role,
            .policy = key->policy,
            .scope = key->scope,
            .key_expires_at = key->expires_at,
        },
        .until = now + auth->remember_s,
        .stamp = stamp,
        .touched_at = key->last_used_at,
    };
    memcpy(slot->hash, key->hash, sizeof(slot->hash));
    snprintf(slot->user, sizeof(slot->user), "%.*s", SLICE_ARG(key->user));
}

/* Reads the key from the database, or, when that is unavailable, from the host's key cache. */
static enum auth_outcome auth_ask(struct auth *auth, uint32_t id, int64_t now, struct arena *arena,
                                  struct error *err)
{
    struct api_key key = { 0 };
    struct key_stamp stamp = key_cache_stamp(auth->segment);
    enum db_result found = db_key_find(auth->db, id, arena, &key, err);
    if (found == DB_OK && key.revoked_at == 0) {
        key_cache_confirm(auth->segment, &key, now, stamp);
        auth_remember(auth, &key, now, stamp);
        return AUTH_OK;
    }
    if (found == DB_OK || found == DB_MISSING) {
        /* Callers choose the id freely: write to the host's cache only where it has the key. */
        *memory_slot(auth, id) = (struct auth_memory){ 0 };
        if (key_cache_find(auth->segment, id, INT64_MIN, arena, &key))
            key_cache_forget(auth->segment, id);
        return AUTH_REFUSED;
    }
    if (found != DB_UNAVAILABLE ||
        !key_cache_find(auth->segment, id, now - auth->outage_s, arena, &key))
        return AUTH_UNAVAILABLE;
    key.last_used_at = now; /* it cannot be stored now: do not try */
    auth_remember(auth, &key, now, stamp);
    return AUTH_OK;
}

/* Whether the key is in its slot and not stale, and no key has been revoked on this host since. */
static bool is_remembered(struct auth *auth, uint32_t id, int64_t now)
{
    const struct auth_memory *slot = memory_slot(auth, id);
    return slot->caller.key_id == id && now < slot->until &&
           slot->stamp.revocations == key_cache_stamp(auth->segment).revocations;
}

/* Looks the key up and stores it in its slot. */
static enum auth_outcome auth_look_up(struct auth *auth, uint32_t id, int64_t now,
                                      struct error *err)
{
    struct arena *arena = arena_new(4096);
    if (!arena) {
        error_set(err, "out of memory");
        return AUTH_UNAVAILABLE;
    }
    enum auth_outcome outcome = auth_ask(auth, id, now, arena, err);
    arena_free(&arena);
    return outcome;
}

static void touch(struct auth *auth, struct auth_memory *slot, int64_t now)
{
    if (now - slot->touched_at < AUTH_TOUCH_S)
        return;
    struct error unheard;
    slot->touched_at = now; /* also when it fails: retried AUTH_TOUCH_S later */
    db_key_touch(auth->db, slot->caller.key_id, now, &unheard);
}

void auth_forget(struct auth *auth, uint32_t key_id)
{
    struct auth_memory *slot = memory_slot(auth, key_id);
    if (slot->caller.key_id == key_id)
        *slot = (struct auth_memory){ 0 };
    key_cache_forget(auth->segment, key_id);
}

void auth_forget_all(struct auth *auth)
{
    memset(auth->remembered, 0, sizeof(auth->remembered));
    key_cache_forget_all(auth->segment);
}

enum auth_outcome auth_check(struct auth *auth, const struct auth_question *question,
                             struct caller *out, struct error *err)
{
    uint32_t id;
    struct slice secret;
    int64_t now = question->now;
    if (!parse_key(question->key, &id, &secret))
        return AUTH_REFUSED;
    if (!is_remembered(auth, id, now)) {
        enum auth_outcome outcome =
            question->may_ask ? auth_look_up(auth, id, now, err) : AUTH_NOT_ASKED;
        if (outcome != AUTH_OK)
            return outcome;
    }
    struct auth_memory *slot = memory_slot(auth, id);
    if (!secret_fits(secret, slot->hash))
        return AUTH_REFUSED;
    if (slot->caller.key_expires_at && now >= slot->caller.key_expires_at)
        return AUTH_EXPIRED;
    touch(auth, slot, now);
    *out = slot->caller;
    out->user = slice_of(slot->user);
    return AUTH_OK;
}

static const char *const SCOPES[] = {
    [KEY_SCOPE_MANAGE] = "manage",
    [KEY_SCOPE_CREATE] = "create",
    [KEY_SCOPE_READ] = "read",
};

enum {
    N_SCOPES = sizeof(SCOPES) / sizeof(SCOPES[0]),
};

const char *auth_role_name(enum user_role role)
{
    return role == ROLE_ADMIN ? "admin" : "user";
}

const char *auth_scope_name(enum key_scope scope)
{
    return (unsigned)scope < N_SCOPES ? SCOPES[scope] : "unknown";
}

bool auth_scope_parse(struct slice name, enum key_scope *out)
{
    for (unsigned i = 0; i < N_SCOPES; i++) {
        if (slice_eq(name, slice_of(SCOPES[i]))) {
            *out = (enum key_scope)i;
            return true;
        }
    }
    return false;
}

bool auth_scope_allows(enum key_scope has, enum key_scope needs)
{
    return (unsigned)has <= (unsigned)needs;
}

enum db_result auth_key_create(struct db *db, struct api_key *key,
                               const unsigned char secret[KEY_SECRET_BYTES],
                               char text[KEY_TEXT_MAX], struct error *err)
{
    char digits[SECRET_DIGITS + 1];
    secret_write(secret, digits);
    secret_hash(slice_of(digits), key->hash);
    enum db_result result = db_key_insert(db, key, err);
    if (result == DB_OK) {
        char id[8];
        base62_encode(key->id, 6, id);
        const char *first = id + strspn(id, "0");
        snprintf(text, KEY_TEXT_MAX, KEY_PREFIX "%s_%s", first, digits);
    }
    secret_wipe(digits, sizeof(digits));
    return result;
}
