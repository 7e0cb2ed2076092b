/* SPDX-License-Identifier: MIT */
/* Pseudo-random links. */
#include "support/link_crowd.h"

#include <stdarg.h>
#include <stdio.h>

#include "text/base62.h"

enum {
    CODE_DIGITS = 7,
    URL_BYTES = 100,
};

/* The finalizer of splitmix64: every bit of `x` moves about half of the bits. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

__attribute__((format(printf, 2, 3))) static struct slice text(struct arena *arena,
                                                               const char *format, ...)
{
    char at[URL_BYTES + 1];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(at, sizeof(at), format, args);
    va_end(args);
    struct slice copy = { arena_copy(arena, (struct slice){ at, (size_t)len }), (size_t)len };
    return copy;
}

static struct slice code_of(uint64_t id, struct arena *arena)
{
    char code[CODE_DIGITS + 1];
    /* Odd and not a multiple of 31: every id has a code of its own. */
    base62_encode(id * UINT64_C(1740380951731) % base62_span(CODE_DIGITS), CODE_DIGITS, code);
    return text(arena, "%s", code);
}

static struct slice url_of(uint64_t id, uint64_t noise, struct arena *arena)
{
    unsigned host = (unsigned)(noise % CROWD_HOSTS);
    char path[URL_BYTES];
    int len = snprintf(path, sizeof(path), "https://%shost%04u.example/", host % 2 ? "www." : "",
                       host * 7919 % CROWD_HOSTS);
    return text(arena, "%s%0*llu", path, URL_BYTES - len, (unsigned long long)id);
}

static void add_tags(struct link *link, uint64_t noise, struct arena *arena)
{
    unsigned n = (unsigned)(noise % 10 < 3 ? noise % 10 + 1 : 0);
    struct slice *tags = arena_alloc(arena, sizeof(*tags) * 4);
    for (unsigned i = 0; i < n && tags; i++)
        tags[i] = text(arena, "tag%02u", (unsigned)((noise >> 8) + i) % CROWD_TAGS);
    link->tags = tags;
    link->n_tags = n;
}

static void add_alias(struct link *link, uint64_t noise, struct arena *arena)
{
    struct slice *alias = noise % 10 == 7 ? arena_alloc(arena, sizeof(*alias)) : NULL;
    if (!alias)
        return;
    *alias = text(arena, "%c%c-%llu", 'a' + (char)(noise % 26), 'a' + (char)(noise / 26 % 26),
                  (unsigned long long)link->target.link_id);
    link->aliases = alias;
    link->n_aliases = 1;
}

struct link crowd_link(uint64_t id, struct arena *arena)
{
    uint64_t noise = mix(id);
    struct link link = {
        .target = { .link_id = id,
                    .version = 1,
                    .redirect_status = 302,
                    .expires_at = noise % 20 == 3 ? CROWD_NOW - 500 + (int64_t)(noise % 1000) : 0,
                    .max_clicks = noise % 50 == 9 ? 10 : 0,
                    .long_url = url_of(id, noise >> 16, arena) },
        .code = code_of(id, arena),
        .owner_id = id % 2 ? 1 : (uint32_t)(noise >> 40) % CROWD_OWNERS + 1,
        .created_at = CROWD_NOW,
        .updated_at = CROWD_NOW,
    };
    link.used = link.target.max_clicks ? noise / 50 % 11 : 0;
    add_tags(&link, noise >> 24, arena);
    add_alias(&link, noise >> 32, arena);
    return link;
}

enum db_result crowd_store(struct db *db, uint64_t first, uint64_t n, struct error *err)
{
    struct arena *arena = arena_new(16 << 20);
    struct link links[DB_BULK_MAX];
    enum db_result results[DB_BULK_MAX];
    enum db_result result = arena ? DB_OK : DB_FAILED;
    for (uint64_t done = 0; done < n && result == DB_OK;) {
        size_t some = n - done < DB_BULK_MAX ? n - done : DB_BULK_MAX;
        arena_reset(arena);
        for (size_t i = 0; i < some; i++)
            links[i] = crowd_link(first + done + i, arena);
        result = db_links_insert_many(db, links, some, results, err);
        for (size_t i = 0; i < some && result == DB_OK; i++)
            result = results[i];
        done += some;
    }
    arena_free(&arena);
    return result;
}
