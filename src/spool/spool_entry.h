/* SPDX-License-Identifier: MIT */
/* The encoding of a create in the spool. Pure; decoding is safe with any bytes.
 *
 *   offset  size  field (little-endian)
 *        0     8  check: keyed hash of all that follows, with the key of the file
 *        8     4  length of the body
 *       12     4  format, at most SPOOL_ENTRY_FORMAT: the first one that has all texts of the link,
 * so that workers of the version before read what has no new one 16     1  length of the code, then
 * the code …    32  hash of the idempotency key, all zero where the client gave none …    32
 * fingerprint of what was asked for, likewise …     8  link id …     2  redirect_status …     2
 * flags …     8  created_at, which is updated_at, too …     8  starts_at …     8  expires_at … 4
 * owner id …     1  length of the owner's name, then the name …        of each text that has a
 * format in link/link_fields.def, up to this one, in the order of the fields (format 1: the title;
 * format 2: expired_url and not_started_url, too): 1 length (of a URL 4), the text …     1  number
 * of tags, then of each: 1 length, the tag …     4  length of the long URL, which ends the entry
 *
 * It has no fields for what is never spooled: aliases, max_clicks, versions after the first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "db/db_types.h"
#include "link/keyed_hash.h"
#include "link/link.h"

enum {
    SPOOL_ENTRY_FORMAT = 2, /* increased with each new text; entries of earlier formats are read */
    SPOOL_ENTRY_HEAD = 16,
    SPOOL_ENTRY_MAX = 32 * 1024, /* bytes of one entry: larger than the longest link's */
};

struct spool_entry {
    struct link link;
    bool has_key;           /* the client sent an idempotency key */
    struct idempotency key; /* valid if has_key; created_at and link_id are the link's */
};

/* Encodes an entry, in `arena`; returns an empty slice when the arena is full, or when the link
 * cannot be spooled. */
struct slice spool_entry_encode(const struct spool_entry *entry,
                                const unsigned char file_key[KEYED_HASH_KEY_BYTES],
                                struct arena *arena);

/* The size of the entry at the start of `bytes`, according to its head, in bytes; 0 when it cannot
 * be an entry. It may be larger than bytes.len; nothing else is checked. */
size_t spool_entry_size(struct slice bytes);

/* Reads only the code and the hash of the idempotency key (DB_HASH_BYTES, all zero for none) of the
 * entry `bytes`, without decoding it. False when the entry is too short for them. */
bool spool_entry_peek(struct slice bytes, struct slice *code, struct slice *key_hash);

/* Decodes the entry `bytes` and verifies its check; it must end with the last byte. Texts are
 * borrowed from `bytes`, lists are in `arena`. False for anything else, and when the arena is
 * full. */
bool spool_entry_decode(struct slice bytes, const unsigned char file_key[KEYED_HASH_KEY_BYTES],
                        struct arena *arena, struct spool_entry *out);
