/* SPDX-License-Identifier: MIT */
/* Reads a form pair by pair into a JSON object. */
#include "web/json_form.h"

#include <json-c/json.h>

#include "base/number.h"
#include "link/link_fields.h"
#include "text/utf8.h"
#include "web/cors.h"
#include "web/json_body.h"
#include "web/query.h"

bool json_form_is_sent(const struct exchange *x)
{
    struct slice type = http_media_type(x->request);
    return slice_eq_nocase(type, SLICE("application/x-www-form-urlencoded")) &&
           (x->caller.key_id || !cors_is_foreign(x));
}

/* --- values --- */

static struct json_object *form_text(struct slice text)
{
    return json_object_new_string_len(text.at, (int)text.len);
}

/* A number that is none stays a text, which the reader of the member refuses. */
static struct json_object *form_number(struct slice text)
{
    uint64_t number;
    return number_parse(text, INT64_MAX, &number) ? json_object_new_int64((int64_t)number)
                                                  : form_text(text);
}

static struct json_object *form_flag(struct slice text)
{
    uint64_t value;
    if (link_flag_parse(text, &value))
        return json_object_new_boolean((int)value);
    return form_text(text);
}

/* Reads at most one item more than a link may have, which its reader refuses: json-c's memory is
 * not that of the request. */
static struct json_object *form_list(struct slice text)
{
    struct json_object *list = json_object_new_array();
    while (text.len && json_object_array_length(list) <= LINK_TAGS_MAX) {
        struct slice item = { text.at, slice_find(text, ',') };
        text = slice_from(text, item.len + 1);
        json_object_array_add(list, form_text(slice_trim(item)));
    }
    return list;
}

static struct json_object *form_value(struct slice name, struct slice text)
{
    enum link_field field;
    if (text.len == 0)
        return NULL;
    if (slice_eq(name, SLICE("ttl_seconds")))
        return form_number(text);
    if (slice_eq(name, SLICE("reuse")))
        return form_flag(text);
    if (!link_field_find(name, &field))
        return form_text(text);
    switch (link_field_rows[field].kind) {
    case KIND_COUNT:
    case KIND_STATUS:
        return form_number(text);
    case KIND_FLAG:
        return form_flag(text);
    case KIND_LIST:
        return form_list(text);
    case KIND_TEXT:
    case KIND_URL:
    case KIND_TIME:
    case KIND_WORD:
        break;
    }
    return form_text(text);
}

/* --- the body --- */

static int form_read_pair(struct exchange *x, struct slice pair, struct json_object *out)
{
    struct slice name, value;
    size_t equals = slice_find(pair, '=');
    if (!form_decode((struct slice){ pair.at, equals }, x->arena, &name) ||
        !form_decode(slice_from(pair, equals + 1), x->arena, &value) || !utf8_is_line(name) ||
        !utf8_valid(value))
        return refuse(x, PROBLEM_INVALID_FIELD,
                      "The body is not percent-encoded UTF-8, as a form sends it.");
    const char *key = arena_copy(x->arena, name);
    if (!key)
        return refuse(x, PROBLEM_INTERNAL, NULL);
    if (json_object_object_get_ex(out, key, NULL))
        return refuse_field(x, PROBLEM_INVALID_FIELD, key, "This field is given twice.");
    if (json_object_object_length(out) == FORM_PAIRS_MAX)
        return refuse(x, PROBLEM_INVALID_FIELD, "The form has more than 64 fields.");
    json_object_object_add(out, key, form_value(name, value));
    return 0;
}

struct json_object *json_form_parse(struct exchange *x, int *status)
{
    struct slice rest = x->request->body;
    *status = refuse_body(x, true);
    if (*status)
        return NULL;
    struct json_object *out = json_object_new_object();
    while (rest.len && *status == 0) {
        struct slice pair = { rest.at, slice_find(rest, '&') };
        rest = slice_from(rest, pair.len + 1);
        if (pair.len)
            *status = form_read_pair(x, pair, out);
    }
    if (*status == 0)
        return out;
    json_object_put(out);
    return NULL;
}
