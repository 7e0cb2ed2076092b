/* SPDX-License-Identifier: MIT */
/* The cache in memory: a list of encoded entries, and a clock that only cache_fake_advance
 * changes. */
#include "fakes/cache_fake.h"

#include <stdlib.h>

enum {
    ENCODED_MAX = 1 << 20,
};

struct entry {
    struct entry *next;
    struct slice code;
    struct slice bytes; /* the encoded record */
    int64_t expires_at;
};

struct cache_fake {
    struct cache base;
    struct entry *entries;
    struct arena *scratch;
    int64_t now;
    bool down;
    unsigned gets;
};

static struct cache_fake *fake_of(struct cache *cache)
{
    return (struct cache_fake *)cache;
}

/* A copy of `s` on the heap; free its `at`. */
static struct slice keep(struct slice s)
{
    char *copy = malloc(s.len + 1);
    if (!copy)
        abort();
    if (s.len)
        memcpy(copy, s.at, s.len);
    copy[s.len] = '\0';
    return (struct slice){ copy, s.len };
}

/* Removes the entry at `*at` from the list and frees it. */
static void drop(struct entry **at)
{
    struct entry *entry = *at;
    *at = entry->next;
    free((char *)entry->code.at);
    free((char *)entry->bytes.at);
    free(entry);
}

/* The link to the entry of `code` in the list, or NULL. Removes expired entries. */
static struct entry **find(struct cache_fake *fake, struct slice code)
{
    struct entry **at = &fake->entries;
    while (*at) {
        if ((*at)->expires_at <= fake->now) {
            drop(at);
            continue;
        }
        if (slice_eq((*at)->code, code))
            return at;
        at = &(*at)->next;
    }
    return NULL;
}

static void store(struct cache_fake *fake, struct slice code, const struct cache_entry *entry,
                  int64_t lifetime_s)
{
    struct slice bytes = cache_entry_encode(entry, fake->scratch);
    if (bytes.len) {
        struct entry *kept = calloc(1, sizeof(*kept));
        if (!kept)
            abort();
        *kept = (struct entry){ fake->entries, keep(code), keep(bytes), fake->now + lifetime_s };
        fake->entries = kept;
    }
    arena_reset(fake->scratch);
}

static enum cache_result fake_get(struct cache *cache, struct slice code, struct arena *arena,
                                  struct cache_entry *out, struct error *err)
{
    struct cache_fake *fake = fake_of(cache);
    fake->gets++;
    if (fake->down) {
        error_set(err, "the fake cache is down");
        return CACHE_DOWN;
    }
    struct entry **at = find(fake, code);
    if (!at)
        return CACHE_MISS;
    const char *copy = arena_copy(arena, (*at)->bytes);
    if (!copy || !cache_entry_decode((struct slice){ copy, (*at)->bytes.len }, out))
        return CACHE_MISS;
    return CACHE_HIT;
}

static void fake_fill(struct cache *cache, struct slice code, const struct cache_entry *entry,
                      int64_t lifetime_s)
{
    struct cache_fake *fake = fake_of(cache);
    if (!fake->down && lifetime_s > 0 && !find(fake, code))
        store(fake, code, entry, lifetime_s);
}

static bool fake_publish(struct cache *cache, struct slice code, const struct cache_entry *entry,
                         int64_t lifetime_s, struct error *err)
{
    struct cache_fake *fake = fake_of(cache);
    if (fake->down) {
        error_set(err, "the fake cache is down");
        return false;
    }
    struct entry **at = find(fake, code);
    struct cache_entry old;
    if (at && lifetime_s > 0 && cache_entry_decode((*at)->bytes, &old) &&
        !cache_entry_supersedes(entry, &old))
        return true;
    if (at)
        drop(at);
    if (lifetime_s > 0)
        store(fake, code, entry, lifetime_s);
    return true;
}

static void fake_close(struct cache **cache)
{
    struct cache_fake *fake = fake_of(*cache);
    while (fake->entries)
        drop(&fake->entries);
    arena_free(&fake->scratch);
    free(fake);
    *cache = NULL;
}

struct cache *cache_fake_new(void)
{
    static const struct cache_ops ops = { fake_get, fake_fill, fake_publish, fake_close };
    struct cache_fake *fake = calloc(1, sizeof(*fake));
    if (!fake)
        abort();
    fake->base.ops = &ops;
    fake->scratch = arena_new(ENCODED_MAX);
    if (!fake->scratch)
        abort();
    return &fake->base;
}

void cache_fake_set_down(struct cache *cache, bool down)
{
    fake_of(cache)->down = down;
}

void cache_fake_advance(struct cache *cache, int64_t seconds)
{
    fake_of(cache)->now += seconds;
}

unsigned cache_fake_gets(const struct cache *cache)
{
    return ((const struct cache_fake *)cache)->gets;
}

unsigned cache_fake_entries(const struct cache *cache)
{
    const struct cache_fake *fake = (const struct cache_fake *)cache;
    unsigned n = 0;
    for (const struct entry *entry = fake->entries; entry; entry = entry->next)
        n += entry->expires_at > fake->now;
    return n;
}
