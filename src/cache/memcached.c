/* SPDX-License-Identifier: MIT */
/* The cache in one or several memcached servers: the choice of a code's server or fallback server,
 * and publishing that never replaces a newer entry. */
#include "cache/memcached.h"

#include <stdio.h>
#include <stdlib.h>

#include "cache/memcached_place.h"
#include "cache/memcached_server.h"
#include "link/cache_entry.h"

enum {
    PUBLISH_TRIES = 16, /* a failed try means that another process has changed the entry */
    /* The lifetime of an entry on a fallback server. It is short because changes are no longer
     * published there once the code's own server is usable again. */
    FALLBACK_LIFETIME_S = 5,
    LIFETIME_MAX_S = 30 * 24 * 3600, /* a cache may drop an entry early */
    CACHE_ENTRY_BYTES_MAX = 1 << 16,
};

/* The invalid entry that the last get found: the fill that follows replaces it by cas, unless
 * another process has changed it since. */
struct refused {
    char key[MC_KEY_MAX + 1]; /* empty: none */
    uint64_t cas;
};

struct memcached_cache {
    struct cache base;
    char *names; /* copy of the configured list; the servers' names are slices of it */
    char prefix[MEMCACHED_PREFIX_MAX + 1];
    const struct code_key_source *code_key; /* NULL: no entry is valid, none is written */
    struct cache_seal seal;
    bool has_seal;
    struct refused refused;
    struct arena *scratch;         /* for encoding */
    struct breakers *own_breakers; /* NULL: options->breakers are used */
    size_t n_servers;
    struct mc_server *servers[];
};

/* The server that currently stores a code, and the code's key. */
struct slot {
    char key_bytes[MC_KEY_MAX + 1];
    struct slice key;
    struct mc_server *server; /* NULL when none is usable */
    bool is_fallback;         /* not the server that the code belongs to, which is unusable */
};

static struct memcached_cache *self_of(struct cache *cache)
{
    return (struct memcached_cache *)cache;
}

/* Whether a server is usable: mc_server_allows or mc_server_is_in_use. */
typedef bool may_ask(struct mc_server *server);

/* The server of the highest weight among those whose bit is not set in `refused`. */
static size_t heaviest(const struct memcached_cache *cache, struct slice key, uint64_t refused)
{
    size_t best = cache->n_servers;
    uint64_t best_weight = 0;
    for (size_t i = 0; i < cache->n_servers; i++) {
        uint64_t weight = mc_weight(mc_server_name(cache->servers[i]), key);
        if (!(refused >> i & 1) && (best == cache->n_servers || weight > best_weight)) {
            best = i;
            best_weight = weight;
        }
    }
    return best;
}

/* Chooses a code's server. False for a code that is never cached (mc_key). *slot contains pointers
 * into itself, so it must not be copied. Servers are checked by descending weight, and none after
 * the one that is chosen, because mc_server_allows may count as a probe. */
static bool find_slot(const struct memcached_cache *cache, struct slice code, may_ask *may,
                      struct slot *slot)
{
    size_t len = mc_key(slice_of(cache->prefix), code, slot->key_bytes);
    slot->key = (struct slice){ slot->key_bytes, len };
    slot->server = NULL;
    slot->is_fallback = false;
    uint64_t refused = 0;
    for (size_t tries = 0; len > 0 && !slot->server && tries < cache->n_servers; tries++) {
        size_t i = heaviest(cache, slot->key, refused);
        if (may(cache->servers[i]))
            slot->server = cache->servers[i];
        else
            slot->is_fallback = true;
        refused |= UINT64_C(1) << i;
    }
    return len > 0;
}

static int64_t lifetime_at(const struct slot *slot, int64_t lifetime_s)
{
    int64_t max = slot->is_fallback ? FALLBACK_LIFETIME_S : LIFETIME_MAX_S;
    return lifetime_s < max ? lifetime_s : max;
}

static void say_all_out(const struct memcached_cache *cache, struct error *err)
{
    error_set(err, "%s", mc_server_trouble(cache->servers[0])->text);
    error_prefix(err, cache->n_servers == 1 ? "not used after failures"
                                            : "no server is used after failures; first");
}

