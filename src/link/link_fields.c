/* SPDX-License-Identifier: MIT */
/* The table of a link's fields; reads, writes, compares, formats and parses their values. */
#include "link/link_fields.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/number.h"
#include "text/rfc3339.h"

enum {
    STATUS_MAX = 999, /* a larger number is no status of HTTP */
};

#define ROW(id, its_name, its_kind, member, its_max, its_spool, settable) \
    [FIELD_##id] = { its_name, KIND_##its_kind, settable,                 \
                     its_max,  its_spool,       offsetof(struct link, member) },
#define LINK_FIELD(...)  ROW(__VA_ARGS__, true)
#define LINK_OUTPUT(...) ROW(__VA_ARGS__, false)
const struct link_field_row link_field_rows[LINK_FIELDS] = {
#include "link/link_fields.def"
};

const unsigned link_fields_settable =
#define LINK_FIELD(id, ...) FIELD_BIT(FIELD_##id) |
#define LINK_OUTPUT(...)
#include "link/link_fields.def"
    0;

bool link_field_find(struct slice name, enum link_field *out)
{
    for (unsigned i = 0; i < LINK_FIELDS; i++) {
        if (slice_eq(name, slice_of(link_field_rows[i].name))) {
            *out = (enum link_field)i;
            return true;
        }
    }
    return false;
}

/* --- words --- */

enum {
    WORDS_MAX = 3,
};

static const struct {
    const char *all;
    struct slice words[WORDS_MAX]; /* number 1 first */
} WORDS[LINK_FIELDS] = {
    [FIELD_EXTRA_PATH] = { "404, append or ignore",
                           { SLICE("404"), SLICE("append"), SLICE("ignore") } },
};

const char *link_field_words(enum link_field field)
{
    return WORDS[field].all;
}

unsigned link_field_word_number(enum link_field field, struct slice word)
{
    for (unsigned i = 0; word.len && i < WORDS_MAX; i++) {
        if (slice_eq(WORDS[field].words[i], word))
            return i + 1;
    }
    return 0;
}

static struct slice link_fields_word(enum link_field field, uint64_t number)
{
    return number && number <= WORDS_MAX ? WORDS[field].words[number - 1] : SLICE("");
}

/* --- values --- */

/* The value of the lowest of a member's bits. */
static unsigned link_fields_unit(const struct link_field_row *row)
{
    return row->max & -row->max;
}

struct field_value link_field_get(const struct link *link, enum link_field field)
{
    const struct link_field_row *row = &link_field_rows[field];
    const void *at = (const char *)link + row->at;
    switch (row->kind) {
    case KIND_TEXT:
    case KIND_URL:
        return (struct field_value){ .text = *(const struct slice *)at };
    case KIND_LIST:
        return (struct field_value){ .items = *(const struct slice *const *)at,
                                     .n_items =
                                         field == FIELD_TAGS ? link->n_tags : link->n_aliases };
    case KIND_TIME:
        return (struct field_value){ .number = (uint64_t) * (const int64_t *)at };
    case KIND_COUNT:
        return (struct field_value){ .number = *(const uint64_t *)at };
    case KIND_STATUS:
        return (struct field_value){ .number = *(const uint16_t *)at };
    case KIND_FLAG:
    case KIND_WORD:
        break;
    }
    return (struct field_value){ .number =
                                     (*(const uint16_t *)at & row->max) / link_fields_unit(row) };
}

void link_field_put(struct link *link, enum link_field field, const struct field_value *value)
{
    const struct link_field_row *row = &link_field_rows[field];
    void *at = (char *)link + row->at;
    switch (row->kind) {
    case KIND_TEXT:
    case KIND_URL:
        *(struct slice *)at = value->text;
        break;
    case KIND_LIST:
        *(const struct slice **)at = value->items;
        *(field == FIELD_TAGS ? &link->n_tags : &link->n_aliases) = value->n_items;
        break;
    case KIND_TIME:
        *(int64_t *)at = (int64_t)value->number;
        break;
    case KIND_COUNT:
        *(uint64_t *)at = value->number;
        break;
    case KIND_STATUS:
        *(uint16_t *)at = value->number < UINT16_MAX ? (uint16_t)value->number : UINT16_MAX;
        break;
    case KIND_FLAG:
        *(uint16_t *)at &= (uint16_t)~row->max;
        *(uint16_t *)at |= (uint16_t)(value->number ? row->max : 0);
        break;
    case KIND_WORD:
        *(uint16_t *)at &= (uint16_t)~row->max;
        *(uint16_t *)at |= (uint16_t)(row->max & value->number * link_fields_unit(row));
        break;
    }
}

