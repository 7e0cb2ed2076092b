/* SPDX-License-Identifier: MIT */
/* Reads the body of a bulk create and writes its response. */
#include <json-c/json.h>

#include "web/json_body.h"
#include "web/json_in.h"
#include "web/json_object.h"
#include "web/json_out.h"
#include "web/refusal.h"

/* The two are the object and its list. */
static const struct json_text_limits LIMITS = { 2 + DB_BULK_MAX * JSON_LINK_VALUES_MAX,
                                                DB_BULK_MAX };

static int refuse_number_of_links(struct exchange *x)
{
    return refuse_field(x, PROBLEM_INVALID_FIELD, "links",
                        "This must be a list of 1 to 1000 links.");
}

static int read_links(struct exchange *x, const char *name, struct json_object *value, void *out)
{
    (void)name;
    struct bulk *bulk = out;
    size_t n = json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;
    if (n == 0 || n > DB_BULK_MAX)
        return refuse_number_of_links(x);
    bulk->items = arena_alloc(x->arena, n * sizeof(*bulk->items));
    bulk->problems = arena_alloc(x->arena, n * sizeof(*bulk->problems));
    if (!bulk->items || !bulk->problems)
        return refuse(x, PROBLEM_INTERNAL, NULL);
    for (size_t i = 0; i < n; i++) {
        int status =
            json_read_new_link(x, json_object_array_get_idx(value, i), &bulk->items[i].fields);
        if (status == 0)
            continue;
        bulk->items[i].refused = true;
        bulk->problems[i] = (struct item_problem){ x->problem, x->field, x->detail };
        exchange_forget_problem(x);
    }
    bulk->n = n;
    return 0;
}

static const struct json_member MEMBERS[] = { { "links", 1, read_links } };
static const struct json_shape BULK = { MEMBERS, 1 };

int json_read_bulk(struct exchange *x, struct bulk *out)
{
    int status = 0;
    unsigned given;
    *out = (struct bulk){ .n = 0 };
    struct json_object *body = json_body_parse(x, &LIMITS, &status);
    if (!body && x->problem == PROBLEM_INVALID_FIELD)
        return refuse_number_of_links(x);
    if (body)
        status = json_read_members(x, &BULK, body, out, &given);
    json_object_put(body);
    if (!body && x->problem == PROBLEM_INVALID_JSON &&
        slice_starts_with(slice_trim(x->request->body), SLICE("[")))
        return refuse(x, PROBLEM_INVALID_JSON,
                      "The list must be in an object: {\"links\": [...]}.");
    if (status == 0 && out->n == 0)
        return refuse_field(x, PROBLEM_INVALID_FIELD, "links", "The links are missing.");
    return status;
}

static struct json_object *json_bulk_result_of(const struct exchange *x, const struct bulk *bulk,
                                               size_t i)
{
    const struct item_problem *wrong = &bulk->problems[i];
    const struct bulk_item *item = &bulk->items[i];
    struct json_object *o = json_object_new_object();
    if (wrong->problem != PROBLEM_NONE) {
        json_add(o, "status", json_object_new_int(problem_of(wrong->problem)->status));
        json_add(o, "problem", json_problem_object(x, wrong));
        return o;
    }
    json_add(o, "status", json_object_new_int(status_of_created(item->outcome)));
    json_add(o, "link", json_link_object(x, &item->link));
    return o;
}

struct slice json_bulk(const struct exchange *x, const struct bulk *bulk)
{
    struct json_object *results = json_object_new_array_ext((int)bulk->n);
    for (size_t i = 0; i < bulk->n; i++)
        json_object_array_add(results, json_bulk_result_of(x, bulk, i));
    struct json_object *o = json_object_new_object();
    json_add(o, "results", results);
    return json_render(x->arena, o);
}