/* Initialises cache->seal from the code key. */
static bool find_seal(struct memcached_cache *cache, struct error *err)
{
    unsigned char key[BIJECTION_KEY_BYTES];
    if (cache->has_seal)
        return true;
    if (!cache->code_key || !code_key_get(cache->code_key, key, err))
        return false;
    cache_seal_init(&cache->seal, key);
    return cache->has_seal = true;
}

/* Decodes the value that a server has for `code`; false if its seal is invalid. */
static bool unseal(struct memcached_cache *cache, struct slice code, struct slice value,
                   struct cache_entry *out)
{
    struct error err = { "" }; /* not reported: the next query of the database fails likewise */
    if (!find_seal(cache, &err))
        return false;
    /* After an invalid seal the key is read again at the next call: it may have changed. */
    return cache->has_seal = cache_entry_unseal(&cache->seal, code, value, out);
}

static void note_refused(struct memcached_cache *cache, const struct slot *slot, uint64_t cas)
{
    memcpy(cache->refused.key, slot->key_bytes, sizeof(slot->key_bytes));
    cache->refused.cas = cas;
}

static enum cache_result memcached_get_entry(struct cache *base, struct slice code,
                                             struct arena *arena, struct cache_entry *out,
                                             struct error *err)
{
    struct memcached_cache *cache = self_of(base);
    struct slot slot;
    if (!find_slot(cache, code, mc_server_allows, &slot))
        return CACHE_MISS;
    if (!slot.server) {
        say_all_out(cache, err);
        return CACHE_DOWN;
    }
    const struct mc_command command = { .verb = MC_FETCH, .key = slot.key };
    struct mc_reply reply = mc_server_run(slot.server, &command);
    if (reply.status == MC_FAILED) {
        error_set(err, "%s", mc_server_trouble(slot.server)->text);
        return CACHE_DOWN;
    }
    if (reply.status != MC_DONE)
        return CACHE_MISS;
    /* The entry borrows its texts from the copy. */
    const struct slice value = { arena_copy(arena, reply.value), reply.value.len };
    struct cache_entry entry;
    if (!value.at)
        return CACHE_MISS;
    if (!unseal(cache, code, value, &entry)) {
        note_refused(cache, &slot, reply.cas);
        return CACHE_MISS;
    }
    *out = entry;
    return CACHE_HIT;
}

static void memcached_fill(struct cache *base, struct slice code, const struct cache_entry *entry,
                           int64_t lifetime_s)
{
    struct memcached_cache *cache = self_of(base);
    struct slot slot;
    struct error err = { "" }; /* best effort */
    if (lifetime_s <= 0 || !find_slot(cache, code, mc_server_is_in_use, &slot) || !slot.server ||
        !find_seal(cache, &err))
        return;
    struct slice value = cache_entry_seal(&cache->seal, code, entry, cache->scratch);
    if (value.len) {
        bool was_refused = slice_eq(slot.key, slice_of(cache->refused.key));
        const struct mc_command command = { .verb = was_refused ? MC_CAS : MC_ADD_QUIET,
                                            .key = slot.key,
                                            .value = value,
                                            .lifetime_s = lifetime_at(&slot, lifetime_s),
                                            .cas = cache->refused.cas };
        mc_server_run(slot.server, &command);
    }
    cache->refused.key[0] = '\0';
    arena_reset(cache->scratch);
}

/* An entry that is published, and where. */
struct publication {
    const struct slot *slot;
    struct slice code;
    const struct cache_entry *entry;
};

/* Fetches the stored entry. MC_DONE: it is as new, and stays. MC_NOT: `command` is set up to
 * replace it. */
static enum mc_status prepare_replacing(struct memcached_cache *cache,
                                        const struct publication *publication,
                                        struct mc_command *command)
{
    struct cache_entry old;
    command->verb = MC_FETCH;
    struct mc_reply there = mc_server_run(publication->slot->server, command);
    if (there.status == MC_FAILED)
        return MC_FAILED;
    if (there.status == MC_DONE && unseal(cache, publication->code, there.value, &old) &&
        !cache_entry_supersedes(publication->entry, &old))
        return MC_DONE;
    command->verb = there.status == MC_DONE ? MC_CAS : MC_ADD;
    command->cas = there.cas;
    return MC_NOT;
}

