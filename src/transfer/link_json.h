/* SPDX-License-Identifier: MIT */
/* Converts a link to a JSON object with the member names of the API, and back. */
#pragma once

#include "base/buf.h"

#include "link/link_fields.h"
#include "transfer/import_change.h"

/* Members of the JSON object besides the fields; empty slices are omitted. */
struct link_json_extra {
    struct slice short_url;
    struct slice state;
};

/* Appends the object, without a line break. `extra` may be NULL. */
void link_json_add(struct buf *out, const struct link *link, const struct link_json_extra *extra);

/* How an object is read. */
struct link_json_reading {
    struct arena *arena; /* of the strings */
    bool skip_unknown;   /* unknown members are passed over, and counted as COLUMN_SKIPPED */
};

/* Parses one object. Members that are derived from others (short_url, state, custom_alias) are
 * ignored, unknown ones refused, unless reading->skip_unknown. False with a sentence in *err. */
bool link_json_read(struct slice text, const struct link_json_reading *reading,
                    struct link_record *out, struct error *err);
