/* SPDX-License-Identifier: MIT */
/* Cache entries: what is decoded is encoded as the same bytes, and is kept no longer than its link
 * lives; without its seal none is read. The input: eight bytes of the time, four of jitter, then
 * the entry. */
#include <string.h>

#include "fuzz.h"
#include "link/cache_entry.h"

enum {
    KEEP_S = 3600,
    PARAMETERS = 12,
};

static void check_lifetime(const struct cache_entry *entry, int64_t now, uint32_t jitter)
{
    const struct target *target = &entry->target;
    int64_t lifetime = cache_entry_lifetime(entry, KEEP_S, jitter, now);
    MUST(lifetime > 0 && lifetime <= KEEP_S);
    if (target->expires_at > now)
        MUST(lifetime <= target->expires_at - now);
    if (target->starts_at > now)
        MUST(lifetime <= target->starts_at - now);
    MUST(target->expires_at == 0 || now < target->expires_at ||
         target_state(target, 0, now) == LINK_EXPIRED);
}

/* A seal is not found by chance. */
static void check_seal(struct slice bytes, const struct cache_entry *entry, struct arena *arena)
{
    static const unsigned char code_key[BIJECTION_KEY_BYTES] = { 7 };
    struct cache_seal seal;
    struct cache_entry out;
    cache_seal_init(&seal, code_key);
    MUST(!cache_entry_unseal(&seal, SLICE("abc"), bytes, &out));
    struct slice sealed = cache_entry_seal(&seal, SLICE("abc"), entry, arena);
    MUST(cache_entry_unseal(&seal, SLICE("abc"), sealed, &out));
    MUST(slice_eq(out.target.long_url, entry->target.long_url));
    MUST(!cache_entry_unseal(&seal, SLICE("abd"), sealed, &out));
}

static void check_record(struct slice bytes, int64_t now, uint32_t jitter)
{
    struct cache_entry entry;
    if (!cache_entry_decode(bytes, &entry))
        return;
    struct arena *arena = arena_new(1 << 20);
    MUST(arena != NULL);
    MUST(slice_eq(cache_entry_encode(&entry, arena), bytes));
    MUST(fuzz_within(entry.target.long_url, bytes));
    MUST(!cache_entry_supersedes(&entry, &entry));
    check_lifetime(&entry, now, jitter);
    check_seal(bytes, &entry, arena);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t now = 0;
    uint32_t jitter = 0;
    if (size < PARAMETERS)
        return 0;
    memcpy(&now, data, sizeof(now));
    memcpy(&jitter, data + sizeof(now), sizeof(jitter));
    check_record(fuzz_slice(data + PARAMETERS, size - PARAMETERS), (int64_t)(now >> 1), jitter);
    return 0;
}
