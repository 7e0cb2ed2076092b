/* SPDX-License-Identifier: MIT */
/* Writes JSON response bodies with json-c. */
#include "web/json_out.h"

#include <json-c/json.h>

#include "base/buf.h"
#include "text/rfc3339.h"
#include "web/json_object.h"

void json_add(struct json_object *object, const char *name, struct json_object *value)
{
    json_object_object_add_ex(object, name, value, JSON_C_OBJECT_ADD_KEY_IS_NEW);
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

struct json_object *json_link_object(const struct exchange *x, const struct link *link)
{
    const struct target *target = &link->target;
    struct json_object *newest =
        link->n_aliases ? json_text(link->aliases[link->n_aliases - 1]) : NULL;
    struct json_object *o = json_object_new_object();
    json_add(o, "code", json_text(link->code));
    json_add(o, "short_url", json_text(short_url(x, link->code)));
    json_add(o, "long_url", json_text(target->long_url));
    json_add(o, "custom_alias", newest);
    json_add(o, "aliases", list_of(link->aliases, link->n_aliases));
    json_add(o, "title", json_text_or_null(link->title));
    json_add(o, "tags", list_of(link->tags, link->n_tags));
    json_add(o, "redirect_status", json_object_new_int(target->redirect_status));
    json_add(o, "forward_query", json_object_new_boolean(target->flags & LINK_FORWARD_QUERY));
    json_add(o, "created_at", json_time_or_null(link->created_at));
    json_add(o, "updated_at", json_time_or_null(link->updated_at));
    json_add(o, "starts_at", json_time_or_null(target->starts_at));
    json_add(o, "expires_at", json_time_or_null(target->expires_at));
    json_add(o, "max_clicks",
             target->max_clicks ? json_object_new_uint64(target->max_clicks) : NULL);
    json_add(o, "clicks", json_object_new_uint64(link->clicks));
    json_add(o, "owner", json_text_or_null(link->owner));
    json_add(o, "state",
             json_object_new_string(link_state_name(target_state(target, link->used, x->now))));
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
