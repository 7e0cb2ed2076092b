/* SPDX-License-Identifier: MIT */
/* Reads the fields of a link: one function per member, and the bodies that have them. */
#include "web/json_in.h"

#include <json-c/json.h>

#include "text/rfc3339.h"
#include "web/json_body.h"
#include "web/json_unchanged.h"

static int read_long_url(struct exchange *x, const char *name, struct json_object *value, void *out)
{
    return json_read_text(x, name, value, &((struct wishes *)out)->long_url);
}

static int read_custom_alias(struct exchange *x, const char *name, struct json_object *value,
                             void *out)
{
    return json_read_text(x, name, value, &((struct wishes *)out)->custom_alias);
}

static int json_in_read_time(struct exchange *x, const char *name, struct slice text, int64_t *out)
{
    struct error detail;
    if (rfc3339_parse(text, out))
        return 0;
    error_set(&detail, "This %s; a time is written like 2026-11-22T08:00:00Z.",
              rfc3339_fault(text));
    return refuse_field(x, PROBLEM_INVALID_TIME, name, detail.text);
}

static int json_in_read_expires_at(struct exchange *x, const char *name, struct json_object *value,
                                   void *out)
{
    struct wishes *wishes = out;
    struct slice text;
    int status = json_read_text(x, name, value, &text);
    if (status)
        return status;
    status = json_in_read_time(x, name, text, &wishes->expires_at);
    if (status == 0 && wishes->expires_at <= x->now)
        return refuse_field(x, PROBLEM_INVALID_TIME, name, "This is in the past.");
    return status;
}

static int read_ttl_seconds(struct exchange *x, const char *name, struct json_object *value,
                            void *out)
{
    int64_t ttl = 0;
    int status = json_read_whole_number(x, name, value, &ttl);
    if (status)
        return status;
    if (ttl < 1 || ttl > RFC3339_MAX - x->now)
        return refuse_field(
            x, PROBLEM_INVALID_TIME, name,
            "This must be a number of seconds, at least 1, that ends before the year 10000.");
    ((struct wishes *)out)->expires_at = x->now + ttl;
    return 0;
}

static int read_starts_at(struct exchange *x, const char *name, struct json_object *value,
                          void *out)
{
    struct wishes *wishes = out;
    struct slice text;
    int status = json_read_text(x, name, value, &text);
    if (status)
        return status;
    status = json_in_read_time(x, name, text, &wishes->starts_at);
    if (status == 0 && wishes->starts_at < 1)
        return refuse_field(x, PROBLEM_INVALID_TIME, name, "This is before 1970.");
    return status;
}

static int read_max_clicks(struct exchange *x, const char *name, struct json_object *value,
                           void *out)
{
    struct wishes *wishes = out;
    int status = json_read_whole_number(x, name, value, &wishes->max_clicks);
    if (status || wishes->max_clicks > 0)
        return status;
    return refuse_field(x, PROBLEM_INVALID_FIELD, name, "This must be a number of at least 1.");
}

static int read_redirect_status(struct exchange *x, const char *name, struct json_object *value,
                                void *out)
{
    struct wishes *wishes = out;
    int status = json_read_whole_number(x, name, value, &wishes->redirect_status);
    if (status || redirect_status_is_valid(wishes->redirect_status))
        return status;
    return refuse_field(x, PROBLEM_INVALID_FIELD, name, "This must be 301, 302, 303, 307 or 308.");
}

static int read_forward_query(struct exchange *x, const char *name, struct json_object *value,
                              void *out)
{
    return json_read_boolean(x, name, value, &((struct wishes *)out)->forward_query);
}

static int read_reuse(struct exchange *x, const char *name, struct json_object *value, void *out)
{
    return json_read_boolean(x, name, value, &((struct wishes *)out)->reuse);
}

static int read_title(struct exchange *x, const char *name, struct json_object *value, void *out)
{
    return json_read_text(x, name, value, &((struct wishes *)out)->title);
}

static int read_tags(struct exchange *x, const char *name, struct json_object *value, void *out)
{
    struct wishes *wishes = out;
    if (!json_object_is_type(value, json_type_array) ||
        json_object_array_length(value) > LINK_TAGS_MAX)
        return refuse_field(x, PROBLEM_INVALID_FIELD, name,
                            "This must be a list of at most 20 strings.");
    unsigned n = (unsigned)json_object_array_length(value);
    struct slice *tags = arena_alloc(x->arena, n * sizeof(*tags));
    if (!tags)
        return refuse(x, PROBLEM_INTERNAL, NULL);
    for (unsigned i = 0; i < n; i++) {
        int status = json_read_text(x, name, json_object_array_get_idx(value, i), &tags[i]);
        if (status)
            return status;
    }
    wishes->tags = tags;
    wishes->n_tags = n;
    return 0;
}

/* Members with one bit are spellings of one field. A change takes all but the last one. */
static const struct json_member MEMBERS[] = {
    { "long_url", WISH_URL, read_long_url },
    { "custom_alias", WISH_ALIAS, read_custom_alias },
    { "expires_at", WISH_EXPIRY, json_in_read_expires_at },
    { "expiration_date", WISH_EXPIRY, json_in_read_expires_at },
    { "expiry_date", WISH_EXPIRY, json_in_read_expires_at },
    { "ttl_seconds", WISH_EXPIRY, read_ttl_seconds },
    { "starts_at", WISH_START, read_starts_at },
    { "max_clicks", WISH_MAX_CLICKS, read_max_clicks },
    { "redirect_status", WISH_STATUS, read_redirect_status },
    { "forward_query", WISH_FORWARD_QUERY, read_forward_query },
    { "title", WISH_TITLE, read_title },
    { "tags", WISH_TAGS, read_tags },
    { "reuse", WISH_REUSE, read_reuse },
};

enum {
    N_MEMBERS = sizeof(MEMBERS) / sizeof(MEMBERS[0]),
};

static const struct json_shape NEW_LINK = { MEMBERS, N_MEMBERS };
static const struct json_shape CHANGED_LINK = { MEMBERS, N_MEMBERS - 1 };

int json_read_new_link(struct exchange *x, struct json_object *object, struct wishes *out)
{
    *out = (struct wishes){ 0 };
    if (!json_object_is_type(object, json_type_object))
        return refuse(x, PROBLEM_INVALID_JSON, "This is not an object.");
    int status = json_read_members(x, &NEW_LINK, object, out, &out->given);
    if (status == 0 && !out->long_url.at)
        return refuse_field(x, PROBLEM_INVALID_URL, "long_url", "The long URL is missing.");
    return status;
}

int json_read_wishes(struct exchange *x, struct wishes *out)
{
    int status = 0;
    struct json_object *body = json_body_parse(x, &json_body_limits, &status);
    if (body)
        status = json_read_new_link(x, body, out);
    json_object_put(body);
    return status;
}

int json_read_changes(struct exchange *x, struct wishes *out)
{
    int status = 0;
    *out = (struct wishes){ 0 };
    struct json_object *body = json_body_parse(x, &json_body_limits, &status);
    if (body)
        status = json_drop_unchanged(x, body);
    if (body && status == 0)
        status = json_read_members(x, &CHANGED_LINK, body, out, &out->given);
    json_object_put(body);
    if (status == 0 && out->given & WISH_URL && !out->long_url.at)
        return refuse_field(x, PROBLEM_INVALID_URL, "long_url", "The long URL cannot be removed.");
    return status;
}
