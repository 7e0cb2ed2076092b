/* SPDX-License-Identifier: MIT */
/* The encoding: one byte for the layout, one for the part, the numbers in big-endian order, and the
 * key. The value of LINK_PART_VALUES is in the place of the owner and the hash. */
#include "db/link_position.h"

enum {
    LAYOUT = 1,
    HEAD = 2 + 8 + 4 + 4,
};

static void link_position_put(unsigned char *at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (unsigned char)(value >> 8 * (bytes - 1 - i));
}

static uint64_t get(const char *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

struct slice link_position_encode(const struct link_position *position, struct arena *arena)
{
    size_t len = HEAD + position->key.len;
    unsigned char *at = len <= LINK_POSITION_MAX ? arena_alloc(arena, len) : NULL;
    if (!at)
        return (struct slice){ NULL, 0 };
    at[0] = LAYOUT;
    at[1] = (unsigned char)position->part;
    link_position_put(at + 2, position->link_id, 8);
    if (position->part == LINK_PART_VALUES) {
        link_position_put(at + 10, (uint64_t)position->value, 8);
    } else {
        link_position_put(at + 10, position->owner_id, 4);
        link_position_put(at + 14, position->url_hash, 4);
    }
    if (position->key.len > 0)
        memcpy(at + HEAD, position->key.at, position->key.len);
    return (struct slice){ (const char *)at, len };
}

bool link_position_decode(struct slice bytes, struct link_position *out)
{
    if (bytes.len < HEAD || bytes.len > LINK_POSITION_MAX || bytes.at[0] != LAYOUT)
        return false;
    unsigned part = (unsigned char)bytes.at[1];
    *out = (struct link_position){
        .is_set = true,
        .part = (enum link_part)part,
        .link_id = get(bytes.at + 2, 8),
        .owner_id = (uint32_t)get(bytes.at + 10, 4),
        .url_hash = (uint32_t)get(bytes.at + 14, 4),
        .key = slice_from(bytes, HEAD),
    };
    switch (out->part) {
    case LINK_PART_IDS:
        return out->key.len == 0 && out->owner_id == 0 && out->url_hash == 0;
    case LINK_PART_ALIASES:
        return out->key.len > 0 && out->owner_id == 0 && out->url_hash == 0;
    case LINK_PART_HOSTS:
        return true;
    case LINK_PART_TITLES:
        return out->url_hash == 0;
    case LINK_PART_VALUES:
        out->value = (int64_t)get(bytes.at + 10, 8);
        out->owner_id = out->url_hash = 0;
        return out->key.len == 0;
    }
    return false;
}

bool link_position_fits(const struct link_position *position, const struct link_query *query)
{
    bool searches = link_query_searches(query);
    if (!position->is_set)
        return true;
    switch (position->part) {
    case LINK_PART_IDS:
        return !searches && !link_order_has_values(query->order);
    case LINK_PART_ALIASES:
        return query->alias_prefix.len > 0 && slice_starts_with(position->key, query->alias_prefix);
    case LINK_PART_HOSTS:
        return query->host_prefix.len > 0 &&
               (position->key.len == 0 || slice_starts_with(position->key, query->host_prefix));
    case LINK_PART_TITLES:
        return query->words && query->words->n > 0 &&
               (position->key.len == 0 ||
                slice_starts_with(position->key, words_longest(query->words)));
    case LINK_PART_VALUES:
        return !searches && link_order_has_values(query->order);
    }
    return false;
}
