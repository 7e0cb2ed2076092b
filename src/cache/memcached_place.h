/* SPDX-License-Identifier: MIT */
/* The place of a code in memcached: addresses of servers, the server that a code belongs to, and
 * its key. Pure; memcached_server.c does the input and output. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "text/server_address.h"

enum {
    MC_KEY_MAX = 250, /* bytes; a limit of the protocol */
    MC_PORT = 11211,  /* used when none is given */
};

/* Parses one server (text/server_address.h). False with the reason when it is invalid. */
bool mc_address_parse(struct slice text, struct server_address *out, struct error *err);

/* A server's weight for a key: the key belongs to the server of the highest weight (rendezvous
 * hashing: Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998). Each
 * of n servers gets 1/n of the keys; adding or removing a server moves only the keys of that
 * server. The result is the same on every machine. `server` is the server's address as
 * configured. */
uint64_t mc_weight(struct slice server, struct slice key);

/* Writes the key of `code`: the prefix, "r", the format of cache entries, then ':' and the code if
 * all its bytes are printable ASCII, otherwise 'x' and the code in hexadecimal. So no two codes
 * have the same key. Returns its length, or 0 when the code is empty or longer than CODE_MAX: such
 * a code is never cached. */
size_t mc_key(struct slice prefix, struct slice code, char out[MC_KEY_MAX + 1]);
