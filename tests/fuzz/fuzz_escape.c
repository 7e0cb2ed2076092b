/* SPDX-License-Identifier: MIT */
/* Escaping: for any input, no byte is written that could end the value, the line or the tag. */
#include <string.h>

#include "fuzz.h"
#include "text/escape.h"
#include "text/utf8.h"

static void check_html(struct slice out)
{
    for (size_t i = 0; i < out.len; i++)
        MUST(strchr("<>\"'", out.at[i]) == NULL || out.at[i] == '\0');
}

static void check_logfmt(struct slice out)
{
    MUST(out.len > 0);
    bool quoted = out.at[0] == '"';
    MUST(!quoted || (out.len > 1 && out.at[out.len - 1] == '"'));
    for (size_t i = 0; i < out.len; i++) {
        MUST(out.at[i] >= (quoted ? 0x20 : 0x21) && out.at[i] < 0x7f);
        if (!quoted)
            MUST(out.at[i] != '=' && out.at[i] != '"' && out.at[i] != '\\');
        else if (i > 0 && out.at[i] == '\\')
            MUST(++i < out.len - 1);
        else
            MUST(out.at[i] != '"' || i == 0 || i == out.len - 1);
    }
}

static void check_json(struct slice out)
{
    MUST(utf8_valid(out));
    for (size_t i = 0; i < out.len; i++) {
        MUST((unsigned char)out.at[i] >= 0x20 && out.at[i] != 0x7f && out.at[i] != '"');
        if (out.at[i] == '\\')
            MUST(++i < out.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        void (*escape)(struct buf *b, struct slice s);
        void (*check)(struct slice out);
    } places[] = {
        { escape_html, check_html },
        { escape_logfmt, check_logfmt },
        { escape_json, check_json },
    };
    struct arena *arena = arena_new(8 << 20);
    MUST(arena != NULL);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct buf out = buf_in(arena, 6 * size + 2);
        places[i].escape(&out, fuzz_slice(data, size));
        MUST(!out.failed);
        places[i].check(buf_slice(&out));
        arena_reset(arena);
    }
    arena_free(&arena);
    return 0;
}
