/* SPDX-License-Identifier: MIT */
/* From the targets of access logs to links. */
#include "service/follow_codes.h"

#include <string.h>

#include "base/fnv.h"
#include "base/hex.h"
#include "link/alias.h"

void follow_codes_begin(struct follow_codes *codes, int64_t now)
{
    bool is_known = !codes->has_failed;
    bool is_full = codes->used + FOLLOW_CODES_AT_ONCE > FOLLOW_CODES_MAX / 4 * 3;
    bool is_old = now >= codes->began_at + FOLLOW_CODES_SECONDS;
    codes->n_wanted = 0;
    codes->has_failed = false;
    if (is_known && !is_full && !is_old)
        return;
    memset(codes->slots, 0, sizeof(codes->slots));
    codes->used = 0;
    codes->began_at = now;
}

/* The first segment of the path below the site's folder, as the client sent it. */
static struct slice segment_of(const struct follow_codes *codes, struct slice target)
{
    const struct slice none = { NULL, 0 };
    target.len = slice_find(target, '?');
    target.len = slice_find(target, '#');
    if (!slice_starts_with(target, codes->base_path))
        return none;
    target = slice_from(target, codes->base_path.len);
    if (target.len < 2 || target.at[0] != '/')
        return none;
    target = slice_from(target, 1);
    return (struct slice){ target.at, slice_find(target, '/') };
}

/* Decodes %XX of unreserved bytes (RFC 3986, 6.2.2.2) as the workers do, into `out`; false where
 * the text is too long for a code with a few bytes behind it. */
static bool decode_segment(struct slice segment, char *out, size_t max, size_t *len)
{
    size_t n = 0;
    while (segment.len) {
        char byte = segment.at[0], decoded = '\0';
        size_t used = 1;
        bool is_unreserved = hex_unescape(segment, &decoded) &&
                             (ascii_is_letter(decoded) || ascii_is_digit(decoded) ||
                              (decoded && strchr("-._~", decoded)));
        if (is_unreserved) {
            byte = decoded;
            used = 3;
        }
        if (n == max)
            return false;
        out[n++] = byte;
        segment = slice_from(segment, used);
    }
    *len = n;
    return true;
}

static int take_slot(struct follow_codes *codes, struct slice code)
{
    unsigned at = (unsigned)(fnv1a(FNV1A_BASIS, code) >> 32) % FOLLOW_CODES_MAX;
    while (codes->slots[at].len) {
        const struct follow_code *slot = &codes->slots[at];
        if (slot->len == code.len && memcmp(slot->code, code.at, code.len) == 0)
            return (int)at;
        at = (at + 1) % FOLLOW_CODES_MAX;
    }
    if (codes->n_wanted == FOLLOW_CODES_AT_ONCE)
        return FOLLOW_CODE_NONE;
    struct follow_code *slot = &codes->slots[at];
    *slot = (struct follow_code){ .len = (unsigned char)code.len };
    memcpy(slot->code, code.at, code.len);
    codes->wanted[codes->n_wanted++] = (int)at;
    codes->used++;
    return (int)at;
}

int follow_codes_find(struct follow_codes *codes, struct slice target)
{
    char text[2 * CODE_MAX];
    struct slice code = segment_of(codes, target);
    if (code.len == 0)
        return FOLLOW_CODE_NONE;
    if (!code_is_wellformed(code)) {
        size_t len = 0;
        if (!decode_segment(code, text, sizeof(text), &len))
            return FOLLOW_CODE_NONE;
        code = (struct slice){ text, len };
        if (!code_is_wellformed(code) && !(code_trim(&code) && code_is_wellformed(code)))
            return FOLLOW_CODE_NONE;
    }
    return take_slot(codes, code);
}

/* A batch of slots that are asked for. */
struct asking {
    int slots[DB_BULK_MAX];
    struct slice texts[DB_BULK_MAX];
    struct target targets[DB_BULK_MAX];
    size_t n;
};

/* Takes what is still to be asked off the wanted slots: their codes, or, once these are missing,
 * the lower-case forms. */
static bool collect(const struct follow_codes *codes, bool lowered, struct arena *arena,
                    struct asking *asking)
{
    asking->n = 0;
    for (unsigned i = 0; i < codes->n_wanted && asking->n < DB_BULK_MAX; i++) {
        const struct follow_code *slot = &codes->slots[codes->wanted[i]];
        struct slice code = { slot->code, slot->len };
        if (lowered ? slot->link_id > 0 : slot->is_asked)
            continue;
        if (lowered && !(code = alias_lower(code, arena)).at)
            return false;
        asking->slots[asking->n] = codes->wanted[i];
        asking->texts[asking->n++] = code;
    }
    return true;
}

static enum db_result ask_once(struct follow_codes *codes, bool lowered, struct db *db,
                               struct arena *arena, struct error *err)
{
    arena_reset(arena);
    struct asking *asking = arena_alloc(arena, sizeof(*asking));
    if (!asking || !collect(codes, lowered, arena, asking)) {
        error_set(err, "no memory for the codes of an access log");
        return DB_FAILED;
    }
    if (asking->n == 0)
        return DB_MISSING;
    const struct code_list list = { asking->texts, asking->n };
    enum db_result result = db_resolve_many(db, &list, arena, asking->targets, err);
    for (size_t i = 0; i < asking->n && result == DB_OK; i++) {
        struct follow_code *slot = &codes->slots[asking->slots[i]];
        slot->link_id = asking->targets[i].link_id;
        slot->is_asked = true;
    }
    return result;
}

enum db_result follow_codes_ask(struct follow_codes *codes, struct db *db, struct arena *arena,
                                struct error *err)
{
    enum db_result result = DB_OK;
    while (result == DB_OK)
        result = ask_once(codes, false, db, arena, err);
    if (result == DB_MISSING && codes->ignores_case)
        result = ask_once(codes, true, db, arena, err);
    codes->has_failed = result != DB_MISSING && result != DB_OK;
    return result == DB_MISSING ? DB_OK : result;
}
