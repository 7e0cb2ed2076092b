/* SPDX-License-Identifier: MIT */
/* Reads and writes tags, and writes the availability of an alias, as JSON. */
#include <json-c/json.h>

#include "web/json_body.h"
#include "web/json_in.h"
#include "web/json_object.h"
#include "web/json_out.h"

static int read_tag(struct exchange *x, const char *name, struct json_object *value, void *out)
{
    return json_read_text(x, name, value, out);
}

static const struct json_member MEMBERS[] = { { "tag", 1, read_tag } };
static const struct json_shape TAG = { MEMBERS, 1 };

int json_read_tag(struct exchange *x, struct slice *out)
{
    int status = 0;
    unsigned given;
    *out = (struct slice){ NULL, 0 };
    struct json_object *body = json_body_parse(x, &json_body_limits, &status);
    if (body)
        status = json_read_members(x, &TAG, body, out, &given);
    json_object_put(body);
    return status;
}

struct slice json_tag_page(const struct exchange *x, const struct tag_page *page,
                           struct slice next_cursor)
{
    struct json_object *tags = json_object_new_array();
    for (size_t i = 0; i < page->n; i++) {
        struct json_object *tag = json_object_new_object();
        json_add(tag, "tag", json_text(page->tags[i].tag));
        json_add(tag, "links", json_object_new_uint64(page->tags[i].links));
        json_object_array_add(tags, tag);
    }
    struct json_object *o = json_object_new_object();
    json_add(o, "tags", tags);
    json_add(o, "next_cursor", json_text_or_null(next_cursor));
    return json_render(x->arena, o);
}

struct slice json_tag_renamed(const struct exchange *x, struct slice tag,
                              const struct tag_renamed *renamed)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "tag", json_text(tag));
    json_add(o, "links", json_object_new_uint64(renamed->links));
    json_add(o, "more", json_object_new_boolean(renamed->more));
    return json_render(x->arena, o);
}

struct slice json_availability(const struct exchange *x, struct slice alias,
                               const struct problem *reason, struct slice detail)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "alias", json_text(alias));
    json_add(o, "available", json_object_new_boolean(reason == NULL));
    json_add(o, "reason", reason ? json_object_new_string(reason->code) : NULL);
    json_add(o, "detail", json_text_or_null(detail));
    return json_render(x->arena, o);
}
