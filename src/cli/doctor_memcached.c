/* SPDX-License-Identifier: MIT */
/* curtctl doctor: checks that each memcached server answers. */
#include <stdio.h>

#include "cache/memcached.h"
#include "cli/doctor.h"

#define OPEN_TO_OTHERS                                                                         \
    "; whoever reaches that address may read what it holds, and remove it (not send visitors " \
    "elsewhere): where others are, a unix socket keeps them away"

enum {
    ARENA_MAX = 64 * 1024,
    SERVER_BYTES = 512,
};

/* Whether the server is a TCP address: memcached has no authentication, so every user who can reach
 * the address has access, other users of this machine included. */
static bool is_open(const char *server)
{
    return !slice_starts_with(slice_of(server), SLICE("unix:"));
}

static void check_server(struct doctor *doctor, const char *server)
{
    struct memcached_options options = doctor->config->memcached;
    struct error err = { "out of memory" };
    struct cache_entry entry;
    options.servers = server;
    struct arena *arena = arena_new(ARENA_MAX);
    struct cache *cache = arena ? memcached_open(&options, &err) : NULL;
    bool answers = cache && cache_get(cache, SLICE("doctor"), arena, &entry, &err) != CACHE_DOWN;
    if (answers)
        doctor_ok(doctor, "memcached", "%s answers%s", server,
                  is_open(server) ? OPEN_TO_OTHERS : "");
    else
        doctor_wrong(doctor, "memcached",
                     "is it running, and may this host connect? Without it "
                     "redirects come from the database",
                     "%s", err.text);
    cache_close(&cache);
    arena_free(&arena);
}

void doctor_check_memcached(struct doctor *doctor)
{
    struct slice servers = slice_of(doctor->config->memcached.servers);
    if (servers.len == 0)
        doctor_ok(
            doctor, "memcached",
            "none, and none is needed on one host; several hosts need one as their shared cache");
    while (servers.len) {
        size_t end = slice_find(servers, ',');
        struct slice one = slice_trim((struct slice){ servers.at, end });
        char server[SERVER_BYTES];
        snprintf(server, sizeof(server), "%.*s", SLICE_ARG(one));
        if (one.len)
            check_server(doctor, server);
        servers = slice_from(servers, end + 1);
    }
}
