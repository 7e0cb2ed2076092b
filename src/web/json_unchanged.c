/* SPDX-License-Identifier: MIT */
/* Compares a body with the current link. */
#include "web/json_unchanged.h"

#include <json-c/json.h>
#include <string.h>

#include "web/json_object.h"
#include "web/managing.h"
#include "web/refusal.h"

/* Members of a Link that cannot be changed. */
static const struct {
    const char *name;
    bool grows; /* a smaller value is an earlier one */
} READ_ONLY[] = {
    { "code", false },
    { "short_url", false },
    { "aliases", false },
    { "created_at", false },
    { "updated_at", true },
    { "clicks", true },
    { "clicks_imported", false },
    { "owner", false },
    { "state", false },
};

/* Members that can be changed, but are refused or mean something else when sent back: a time that
 * may be in the past by now, and an alias that the link has. */
static const char *const SENT_BACK[] = { "expires_at", "custom_alias" };

enum {
    N_READ_ONLY = sizeof(READ_ONLY) / sizeof(READ_ONLY[0]),
    N_SENT_BACK = sizeof(SENT_BACK) / sizeof(SENT_BACK[0]),
};

static bool has_read_only(struct json_object *body)
{
    for (size_t i = 0; i < N_READ_ONLY; i++) {
        if (json_object_object_get_ex(body, READ_ONLY[i].name, NULL))
            return true;
    }
    return false;
}

/* Whether `given` may be an earlier value: not more clicks, no later time. Times of one form sort
 * like their texts. */
static bool was_so(struct json_object *given, struct json_object *now)
{
    if (json_object_get_type(given) != json_object_get_type(now))
        return given == NULL; /* null: the link had not been changed */
    if (json_object_is_type(given, json_type_int))
        return json_object_get_int64(given) >= 0 &&
               json_object_get_int64(given) <= json_object_get_int64(now);
    return json_object_is_type(given, json_type_string) &&
           json_object_get_string_len(given) == json_object_get_string_len(now) &&
           strcmp(json_object_get_string(given), json_object_get_string(now)) <= 0;
}

static int json_unchanged_compare(struct exchange *x, struct json_object *body,
                                  struct json_object *link)
{
    struct json_object *given;
    struct json_object *now;
    for (size_t i = 0; i < N_READ_ONLY; i++) {
        const char *name = READ_ONLY[i].name;
        if (!json_object_object_get_ex(body, name, &given))
            continue;
        json_object_object_get_ex(link, name, &now);
        if (!json_object_equal(given, now) && !(READ_ONLY[i].grows && was_so(given, now)))
            return refuse_field(x, PROBLEM_INVALID_FIELD, name, "This cannot be changed.");
        json_object_object_del(body, name);
    }
    for (size_t i = 0; i < N_SENT_BACK; i++) {
        if (json_object_object_get_ex(body, SENT_BACK[i], &given) &&
            json_object_object_get_ex(link, SENT_BACK[i], &now) && json_object_equal(given, now))
            json_object_object_del(body, SENT_BACK[i]);
    }
    return 0;
}

int json_drop_unchanged(struct exchange *x, struct json_object *body)
{
    if (!has_read_only(body))
        return 0;
    struct link link;
    int status = managing_show(x, &link);
    if (status)
        return status;
    struct json_object *now = json_link_object(x, &link);
    status = json_unchanged_compare(x, body, now);
    json_object_put(now);
    return status;
}
