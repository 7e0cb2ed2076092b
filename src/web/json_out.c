/* SPDX-License-Identifier: MIT */
/* Writes JSON response bodies with json-c. */
#include "web/json_out.h"

#include <json-c/json.h>

#include "base/buf.h"
#include "text/rfc3339.h"
#include "web/json_object.h"

void json_add(struct json_object *object, const char *name, struct json_object *value)
{
    json_object_object_add_ex(object, name, value,
                              JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_ADD_CONSTANT_KEY);
}

struct json_object *json_text(struct slice text)
{
    return json_object_new_string_len(text.at ? text.at : "", (int)text.len);
}

struct json_object *json_text_or_null(struct slice text)
{
    return text.len ? json_text(text) : NULL;
}

struct json_object *json_time_or_null(int64_t seconds)
{
    char text[RFC3339_SIZE];
    if (seconds == 0)
        return NULL;
    rfc3339_format(seconds, text);
    return json_object_new_string(text);
}

struct slice json_render(struct arena *arena, struct json_object *object)
{
    size_t len = 0;
    const char *text =
        json_object_to_json_string_length(object, JSON_C_TO_STRING_NOSLASHESCAPE, &len);
    const char *copy = text ? arena_copy(arena, (struct slice){ text, len }) : NULL;
    json_object_put(object);
    return (struct slice){ copy, copy ? len : 0 };
}

static struct json_object *list_of(const struct slice *texts, unsigned n)
{
    struct json_object *list = json_object_new_array();
    for (unsigned i = 0; i < n; i++)
        json_object_array_add(list, json_text(texts[i]));
    return list;
}

/* The field's value; null where there is none. */
static struct json_object *json_out_field(const struct link *link, enum link_field field)
{
    char scratch[FIELD_SCRATCH];
    const struct field_value value = link_field_get(link, field);
    switch (link_field_rows[field].kind) {
    case KIND_LIST:
        return list_of(value.items, value.n_items);
    case KIND_TIME:
        return json_time_or_null((int64_t)value.number);
    case KIND_COUNT:
        if (value.number == 0 && link_field_rows[field].is_settable)
            return NULL;
        return json_object_new_uint64(value.number);
    case KIND_STATUS:
        return json_object_new_int((int32_t)value.number);
    case KIND_FLAG:
        return json_object_new_boolean(value.number != 0);
    case KIND_WORD:
        return json_text_or_null(link_field_format(link, field, scratch).text);
    case KIND_TEXT:
    case KIND_URL:
        break;
    }
    return json_text_or_null(value.text);
}

struct json_object *json_link_object(const struct exchange *x, const struct link *link)
{
    /* Fields with a place of their own, and the one that the API does not show. */
    const unsigned apart =
        FIELD_BIT(FIELD_CODE) | FIELD_BIT(FIELD_LONG_URL) | FIELD_BIT(FIELD_USED);
    struct json_object *newest =
        link->n_aliases ? json_text(link->aliases[link->n_aliases - 1]) : NULL;
    struct json_object *o = json_object_new_object();
    json_add(o, "code", json_text(link->code));
    json_add(o, "short_url", json_text(short_url(x, link->code)));
    json_add(o, "long_url", json_text(link->target.long_url));
    json_add(o, "custom_alias", newest);
    for (unsigned i = 0; i < LINK_FIELDS; i++) {
        if (!(apart & FIELD_BIT(i)))
            json_add(o, link_field_rows[i].name, json_out_field(link, (enum link_field)i));
    }
    json_add(o, "state", json_object_new_string(link_state_at(link, x->now)));
    if (link->deleted_at)
        json_add(o, "deleted_at", json_time_or_null(link->deleted_at));
    return o;
}

struct slice json_link(const struct exchange *x, const struct link *link)
{
    return json_render(x->arena, json_link_object(x, link));
}

/* The type of a problem is the URL of its description. */
static struct json_object *problem_type(const struct exchange *x, const struct problem *problem)
{
    struct buf type = buf_in(x->arena, x->site->base_url.len + 64);
    buf_add(&type, x->site->base_url);
    buf_add_text(&type, "/api/v1/problems/");
    buf_add_text(&type, problem->code);
    return json_text(buf_slice(&type));
}

struct json_object *json_problem_object(const struct exchange *x, const struct item_problem *what)
{
    const struct problem *problem = problem_of(what->problem);
    struct slice detail = what->detail.len ? what->detail : slice_of(problem->meaning);
    struct json_object *o = json_object_new_object();
    json_add(o, "type", problem_type(x, problem));
    json_add(o, "title", json_object_new_string(problem->title));
    json_add(o, "status", json_object_new_int(problem->status));
    json_add(o, "detail", json_text(detail));
    json_add(o, "code", json_object_new_string(problem->code));
    if (what->field)
        json_add(o, "field", json_object_new_string(what->field));
    json_add(o, "request_id", json_text(x->request_id));
    return o;
}

struct slice json_problem(const struct exchange *x)
{
    const struct item_problem what = { x->problem, x->field, x->detail };
    return json_render(x->arena, json_problem_object(x, &what));
}

struct slice json_problem_type(const struct exchange *x, const struct problem *problem)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "type", problem_type(x, problem));
    json_add(o, "code", json_object_new_string(problem->code));
    json_add(o, "status", json_object_new_int(problem->status));
    json_add(o, "title", json_object_new_string(problem->title));
    json_add(o, "description", json_object_new_string(problem->meaning));
    return json_render(x->arena, o);
}

struct slice json_status(const struct exchange *x, const char *status)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "status", json_object_new_string(status));
    return json_render(x->arena, o);
}

struct slice json_message(const struct exchange *x, const char *message)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "message", json_object_new_string(message));
    return json_render(x->arena, o);
}

struct slice json_link_page(const struct exchange *x, const struct link_page *page,
                            struct slice next_cursor)
{
    struct json_object *links = json_object_new_array();
    for (size_t i = 0; i < page->n; i++)
        json_object_array_add(links, json_link_object(x, &page->links[i]));
    struct json_object *o = json_object_new_object();
    json_add(o, "links", links);
    json_add(o, "next_cursor", json_text_or_null(next_cursor));
    return json_render(x->arena, o);
}

struct slice json_click_totals(const struct exchange *x, const struct click_totals *totals)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "links", json_object_new_uint64(totals->links));
    json_add(o, "clicks", json_object_new_uint64(totals->clicks));
    json_add(o, "visitors", json_object_new_uint64(totals->visitors));
    json_add(o, "bots", json_object_new_uint64(totals->bots));
    return json_render(x->arena, o);
}

struct slice json_preview(const struct exchange *x, const struct link_preview *preview)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "code", json_text(preview->code));
    json_add(o, "short_url", json_text(preview->short_url));
    json_add(o, "long_url", json_text_or_null(preview->long_url));
    json_add(o, "title", json_text_or_null(preview->title));
    json_add(o, "created_at", json_time_or_null(preview->created_at));
    return json_render(x->arena, o);
}
