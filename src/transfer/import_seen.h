/* SPDX-License-Identifier: MIT */
/* Remembers in which line of a file a code was, to name it when the code comes again, and so that a
 * dry run finds rows that are there twice. Texts are kept as hashes of 64 bits: the memory is 16 to
 * 32 bytes an entry, and has a limit. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    IMPORT_SEEN_MAX = 3000000, /* entries of a dry run: 64 MiB, 96 while the table grows */
    IMPORT_SEEN_NAMED = 49152, /* of an import, which needs them for its messages only: 1 MiB */
};

struct import_seen_entry {
    uint64_t key; /* 0: free */
    uint32_t url; /* a hash of the long URL */
    uint32_t line;
};

/* The caller sets `max` (1 to IMPORT_SEEN_MAX); the rest is zero. */
struct import_seen {
    size_t max;
    struct import_seen_entry *entries;
    size_t size; /* a power of two, or 0 */
    size_t n;
    bool full; /* an entry was left out, because there are `max`, or memory is out */
};

/* The key of a code; of an owner's name together with a long URL; of the name of a user. */
uint64_t import_seen_code(struct slice code);
uint64_t import_seen_destination(struct slice owner, struct slice long_url);
uint64_t import_seen_user(struct slice name);

/* The entry of the key, or NULL. */
const struct import_seen_entry *import_seen_find(const struct import_seen *seen, uint64_t key);

/* Adds an entry unless there is one with the key. */
void import_seen_add(struct import_seen *seen, uint64_t key, struct slice long_url, uint64_t line);

/* Whether the entry has this long URL. */
bool import_seen_is(const struct import_seen_entry *entry, struct slice long_url);

/* Frees the entries; `max` and `full` remain. */
void import_seen_free(struct import_seen *seen);
