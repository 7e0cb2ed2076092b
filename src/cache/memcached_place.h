/* SPDX-License-Identifier: MIT */
/* Where a code is kept in memcached: how servers are written, which of them a code belongs to, and
 * under which key. Pure; memcached_server.c does the talking. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "text/server_address.h"

enum {
    MC_KEY_MAX = 250, /* bytes, of the protocol */
    MC_PORT = 11211,  /* where none is given */
};

/* Reads one server (server_address.h). False, and why, when it is none. */
bool mc_address_parse(struct slice text, struct server_address *out, struct error *err);

/* A server's weight for a key: the key belongs to the server of the highest weight (rendezvous
 * hashing: Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998). Of n
 * servers each gets its n-th of the keys; one that comes or goes moves only its own. The same on
 * every machine. `server` is the server as it was configured. */
uint64_t mc_weight(struct slice server, struct slice key);

/* The key of `code`: the prefix, "r", the record format, then ':' and the code when all its bytes
 * are printable ASCII, 'x' and the code in hexadecimal otherwise. So no two codes ever share a key.
 * Its length, or 0 when the code is empty or longer than CODE_MAX: such a code is kept nowhere. */
size_t mc_key(struct slice prefix, struct slice code, char out[MC_KEY_MAX + 1]);
