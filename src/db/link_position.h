/* SPDX-License-Identifier: MIT */
/* The encoding of a position in a list of links, for cursors that clients send back. */
#pragma once

#include "base/arena.h"
#include "db/db_types.h"

enum {
    LINK_POSITION_MAX = 128, /* bytes */
};

/* Encodes a position, in `arena`; returns an empty slice when the arena is full. It contains only
 * what the list has shown. */
struct slice link_position_encode(const struct link_position *position, struct arena *arena);

/* Decodes a position; out->key points into `bytes`. False for bytes that link_position_encode
 * cannot have written. Safe with any bytes. */
bool link_position_decode(struct slice bytes, struct link_position *out);

/* Whether the list of `query` can have this position: its part must be one of that list. */
bool link_position_fits(const struct link_position *position, const struct link_query *query);
