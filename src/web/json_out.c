/* SPDX-License-Identifier: MIT */
/* JSON out, through json-c. */
#include "web/json_out.h"

#include <json-c/json.h>

#include "base/buf.h"
#include "text/rfc3339.h"

static void add(struct json_object *object, const char *name, struct json_object *value)
{
    json_object_object_add_ex(object, name, value, JSON_C_OBJECT_ADD_KEY_IS_NEW);
}

static struct json_object *text_of(struct slice text)
{
    return json_object_new_string_len(text.at ? text.at : "", (int)text.len);
}

static struct json_object *text_or_null(struct slice text)
{
    return text.len ? text_of(text) : NULL;
}

static struct json_object *time_or_null(int64_t seconds)
{
    char text[RFC3339_SIZE];
    if (seconds == 0)
        return NULL;
    rfc3339_format(seconds, text);
    return json_object_new_string(text);
}

/* The text of `object` in the arena; gives `object` back. */
static struct slice render(struct arena *arena, struct json_object *object)
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
        json_object_array_add(list, text_of(texts[i]));
    return list;
}

static struct json_object *link_object(const struct exchange *x, const struct link *link)
{
    const struct target *target = &link->target;
    struct json_object *newest =
        link->n_aliases ? text_of(link->aliases[link->n_aliases - 1]) : NULL;
    struct json_object *o = json_object_new_object();
    add(o, "code", text_of(link->code));
    add(o, "short_url", text_of(short_url(x, link->code)));
    add(o, "long_url", text_of(target->long_url));
    add(o, "custom_alias", newest);
    add(o, "aliases", list_of(link->aliases, link->n_aliases));
    add(o, "title", text_or_null(link->title));
    add(o, "tags", list_of(link->tags, link->n_tags));
    add(o, "redirect_status", json_object_new_int(target->redirect_status));
    add(o, "forward_query", json_object_new_boolean(target->flags & LINK_FORWARD_QUERY));
    add(o, "created_at", time_or_null(link->created_at));
    add(o, "updated_at", time_or_null(link->updated_at));
    add(o, "starts_at", time_or_null(target->starts_at));
    add(o, "expires_at", time_or_null(target->expires_at));
    add(o, "max_clicks", target->max_clicks ? json_object_new_uint64(target->max_clicks) : NULL);
    add(o, "clicks", json_object_new_uint64(link->clicks));
    add(o, "owner", text_or_null(link->owner));
    add(o, "state",
        json_object_new_string(link_state_name(target_state(target, link->used, x->now))));
    return o;
}

struct slice json_link(const struct exchange *x, const struct link *link)
{
    return render(x->arena, link_object(x, link));
}

/* The type of a problem is the address of its description. */
static struct json_object *problem_type(const struct exchange *x, const struct problem *problem)
{
    struct buf type = buf_in(x->arena, x->site->base_url.len + 64);
    buf_add(&type, x->site->base_url);
    buf_add_text(&type, "/api/v1/problems/");
    buf_add_text(&type, problem->code);
    return text_of(buf_slice(&type));
}

struct slice json_problem(const struct exchange *x)
{
    const struct problem *problem = problem_of(x->problem);
    struct slice detail = x->detail.len ? x->detail : slice_of(problem->meaning);
    struct json_object *o = json_object_new_object();
    add(o, "type", problem_type(x, problem));
    add(o, "title", json_object_new_string(problem->title));
    add(o, "status", json_object_new_int(problem->status));
    add(o, "detail", text_of(detail));
    add(o, "code", json_object_new_string(problem->code));
    if (x->field)
        add(o, "field", json_object_new_string(x->field));
    add(o, "request_id", text_of(x->request_id));
    return render(x->arena, o);
}

struct slice json_problem_type(const struct exchange *x, const struct problem *problem)
{
    struct json_object *o = json_object_new_object();
    add(o, "type", problem_type(x, problem));
    add(o, "code", json_object_new_string(problem->code));
    add(o, "status", json_object_new_int(problem->status));
    add(o, "title", json_object_new_string(problem->title));
    add(o, "description", json_object_new_string(problem->meaning));
    return render(x->arena, o);
}

struct slice json_status(const struct exchange *x, const char *status)
{
    struct json_object *o = json_object_new_object();
    add(o, "status", json_object_new_string(status));
    return render(x->arena, o);
}

struct slice json_message(const struct exchange *x, const char *message)
{
    struct json_object *o = json_object_new_object();
    add(o, "message", json_object_new_string(message));
    return render(x->arena, o);
}
