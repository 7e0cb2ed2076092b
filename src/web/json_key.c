/* SPDX-License-Identifier: MIT */
/* Reads and writes API keys as JSON. */
#include <json-c/json.h>

#include "text/rfc3339.h"
#include "web/json_body.h"
#include "web/json_in.h"
#include "web/json_object.h"
#include "web/json_out.h"

static int read_user(struct exchange *x, const char *name, struct json_object *value, void *out)
{
    return json_read_text(x, name, value, &((struct key_fields *)out)->user);
}

static int read_name(struct exchange *x, const char *name, struct json_object *value, void *out)
{
    return json_read_text(x, name, value, &((struct key_fields *)out)->name);
}

static int read_role(struct exchange *x, const char *name, struct json_object *value, void *out)
{
    struct key_fields *fields = out;
    fields->role_given = true;
    return json_read_role(x, name, value, &fields->role);
}

static int read_scope(struct exchange *x, const char *name, struct json_object *value, void *out)
{
    struct slice scope;
    int status = json_read_text(x, name, value, &scope);
    if (status)
        return status;
    if (auth_scope_parse(scope, &((struct key_fields *)out)->scope))
        return 0;
    return refuse_field(x, PROBLEM_INVALID_FIELD, name, "This must be read, create or manage.");
}

static int json_key_read_expires_at(struct exchange *x, const char *name, struct json_object *value,
                                    void *out)
{
    struct key_fields *fields = out;
    struct slice text;
    int status = json_read_text(x, name, value, &text);
    if (status)
        return status;
    if (!rfc3339_parse(text, &fields->expires_at) || fields->expires_at <= x->now)
        return refuse_field(x, PROBLEM_INVALID_TIME, name,
                            "This must be a time in the future, like 2026-11-22T08:00:00Z.");
    return 0;
}

static const struct json_member MEMBERS[] = {
    { "user", 1, read_user },
    { "name", 2, read_name },
    { "role", 4, read_role },
    { "scope", 8, read_scope },
    { "expires_at", 16, json_key_read_expires_at },
};
static const struct json_shape KEY = { MEMBERS, sizeof(MEMBERS) / sizeof(MEMBERS[0]) };

int json_read_key(struct exchange *x, struct key_fields *out)
{
    int status = 0;
    unsigned given;
    *out = (struct key_fields){ .role = ROLE_USER };
    struct json_object *body = json_body_parse(x, &json_body_limits, &status);
    if (body)
        status = json_read_members(x, &KEY, body, out, &given);
    json_object_put(body);
    return status;
}

static struct json_object *key_object(const struct api_key *key)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "id", json_object_new_uint64(key->id));
    json_add(o, "user", json_text(key->user));
    json_add(o, "role", json_object_new_string(auth_role_name(key->role)));
    json_add(o, "scope", json_object_new_string(auth_scope_name(key->scope)));
    json_add(o, "name", json_text_or_null(key->name));
    json_add(o, "created_at", json_time_or_null(key->created_at));
    json_add(o, "expires_at", json_time_or_null(key->expires_at));
    return o;
}

struct slice json_new_key(const struct exchange *x, const struct new_key *made)
{
    struct json_object *o = key_object(&made->key);
    json_add(o, "secret", json_object_new_string(made->text));
    return json_render(x->arena, o);
}

struct slice json_key_page(const struct exchange *x, const struct key_page *page,
                           struct slice next_cursor)
{
    struct json_object *keys = json_object_new_array();
    for (size_t i = 0; i < page->n; i++) {
        struct json_object *o = key_object(&page->keys[i]);
        json_add(o, "last_used_at", json_time_or_null(page->keys[i].last_used_at));
        json_add(o, "revoked_at", json_time_or_null(page->keys[i].revoked_at));
        json_object_array_add(keys, o);
    }
    struct json_object *o = json_object_new_object();
    json_add(o, "keys", keys);
    json_add(o, "next_cursor", json_text_or_null(next_cursor));
    return json_render(x->arena, o);
}
