/* SPDX-License-Identifier: MIT */
/* The fields of a link in exports and imports: one table for JSON Lines and CSV. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"
#include "link/link.h"

enum link_field {
    FIELD_CODE,
    FIELD_ALIASES,
    FIELD_LONG_URL,
    FIELD_TITLE,
    FIELD_TAGS,
    FIELD_REDIRECT_STATUS,
    FIELD_FORWARD_QUERY,
    FIELD_CREATED_AT,
    FIELD_UPDATED_AT,
    FIELD_STARTS_AT,
    FIELD_EXPIRES_AT,
    FIELD_MAX_CLICKS,
    FIELD_USED,
    FIELD_CLICKS,
    FIELD_OWNER,
    LINK_FIELDS,
};

enum field_shape {
    SHAPE_TEXT,
    SHAPE_TIME,   /* RFC 3339 */
    SHAPE_NUMBER, /* whole, at least 0 */
    SHAPE_BOOL,   /* true, false */
    SHAPE_LIST,
};

enum {
    FIELD_SCRATCH = 32, /* bytes that the text of a time or a number needs */
};

/* The value of a field. No value is an empty text and no items. */
struct field_value {
    struct slice text;
    const struct slice *items; /* of SHAPE_LIST */
    unsigned n_items;
};

const char *link_field_name(enum link_field field);

enum field_shape link_field_shape(enum link_field field);

/* The field of that name; false when there is none. */
bool link_field_find(struct slice name, enum link_field *out);

/* The field's value in `link`; its text may be in `scratch`. A number that is 0 because it is not
 * set is no value. */
struct field_value link_field_get(const struct link *link, enum link_field field,
                                  char scratch[FIELD_SCRATCH]);

/* Sets the field of `link` to the value, which is borrowed. False for text that is not of the
 * field's shape, with a sentence in *err. */
bool link_field_set(struct link *link, enum link_field field, const struct field_value *value,
                    struct error *err);
