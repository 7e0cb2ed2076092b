/* SPDX-License-Identifier: MIT */
/* The cache in one or many memcached servers: consistent hashing (memcached_place.h), short
 * time-outs, dead servers left out and tried again.
 *
 * While a server is left out, its codes are kept on another one, for 5 seconds at a time, so that
 * the database is not asked for every click. A change published meanwhile is reported as not sure
 * (false): the server left out may be alive and hold the old state. When all are left out, every
 * call fails at once. After a failure a server is left out for the length of a time-out, so that no
 * request pays two; after as many as its breaker says, until the breaker lets it in again.
 * Records carry a seal (link/cache_seal.h): what was not written by Curt for that code is a miss,
 * and the fill that follows takes its place. Without the key of the codes, which a host remembers
 * in its segment, everything is a miss, fills do nothing and publishing fails. Host names are
 * looked up when a connection is made, and that may take longer than the time-outs: give addresses.
 */
#pragma once

#include "base/error.h"
#include "cache/cache.h"
#include "db/code_key.h"
#include "shm/breaker.h"

struct memcached_options {
    const char
        *servers; /* "host:port", "[v6]:port" or "unix:/path", comma-separated; empty: none */
    unsigned connect_timeout_ms;
    unsigned timeout_ms;       /* of one send or receive */
    struct breakers *breakers; /* who leaves servers out; borrowed. NULL: some of its own, with the
                                * defaults */
    const struct code_key_source *code_key; /* of the key that records are sealed with; borrowed.
                                             * NULL: nothing is found, and nothing stored */
    const char *prefix; /* before every key, so that installations can share a server; at most 32
                         * bytes of printable ASCII without spaces */
};

enum {
    MEMCACHED_PREFIX_MAX = 32,
    MEMCACHED_SERVERS_MAX = 64,
};

/* Connects to nothing yet. NULL, with the reason, for servers or a prefix that cannot be read. The
 * strings of the options are not kept. */
struct cache *memcached_open(const struct memcached_options *options, struct error *err);

/* --- for the housekeeper --- */

/* How many servers the cache has; 0 for any other kind of cache. */
size_t memcached_servers(const struct cache *cache);

enum memcached_probe {
    MEMCACHED_IN_USE,
    MEMCACHED_ANSWERS, /* still left out, but it has just answered */
    MEMCACHED_SILENT,
};

/* Removes a code from the server that it belongs to, and from those in use, which may have stood in
 * for that one. Servers whose bits are set in *silent are not asked; those that do not answer get
 * theirs set. Whether it is removed from the one that it belongs to; a code that is kept nowhere
 * is. */
bool memcached_remove(struct cache *cache, struct slice code, uint64_t *silent);

/* Asks server number `i` whether it answers if its breaker wants that, and tells the breaker. */
enum memcached_probe memcached_probe(struct cache *cache, size_t i, int64_t now_ms);
