/* SPDX-License-Identifier: MIT */
/* Encoding and decoding of spool entries. */
#include "spool/spool_entry.h"

#include <assert.h>
#include <string.h>

#include "base/le.h"
#include "link/code.h"
#include "link/link_fields.h"

#define BYTE_MAX 255

enum {
    CHECK_BYTES = 8,
    URL_WIDTH = 4, /* bytes of the length of a URL */
};

static_assert(LINK_TAG_MAX <= BYTE_MAX && CODE_MAX <= BYTE_MAX && USER_NAME_MAX <= BYTE_MAX &&
                  LINK_TAGS_MAX <= BYTE_MAX,
              "one byte is enough for the length");
#define LINK_FIELD(id, name, kind, member, max, spool)                 \
    static_assert((spool) == 0 || KIND_##kind == KIND_URL ||           \
                      (KIND_##kind == KIND_TEXT && (max) <= BYTE_MAX), \
                  name " is a text whose length takes one byte, or a URL");
#include "link/link_fields.def"

/* --- writing --- */

/* A buffer that is filled from its start; fails when bytes do not fit. */
struct writer {
    unsigned char *at;
    size_t left;
    bool failed;
};

static void spool_entry_put(struct writer *w, uint64_t value, unsigned bytes)
{
    w->failed |= bytes > w->left;
    if (w->failed)
        return;
    w->at = le_put(w->at, value, bytes);
    w->left -= bytes;
}

static void spool_entry_put_bytes(struct writer *w, const void *bytes, size_t len)
{
    w->failed |= len > w->left;
    if (w->failed || len == 0)
        return;
    memcpy(w->at, bytes, len);
    w->at += len;
    w->left -= len;
}

/* Writes a text after its length, a number of `width` bytes. */
static void put_text(struct writer *w, struct slice text, unsigned width)
{
    w->failed |= width == 1 && text.len > BYTE_MAX;
    spool_entry_put(w, text.len, width);
    spool_entry_put_bytes(w, text.at, text.len);
}

/* Whether an entry of `format` has the field among its texts. */
static bool spool_entry_has_text(unsigned field, unsigned format)
{
    unsigned since = link_field_rows[field].spool;
    return since > 0 && since <= format;
}

/* The bytes of the length of such a text. */
static unsigned spool_entry_width(unsigned field)
{
    return link_field_rows[field].kind == KIND_URL ? URL_WIDTH : 1;
}

static bool has_place(const struct link *link)
{
    return link->target.version == 1 && link->target.max_clicks == 0 && !link->code_is_alias &&
           link->n_aliases == 0 && link->n_tags <= LINK_TAGS_MAX && link->code.len > 0 &&
           link->code.len <= CODE_MAX;
}

/* The first format that has all texts of the link. */
static unsigned spool_entry_format(const struct link *link)
{
    unsigned format = 1;
    for (unsigned i = 0; i < LINK_FIELDS; i++) {
        if (link_field_rows[i].spool > format && link_field_get(link, (enum link_field)i).text.len)
            format = link_field_rows[i].spool;
    }
    return format;
}

static void put_link(struct writer *w, const struct link *link)
{
    const struct target *target = &link->target;
    spool_entry_put(w, target->link_id, 8);
    spool_entry_put(w, target->redirect_status, 2);
    spool_entry_put(w, target->flags, 2);
    spool_entry_put(w, (uint64_t)link->created_at, 8);
    spool_entry_put(w, (uint64_t)target->starts_at, 8);
    spool_entry_put(w, (uint64_t)target->expires_at, 8);
    spool_entry_put(w, link->owner_id, 4);
    put_text(w, link->owner, 1);
    for (unsigned i = 0; i < LINK_FIELDS; i++) {
        if (spool_entry_has_text(i, spool_entry_format(link)))
            put_text(w, link_field_get(link, (enum link_field)i).text, spool_entry_width(i));
    }
    spool_entry_put(w, link->n_tags, 1);
    for (unsigned i = 0; i < link->n_tags; i++)
        put_text(w, link->tags[i], 1);
    put_text(w, target->long_url, URL_WIDTH);
}

struct slice spool_entry_encode(const struct spool_entry *entry,
                                const unsigned char file_key[KEYED_HASH_KEY_BYTES],
                                struct arena *arena)
{
    static const struct idempotency none;
    const struct idempotency *key = entry->has_key ? &entry->key : &none;
    unsigned char bytes[SPOOL_ENTRY_MAX];
    struct writer w = { bytes + SPOOL_ENTRY_HEAD, SPOOL_ENTRY_MAX - SPOOL_ENTRY_HEAD, false };
    if (!has_place(&entry->link))
        return (struct slice){ NULL, 0 };
    put_text(&w, entry->link.code, 1);
    spool_entry_put_bytes(&w, key->key_hash, DB_HASH_BYTES);
    spool_entry_put_bytes(&w, key->fingerprint, DB_HASH_BYTES);
    put_link(&w, &entry->link);
    if (w.failed)
        return (struct slice){ NULL, 0 };
    size_t size = (size_t)(w.at - bytes);
    struct writer head = { bytes + CHECK_BYTES, SPOOL_ENTRY_HEAD - CHECK_BYTES, false };
    spool_entry_put(&head, size - SPOOL_ENTRY_HEAD, 4);
    spool_entry_put(&head, spool_entry_format(&entry->link), 4);
    struct writer check = { bytes, CHECK_BYTES, false };
    spool_entry_put(&check, keyed_hash(file_key, bytes + CHECK_BYTES, size - CHECK_BYTES),
                    CHECK_BYTES);
    const char *copy = arena_copy(arena, (struct slice){ (const char *)bytes, size });
    return (struct slice){ copy, copy ? size : 0 };
}

/* --- reading --- */

/* Bytes that are read from their start; fails when bytes are missing. */
struct reader {
    struct slice rest;
    bool failed;
};

static struct slice spool_entry_take_bytes(struct reader *r, size_t len)
{
    r->failed |= len > r->rest.len;
    if (r->failed || len == 0)
        return (struct slice){ NULL, 0 };
    struct slice taken = { r->rest.at, len };
    r->rest = slice_from(r->rest, len);
    return taken;
}

static uint64_t spool_entry_take(struct reader *r, unsigned bytes)
{
    struct slice taken = spool_entry_take_bytes(r, bytes);
    const unsigned char *at = (const unsigned char *)taken.at;
    return at ? le_get(&at, bytes) : 0;
}

static struct slice take_text(struct reader *r, unsigned width)
{
    return spool_entry_take_bytes(r, spool_entry_take(r, width));
}

size_t spool_entry_size(struct slice bytes)
{
    struct reader r = { slice_from(bytes, CHECK_BYTES), false };
    uint64_t body = spool_entry_take(&r, 4);
    uint64_t format = spool_entry_take(&r, 4);
    bool plausible = !r.failed && format > 0 && format <= SPOOL_ENTRY_FORMAT && body > 0 &&
                     body <= SPOOL_ENTRY_MAX - SPOOL_ENTRY_HEAD;
    return plausible ? SPOOL_ENTRY_HEAD + body : 0;
}

bool spool_entry_peek(struct slice bytes, struct slice *code, struct slice *key_hash)
{
    struct reader r = { slice_from(bytes, SPOOL_ENTRY_HEAD), false };
    *code = take_text(&r, 1);
    *key_hash = spool_entry_take_bytes(&r, DB_HASH_BYTES);
    return !r.failed && code->len > 0;
}

static void take_hash(struct reader *r, unsigned char out[DB_HASH_BYTES])
{
    struct slice hash = spool_entry_take_bytes(r, DB_HASH_BYTES);
    if (hash.len)
        memcpy(out, hash.at, DB_HASH_BYTES);
}

static void take_tags(struct reader *r, struct link *link, struct arena *arena)
{
    unsigned n = (unsigned)spool_entry_take(r, 1);
    struct slice *tags = arena_alloc(arena, (n + 1) * sizeof(*tags));
    r->failed |= n > LINK_TAGS_MAX || !tags;
    for (unsigned i = 0; i < n && !r->failed; i++)
        tags[i] = take_text(r, 1);
    link->tags = tags;
    link->n_tags = n;
}

static void take_link(struct reader *r, struct link *link, unsigned format, struct arena *arena)
{
    struct target *target = &link->target;
    target->version = 1;
    target->link_id = spool_entry_take(r, 8);
    target->redirect_status = (uint16_t)spool_entry_take(r, 2);
    target->flags = (uint16_t)spool_entry_take(r, 2);
    link->created_at = link->updated_at = (int64_t)spool_entry_take(r, 8);
    target->starts_at = (int64_t)spool_entry_take(r, 8);
    target->expires_at = (int64_t)spool_entry_take(r, 8);
    link->owner_id = (uint32_t)spool_entry_take(r, 4);
    link->owner = take_text(r, 1);
    for (unsigned i = 0; i < LINK_FIELDS; i++) {
        if (spool_entry_has_text(i, format))
            link_field_put(link, (enum link_field)i,
                           &(struct field_value){ .text = take_text(r, spool_entry_width(i)) });
    }
    take_tags(r, link, arena);
    target->long_url = take_text(r, URL_WIDTH);
}

static bool spool_entry_is_sound(const struct link *link)
{
    const struct target *target = &link->target;
    return target->link_id > 0 && code_is_wellformed(link->code) && target->long_url.len > 0 &&
           redirect_status_is_valid(target->redirect_status) && link->created_at >= 0 &&
           target->starts_at >= 0 && target->expires_at >= 0;
}

bool spool_entry_decode(struct slice bytes, const unsigned char file_key[KEYED_HASH_KEY_BYTES],
                        struct arena *arena, struct spool_entry *out)
{
    static const unsigned char none[DB_HASH_BYTES];
    struct reader r = { bytes, false };
    uint64_t check = spool_entry_take(&r, CHECK_BYTES);
    if (spool_entry_size(bytes) != bytes.len || bytes.len == 0 ||
        check != keyed_hash(file_key, bytes.at + CHECK_BYTES, bytes.len - CHECK_BYTES))
        return false;
    spool_entry_take(&r, 4); /* its length */
    unsigned format = (unsigned)spool_entry_take(&r, 4);
    *out = (struct spool_entry){ .has_key = false };
    out->link.code = take_text(&r, 1);
    take_hash(&r, out->key.key_hash);
    take_hash(&r, out->key.fingerprint);
    take_link(&r, &out->link, format, arena);
    out->has_key = memcmp(out->key.key_hash, none, sizeof(none)) != 0;
    out->key.created_at = out->link.created_at;
    out->key.link_id = out->link.target.link_id;
    return !r.failed && r.rest.len == 0 && spool_entry_is_sound(&out->link);
}
