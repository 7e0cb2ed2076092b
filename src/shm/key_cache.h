/* SPDX-License-Identifier: MIT */
/* What a host remembers of keys for when the database is away: API keys that it has confirmed
 * lately (their hashes, never their secrets), and the key of the codes. In the shared segment, so
 * that a worker that starts in the middle of an outage knows what the others knew. No lock to wait
 * for; a worker may be killed at any instruction. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "link/account.h"
#include "link/bijection.h"
#include "shm/segment.h"

enum {
    KEY_CACHE_SLOTS = 1024, /* API keys; a key's id says which slot it shares with others */
};

/* Taken before the database is asked about a key: what was revoked since is not remembered. */
struct key_stamp {
    uint64_t revocations;
};

/* `segment` may be NULL in all of these: then nothing is remembered. */

struct key_stamp key_cache_stamp(struct segment *segment);

/* The database has just said that this is a key, not revoked, at `now`. */
void key_cache_confirm(struct segment *segment, const struct api_key *key, int64_t now,
                       struct key_stamp stamp);

/* The key, if the database has confirmed it after `since`, its user's name in `arena`; and nobody
 * of this host has seen it revoked. It may have expired. What is not remembered of a key (its name,
 * its times but for its end) is empty.
 */
bool key_cache_find(struct segment *segment, uint32_t key_id, int64_t since, struct arena *arena,
                    struct api_key *out);

/* The key is revoked: no worker of the host takes it for valid any more without the database. */
void key_cache_forget(struct segment *segment, uint32_t key_id);

/* A user has changed: every worker of the host asks the database again about every key. */
void key_cache_forget_all(struct segment *segment);

/* The key of the codes, as the database has told it. */
void key_cache_set_code_key(struct segment *segment, const unsigned char key[BIJECTION_KEY_BYTES]);

/* False when nobody has told it since the segment was made. */
bool key_cache_code_key(struct segment *segment, unsigned char out[BIJECTION_KEY_BYTES]);
