/* SPDX-License-Identifier: MIT */
/* The key cache, used while the database is unavailable: API keys that the database has confirmed
 * recently (their hashes, never their secrets), and the code key (db/code_key.h). It is in the
 * shared segment, so that a worker that starts during an outage has the entries of the others. No
 * function waits for a lock; a worker may be killed at any instruction. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "link/account.h"
#include "link/bijection.h"
#include "shm/segment.h"

enum {
    KEY_CACHE_SLOTS = 1024, /* API keys; the slot of a key is its id modulo this number, and a newer
                             * key replaces an older */
};

/* A stamp, taken before a key is read from the database. If any key of the host was revoked since,
 * key_cache_confirm stores nothing. */
struct key_stamp {
    uint64_t revocations;
};

/* `segment` may be NULL in all functions: then nothing is stored or found. */

struct key_stamp key_cache_stamp(struct segment *segment);

/* Stores a key that the database has just returned as not revoked, at `now`. */
void key_cache_confirm(struct segment *segment, const struct api_key *key, int64_t now,
                       struct key_stamp stamp);

/* Finds a key that was confirmed after `since` and has not been revoked on this host. Its user's
 * name is in `arena`. The key may have expired. The fields that are not stored (its name,
 * created_at, revoked_at, last_used_at) are zero. */
bool key_cache_find(struct segment *segment, uint32_t key_id, int64_t since, struct arena *arena,
                    struct api_key *out);

/* Removes a revoked key: no worker of the host accepts it any more without asking the database. */
void key_cache_forget(struct segment *segment, uint32_t key_id);

/* Removes all keys, because a user has changed. */
void key_cache_forget_all(struct segment *segment);

/* Stores the code key, as read from the database. */
void key_cache_set_code_key(struct segment *segment, const unsigned char key[BIJECTION_KEY_BYTES]);

/* Reads the code key; false when none has been stored since the segment was created. */
bool key_cache_code_key(struct segment *segment, unsigned char out[BIJECTION_KEY_BYTES]);
