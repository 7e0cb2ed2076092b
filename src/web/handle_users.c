/* SPDX-License-Identifier: MIT */
/* Handles users, for admins: list, create, change, delete in steps. */
#include "base/buf.h"
#include "service/users.h"
#include "text/utf8.h"
#include "web/handlers.h"
#include "web/id_page.h"
#include "web/json_in.h"
#include "web/json_out.h"
#include "web/query.h"
#include "web/refusal.h"

enum {
    REMOVAL_ARENA_MAX = 64 * 1024 * 1024, /* of a page of links or keys */
};

static struct keys_request users_request(const struct exchange *x)
{
    return (struct keys_request){ .caller = x->caller, .now = x->now, .arena = x->arena };
}

int handle_users_list(struct exchange *x)
{
    struct id_page wanted;
    int status = id_page_read(x, SLICE("users"), &wanted);
    if (status)
        return status;
    const struct keys_request request = users_request(x);
    const struct user_query query = { .after_id = wanted.after_id,
                                      .limit = wanted.limit,
                                      .now = x->now };
    struct user_page page;
    enum outcome outcome = users_list(x->services->db, &request, &query, &page, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, NULL);
    uint32_t last_id = page.more && page.n ? page.users[page.n - 1].user.id : 0;
    respond_body(x, JSON_TYPE, json_user_page(x, &page, id_page_next(x, &wanted, last_id)));
    return 200;
}

int handle_user_create(struct exchange *x)
{
    struct user_fields fields;
    struct user_summary made;
    int status = json_read_new_user(x, &fields);
    if (status)
        return status;
    const struct keys_request request = users_request(x);
    enum outcome outcome = users_create(x->services->db, &request, &fields, &made, &x->err);
    bool is_name = outcome == OUTCOME_CONFLICT || user_name_fault(fields.name);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, is_name ? "user" : "default_ttl_seconds");
    respond_body(x, JSON_TYPE, json_user(x, &made));
    return 201;
}

/* Reads the user's name from the path. */
static int read_user_name(struct exchange *x, struct slice *out)
{
    if (path_decode(x->match.captures[0], x->arena, out) && utf8_is_line(*out))
        return 0;
    return refuse(x, PROBLEM_NOT_FOUND, NULL);
}

static int refuse_user(struct exchange *x, enum outcome outcome, const char *field)
{
    return outcome == OUTCOME_MISSING ? refuse(x, PROBLEM_NOT_FOUND, "There is no such user.")
                                      : refuse_outcome(x, outcome, field);
}

int handle_user_change(struct exchange *x)
{
    struct slice name;
    struct user_fields fields;
    struct user_summary changed;
    int status = read_user_name(x, &name);
    if (status == 0)
        status = json_read_user_change(x, &fields);
    if (status)
        return status;
    fields.name = name;
    const struct keys_request request = users_request(x);
    enum outcome outcome = users_change(&x->services->auth, &request, &fields, &changed, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_user(x, outcome,
                           outcome == OUTCOME_CONFLICT ? "role" : "default_ttl_seconds");
    respond_body(x, JSON_TYPE, json_user(x, &changed));
    return 200;
}

static int read_removal(struct exchange *x, struct user_removal_request *out)
{
    enum { DELETE, GIVE, N };
    static const char *const names[N] = { "delete_links", "give_links_to" };
    struct slice values[N];
    *out = (struct user_removal_request){ .delete_links = false };
    int status = read_user_name(x, &out->name);
    if (status == 0)
        status = query_read(x, names, N, values);
    if (status == 0)
        status = query_flag(x, names[DELETE], values[DELETE], &out->delete_links);
    if (status == 0)
        out->heir = values[GIVE];
    return status;
}

/* The step is done: 200 if it was the last one, else 202 with the time to wait. */
static int respond_removed(struct exchange *x, const struct user_removal *removal)
{
    if (removal->more) {
        struct buf wait = buf_in(x->arena, 24);
        buf_add_uint(&wait, (uint64_t)removal->wait_s);
        http_header_add(&x->response, "Retry-After", buf_slice(&wait));
    }
    respond_body(x, JSON_TYPE, json_user_removed(x, removal));
    return removal->more ? 202 : 200;
}

int handle_user_delete(struct exchange *x)
{
    struct user_removal_request what;
    int status = read_removal(x, &what);
    if (status)
        return status;
    const struct keys_request request = users_request(x);
    struct user_removal removal = {
        .work = { .shortener = &x->services->shortener,
                  .now = x->now,
                  .arena = arena_new(REMOVAL_ARENA_MAX),
                  .links_max = USER_REMOVE_LINKS },
        .auth = &x->services->auth,
    };
    if (!removal.work.arena)
        return refuse(x, PROBLEM_INTERNAL, NULL);
    enum outcome outcome = users_remove(&removal, &request, &what, &x->err);
    arena_free(&removal.work.arena);
    if (outcome != OUTCOME_OK)
        return refuse_user(x, outcome, "give_links_to");
    return respond_removed(x, &removal);
}
