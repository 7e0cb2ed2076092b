/* SPDX-License-Identifier: MIT */
/* Prints JSON objects, one per line. */
#include "cli/json.h"

#include <stdio.h>

#include "base/buf.h"
#include "text/escape.h"

enum {
    OBJECT_MAX = 64 * 1024,
};

static void json_add_value(struct buf *out, const struct json_member *member)
{
    if (!member->text.at) {
        buf_add_int(out, member->number);
        return;
    }
    buf_add_byte(out, '"');
    escape_json(out, member->text);
    buf_add_byte(out, '"');
}

void json_print_object(const struct json_member *members, size_t n)
{
    struct arena *arena = arena_new(4 * OBJECT_MAX);
    if (!arena)
        return;
    struct buf out = buf_in(arena, OBJECT_MAX);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&out, "%s\"%s\": ", i ? ", " : "{", members[i].name);
        json_add_value(&out, &members[i]);
    }
    buf_add_text(&out, "}\n");
    struct slice text = buf_slice(&out);
    fwrite(text.at, 1, text.len, stdout);
    arena_free(&arena);
}
