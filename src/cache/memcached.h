/* SPDX-License-Identifier: MIT */
/* The cache in one or several memcached servers: rendezvous hashing (memcached_place.h), short
 * time-outs, and a circuit breaker for each server.
 *
 * A server is not used for the length of a time-out after a failure, so that no request waits for
 * two, and while its circuit breaker is open. Meanwhile its codes are stored on another server, the
 * fallback server, with a lifetime of 5 seconds, so that the database is not read for every click.
 * A change published meanwhile returns false: the code's own server may be alive and have the old
 * entry. If no server is usable, every call fails at once. Entries carry a seal
 * (link/cache_entry.h): an entry that Curt did not write for that code is a miss, and the fill that
 * follows replaces it. Without the code key, which is in the database and in the segment, every get
 * is a miss, fills do nothing and publishing fails. Host names are resolved when a connection is
 * made, which may take longer than the time-outs: configure addresses. */
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
    struct breakers *breakers; /* the servers' circuit breakers; borrowed. NULL: private ones, with
                                * BREAKER_DEFAULTS */
    const struct code_key_source *code_key; /* source of the code key, for the seals; borrowed.
                                             * NULL: nothing is found, and nothing stored */
    const char *prefix; /* prefix of every key, so that installations can share a server; at most 32
                         * bytes of printable ASCII without spaces */
};

enum {
    MEMCACHED_PREFIX_MAX = 32,
    MEMCACHED_SERVERS_MAX = 64,
};

/* Makes no connection yet. NULL, with the reason, for an invalid list of servers or prefix, or when
 * memory is out. The strings of the options are copied. */
struct cache *memcached_open(const struct memcached_options *options, struct error *err);

/* Reads the key of the seals now, which the first look-up would do otherwise: for a process without
 * a segment, which cannot read it while the database is unavailable. */
void memcached_prepare(struct cache *cache);

/* --- for the maintenance thread --- */

/* The number of servers of the cache; 0 for NULL. */
size_t memcached_servers(const struct cache *cache);

enum memcached_probe {
    MEMCACHED_IN_USE,
    MEMCACHED_ANSWERS, /* its breaker is not closed, and it has answered */
    MEMCACHED_SILENT,
};

/* Deletes a code's entry from the server that the code belongs to, and from the other servers in
 * use, which may have been its fallback server. Servers whose bits are set in *silent are skipped;
 * the bits of servers that do not answer are set. Returns whether the server that the code belongs
 * to has answered; true for a code that is never cached (mc_key). */
bool memcached_remove(struct cache *cache, struct slice code, uint64_t *silent);

/* Probes server number `i` if its breaker wants that, and reports the result to the breaker. */
enum memcached_probe memcached_probe(struct cache *cache, size_t i, int64_t now_ms);
