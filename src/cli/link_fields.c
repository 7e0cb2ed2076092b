/* SPDX-License-Identifier: MIT */
/* Converts the fields of a link to texts and back. */
#include "cli/link_fields.h"

#include <inttypes.h>
#include <stdio.h>

#include "text/rfc3339.h"

static const struct {
    const char *name;
    enum field_shape shape;
} FIELDS[LINK_FIELDS] = {
    [FIELD_CODE] = { "code", SHAPE_TEXT },
    [FIELD_ALIASES] = { "aliases", SHAPE_LIST },
    [FIELD_LONG_URL] = { "long_url", SHAPE_TEXT },
    [FIELD_TITLE] = { "title", SHAPE_TEXT },
    [FIELD_TAGS] = { "tags", SHAPE_LIST },
    [FIELD_REDIRECT_STATUS] = { "redirect_status", SHAPE_NUMBER },
    [FIELD_FORWARD_QUERY] = { "forward_query", SHAPE_BOOL },
    [FIELD_CREATED_AT] = { "created_at", SHAPE_TIME },
    [FIELD_UPDATED_AT] = { "updated_at", SHAPE_TIME },
    [FIELD_STARTS_AT] = { "starts_at", SHAPE_TIME },
    [FIELD_EXPIRES_AT] = { "expires_at", SHAPE_TIME },
    [FIELD_MAX_CLICKS] = { "max_clicks", SHAPE_NUMBER },
    [FIELD_USED] = { "used", SHAPE_NUMBER },
    [FIELD_CLICKS] = { "clicks", SHAPE_NUMBER },
    [FIELD_OWNER] = { "owner", SHAPE_TEXT },
};

const char *link_field_name(enum link_field field)
{
    return FIELDS[field].name;
}

enum field_shape link_field_shape(enum link_field field)
{
    return FIELDS[field].shape;
}

bool link_field_find(struct slice name, enum link_field *out)
{
    for (unsigned i = 0; i < LINK_FIELDS; i++) {
        if (slice_eq(name, slice_of(FIELDS[i].name))) {
            *out = (enum link_field)i;
            return true;
        }
    }
    return false;
}

static struct field_value of_text(struct slice text)
{
    return (struct field_value){ .text = text };
}

static struct field_value of_time(int64_t seconds, char scratch[FIELD_SCRATCH])
{
    if (seconds == 0)
        return (struct field_value){ 0 };
    rfc3339_format(seconds, scratch);
    return of_text(slice_of(scratch));
}

static struct field_value of_number(uint64_t number, char scratch[FIELD_SCRATCH])
{
    snprintf(scratch, FIELD_SCRATCH, "%" PRIu64, number);
    return of_text(slice_of(scratch));
}

struct field_value link_field_get(const struct link *link, enum link_field field,
                                  char scratch[FIELD_SCRATCH])
{
    const struct target *target = &link->target;
    switch (field) {
    case FIELD_CODE:
        return of_text(link->code);
    case FIELD_ALIASES:
        return (struct field_value){ .items = link->aliases, .n_items = link->n_aliases };
    case FIELD_LONG_URL:
        return of_text(target->long_url);
    case FIELD_TITLE:
        return of_text(link->title);
    case FIELD_TAGS:
        return (struct field_value){ .items = link->tags, .n_items = link->n_tags };
    case FIELD_REDIRECT_STATUS:
        return of_number(target->redirect_status, scratch);
    case FIELD_FORWARD_QUERY:
        return of_text(target->flags & LINK_FORWARD_QUERY ? SLICE("true") : SLICE("false"));
    case FIELD_CREATED_AT:
        return of_time(link->created_at, scratch);
    case FIELD_UPDATED_AT:
        return of_time(link->updated_at, scratch);
    case FIELD_STARTS_AT:
        return of_time(target->starts_at, scratch);
    case FIELD_EXPIRES_AT:
        return of_time(target->expires_at, scratch);
    case FIELD_MAX_CLICKS:
        return target->max_clicks ? of_number(target->max_clicks, scratch) : of_text(SLICE(""));
    case FIELD_USED:
        return target->max_clicks ? of_number(link->used, scratch) : of_text(SLICE(""));
    case FIELD_CLICKS:
        return of_number(link->clicks, scratch);
    case FIELD_OWNER:
        return of_text(link->owner);
    case LINK_FIELDS:
        break;
    }
    return (struct field_value){ 0 };
}

static bool link_fields_refuse(struct error *err, enum link_field field, const char *why)
{
    error_set(err, "%s %s", FIELDS[field].name, why);
    return false;
}

static bool parse_number(struct slice text, uint64_t max, uint64_t *out)
{
    uint64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)(unsigned char)text.at[i] - '0';
        if (digit > 9 || number > (max - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *out = number;
    return text.len > 0;
}

static bool link_fields_set_number(struct link *link, enum link_field field, struct slice text,
                                   struct error *err)
{
    uint64_t number;
    if (!parse_number(text, field == FIELD_REDIRECT_STATUS ? 999 : INT64_MAX, &number))
        return link_fields_refuse(err, field, "is not a whole number, or too large");
    if (field == FIELD_REDIRECT_STATUS)
        link->target.redirect_status = (uint16_t)number;
    else if (field == FIELD_MAX_CLICKS)
        link->target.max_clicks = number;
    else if (field == FIELD_USED)
        link->used = number;
    else
        link->clicks = number;
    return true;
}

static bool set_time(struct link *link, enum link_field field, struct slice text, struct error *err)
{
    int64_t seconds;
    if (!rfc3339_parse(text, &seconds))
        return link_fields_refuse(err, field, "is not a time in RFC 3339 format");
    if (seconds < 1)
        return link_fields_refuse(err, field, "is before 1970");
    if (field == FIELD_CREATED_AT)
        link->created_at = seconds;
    else if (field == FIELD_UPDATED_AT)
        link->updated_at = seconds;
    else if (field == FIELD_STARTS_AT)
        link->target.starts_at = seconds;
    else
        link->target.expires_at = seconds;
    return true;
}

static bool set_list(struct link *link, enum link_field field, const struct field_value *value,
                     struct error *err)
{
    if (field == FIELD_TAGS) {
        link->tags = value->items;
        link->n_tags = value->n_items;
        return true;
    }
    if (value->n_items > LINK_ALIASES_MAX)
        return link_fields_refuse(err, field, "are too many");
    link->aliases = value->items;
    link->n_aliases = value->n_items;
    return true;
}

static void set_text(struct link *link, enum link_field field, struct slice text)
{
    if (field == FIELD_CODE)
        link->code = text;
    else if (field == FIELD_LONG_URL)
        link->target.long_url = text;
    else if (field == FIELD_TITLE)
        link->title = text;
    else
        link->owner = text;
}

bool link_field_set(struct link *link, enum link_field field, const struct field_value *value,
                    struct error *err)
{
    switch (link_field_shape(field)) {
    case SHAPE_LIST:
        return set_list(link, field, value, err);
    case SHAPE_NUMBER:
        return link_fields_set_number(link, field, value->text, err);
    case SHAPE_TIME:
        return set_time(link, field, value->text, err);
    case SHAPE_BOOL:
        if (slice_eq(value->text, SLICE("true")))
            link->target.flags |= LINK_FORWARD_QUERY;
        else if (slice_eq(value->text, SLICE("false")))
            link->target.flags &= (uint16_t)~LINK_FORWARD_QUERY;
        else
            return link_fields_refuse(err, field, "is neither true nor false");
        return true;
    case SHAPE_TEXT:
        break;
    }
    set_text(link, field, value->text);
    return true;
}
