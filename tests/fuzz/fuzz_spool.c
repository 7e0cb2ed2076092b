/* SPDX-License-Identifier: MIT */
/* The bytes of a spool file behind its head: what decodes is written back as the same bytes, and
 * nothing is read that is not there. The first byte decides whether checks are made right, so that
 * the fuzzer gets past them. */
#include <string.h>

#include "fuzz.h"
#include "spool/spool_entry.h"

enum {
    CHECK = 8,
    COPY_MAX = 1 << 16,
};

static const unsigned char KEY[KEYED_HASH_KEY_BYTES] = { 4, 7, 1, 1 };

static void set_check(char *entry, size_t size)
{
    uint64_t check = keyed_hash(KEY, entry + CHECK, size - CHECK);
    for (unsigned i = 0; i < CHECK; i++)
        entry[i] = (char)(check >> (8 * i));
}

static void check_entry(struct slice bytes, struct arena *arena)
{
    struct spool_entry entry;
    struct slice code;
    struct slice hash;
    if (!spool_entry_decode(bytes, KEY, arena, &entry))
        return;
    MUST(spool_entry_peek(bytes, &code, &hash));
    MUST(slice_eq(code, entry.link.code));
    MUST(fuzz_within(entry.link.target.long_url, bytes));
    MUST(fuzz_within(entry.link.title, bytes));
    MUST(fuzz_within(entry.link.owner, bytes));
    for (unsigned i = 0; i < entry.link.n_tags; i++)
        MUST(fuzz_within(entry.link.tags[i], bytes));
    struct slice again = spool_entry_encode(&entry, KEY, arena);
    /* A fingerprint without a key is not written back. */
    MUST(again.len == bytes.len);
    MUST(!entry.has_key || slice_eq(again, bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char copy[COPY_MAX];
    if (size < 1 || size > COPY_MAX)
        return 0;
    struct arena *arena = arena_new(1 << 20);
    MUST(arena != NULL);
    memcpy(copy, data + 1, size - 1);
    for (size_t at = 0; at < size - 1;) {
        size_t left = size - 1 - at;
        size_t entry = spool_entry_size((struct slice){ copy + at, left });
        if (entry == 0 || entry > left)
            break;
        if (data[0] & 1)
            set_check(copy + at, entry);
        check_entry((struct slice){ copy + at, entry }, arena);
        arena_reset(arena);
        at += entry;
    }
    arena_free(&arena);
    return 0;
}
