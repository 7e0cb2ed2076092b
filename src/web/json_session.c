/* SPDX-License-Identifier: MIT */
/* Reads what signs in, and writes sessions as JSON. */
#include <json-c/json.h>

#include "web/json_body.h"
#include "web/json_in.h"
#include "web/json_object.h"
#include "web/json_out.h"

enum {
    MEMBER_KEY = 1,
    MEMBER_TOKEN = 2,
};

static int read_key(struct exchange *x, const char *name, struct json_object *value, void *out)
{
    return json_read_text(x, name, value, &((struct sign_in_fields *)out)->key);
}

static int read_token(struct exchange *x, const char *name, struct json_object *value, void *out)
{
    return json_read_text(x, name, value, &((struct sign_in_fields *)out)->token);
}

static const struct json_member MEMBERS[] = {
    { "key", MEMBER_KEY, read_key },
    { "token", MEMBER_TOKEN, read_token },
};
static const struct json_shape SIGN_IN = { MEMBERS, sizeof(MEMBERS) / sizeof(MEMBERS[0]) };

int json_read_sign_in(struct exchange *x, struct sign_in_fields *out)
{
    int status = 0;
    unsigned given;
    *out = (struct sign_in_fields){ .key = { NULL, 0 } };
    struct json_object *body = json_body_parse(x, &json_body_limits, &status);
    if (body)
        status = json_read_members(x, &SIGN_IN, body, out, &given);
    json_object_put(body);
    if (status || (out->key.len > 0) != (out->token.len > 0))
        return status;
    return refuse_field(x, PROBLEM_INVALID_FIELD, "key", "Send either a key or a token.");
}

struct slice json_session(const struct exchange *x, const char *csrf)
{
    const struct caller *caller = &x->caller;
    struct json_object *o = json_object_new_object();
    json_add(o, "user", json_text(caller->user));
    json_add(o, "role", json_object_new_string(auth_role_name(caller->role)));
    json_add(o, "scope", json_object_new_string(auth_scope_name(caller->scope)));
    json_add(o, "csrf", json_object_new_string(csrf));
    json_add(o, "expires_at", json_time_or_null(caller->session_ends_at));
    return json_render(x->arena, o);
}

static struct json_object *session_object(const struct exchange *x, const struct session *session)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "id", json_object_new_uint64(session->id));
    json_add(o, "created_at", json_time_or_null(session->created_at));
    json_add(o, "last_used_at", json_time_or_null(session->last_used_at));
    json_add(o, "expires_at", json_time_or_null(sessions_end_of(&x->services->sessions, session)));
    json_add(o, "current", json_object_new_boolean(session->id == x->caller.session_id));
    json_add(o, "agent", json_text_or_null(session->agent));
    return o;
}

struct slice json_session_list(const struct exchange *x, const struct session_list *list)
{
    struct json_object *sessions = json_object_new_array();
    for (size_t i = 0; i < list->n; i++)
        json_object_array_add(sessions, session_object(x, &list->sessions[i]));
    struct json_object *o = json_object_new_object();
    json_add(o, "sessions", sessions);
    return json_render(x->arena, o);
}