/* Stores `command->value` unless an entry that is as new is there, also with concurrent writers.
 * For a new link MC_ADD is tried first, because there is usually no entry. */
static enum mc_status replace_older(struct memcached_cache *cache,
                                    const struct publication *publication,
                                    struct mc_command *command)
{
    bool is_ready = publication->entry->target.version == 1;
    enum mc_status status = MC_NOT;
    command->verb = MC_ADD;
    for (int i = 0; i < PUBLISH_TRIES && status == MC_NOT; i++) {
        if (!is_ready)
            status = prepare_replacing(cache, publication, command);
        if (status == MC_NOT)
            status = mc_server_run(publication->slot->server, command).status;
        is_ready = false;
    }
    return status;
}

static enum mc_status publish_at(struct memcached_cache *cache,
                                 const struct publication *publication, int64_t lifetime_s)
{
    const struct slot *slot = publication->slot;
    struct mc_command command = { .verb = MC_DELETE, .key = slot->key };
    if (lifetime_s <= 0) {
        enum mc_status status = mc_server_run(slot->server, &command).status;
        return status == MC_NOT ? MC_DONE : status;
    }
    command.lifetime_s = lifetime_at(slot, lifetime_s);
    command.value =
        cache_entry_seal(&cache->seal, publication->code, publication->entry, cache->scratch);
    enum mc_status status =
        command.value.len ? replace_older(cache, publication, &command) : MC_REFUSED;
    arena_reset(cache->scratch);
    return status;
}

static bool memcached_publish(struct cache *base, struct slice code,
                              const struct cache_entry *entry, int64_t lifetime_s,
                              struct error *err)
{
    struct memcached_cache *cache = self_of(base);
    struct slot slot;
    if (!find_slot(cache, code, mc_server_allows, &slot))
        return true;
    const struct publication publication = { &slot, code, entry };
    if (!slot.server) {
        say_all_out(cache, err);
        return false;
    }
    if (lifetime_s > 0 && !find_seal(cache, err))
        return false;
    switch (publish_at(cache, &publication, lifetime_s)) {
    case MC_DONE:
        if (slot.is_fallback)
            error_set(err, "memcached: the server of this code is not used after failures");
        return !slot.is_fallback;
    case MC_NOT:
        error_set(err, "memcached: too many concurrent changes of the same code");
        break;
    case MC_REFUSED:
        error_set(err, "memcached: the entry is too large, or there is no memory for it");
        break;
    case MC_FAILED:
        error_set(err, "%s", mc_server_trouble(slot.server)->text);
        break;
    }
    return false;
}

static void memcached_close(struct cache **base)
{
    struct memcached_cache *cache = self_of(*base);
    for (size_t i = 0; i < cache->n_servers; i++)
        mc_server_free(&cache->servers[i]);
    breakers_close(&cache->own_breakers);
    arena_free(&cache->scratch);
    free(cache->names);
    free(cache);
    *base = NULL;
}

static bool is_named_twice(const struct memcached_cache *cache, struct slice name)
{
    for (size_t i = 0; i < cache->n_servers; i++) {
        if (slice_eq(mc_server_name(cache->servers[i]), name))
            return true;
    }
    return false;
}

static struct breaker breaker_of(struct breakers *breakers, struct slice server)
{
    char name[BREAKER_NAME_MAX + 1];
    snprintf(name, sizeof(name), "memcached %.*s", SLICE_ARG(server));
    return breaker_find(breakers, slice_of(name));
}

static struct breakers *breakers_for(struct memcached_cache *cache,
                                     const struct memcached_options *options, struct error *err)
{
    const struct breaker_options defaults = BREAKER_DEFAULTS;
    if (options->breakers)
        return options->breakers;
    cache->own_breakers = breakers_open(NULL, &defaults, err);
    return cache->own_breakers;
}

static bool add_servers(struct memcached_cache *cache, const struct memcached_options *options,
                        struct error *err)
{
    struct mc_server_options server = { .connect_timeout_ms = options->connect_timeout_ms,
                                        .timeout_ms = options->timeout_ms };
    struct slice list = slice_of(cache->names);
    struct breakers *breakers = breakers_for(cache, options, err);
    if (!breakers)
        return false;
    while (server_list_next(&list, &server.name)) {
        if (!mc_address_parse(server.name, &server.address, err))
            return false;
        if (is_named_twice(cache, server.name))
            return error_set(err, "memcached server \"%.*s\" is named twice",
                             SLICE_ARG(server.name));
        server.breaker = breaker_of(breakers, server.name);
        cache->servers[cache->n_servers] = mc_server_new(&server);
        if (!cache->servers[cache->n_servers++])
            return error_set(err, "out of memory");
    }
    return true;
}

