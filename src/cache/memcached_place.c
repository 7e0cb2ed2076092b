/* SPDX-License-Identifier: MIT */
/* Servers, keys, and the weights that assign keys to servers. */
#include "cache/memcached_place.h"

#include <stdio.h>

#include "base/fnv.h"
#include "base/hex.h"
#include "cache/memcached.h"
#include "link/cache_entry.h"
#include "link/code.h"

_Static_assert(MEMCACHED_PREFIX_MAX + 8 + 2 * CODE_MAX <= MC_KEY_MAX,
               "a code in hexadecimal fits into a key");

bool mc_address_parse(struct slice text, struct server_address *out, struct error *err)
{
    static const struct server_kind kind = { "memcached server", MC_PORT };
    return server_address_parse(text, &kind, out, err);
}

uint64_t mc_weight(struct slice server, struct slice key)
{
    uint64_t hash = fnv1a(fnv1a(FNV1A_BASIS, server), key);
    /* The high bits of FNV are poorly mixed; this is the finaliser of MurmurHash3, which mixes all
     * bits. */
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdU;
    hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53U;
    return hash ^ hash >> 33;
}

size_t mc_key(struct slice prefix, struct slice code, char out[MC_KEY_MAX + 1])
{
    if (code.len == 0 || code.len > CODE_MAX)
        return 0;
    bool graph = slice_is_graph(code);
    int n = snprintf(out, MC_KEY_MAX + 1, "%.*sr%d%c", SLICE_ARG(prefix), CACHE_ENTRY_FORMAT,
                     graph ? ':' : 'x');
    char *end = out + n;
    if (graph)
        end = (char *)mempcpy(end, code.at, code.len);
    else
        end = hex_put(end, code.at, code.len);
    *end = '\0';
    return (size_t)(end - out);
}
