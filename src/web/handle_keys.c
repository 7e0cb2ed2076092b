/* SPDX-License-Identifier: MIT */
/* Handles API keys: list, create, revoke. */
#include "base/number.h"
#include "service/keys.h"
#include "web/handlers.h"
#include "web/id_page.h"
#include "web/json_in.h"
#include "web/json_out.h"
#include "web/refusal.h"

static struct keys_request request_of(const struct exchange *x)
{
    return (struct keys_request){ .caller = x->caller,
                                  .now = x->now,
                                  .max_keys = x->services->limits.keys_per_user,
                                  .arena = x->arena };
}

int handle_keys_list(struct exchange *x)
{
    struct id_page wanted;
    int status = id_page_read(x, SLICE("keys"), &wanted);
    if (status)
        return status;
    const struct keys_request request = request_of(x);
    const struct key_query query = { .after_id = wanted.after_id, .limit = wanted.limit };
    struct key_page page;
    enum outcome outcome = keys_list(x->services->db, &request, &query, &page, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, NULL);
    uint32_t last_id = page.more && page.n ? page.keys[page.n - 1].id : 0;
    respond_body(x, JSON_TYPE, json_key_page(x, &page, id_page_next(x, &wanted, last_id)));
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