/* The number of servers in the options; 0, with the reason, when the options are invalid. */
static size_t memcached_check(const struct memcached_options *options, struct error *err)
{
    struct slice prefix = slice_of(options->prefix);
    if (prefix.len > MEMCACHED_PREFIX_MAX || !slice_is_graph(prefix)) {
        error_set(err, "the memcached prefix has at most %d bytes of printable ASCII, no spaces",
                  MEMCACHED_PREFIX_MAX);
        return 0;
    }
    size_t n = server_list_count(slice_of(options->servers));
    if (n == 0 || n > MEMCACHED_SERVERS_MAX) {
        error_set(err, "expected 1 to %d memcached servers, not %zu", MEMCACHED_SERVERS_MAX, n);
        return 0;
    }
    return n;
}

static const struct cache_ops OPS = { memcached_get_entry, memcached_fill, memcached_publish,
                                      memcached_close };

struct cache *memcached_open(const struct memcached_options *options, struct error *err)
{
    size_t n = memcached_check(options, err);
    if (n == 0)
        return NULL;
    struct memcached_cache *cache =
        calloc(1, offsetof(struct memcached_cache, servers[0]) + n * sizeof(void *));
    if (!cache) {
        error_set(err, "out of memory");
        return NULL;
    }
    struct slice prefix = slice_of(options->prefix);
    if (prefix.len)
        memcpy(cache->prefix, prefix.at, prefix.len);
    cache->base.ops = &OPS;
    cache->code_key = options->code_key;
    cache->names = strdup(options->servers);
    cache->scratch = arena_new(CACHE_ENTRY_BYTES_MAX);
    bool opened = cache->names && cache->scratch;
    if (!opened)
        error_set(err, "out of memory");
    if (!opened || !add_servers(cache, options, err)) {
        struct cache *base = &cache->base;
        cache_close(&base);
        return NULL;
    }
    return &cache->base;
}

/* --- for the maintenance thread --- */

void memcached_prepare(struct cache *cache)
{
    struct error err = { "" }; /* the first look-up tries again */
    find_seal(self_of(cache), &err);
}

size_t memcached_servers(const struct cache *cache)
{
    return cache ? ((const struct memcached_cache *)cache)->n_servers : 0;
}

enum memcached_probe memcached_probe(struct cache *cache, size_t i, int64_t now_ms)
{
    const struct memcached_cache *self = self_of(cache);
    struct mc_server *server = self->servers[i];
    if (!breaker_wants_probe(mc_server_breaker(server), now_ms))
        return MEMCACHED_IN_USE;
    /* No code has this key: a code's key has an 'r' after the prefix. */
    char key[MEMCACHED_PREFIX_MAX + 8];
    int len = snprintf(key, sizeof(key), "%s-probe", self->prefix);
    const struct mc_command command = { .verb = MC_FETCH, .key = { key, (size_t)len } };
    bool answers = mc_server_run(server, &command).status != MC_FAILED;
    return answers ? MEMCACHED_ANSWERS : MEMCACHED_SILENT;
}

bool memcached_remove(struct cache *cache, struct slice code, uint64_t *silent)
{
    const struct memcached_cache *self = self_of(cache);
    char bytes[MC_KEY_MAX + 1];
    size_t len = mc_key(slice_of(self->prefix), code, bytes);
    const struct mc_command command = { .verb = MC_DELETE, .key = { bytes, len } };
    if (len == 0)
        return true;
    size_t home = heaviest(self, command.key, 0);
    for (size_t i = 0; i < self->n_servers; i++) {
        bool is_silent = *silent >> i & 1;
        if (is_silent || (i != home && !mc_server_is_in_use(self->servers[i])))
            continue;
        if (mc_server_run(self->servers[i], &command).status == MC_FAILED)
            *silent |= UINT64_C(1) << i;
    }
    return !(*silent >> home & 1);
}
