/* SPDX-License-Identifier: MIT */
/* A link as a JSON object, with the member names of the API. */
#pragma once

#include "base/buf.h"

#include "cli/link_fields.h"

/* What a JSON object of a link tells besides its fields; empty slices are left out. */
struct link_json_extra {
    struct slice short_url;
    struct slice state;
};

/* Appends the object, without a line break. `extra` may be NULL. */
void link_json_add(struct buf *out, const struct link *link, const struct link_json_extra *extra);

/* Reads one object; strings are in `arena`. Members that follow from others (short_url, state,
 * custom_alias) are passed over, unknown ones refused. False with a sentence in *err. */
bool link_json_read(struct slice text, struct arena *arena, struct link *out, struct error *err);
