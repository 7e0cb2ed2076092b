/* SPDX-License-Identifier: MIT */
/* A reader of MaxMind records that counts the values it reads, to bound its time. */
#include "files/country_record.h"

#include <stdint.h>
#include <string.h>

#include "base/ascii.h"

/* Types of values. A value of a type not listed here has `size` bytes. */
enum value_type {
    VALUE_EXTENDED = 0,
    VALUE_POINTER = 1,
    VALUE_TEXT = 2,
    VALUE_UINT16 = 5,
    VALUE_UINT32 = 6,
    VALUE_MAP = 7,
    VALUE_ARRAY = 11,
    VALUE_BOOLEAN = 14,
};

struct reader {
    struct slice data;
    size_t at;
    unsigned left; /* values that may still be read */
};

/* The head of a value. For a pointer, `size` is its target. */
struct head {
    unsigned type;
    size_t size; /* bytes, items or members */
};

/* --- one value --- */

/* Reads a big-endian number of `n` bytes. */
static bool country_record_read_number(struct reader *reader, unsigned n, size_t *out)
{
    if (n > reader->data.len - reader->at)
        return false;
    for (unsigned i = 0; i < n; i++)
        *out = *out << 8 | (unsigned char)reader->data.at[reader->at++];
    return true;
}

static bool read_pointer(struct reader *reader, size_t control, size_t *out)
{
    static const size_t starts[] = { 0, 2048, 526336, 0 };
    unsigned bytes = (unsigned)(control >> 3 & 3) + 1;
    *out = bytes < 4 ? control & 7 : 0;
    if (!country_record_read_number(reader, bytes, out))
        return false;
    *out += starts[bytes - 1];
    return true;
}

/* Reads the size of a value: small sizes are in the control byte, larger ones in one to three more
 * bytes. */
static bool read_size(struct reader *reader, size_t control, size_t *out)
{
    static const size_t starts[] = { 29, 285, 65821 };
    size_t small = control & 31;
    *out = 0;
    if (small < starts[0]) {
        *out = small;
        return true;
    }
    if (!country_record_read_number(reader, (unsigned)(small - starts[0]) + 1, out))
        return false;
    *out += starts[small - starts[0]];
    return true;
}

static bool country_record_read_head(struct reader *reader, struct head *out)
{
    size_t control = 0;
    size_t more = 0;
    if (reader->left == 0 || !country_record_read_number(reader, 1, &control))
        return false;
    reader->left--;
    out->type = (unsigned)(control >> 5);
    if (out->type == VALUE_POINTER)
        return read_pointer(reader, control, &out->size);
    if (out->type == VALUE_EXTENDED && !country_record_read_number(reader, 1, &more))
        return false;
    if (out->type == VALUE_EXTENDED)
        out->type = 7 + (unsigned)more;
    return read_size(reader, control, &out->size);
}

/* Follows a pointer; its target must not be a pointer. */
static bool follow(struct reader *reader, struct head *head)
{
    if (head->type != VALUE_POINTER)
        return true;
    if (head->size > reader->data.len)
        return false;
    reader->at = head->size;
    return country_record_read_head(reader, head) && head->type != VALUE_POINTER;
}

static size_t items_of(const struct head *head)
{
    if (head->type == VALUE_MAP)
        return 2 * head->size;
    return head->type == VALUE_ARRAY ? head->size : 0;
}

/* Reads the bytes of a value after its head. */
static bool country_record_take_bytes(struct reader *reader, const struct head *head,
                                      struct slice *out)
{
    bool none = head->type == VALUE_MAP || head->type == VALUE_ARRAY ||
                head->type == VALUE_BOOLEAN || head->type == VALUE_POINTER;
    *out = (struct slice){ reader->data.at + reader->at, none ? 0 : head->size };
    if (out->len > reader->data.len - reader->at)
        return false;
    reader->at += out->len;
    return true;
}

/* --- a value with nested values --- */

struct level {
    size_t left; /* remaining items */
    size_t back; /* where to continue after the last item; SIZE_MAX: at its end */
};

/* Enters the next value; follows pointers if `into_pointers`. */
static bool country_record_enter(struct reader *reader, bool into_pointers, struct level *out)
{
    struct head head;
    struct slice bytes;
    if (!country_record_read_head(reader, &head))
        return false;
    *out = (struct level){ .back = SIZE_MAX };
    if (into_pointers && head.type == VALUE_POINTER) {
        out->back = reader->at;
        if (!follow(reader, &head))
            return false;
    }
    out->left = items_of(&head);
    return country_record_take_bytes(reader, &head, &bytes);
}

