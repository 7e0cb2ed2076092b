/* SPDX-License-Identifier: MIT */
/* Writes click totals with json-c. */
#include "web/json_stats.h"

#include <json-c/json.h>

#include "web/json_object.h"

struct slice json_click_totals(const struct exchange *x, const struct click_totals *totals)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "links", json_object_new_uint64(totals->links));
    json_add(o, "clicks", json_object_new_uint64(totals->clicks));
    json_add(o, "visitors", json_object_new_uint64(totals->visitors));
    json_add(o, "bots", json_object_new_uint64(totals->bots));
    return json_render(x->arena, o);
}
