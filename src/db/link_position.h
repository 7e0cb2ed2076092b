/* SPDX-License-Identifier: MIT */
/* A place in a list of links as bytes, for cursors that go out into the world and come back. */
#pragma once

#include "base/arena.h"
#include "db/db_types.h"

enum {
    LINK_POSITION_MAX = 128, /* bytes */
};

/* The bytes, in `arena`; empty when memory is out. They hold nothing but what the list has shown.
 */
struct slice link_position_encode(const struct link_position *position, struct arena *arena);

/* Reads what link_position_encode wrote; out->key points into `bytes`. False for anything else that
 * could not have been written, whatever it is. */
bool link_position_decode(struct slice bytes, struct link_position *out);

/* Whether a list asked for by `query` can have such a position: the part fits the search. */
bool link_position_fits(const struct link_position *position, const struct link_query *query);