/* Skips a value. */
static bool country_record_pass(struct reader *reader, bool into_pointers)
{
    struct level levels[COUNTRY_DEPTH_MAX + 1] = { { .left = 1, .back = SIZE_MAX } };
    unsigned depth = 1;
    while (depth > 0) {
        struct level *level = &levels[depth - 1];
        if (level->left == 0) {
            reader->at = level->back == SIZE_MAX ? reader->at : level->back;
            depth--;
            continue;
        }
        level->left--;
        if (depth > COUNTRY_DEPTH_MAX ||
            !country_record_enter(reader, into_pointers, &levels[depth]))
            return false;
        depth++;
    }
    return true;
}

/* --- a record --- */

static bool read_text(struct reader *reader, struct slice *out)
{
    struct head head;
    if (!country_record_read_head(reader, &head))
        return false;
    size_t behind = reader->at;
    bool pointed = head.type == VALUE_POINTER;
    if (!follow(reader, &head) || head.type != VALUE_TEXT ||
        !country_record_take_bytes(reader, &head, out))
        return false;
    if (pointed)
        reader->at = behind;
    return true;
}

/* Moves from a map to its member `name`. */
static bool find_member(struct reader *reader, struct slice name)
{
    struct head head;
    struct slice key;
    if (!country_record_read_head(reader, &head) || !follow(reader, &head) ||
        head.type != VALUE_MAP)
        return false;
    for (size_t i = 0; i < head.size; i++) {
        if (!read_text(reader, &key))
            return false;
        if (slice_eq(key, name))
            return true;
        if (!country_record_pass(reader, false))
            return false;
    }
    return false;
}

/* {"country": {"iso_code": "DE"}}, as MaxMind and DB-IP have it; {"country_code": "DE"}, as
 * ip-location-db and IPinfo Lite do, the latter beside the country's name; or {"country": "DE"}. */
static const char *const PATHS[][2] = {
    { "country", "iso_code" },
    { "country_code", NULL },
    { "country", NULL },
};

bool country_record_code(struct slice data, size_t offset, char out[2])
{
    struct slice text;
    if (offset > data.len)
        return false;
    for (size_t i = 0; i < sizeof(PATHS) / sizeof(PATHS[0]); i++) {
        struct reader reader = { data, offset, COUNTRY_VALUES_MAX };
        if (!find_member(&reader, slice_of(PATHS[i][0])) ||
            (PATHS[i][1] && !find_member(&reader, slice_of(PATHS[i][1]))) ||
            !read_text(&reader, &text) || text.len != 2 || !ascii_is_upper(text.at[0]) ||
            !ascii_is_upper(text.at[1]))
            continue;
        memcpy(out, text.at, 2);
        return true;
    }
    return false;
}

/* --- the metadata --- */

/* Reads a number that is a member of the metadata map. */
static bool find_number(struct slice metadata, struct slice name, uint64_t *out)
{
    struct reader reader = { metadata, 0, COUNTRY_VALUES_MAX };
    struct head head;
    size_t number = 0;
    if (!find_member(&reader, name) || !country_record_read_head(&reader, &head) ||
        !follow(&reader, &head) || (head.type != VALUE_UINT16 && head.type != VALUE_UINT32) ||
        head.size > sizeof(uint32_t) ||
        !country_record_read_number(&reader, (unsigned)head.size, &number))
        return false;
    *out = number;
    return true;
}

/* Whether the search tree fits into the file. A node has two records; the last node is followed by
 * 16 zero bytes and the data section. */
static bool tree_fits(struct slice metadata, uint64_t file_size)
{
    const uint64_t separator = 16;
    uint64_t nodes;
    uint64_t record_bits;
    return find_number(metadata, SLICE("node_count"), &nodes) &&
           find_number(metadata, SLICE("record_size"), &record_bits) && record_bits <= 32 &&
           nodes * record_bits * 2 / 8 + separator <= file_size;
}

bool country_metadata_is_sound(struct slice tail, uint64_t file_size)
{
    static const struct slice marker = { "\xab\xcd\xefMaxMind.com", 14 };
    for (size_t at = tail.len; at-- > 0;) {
        struct slice rest = slice_from(tail, at);
        if (!slice_starts_with(rest, marker))
            continue;
        struct reader reader = { slice_from(rest, marker.len), 0, COUNTRY_VALUES_MAX };
        return country_record_pass(&reader, true) &&
               tree_fits(slice_from(rest, marker.len), file_size);
    }
    return false;
}
