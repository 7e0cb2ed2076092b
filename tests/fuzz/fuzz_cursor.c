/* SPDX-License-Identifier: MIT */
/* Cursors: a cursor that is read is the one that is written for the same list, and is refused for
 * any other list. The input is used once as a cursor and once as the bytes of a position. */
#include "fuzz.h"
#include "web/cursor.h"

enum {
    LIST = 0x01020304,
};

static bool same(const struct link_position *a, const struct link_position *b)
{
    return a->is_set == b->is_set && a->part == b->part && a->link_id == b->link_id &&
           a->owner_id == b->owner_id && a->url_hash == b->url_hash && a->value == b->value &&
           slice_eq(a->key, b->key);
}

static void check_text(struct slice text, struct arena *arena)
{
    struct link_position position;
    if (!cursor_read(text, LIST, arena, &position))
        return;
    MUST(slice_eq(cursor_write(&position, LIST, arena), text));
    MUST(!cursor_read(text, LIST + 1, arena, &position));
}

static void check_place(struct slice bytes, struct arena *arena)
{
    struct link_position position, again;
    if (!link_position_decode(bytes, &position))
        return;
    struct slice text = cursor_write(&position, LIST, arena);
    MUST(text.len > 0);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        MUST((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
             c == '_');
    }
    MUST(cursor_read(text, LIST, arena, &again) && same(&again, &position));
    MUST(!cursor_read((struct slice){ text.at, text.len - 1 }, LIST, arena, &again) ||
         !same(&again, &position));
    check_text(text, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(1 << 16);
    MUST(arena != NULL);
    check_text(fuzz_slice(data, size), arena);
    check_place(fuzz_slice(data, size), arena);
    arena_free(&arena);
    return 0;
}
