/* SPDX-License-Identifier: MIT */
/* Reads and writes users as JSON. */
#include <json-c/json.h>

#include "service/users.h"
#include "text/rfc3339.h"
#include "web/json_body.h"
#include "web/json_in.h"
#include "web/json_object.h"
#include "web/json_out.h"

static int json_user_read_name(struct exchange *x, const char *name, struct json_object *value,
                               void *out)
{
    return json_read_text(x, name, value, &((struct user_fields *)out)->name);
}

int json_read_role(struct exchange *x, const char *name, struct json_object *value,
                   enum user_role *out)
{
    struct slice role;
    int status = json_read_text(x, name, value, &role);
    if (status)
        return status;
    *out = slice_eq(role, SLICE("admin")) ? ROLE_ADMIN : ROLE_USER;
    if (*out == ROLE_ADMIN || slice_eq(role, SLICE("user")))
        return 0;
    return refuse_field(x, PROBLEM_INVALID_FIELD, name, "This must be admin or user.");
}

static int json_user_read_role(struct exchange *x, const char *name, struct json_object *value,
                               void *out)
{
    struct user_fields *fields = out;
    fields->role_given = true;
    return json_read_role(x, name, value, &fields->role);
}

static int json_user_read_ttl(struct exchange *x, const char *name, struct json_object *value,
                              int64_t *out)
{
    int status = json_read_whole_number(x, name, value, out);
    if (status == 0 && (*out < 1 || *out > RFC3339_MAX))
        return refuse_field(x, PROBLEM_INVALID_FIELD, name,
                            "This must be a number of seconds, at least 1, or null.");
    return status;
}

static int json_user_read_default(struct exchange *x, const char *name, struct json_object *value,
                                  void *out)
{
    return json_user_read_ttl(x, name, value, &((struct user_fields *)out)->policy.default_ttl_s);
}

static int json_user_read_max(struct exchange *x, const char *name, struct json_object *value,
                              void *out)
{
    return json_user_read_ttl(x, name, value, &((struct user_fields *)out)->policy.max_ttl_s);
}

/* A change takes all but the first. */
static const struct json_member MEMBERS[] = {
    { "user", USER_FIELD_NAME, json_user_read_name },
    { "role", USER_FIELD_ROLE, json_user_read_role },
    { "default_ttl_seconds", USER_FIELD_DEFAULT_TTL, json_user_read_default },
    { "max_ttl_seconds", USER_FIELD_MAX_TTL, json_user_read_max },
};
static const struct json_shape NEW_USER = { MEMBERS, sizeof(MEMBERS) / sizeof(MEMBERS[0]) };
static const struct json_shape USER_CHANGE = { MEMBERS + 1,
                                               sizeof(MEMBERS) / sizeof(MEMBERS[0]) - 1 };

static int json_read_user(struct exchange *x, const struct json_shape *shape,
                          struct user_fields *out)
{
    int status = 0;
    *out = (struct user_fields){ .role = ROLE_USER };
    struct json_object *body = json_body_parse(x, &json_body_limits, &status);
    if (body)
        status = json_read_members(x, shape, body, out, &out->given);
    json_object_put(body);
    return status;
}

int json_read_new_user(struct exchange *x, struct user_fields *out)
{
    return json_read_user(x, &NEW_USER, out);
}

int json_read_user_change(struct exchange *x, struct user_fields *out)
{
    return json_read_user(x, &USER_CHANGE, out);
}

static struct json_object *json_seconds_or_null(int64_t seconds)
{
    return seconds ? json_object_new_int64(seconds) : NULL;
}

static struct json_object *user_object(const struct user_summary *summary)
{
    const struct user *user = &summary->user;
    struct json_object *o = json_object_new_object();
    json_add(o, "user", json_text(user->name));
    json_add(o, "role", json_object_new_string(auth_role_name(user->role)));
    json_add(o, "links", json_object_new_uint64(summary->links));
    json_add(o, "keys", json_object_new_uint64(summary->keys));
    json_add(o, "created_at", json_time_or_null(user->created_at));
    json_add(o, "default_ttl_seconds", json_seconds_or_null(user->policy.default_ttl_s));
    json_add(o, "max_ttl_seconds", json_seconds_or_null(user->policy.max_ttl_s));
    return o;
}

struct slice json_user(const struct exchange *x, const struct user_summary *user)
{
    return json_render(x->arena, user_object(user));
}

struct slice json_user_page(const struct exchange *x, const struct user_page *page,
                            struct slice next_cursor)
{
    struct json_object *users = json_object_new_array();
    for (size_t i = 0; i < page->n; i++)
        json_object_array_add(users, user_object(&page->users[i]));
    struct json_object *o = json_object_new_object();
    json_add(o, "users", users);
    json_add(o, "next_cursor", json_text_or_null(next_cursor));
    return json_render(x->arena, o);
}

struct slice json_user_removed(const struct exchange *x, const struct user_removal *removal)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "user", json_text(removal->user.name));
    json_add(o, "keys", json_object_new_uint64(removal->keys));
    json_add(o, "links", json_object_new_uint64(removal->work.done));
    json_add(o, "more", json_object_new_boolean(removal->more));
    return json_render(x->arena, o);
}
