/* SPDX-License-Identifier: MIT */
/* A hash table with open addressing (linear probing), at most three quarters full. */
#include "transfer/import_seen.h"

#include <stdlib.h>

#include "base/fnv.h"

enum {
    SIZE_FIRST = 4096, /* entries */
};

/* Each kind of key begins with another byte. */
static uint64_t seen_key(char kind, struct slice first, struct slice second)
{
    uint64_t hash = fnv1a(FNV1A_BASIS, (struct slice){ &kind, 1 });
    hash = fnv1a_step(fnv1a(hash, first), first.len);
    hash = fnv1a(hash, second);
    return hash ? hash : 1;
}

uint64_t import_seen_code(struct slice code)
{
    return seen_key('c', code, SLICE(""));
}

uint64_t import_seen_destination(struct slice owner, struct slice long_url)
{
    return seen_key('d', owner, long_url);
}

uint64_t import_seen_user(struct slice name)
{
    return seen_key('u', name, SLICE(""));
}

static uint32_t seen_url(struct slice long_url)
{
    return fnv1a_32(FNV1A_32_BASIS, long_url);
}

/* The entry of the key, or the free one where it belongs. The low bits of FNV-1a alone would leave
 * clusters. */
static struct import_seen_entry *seen_slot(struct import_seen_entry *entries, size_t size,
                                           uint64_t key)
{
    size_t at = (size_t)(key ^ key >> 32) & (size - 1);
    while (entries[at].key != 0 && entries[at].key != key)
        at = (at + 1) & (size - 1);
    return &entries[at];
}

const struct import_seen_entry *import_seen_find(const struct import_seen *seen, uint64_t key)
{
    if (seen->size == 0)
        return NULL;
    const struct import_seen_entry *entry = seen_slot(seen->entries, seen->size, key);
    return entry->key ? entry : NULL;
}

/* Makes room for one more entry; false when memory is out. */
static bool seen_grow(struct import_seen *seen)
{
    if (seen->n + 1 <= seen->size / 4 * 3)
        return true;
    size_t size = seen->size ? 2 * seen->size : SIZE_FIRST;
    struct import_seen_entry *entries = calloc(size, sizeof(*entries));
    if (!entries)
        return false;
    for (size_t i = 0; i < seen->size; i++) {
        if (seen->entries[i].key)
            *seen_slot(entries, size, seen->entries[i].key) = seen->entries[i];
    }
    free(seen->entries);
    seen->entries = entries;
    seen->size = size;
    return true;
}

void import_seen_add(struct import_seen *seen, uint64_t key, struct slice long_url, uint64_t line)
{
    if (import_seen_find(seen, key))
        return;
    if (seen->n >= seen->max || !seen_grow(seen)) {
        seen->full = true;
        return;
    }
    *seen_slot(seen->entries, seen->size, key) = (struct import_seen_entry){
        .key = key,
        .url = seen_url(long_url),
        .line = line < UINT32_MAX ? (uint32_t)line : UINT32_MAX,
    };
    seen->n++;
}

bool import_seen_is(const struct import_seen_entry *entry, struct slice long_url)
{
    return entry->url == seen_url(long_url);
}

void import_seen_free(struct import_seen *seen)
{
    free(seen->entries);
    *seen = (struct import_seen){ .max = seen->max, .full = seen->full };
}
