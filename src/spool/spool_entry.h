/* SPDX-License-Identifier: MIT */
/* A create that waits for the database, as bytes: pure, and safe with whatever bytes it is given.
 *
 *   offset  size  field (little-endian)
 *        0     8  check: keyed hash of all that follows, with the key of the file
 *        8     4  length of the body
 *       12     4  format, SPOOL_ENTRY_FORMAT
 *       16     1  length of the code, then the code
 *        …    32  hash of the idempotency key, all zero where the client gave none
 *        …    32  fingerprint of what was asked for, likewise
 *        …     8  link id
 *        …     2  redirect_status
 *        …     2  flags
 *        …     8  created_at, which is updated_at, too
 *        …     8  starts_at
 *        …     8  expires_at
 *        …     4  owner id
 *        …     1  length of the owner's name, then the name
 *        …     1  length of the title, then the title
 *        …     1  number of tags, then of each: 1 length, the tag
 *        …     4  length of the long URL, which ends the entry
 *
 * What a spool never holds has no place here: aliases, max_clicks, versions after the first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "db/db_types.h"
#include "link/keyed_hash.h"
#include "link/link.h"

enum {
    SPOOL_ENTRY_FORMAT = 1,
    SPOOL_ENTRY_HEAD = 16,
    SPOOL_ENTRY_MAX = 16 * 1024, /* bytes of one entry: more than the longest link takes */
};

struct spool_entry {
    struct link link;
    bool has_key;           /* the client named its create */
    struct idempotency key; /* then this is the name; created_at and link_id are the link's */
};

/* The entry's bytes, in `arena`; an empty slice when the arena is full or the link is none that a
 * spool can hold. */
struct slice spool_entry_encode(const struct spool_entry *entry,
                                const unsigned char file_key[KEYED_HASH_KEY_BYTES],
                                struct arena *arena);

/* How many bytes the entry has that begins where `bytes` do, as its head says; 0 when that cannot
 * be an entry. They may be more than `bytes` has; nothing else is checked. */
size_t spool_entry_size(struct slice bytes);

/* The code of the entry that `bytes` are, and its hash of an idempotency key (DB_HASH_BYTES, all
 * zero for none): a cheap look before decoding. False when they do not fit in. */
bool spool_entry_peek(struct slice bytes, struct slice *code, struct slice *key_hash);

/* Reads an entry that is `bytes` from the first to the last, its check included. Texts are borrowed
 * from `bytes`, lists are in `arena`. False for anything else. */
bool spool_entry_decode(struct slice bytes, const unsigned char file_key[KEYED_HASH_KEY_BYTES],
                        struct arena *arena, struct spool_entry *out);
