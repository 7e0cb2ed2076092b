/* SPDX-License-Identifier: MIT */
/* The reader of FastCGI records: the same request comes out however its bytes were cut into pieces,
 * within its limits. The first byte of the input is the size of the pieces; its highest bit asks
 * for records built from the rest (type, id, length, padding, content), so that the fuzzer need not
 * find out about headers. */
#include <string.h>

#include "fcgi/params.h"
#include "fcgi/reader.h"
#include "fuzz.h"

enum {
    MAX_BODY = 2000,
    ARENA_MAX = 1 << 20,
    BUILT_MAX = 1 << 16,
};

struct read {
    struct reader reader;
    enum reader_status status;
    size_t used;
    size_t replied; /* bytes */
};

/* Feeds a copy of exactly its size, so that ASan sees a read past the piece. */
static enum reader_status feed(struct reader *reader, struct slice piece, size_t *used)
{
    struct error err = { "" };
    char *copy = malloc(piece.len ? piece.len : 1);
    MUST(copy != NULL);
    if (piece.len)
        memcpy(copy, piece.at, piece.len);
    enum reader_status status = reader_feed(reader, (struct slice){ copy, piece.len }, used, &err);
    MUST(*used <= piece.len);
    MUST(status != READER_BROKEN || err.text[0] != '\0');
    free(copy);
    return status;
}

static void read_in_pieces(struct read *read, struct arena *arena, struct slice bytes, size_t size)
{
    reader_start(&read->reader, arena, MAX_BODY);
    do {
        struct slice piece = slice_from(bytes, read->used);
        piece.len = piece.len < size ? piece.len : size;
        size_t used = 0;
        read->status = feed(&read->reader, piece, &used);
        read->used += used;
        if (read->status == READER_REPLY || read->status == READER_ABORTED) {
            MUST(read->reader.n_reply > 0 && read->reader.n_reply <= READER_REPLY_MAX);
            read->replied += read->reader.n_reply;
        } else if (read->status == READER_MORE) {
            MUST(used == piece.len);
        }
    } while (read->status == READER_REPLY ||
             (read->status == READER_MORE && read->used < bytes.len));
}

/* Of the input itself, which ends where it ends. */
static void check_pairs(struct slice input)
{
    struct slice rest = input, name, value;
    while (params_next(&rest, &name, &value)) {
        MUST(fuzz_within(name, input) && fuzz_within(value, input) && fuzz_within(rest, input));
        MUST(rest.len < input.len);
    }
    (void)params_are_sound(input);
}

static void check(const struct reader *r, enum reader_status status)
{
    MUST(r->n_params <= READER_PARAMS_MAX && r->n_body <= MAX_BODY);
    if (status != READER_WHOLE)
        return;
    struct slice params = { r->params, r->n_params }, rest = params, name, value;
    MUST(params_are_sound(rest));
    while (params_next(&rest, &name, &value)) {
        MUST(fuzz_within(name, params) && fuzz_within(value, params));
        MUST(name.len > 0 && slice_find(name, '=') == name.len);
    }
    MUST(rest.len == 0);
    MUST(!r->cut || r->body_too_large);
}

static void check_same(const struct read *one, const struct read *other)
{
    const struct reader *a = &one->reader, *b = &other->reader;
    MUST(one->status == other->status && one->used == other->used);
    MUST(one->replied == other->replied);
    MUST(a->id == b->id && a->keep == b->keep && a->plain == b->plain);
    MUST(a->length == b->length && a->content_length == b->content_length);
    MUST(a->body_too_large == b->body_too_large);
    MUST(slice_eq((struct slice){ a->params, a->n_params },
                  (struct slice){ b->params, b->n_params }));
    if (!a->body_too_large)
        MUST(slice_eq((struct slice){ a->body, a->n_body }, (struct slice){ b->body, b->n_body }));
}

/* Records with sound headers. A length byte of n over 127 stands for (n - 127) * 32. */
static struct slice build(struct arena *arena, struct slice recipe)
{
    char *bytes = arena_alloc(arena, BUILT_MAX);
    size_t n = 0;
    MUST(bytes != NULL);
    while (recipe.len) {
        unsigned type = fuzz_byte(&recipe), id = fuzz_byte(&recipe);
        size_t length = fuzz_byte(&recipe), padding = fuzz_byte(&recipe);
        length = length > 127 ? (length - 127) * 32 : length;
        if (n + FCGI_HEADER_LEN + length + padding > BUILT_MAX)
            break;
        fcgi_record_header((unsigned char *)bytes + n, type, id, length, padding);
        n += FCGI_HEADER_LEN;
        size_t given = recipe.len < length ? recipe.len : length;
        if (given)
            memcpy(bytes + n, recipe.at, given);
        recipe = slice_from(recipe, given);
        n += length + padding;
    }
    return (struct slice){ bytes, n };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = fuzz_slice(data, size);
    struct arena *arena = arena_new(ARENA_MAX);
    MUST(arena != NULL);
    unsigned first = fuzz_byte(&input);
    check_pairs(input);
    if (first & 0x80)
        input = build(arena, input);
    struct read whole = { .used = 0 }, pieces = { .used = 0 };
    read_in_pieces(&whole, arena, input, input.len ? input.len : 1);
    read_in_pieces(&pieces, arena, input, (first & 0x7f) + 1);
    check(&whole.reader, whole.status);
    check_same(&whole, &pieces);
    arena_free(&arena);
    return 0;
}
