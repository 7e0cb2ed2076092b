/* SPDX-License-Identifier: MIT */
/* The fields of a link: one table (link/link_fields.def) for JSON, CSV, options, comparison and the
 * spool, and the fields of a create or change. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "link/link.h"

enum link_field {
#define LINK_FIELD(id, name, kind, member, max, spool) FIELD_##id,
#include "link/link_fields.def"
    LINK_FIELDS,
};

/* What the field's member in struct link is, and how its value is written as text. */
enum field_kind {
    KIND_TEXT,   /* struct slice */
    KIND_URL,    /* struct slice; a create or change normalizes and checks it */
    KIND_LIST,   /* slices and their number */
    KIND_TIME,   /* int64_t; RFC 3339; 0: none */
    KIND_COUNT,  /* uint64_t; a whole number; 0: none, where a create or change may set it */
    KIND_STATUS, /* uint16_t: a redirect_status */
    KIND_FLAG,   /* a bit of uint16_t: true, false */
    KIND_WORD,   /* bits of uint16_t: the number of one of the field's words; 0: none */
};

struct link_field_row {
    const char *name;
    enum field_kind kind;
    bool is_settable; /* by a create or change */
    unsigned max;     /* as in link_fields.def, like `spool` */
    unsigned spool;
    size_t at; /* the member's offset in struct link */
};

extern const struct link_field_row link_field_rows[LINK_FIELDS];

#define FIELD_BIT(field) (1u << (field))

/* The fields that a create or change may set, as FIELD_BITs. */
extern const unsigned link_fields_settable;

/* The fields of a create or change. A change sets the fields in `given`, and removes those of them
 * that are empty or 0; a create sets all. FIELD_ALIASES is the custom alias. */
struct link_fields {
    unsigned given;            /* FIELD_BITs */
    struct link link;          /* the values of the settable fields, and the new owner */
    struct slice custom_alias; /* `at` is NULL: none */
    bool reuse;                /* a create returns an equal link if there is one */
};

enum {
    FIELD_SCRATCH = 32, /* bytes that the text of a time or a number needs */
};

/* The value of a field: a number (of a flag 0 or 1), a text, or a list. No value is 0, an empty
 * text, no items. */
struct field_value {
    uint64_t number; /* of KIND_TIME, KIND_COUNT, KIND_STATUS, KIND_WORD, and KIND_FLAG */
    struct slice text;
    const struct slice *items; /* of KIND_LIST */
    unsigned n_items;
};

/* The field of that name; false when there is none. */
bool link_field_find(struct slice name, enum link_field *out);

/* The words of a field of KIND_WORD as one text ("404, append or ignore"). */
const char *link_field_words(enum link_field field);

/* The number of a word, from 1; 0 when it is none of the field's. */
unsigned link_field_word_number(enum link_field field, struct slice word);

/* Reads and writes the field's member. Texts and items are borrowed. A number that the member
 * cannot hold is written as the largest that it can. */
struct field_value link_field_get(const struct link *link, enum link_field field);
void link_field_put(struct link *link, enum link_field field, const struct field_value *value);

/* Whether two links have the same value; lists are compared in their order. */
bool link_field_equal(const struct link *a, const struct link *b, enum link_field field);

/* The field's value with `text` set for every kind but KIND_LIST; it may be in `scratch`. A number
 * that is 0 because it is not set has an empty text. */
struct field_value link_field_format(const struct link *link, enum link_field field,
                                     char scratch[FIELD_SCRATCH]);

/* Parses the text of a flag, of which letter case does not count: true, yes, on, 1, t, y, or false,
 * no, off, 0, f, n, as spreadsheets, forms and databases write them. *out is 1 or 0; false, and
 * *out unchanged, for any other text. */
bool link_flag_parse(struct slice text, uint64_t *out);

/* Sets the field to the value that value->text or value->items says; both are borrowed. False for
 * text that is not of the field's kind, with a sentence in *err. */
bool link_field_parse(struct link *link, enum link_field field, const struct field_value *value,
                      struct error *err);
