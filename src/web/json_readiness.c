/* SPDX-License-Identifier: MIT */
/* Writes readiness as JSON. */
#include <json-c/json.h>

#include "web/json_object.h"
#include "web/json_out.h"

static struct json_object *state_object(enum backend_state state)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "state", json_object_new_string(backend_state_name(state)));
    return o;
}

static struct json_object *group_list(const struct readiness_group *group)
{
    struct json_object *list = json_object_new_array();
    for (size_t i = 0; i < group->n; i++)
        json_object_array_add(list, state_object(group->states[i]));
    return list;
}

struct slice json_readiness(const struct exchange *x, const struct readiness *readiness)
{
    struct json_object *spool = json_object_new_object();
    json_add(spool, "entries", json_object_new_int64(readiness->spool_entries));
    json_add(spool, "bytes", json_object_new_int64(readiness->spool_bytes));
    json_add(spool, "rejected", json_object_new_int64(readiness->spool_rejected));
    struct json_object *backends = json_object_new_object();
    json_add(backends, "mysql", state_object(readiness->mysql));
    json_add(backends, "replicas", group_list(&readiness->replicas));
    json_add(backends, "memcached", group_list(&readiness->memcached));
    json_add(backends, "segment", state_object(readiness->segment));
    json_add(backends, "spool", spool);
    struct json_object *o = json_object_new_object();
    json_add(o, "status", json_object_new_string(readiness_status_name(readiness->status)));
    json_add(o, "backends", backends);
    return json_render(x->arena, o);
}
