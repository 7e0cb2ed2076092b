/* SPDX-License-Identifier: MIT */
/* Writes links as JSON directly, and reads them with json-c. */
#include "transfer/link_json.h"

#include <json-c/json.h>
#include <string.h>

#include "text/escape.h"
#include "text/json_text.h"
#include "text/suggest.h"

enum {
    VALUES_MAX = 1024, /* most values in a link's object, which has some 90 at most */
};

static void link_json_add_string(struct buf *out, struct slice text)
{
    buf_add_byte(out, '"');
    escape_json(out, text);
    buf_add_byte(out, '"');
}

static void add_member(struct buf *out, const char *name, struct slice text)
{
    buf_printf(out, "%s\"%s\": ", out->at[out->len - 1] == '{' ? "" : ", ", name);
    link_json_add_string(out, text);
}

static enum json_type link_json_type_of(enum field_kind kind)
{
    switch (kind) {
    case KIND_LIST:
        return json_type_array;
    case KIND_COUNT:
    case KIND_STATUS:
        return json_type_int;
    case KIND_FLAG:
        return json_type_boolean;
    case KIND_TEXT:
    case KIND_URL:
    case KIND_TIME:
    case KIND_WORD:
        break;
    }
    return json_type_string;
}

static void link_json_add_value(struct buf *out, const struct field_value *value,
                                enum field_kind kind)
{
    if (kind == KIND_LIST) {
        for (unsigned i = 0; i < value->n_items; i++) {
            buf_add_text(out, i ? ", " : "[");
            link_json_add_string(out, value->items[i]);
        }
        buf_add_text(out, value->n_items ? "]" : "[]");
    } else if (value->text.len == 0) {
        buf_add_text(out, "null");
    } else if (link_json_type_of(kind) == json_type_string) {
        link_json_add_string(out, value->text);
    } else {
        buf_add(out, value->text);
    }
}

void link_json_add(struct buf *out, const struct link *link, const struct link_json_extra *extra)
{
    char scratch[FIELD_SCRATCH];
    for (unsigned i = 0; i < LINK_FIELDS; i++) {
        enum link_field field = (enum link_field)i;
        struct field_value value = link_field_format(link, field, scratch);
        buf_printf(out, "%s\"%s\": ", i ? ", " : "{", link_field_rows[field].name);
        link_json_add_value(out, &value, link_field_rows[field].kind);
    }
    if (extra && extra->short_url.len && !out->failed)
        add_member(out, "short_url", extra->short_url);
    if (extra && extra->state.len && !out->failed)
        add_member(out, "state", extra->state);
    buf_add_byte(out, '}');
}

static bool link_json_copy_text(struct json_object *value, struct arena *arena, struct slice *out,
                                struct error *err)
{
    struct slice text = { json_object_get_string(value),
                          (size_t)json_object_get_string_len(value) };
    if (!json_object_is_type(value, json_type_string))
        text = slice_of(text.at);
    *out = (struct slice){ arena_copy(arena, text), text.len };
    if (!out->at)
        error_set(err, "out of memory");
    return out->at != NULL;
}

static bool link_json_read_list(struct json_object *list, struct arena *arena,
                                struct field_value *out, struct error *err)
{
    size_t n = json_object_array_length(list);
    struct slice *items = arena_alloc(arena, n * sizeof(*items));
    if (!items)
        return error_set(err, "out of memory");
    for (size_t i = 0; i < n; i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        if (!json_object_is_type(item, json_type_string))
            return error_set(err, "an item of the list is not a string");
        if (!link_json_copy_text(item, arena, &items[i], err))
            return false;
    }
    *out = (struct field_value){ .items = items, .n_items = (unsigned)n };
    return true;
}

/* What becomes of a member that is no field: true if it is passed over. */
static bool read_unknown(const char *name, bool skip_unknown, struct link_record *out,
                         struct error *err)
{
    static const char *const derived[] = { "short_url", "state", "custom_alias" };
    struct suggestion near = { .typed = slice_of(name) };
    for (size_t i = 0; i < sizeof(derived) / sizeof(derived[0]); i++) {
        if (strcmp(name, derived[i]) == 0)
            return true;
    }
    if (skip_unknown) {
        out->changes |= IMPORT_CHANGE_BIT(IMPORT_CHANGE_COLUMN_SKIPPED);
        return true;
    }
    for (unsigned i = 0; i < LINK_FIELDS; i++)
        suggestion_consider(&near, slice_of(link_field_rows[i].name),
                            slice_of(link_field_rows[i].name));
    return error_set(err, "there is no member %.64s%s%.*s%s", name,
                     near.best.len ? ": did you mean " : "", SLICE_ARG(near.best),
                     near.best.len ? "?" : "");
}

static bool read_member(const char *name, struct json_object *member,
                        const struct link_json_reading *reading, struct link_record *out,
                        struct error *err)
{
    enum link_field field;
    struct field_value value = { 0 };
    if (!link_field_find(slice_of(name), &field))
        return read_unknown(name, reading->skip_unknown, out, err);
    if (!member)
        return true;
    if (!json_object_is_type(member, link_json_type_of(link_field_rows[field].kind)))
        return error_set(err, "%s has the wrong type", name);
    bool read = link_field_rows[field].kind == KIND_LIST
                    ? link_json_read_list(member, reading->arena, &value, err)
                    : link_json_copy_text(member, reading->arena, &value.text, err);
    return read && link_field_parse(&out->link, field, &value, err);
}

/* Parses the text as a JSON object, or NULL with the reason. json-c's strict flags stay off: its
 * versions differ in them, and json_text_check() is stricter. */
static struct json_object *link_json_parse(struct slice text, struct error *err)
{
    static const struct json_text_limits limits = { VALUES_MAX, VALUES_MAX };
    if (json_text_check(&text, &limits, err) != JSON_TEXT_SOUND) {
        error_prefix(err, "no JSON object");
        return NULL;
    }
    struct json_tokener *tokener = json_tokener_new_ex(JSON_TEXT_DEPTH_MAX + 2);
    struct json_object *object =
        tokener ? json_tokener_parse_ex(tokener, text.at, (int)text.len) : NULL;
    if (tokener)
        json_tokener_free(tokener);
    if (!object)
        error_set(err, text.at[0] == '{' ? "out of memory" : "no JSON object");
    return object;
}

bool link_json_read(struct slice text, const struct link_json_reading *reading,
                    struct link_record *out, struct error *err)
{
    *out = (struct link_record){ .changes = 0 };
    struct json_object *object = link_json_parse(text, err);
    bool read = json_object_is_type(object, json_type_object);
    if (object && !read)
        error_set(err, "no JSON object");
    if (read) {
        json_object_object_foreach(object, name, member)
        {
            read = read && read_member(name, member, reading, out, err);
        }
    }
    json_object_put(object);
    return read;
}
