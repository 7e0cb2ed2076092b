/* SPDX-License-Identifier: MIT */
/* Reads the fields of a link: one function per kind of field, and the bodies that have them. */
#include "web/json_in.h"

#include <json-c/json.h>

#include "text/rfc3339.h"
#include "web/json_body.h"
#include "web/json_form.h"
#include "web/json_unchanged.h"

/* --- values, by the kind of the field --- */

static int json_in_read_text(struct exchange *x, const char *name, struct json_object *value,
                             struct field_value *out)
{
    return json_read_text(x, name, value, &out->text);
}

static int json_in_read_time(struct exchange *x, const char *name, struct json_object *value,
                             int64_t *out)
{
    struct error detail;
    struct slice text;
    int status = json_read_text(x, name, value, &text);
    if (status || rfc3339_parse(text, out))
        return status;
    error_set(&detail, "This %s; a time is written like 2026-11-22T08:00:00Z.",
              rfc3339_fault(text));
    return refuse_field(x, PROBLEM_INVALID_TIME, name, detail.text);
}

/* Reads a time other than expires_at. */
static int json_in_read_any_time(struct exchange *x, const char *name, struct json_object *value,
                                 struct field_value *out)
{
    int64_t seconds = 0;
    int status = json_in_read_time(x, name, value, &seconds);
    out->number = (uint64_t)seconds;
    if (status || seconds >= 1)
        return status;
    return refuse_field(x, PROBLEM_INVALID_TIME, name, "This is before 1970.");
}

static int json_in_read_count(struct exchange *x, const char *name, struct json_object *value,
                              struct field_value *out)
{
    int64_t number = 0;
    int status = json_read_whole_number(x, name, value, &number);
    out->number = (uint64_t)number;
    if (status || number > 0)
        return status;
    return refuse_field(x, PROBLEM_INVALID_FIELD, name, "This must be a number of at least 1.");
}

static int json_in_read_status(struct exchange *x, const char *name, struct json_object *value,
                               struct field_value *out)
{
    int64_t number = 0;
    int status = json_read_whole_number(x, name, value, &number);
    out->number = (uint64_t)number;
    if (status || redirect_status_is_valid(number))
        return status;
    return refuse_field(x, PROBLEM_INVALID_FIELD, name, "This must be 301, 302, 303, 307 or 308.");
}

static int json_in_read_flag(struct exchange *x, const char *name, struct json_object *value,
                             struct field_value *out)
{
    bool flag = false;
    int status = json_read_boolean(x, name, value, &flag);
    out->number = flag;
    return status;
}

static int json_in_read_word(struct exchange *x, const char *name, struct json_object *value,
                             struct field_value *out)
{
    struct error detail;
    struct slice text;
    enum link_field field = LINK_FIELDS;
    int status = json_read_text(x, name, value, &text);
    if (status || !link_field_find(slice_of(name), &field))
        return status;
    out->number = link_field_word_number(field, text);
    if (out->number)
        return 0;
    error_set(&detail, "This must be %s.", link_field_words(field));
    return refuse_field(x, PROBLEM_INVALID_FIELD, name, detail.text);
}

static int json_in_read_list(struct exchange *x, const char *name, struct json_object *value,
                             struct field_value *out)
{
    if (!json_object_is_type(value, json_type_array) ||
        json_object_array_length(value) > LINK_TAGS_MAX)
        return refuse_field(x, PROBLEM_INVALID_FIELD, name,
                            "This must be a list of at most 20 strings.");
    unsigned n = (unsigned)json_object_array_length(value);
    struct slice *items = arena_alloc(x->arena, n * sizeof(*items));
    if (!items)
        return refuse(x, PROBLEM_INTERNAL, NULL);
    for (unsigned i = 0; i < n; i++) {
        int status = json_read_text(x, name, json_object_array_get_idx(value, i), &items[i]);
        if (status)
            return status;
    }
    out->items = items;
    out->n_items = n;
    return 0;
}

/* --- members --- */

