/* SPDX-License-Identifier: MIT */
/* Sketches of visitors: what decodes is written back as the same bytes, and continues to count. A
 * byte of how many visitors are added in hundreds, then the sketch. */
#include "click/visitors.h"
#include "fuzz.h"

static void check_adding(struct visitors *visitors, unsigned n, struct arena *arena)
{
    uint64_t count = visitors_count(visitors);
    uint64_t hash = 1;
    for (unsigned i = 0; i < n; i++) {
        hash = hash * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        MUST(visitors_add(visitors, hash));
        MUST(visitors_count(visitors) >= count);
        count = visitors_count(visitors);
        if (i % 64 == 0)
            MUST(visitors_add(visitors, hash) && visitors_count(visitors) == count);
    }
    MUST(count <= VISITORS_COUNT_MAX);
    struct slice bytes = visitors_encode(visitors, arena);
    struct visitors *again = NULL;
    MUST(bytes.len > 0 && bytes.len <= VISITORS_BYTES_MAX);
    MUST(visitors_decode(bytes, arena, &again));
    MUST(visitors_count(again) == count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = fuzz_slice(data, size);
    unsigned hundreds = fuzz_byte(&bytes);
    struct arena *arena = arena_new(1 << 20);
    struct visitors *visitors = NULL;
    MUST(arena != NULL);
    if (visitors_decode(bytes, arena, &visitors)) {
        MUST(slice_eq(visitors_encode(visitors, arena), bytes));
        check_adding(visitors, hundreds * 100, arena);
    }
    arena_free(&arena);
    return 0;
}
