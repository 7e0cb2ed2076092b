/* SPDX-License-Identifier: MIT */
/* Writes the changes of a link's destination as JSON. */
#include <json-c/json.h>

#include "web/json_object.h"
#include "web/json_out.h"

static struct json_object *change_object(const struct destination_change *change)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "changed_at", json_time_or_null(change->changed_at));
    json_add(o, "user", json_text_or_null(change->user));
    json_add(o, "key_id", change->key_id ? json_object_new_uint64(change->key_id) : NULL);
    json_add(o, "old_url", json_text(change->old_url));
    json_add(o, "new_url", json_text(change->new_url));
    return o;
}

struct slice json_history_page(const struct exchange *x, const struct history_page *page,
                               struct slice next_cursor)
{
    struct json_object *changes = json_object_new_array();
    for (size_t i = 0; i < page->n; i++)
        json_object_array_add(changes, change_object(&page->changes[i]));
    struct json_object *o = json_object_new_object();
    json_add(o, "changes", changes);
    json_add(o, "next_cursor", json_text_or_null(next_cursor));
    return json_render(x->arena, o);
}
