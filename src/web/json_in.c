/* SPDX-License-Identifier: MIT */
/* JSON in, through json-c. Unknown members are refused: a misspelt wish must not be lost in
 * silence. */
#include "web/json_in.h"

#include <json-c/json.h>
#include <string.h>

#include "text/distance.h"
#include "text/rfc3339.h"

/* Reads one member that is not null into `out`; 0 or what refuse() returned. */
typedef int member_reader(struct exchange *x, const char *name, struct json_object *value,
                          struct wishes *out);

static int read_text(struct exchange *x, const char *name, struct json_object *value,
                     struct slice *out)
{
    if (!json_object_is_type(value, json_type_string))
        return refuse_field(x, PROBLEM_INVALID_FIELD, name, "This must be a string.");
    struct slice text = { json_object_get_string(value),
                          (size_t)json_object_get_string_len(value) };
    *out = (struct slice){ arena_copy(x->arena, text), text.len };
    return out->at ? 0 : refuse(x, PROBLEM_INTERNAL, NULL);
}

static int read_whole_number(struct exchange *x, const char *name, struct json_object *value,
                             int64_t *out)
{
    if (!json_object_is_type(value, json_type_int))
        return refuse_field(x, PROBLEM_INVALID_FIELD, name, "This must be a whole number.");
    *out = json_object_get_int64(value);
    return 0;
}

static int read_long_url(struct exchange *x, const char *name, struct json_object *value,
                         struct wishes *out)
{
    return read_text(x, name, value, &out->long_url);
}

static int read_custom_alias(struct exchange *x, const char *name, struct json_object *value,
                             struct wishes *out)
{
    return read_text(x, name, value, &out->custom_alias);
}

static int read_expires_at(struct exchange *x, const char *name, struct json_object *value,
                           struct wishes *out)
{
    struct slice text;
    int status = read_text(x, name, value, &text);
    if (status)
        return status;
    if (!rfc3339_parse(text, &out->expires_at) || out->expires_at <= x->now)
        return refuse_field(x, PROBLEM_INVALID_TIME, name,
                            "This must be a time to come as RFC 3339 spells it, like "
                            "2026-11-22T08:00:00Z.");
    return 0;
}

static int read_ttl_seconds(struct exchange *x, const char *name, struct json_object *value,
                            struct wishes *out)
{
    int64_t ttl = 0;
    int status = read_whole_number(x, name, value, &ttl);
    if (status)
        return status;
    if (ttl < 1 || ttl > RFC3339_MAX - x->now)
        return refuse_field(x, PROBLEM_INVALID_TIME, name,
                            "This must be a number of seconds from 1 up, within the year 9999.");
    out->expires_at = x->now + ttl;
    return 0;
}

static int read_redirect_status(struct exchange *x, const char *name, struct json_object *value,
                                struct wishes *out)
{
    int status = read_whole_number(x, name, value, &out->redirect_status);
    if (status || redirect_status_is_valid(out->redirect_status))
        return status;
    return refuse_field(x, PROBLEM_INVALID_FIELD, name, "This must be 301, 302, 303, 307 or 308.");
}

/* Members of one `wish` are spellings of the same thing: a body may have one of them. */
static const struct member {
    const char *name;
    enum wish { WISH_URL, WISH_ALIAS, WISH_EXPIRY, WISH_STATUS } wish;
    member_reader *read;
} MEMBERS[] = {
    { "long_url", WISH_URL, read_long_url },
    { "custom_alias", WISH_ALIAS, read_custom_alias },
    { "expires_at", WISH_EXPIRY, read_expires_at },
    { "expiration_date", WISH_EXPIRY, read_expires_at },
    { "expiry_date", WISH_EXPIRY, read_expires_at },
    { "ttl_seconds", WISH_EXPIRY, read_ttl_seconds },
    { "redirect_status", WISH_STATUS, read_redirect_status },
};

