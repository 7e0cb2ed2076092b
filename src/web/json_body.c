/* SPDX-License-Identifier: MIT */
/* Parses JSON bodies with json-c. Unknown members are refused, so that a misspelt field is not
 * ignored. */
#include "web/json_body.h"

#include <json-c/json.h>

#include "text/suggest.h"
#include "text/utf8.h"

const struct json_text_limits json_body_limits = { JSON_VALUES_MAX, JSON_ITEMS_MAX };

/* Parses a valid text with json-c: an object or NULL. Its strict flags stay off: validity is
 * checked before, since json-c's versions differ in it. */
static struct json_object *parse(struct slice text, struct error *why)
{
    struct json_tokener *tokener = json_tokener_new_ex(JSON_TEXT_DEPTH_MAX + 2);
    struct json_object *value =
        tokener ? json_tokener_parse_ex(tokener, text.at, (int)text.len) : NULL;
    if (tokener)
        json_tokener_free(tokener);
    if (json_object_is_type(value, json_type_object))
        return value;
    error_set(why, text.at[0] == '{' ? "out of memory" : "the body is not an object");
    json_object_put(value);
    return NULL;
}

/* Whether the Content-Type is JSON, or a merge patch (RFC 7396), whose meaning is that of our
 * bodies. */
static bool is_json_type(const struct http_request *request)
{
    struct slice type = http_media_type(request);
    return slice_eq_nocase(type, SLICE("application/json")) ||
           (request->method == HTTP_PATCH &&
            slice_eq_nocase(type, SLICE("application/merge-patch+json")));
}

/* Refuses a compressed body. The answer names what would be accepted (RFC 9110, 15.5.16). */
static int refuse_encoding(struct exchange *x, struct slice encoding)
{
    struct error detail;
    const char *copy = utf8_is_line(encoding) ? arena_copy(x->arena, encoding) : NULL;
    error_set(&detail, "The body has the Content-Encoding %.60s: send it without one.",
              copy ? copy : "?");
    http_header_add(&x->response, "Accept-Encoding", SLICE("identity"));
    return refuse(x, PROBLEM_UNSUPPORTED_MEDIA_TYPE, detail.text);
}

int refuse_body(struct exchange *x, bool type_is_known)
{
    struct slice encoding = slice_trim(http_variable(x->request, "HTTP_CONTENT_ENCODING"));
    if (x->request->body_too_large)
        return refuse(x, PROBLEM_PAYLOAD_TOO_LARGE, NULL);
    if (!type_is_known)
        return refuse(x, PROBLEM_UNSUPPORTED_MEDIA_TYPE, NULL);
    if (encoding.len && !slice_eq_nocase(encoding, SLICE("identity")))
        return refuse_encoding(x, encoding);
    if (x->request->body_broken)
        return refuse(x, PROBLEM_INVALID_JSON, "The body is shorter than its Content-Length.");
    return 0;
}

struct json_object *json_body_parse(struct exchange *x, const struct json_text_limits *limits,
                                    int *status)
{
    struct error why;
    struct json_object *body = NULL;
    struct slice text = x->request->body;
    *status = refuse_body(x, is_json_type(x->request));
    if (*status)
        return NULL;
    enum json_text_result result = json_text_check(&text, limits, &why);
    if (result == JSON_TEXT_SOUND)
        body = parse(text, &why);
    if (!body)
        *status =
            refuse(x, result == JSON_TEXT_LONG_ARRAY ? PROBLEM_INVALID_FIELD : PROBLEM_INVALID_JSON,
                   why.text);
    return body;
}

static const struct json_member *member_named(const struct json_shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->n; i++) {
        if (strcmp(shape->members[i].name, name) == 0)
            return &shape->members[i];
    }
    return NULL;
}

/* Names that other shorteners use for our members. */
static const struct {
    const char *theirs; /* compared without case */
    const char *ours;
} SYNONYMS[] = {
    { "url", "long_url" },         { "target", "long_url" },         { "target_url", "long_url" },
    { "destination", "long_url" }, { "link", "long_url" },           { "alias", "custom_alias" },
    { "slug", "custom_alias" },    { "customslug", "custom_alias" }, { "keyword", "custom_alias" },
    { "code", "custom_alias" },    { "ttl", "ttl_seconds" },         { "expires", "expires_at" },
    { "expiry", "expires_at" },    { "validuntil", "expires_at" },   { "validsince", "starts_at" },
    { "maxvisits", "max_clicks" }, { "status", "redirect_status" },  { "urls", "links" },
    { "items", "links" },
};

/* The member that `name` probably means; empty: none. */
static struct slice guess(const struct json_shape *shape, const char *name)
{
    struct suggestion suggestion = { .typed = slice_of(name) };
    for (size_t i = 0; i < sizeof(SYNONYMS) / sizeof(SYNONYMS[0]); i++) {
        if (slice_eq_nocase(slice_of(name), slice_of(SYNONYMS[i].theirs)) &&
            member_named(shape, SYNONYMS[i].ours))
            return slice_of(SYNONYMS[i].ours);
    }
    for (size_t i = 0; i < shape->n; i++) {
        struct slice member = slice_of(shape->members[i].name);
        suggestion_consider(&suggestion, member, member);
    }
    return suggestion.best;
}

static int json_body_refuse_unknown(struct exchange *x, const struct json_shape *shape,
                                    const char *name)
{
    struct error detail;
    struct slice meant = guess(shape, name);
    if (meant.len)
        error_set(&detail, "There is no such member; did you mean %.*s?", SLICE_ARG(meant));
    else
        error_set(&detail, "There is no such member.");
    const char *copy = arena_copy(x->arena, slice_of(name));
    return refuse_field(x, PROBLEM_INVALID_FIELD, copy ? copy : "?", detail.text);
}

int json_read_members(struct exchange *x, const struct json_shape *shape,
                      struct json_object *object, void *out, unsigned *given)
{
    unsigned seen = 0;
    *given = 0;
    json_object_object_foreach(object, name, value)
    {
        const struct json_member *member = member_named(shape, name);
        if (!member)
            return json_body_refuse_unknown(x, shape, name);
        *given |= member->what;
        if (!value)
            continue;
        if (seen & member->what)
            return refuse_field(x, PROBLEM_INVALID_FIELD, member->name,
                                "This field is given twice, under different names.");
        seen |= member->what;
        int status = member->read(x, member->name, value, out);
        if (status)
            return status;
    }
    return 0;
}

int json_read_text(struct exchange *x, const char *name, struct json_object *value,
                   struct slice *out)
{
    if (!json_object_is_type(value, json_type_string))
        return refuse_field(x, PROBLEM_INVALID_FIELD, name, "This must be a string.");
    struct slice text = { json_object_get_string(value),
                          (size_t)json_object_get_string_len(value) };
    *out = (struct slice){ arena_copy(x->arena, text), text.len };
    return out->at ? 0 : refuse(x, PROBLEM_INTERNAL, NULL);
}

int json_read_whole_number(struct exchange *x, const char *name, struct json_object *value,
                           int64_t *out)
{
    if (!json_object_is_type(value, json_type_int))
        return refuse_field(x, PROBLEM_INVALID_FIELD, name, "This must be a whole number.");
    *out = json_object_get_int64(value);
    return 0;
}

int json_read_boolean(struct exchange *x, const char *name, struct json_object *value, bool *out)
{
    if (!json_object_is_type(value, json_type_boolean))
        return refuse_field(x, PROBLEM_INVALID_FIELD, name, "This must be true or false.");
    *out = json_object_get_boolean(value);
    return 0;
}
