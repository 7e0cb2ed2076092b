/* SPDX-License-Identifier: MIT */
/* Positions in lists, as cursors have them: what is decoded is encoded as the same bytes. */
#include "db/link_position.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = fuzz_slice(data, size);
    struct link_position position;
    if (!link_position_decode(bytes, &position))
        return 0;
    struct arena *arena = arena_new(1 << 16);
    MUST(arena && position.is_set && fuzz_within(position.key, bytes));
    MUST(slice_eq(link_position_encode(&position, arena), bytes));
    struct link_query plain = { .limit = 1 };
    struct link_query ordered = { .order = LINK_ORDER_EXPIRES_FIRST, .limit = 1 };
    struct link_query search = { .alias_prefix = SLICE("a"), .host_prefix = SLICE("a") };
    MUST(link_position_fits(&position, &plain) == (position.part == LINK_PART_IDS));
    MUST(link_position_fits(&position, &ordered) == (position.part == LINK_PART_VALUES));
    if (link_position_fits(&position, &search))
        MUST(position.key.len == 0 || position.key.at[0] == 'a');
    arena_free(&arena);
    return 0;
}