enum {
    N_MEMBERS = sizeof(MEMBERS) / sizeof(MEMBERS[0]),
};

static const struct member *member_named(const char *name)
{
    for (size_t i = 0; i < N_MEMBERS; i++) {
        if (strcmp(MEMBERS[i].name, name) == 0)
            return &MEMBERS[i];
    }
    return NULL;
}

static int fail_unknown(struct exchange *x, const char *name)
{
    const char *nearest = NULL;
    unsigned best = 4; /* farther names are no help */
    for (size_t i = 0; i < N_MEMBERS; i++) {
        unsigned distance = distance_between(slice_of(name), slice_of(MEMBERS[i].name));
        if (distance < best) {
            best = distance;
            nearest = MEMBERS[i].name;
        }
    }
    struct error detail;
    if (nearest)
        error_set(&detail, "There is no such member; did you mean %s?", nearest);
    else
        error_set(&detail, "There is no such member.");
    const char *copy = arena_copy(x->arena, slice_of(name));
    return refuse_field(x, PROBLEM_INVALID_FIELD, copy ? copy : "?", detail.text);
}

static int read_members(struct exchange *x, struct json_object *body, struct wishes *out)
{
    unsigned seen = 0;
    json_object_object_foreach(body, name, value)
    {
        const struct member *member = member_named(name);
        if (!member)
            return fail_unknown(x, name);
        if (!value)
            continue;
        if (seen & 1U << member->wish)
            return refuse_field(x, PROBLEM_INVALID_FIELD, member->name,
                                "The body says this twice, under different names.");
        seen |= 1U << member->wish;
        int status = member->read(x, member->name, value, out);
        if (status)
            return status;
    }
    if (!(seen & 1U << WISH_URL))
        return refuse_field(x, PROBLEM_INVALID_URL, "long_url", "The long URL is missing.");
    return 0;
}

/* The body as a JSON value, or NULL with `why`. */
static struct json_object *parse(struct slice body, struct error *why)
{
    struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX);
    if (!tokener) {
        error_set(why, "out of memory");
        return NULL;
    }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *value = json_tokener_parse_ex(tokener, body.at, (int)body.len);
    enum json_tokener_error error = json_tokener_get_error(tokener);
    if (error == json_tokener_continue && json_tokener_get_parse_end(tokener) == body.len) {
        /* A number or literal at the very end waits for what ends it. */
        value = json_tokener_parse_ex(tokener, "", 1);
        error = value ? json_tokener_success : json_tokener_continue;
    }
    if (error != json_tokener_success)
        error_set(why, "%s, at byte %zu",
                  error == json_tokener_continue ? "the text ends too early"
                                                 : json_tokener_error_desc(error),
                  json_tokener_get_parse_end(tokener));
    json_tokener_free(tokener);
    return error == json_tokener_success ? value : NULL;
}

static bool is_json_type(struct slice type)
{
    type.len = slice_find(type, ';');
    return slice_eq_nocase(slice_trim(type), SLICE("application/json"));
}

int json_read_wishes(struct exchange *x, struct wishes *out)
{
    *out = (struct wishes){ 0 };
    if (x->request->body_too_large)
        return refuse(x, PROBLEM_PAYLOAD_TOO_LARGE, NULL);
    if (!is_json_type(http_variable(x->request, "CONTENT_TYPE")))
        return refuse(x, PROBLEM_UNSUPPORTED_MEDIA_TYPE, NULL);
    if (x->request->body_broken)
        return refuse(x, PROBLEM_INVALID_JSON, "The body is shorter than its Content-Length.");
    struct error why = { "the body is not an object" };
    struct json_object *body = parse(x->request->body, &why);
    if (!json_object_is_type(body, json_type_object)) {
        json_object_put(body);
        return refuse(x, PROBLEM_INVALID_JSON, why.text);
    }
    int status = read_members(x, body, out);
    json_object_put(body);
    return status;
}