bool link_field_equal(const struct link *a, const struct link *b, enum link_field field)
{
    const struct field_value left = link_field_get(a, field);
    const struct field_value right = link_field_get(b, field);
    bool equal = left.number == right.number && slice_eq(left.text, right.text) &&
                 left.n_items == right.n_items;
    for (unsigned i = 0; equal && i < left.n_items; i++)
        equal = slice_eq(left.items[i], right.items[i]);
    return equal;
}

/* --- texts --- */

static struct slice link_fields_format_number(uint64_t number, char scratch[FIELD_SCRATCH])
{
    snprintf(scratch, FIELD_SCRATCH, "%" PRIu64, number);
    return slice_of(scratch);
}

struct field_value link_field_format(const struct link *link, enum link_field field,
                                     char scratch[FIELD_SCRATCH])
{
    struct field_value value = link_field_get(link, field);
    switch (link_field_rows[field].kind) {
    case KIND_TEXT:
    case KIND_URL:
    case KIND_LIST:
        break;
    case KIND_TIME:
        if (value.number)
            rfc3339_format((int64_t)value.number, scratch);
        value.text = value.number ? slice_of(scratch) : SLICE("");
        break;
    case KIND_COUNT:
        if (field == FIELD_CLICKS || field == FIELD_CLICKS_IMPORTED ||
            (field == FIELD_USED ? link->target.max_clicks : value.number))
            value.text = link_fields_format_number(value.number, scratch);
        break;
    case KIND_STATUS:
        value.text = link_fields_format_number(value.number, scratch);
        break;
    case KIND_FLAG:
        value.text = value.number ? SLICE("true") : SLICE("false");
        break;
    case KIND_WORD:
        value.text = link_fields_word(field, value.number);
        break;
    }
    return value;
}

static bool link_fields_refuse(struct error *err, enum link_field field, const char *why)
{
    return error_set(err, "%s %s", link_field_rows[field].name, why);
}

static bool link_fields_parse_time(struct slice text, enum link_field field, uint64_t *out,
                                   struct error *err)
{
    int64_t seconds;
    if (!rfc3339_parse(text, &seconds))
        return link_fields_refuse(err, field, "is not a time in RFC 3339 format");
    if (seconds < 1)
        return link_fields_refuse(err, field, "is before 1970");
    *out = (uint64_t)seconds;
    return true;
}

bool link_flag_parse(struct slice text, uint64_t *out)
{
    static const char *const words[2][6] = { { "false", "0", "no", "off", "f", "n" },
                                             { "true", "1", "yes", "on", "t", "y" } };
    for (unsigned value = 0; value < 2; value++) {
        for (unsigned i = 0; i < 6; i++) {
            if (slice_eq_nocase(text, slice_of(words[value][i]))) {
                *out = value;
                return true;
            }
        }
    }
    return false;
}

bool link_field_parse(struct link *link, enum link_field field, const struct field_value *value,
                      struct error *err)
{
    struct field_value parsed = *value;
    uint64_t max = INT64_MAX;
    switch (link_field_rows[field].kind) {
    case KIND_TEXT:
    case KIND_URL:
        break;
    case KIND_LIST: /* too many tags are for the rules of a create to refuse */
        if (field == FIELD_ALIASES && value->n_items > link_field_rows[field].max)
            return link_fields_refuse(err, field, "are too many");
        break;
    case KIND_TIME:
        if (!link_fields_parse_time(value->text, field, &parsed.number, err))
            return false;
        break;
    case KIND_STATUS:
        max = STATUS_MAX;
        /* fall through */
    case KIND_COUNT:
        if (!number_parse(value->text, max, &parsed.number))
            return link_fields_refuse(err, field, "is not a whole number, or too large");
        break;
    case KIND_FLAG:
        if (!link_flag_parse(value->text, &parsed.number))
            return link_fields_refuse(err, field, "is neither true nor false");
        break;
    case KIND_WORD:
        parsed.number = link_field_word_number(field, value->text);
        if (!parsed.number && value->text.len)
            return error_set(err, "%s is none of %s", link_field_rows[field].name,
                             link_field_words(field));
        break;
    }
    link_field_put(link, field, &parsed);
    return true;
}
