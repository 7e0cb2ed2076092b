/* SPDX-License-Identifier: MIT */
/* Handles API keys: list, create, revoke. */
#include "base/number.h"
#include "service/keys.h"
#include "web/cursor.h"
#include "web/handlers.h"
#include "web/json_in.h"
#include "web/json_out.h"
#include "web/query.h"
#include "web/refusal.h"

enum {
    KEYS_LIMIT_DEFAULT = 100,
    KEYS_LIMIT_MAX = 1000,
};

static struct keys_request request_of(const struct exchange *x)
{
    return (struct keys_request){ .caller = x->caller,
                                  .now = x->now,
                                  .max_keys = x->services->limits.keys_per_user,
                                  .arena = x->arena };
}

int handle_keys_list(struct exchange *x)
{
    enum { LIMIT, CURSOR, N };
    static const char *const names[N] = { "limit", "cursor" };
    const uint32_t list = cursor_list(&SLICE("keys"), 1);
    struct slice values[N];
    unsigned limit = KEYS_LIMIT_DEFAULT;
    struct link_position after = { .link_id = 0 };
    int status = query_read(x, names, N, values);
    if (status == 0)
        status = query_number(x, names[LIMIT], values[LIMIT], KEYS_LIMIT_MAX, &limit);
    if (status)
        return status;
    if (values[CURSOR].at && (!cursor_read(values[CURSOR], list, x->arena, &after) ||
                              after.part != LINK_PART_IDS || after.link_id > UINT32_MAX))
        return refuse_field(x, PROBLEM_INVALID_FIELD, names[CURSOR],
                            "This must be the next_cursor of the same list.");
    const struct keys_request request = request_of(x);
    const struct key_query query = { .after_id = (uint32_t)after.link_id, .limit = limit };
    struct key_page page;
    enum outcome outcome = keys_list(x->services->db, &request, &query, &page, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, NULL);
    struct slice next = { NULL, 0 };
    if (page.more && page.n) {
        after.link_id = page.keys[page.n - 1].id;
        next = cursor_write(&after, list, x->arena);
    }
    respond_body(x, JSON_TYPE, json_key_page(x, &page, next));
    return 200;
}

int handle_key_create(struct exchange *x)
{
    struct key_fields fields;
    int status = json_read_key(x, &fields);
    if (status)
        return status;
    if (!x->services->random_bytes ||
        !x->services->random_bytes(fields.secret, sizeof(fields.secret))) {
        error_set(&x->err, "getrandom: no random bytes");
        return refuse(x, PROBLEM_INTERNAL, NULL);
    }
    const struct keys_request request = request_of(x);
    struct new_key made;
    enum outcome outcome = keys_create(x->services->db, &request, &fields, &made, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, outcome == OUTCOME_OUTLIVES ? "expires_at" : NULL);
    respond_body(x, JSON_TYPE, json_new_key(x, &made));
    return 201;
}

int handle_key_revoke(struct exchange *x)
{
    uint64_t id;
    if (!number_parse(x->match.captures[0], UINT32_MAX, &id) || id == 0)
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    const struct keys_request request = request_of(x);
    enum outcome outcome = keys_revoke(&x->services->auth, &request, (uint32_t)id, &x->err);
    if (outcome == OUTCOME_MISSING)
        return refuse(x, PROBLEM_NOT_FOUND, "There is no such key.");
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, NULL);
    respond_body(x, JSON_TYPE, json_message(x, "The key is revoked."));
    return 200;
}