/* Reads a member that has the name of its field. */
static int json_in_read_field(struct exchange *x, const char *name, struct json_object *value,
                              void *out)
{
    static int (*const readers[])(struct exchange *, const char *, struct json_object *,
                                  struct field_value *) = {
        [KIND_TEXT] = json_in_read_text,   [KIND_URL] = json_in_read_text,
        [KIND_LIST] = json_in_read_list,   [KIND_TIME] = json_in_read_any_time,
        [KIND_COUNT] = json_in_read_count, [KIND_STATUS] = json_in_read_status,
        [KIND_FLAG] = json_in_read_flag,   [KIND_WORD] = json_in_read_word,
    };
    enum link_field field = LINK_FIELDS;
    struct field_value read = { 0 };
    if (!link_field_find(slice_of(name), &field))
        return refuse(x, PROBLEM_INTERNAL, NULL);
    int status = readers[link_field_rows[field].kind](x, name, value, &read);
    if (status == 0)
        link_field_put(&((struct link_fields *)out)->link, field, &read);
    return status;
}

static int read_custom_alias(struct exchange *x, const char *name, struct json_object *value,
                             void *out)
{
    return json_read_text(x, name, value, &((struct link_fields *)out)->custom_alias);
}

static int json_in_read_expires_at(struct exchange *x, const char *name, struct json_object *value,
                                   void *out)
{
    int64_t *at = &((struct link_fields *)out)->link.target.expires_at;
    int status = json_in_read_time(x, name, value, at);
    if (status == 0 && *at <= x->now)
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
    ((struct link_fields *)out)->link.target.expires_at = x->now + ttl;
    return 0;
}

static int read_reuse(struct exchange *x, const char *name, struct json_object *value, void *out)
{
    return json_read_boolean(x, name, value, &((struct link_fields *)out)->reuse);
}

/* Members with one bit are spellings of one field; of two members with one name the first is used.
 * A change takes all but the first. */
static const struct json_member MEMBERS[] = {
    { "custom_alias", FIELD_BIT(FIELD_ALIASES), read_custom_alias },
    { "expires_at", FIELD_BIT(FIELD_EXPIRES_AT), json_in_read_expires_at },
    { "expiration_date", FIELD_BIT(FIELD_EXPIRES_AT), json_in_read_expires_at },
    { "expiry_date", FIELD_BIT(FIELD_EXPIRES_AT), json_in_read_expires_at },
    { "ttl_seconds", FIELD_BIT(FIELD_EXPIRES_AT), read_ttl_seconds },
#define LINK_FIELD(id, name, ...) { name, FIELD_BIT(FIELD_##id), json_in_read_field },
#define LINK_OUTPUT(...)
#include "link/link_fields.def"
    { "reuse", FIELD_BIT(LINK_FIELDS), read_reuse },
};

enum {
    N_MEMBERS = sizeof(MEMBERS) / sizeof(MEMBERS[0]),
};

static const struct json_shape NEW_LINK = { MEMBERS, N_MEMBERS };
static const struct json_shape CHANGED_LINK = { MEMBERS, N_MEMBERS - 1 };

int json_read_new_link(struct exchange *x, struct json_object *object, struct link_fields *out)
{
    *out = (struct link_fields){ 0 };
    if (!json_object_is_type(object, json_type_object))
        return refuse(x, PROBLEM_INVALID_JSON, "This is not an object.");
    int status = json_read_members(x, &NEW_LINK, object, out, &out->given);
    if (status == 0 && !out->link.target.long_url.at)
        return refuse_field(x, PROBLEM_INVALID_URL, "long_url", "The long URL is missing.");
    return status;
}

int json_read_create(struct exchange *x, struct link_fields *out)
{
    int status = 0;
    struct json_object *body = json_form_is_sent(x)
                                   ? json_form_parse(x, &status)
                                   : json_body_parse(x, &json_body_limits, &status);
    if (body)
        status = json_read_new_link(x, body, out);
    json_object_put(body);
    return status;
}

int json_read_changes(struct exchange *x, struct link_fields *out)
{
    int status = 0;
    *out = (struct link_fields){ 0 };
    struct json_object *body = json_body_parse(x, &json_body_limits, &status);
    if (body)
        status = json_drop_unchanged(x, body);
    if (body && status == 0)
        status = json_read_members(x, &CHANGED_LINK, body, out, &out->given);
    json_object_put(body);
    if (status == 0 && out->given & FIELD_BIT(FIELD_LONG_URL) && !out->link.target.long_url.at)
        return refuse_field(x, PROBLEM_INVALID_URL, "long_url", "The long URL cannot be removed.");
    return status;
}
