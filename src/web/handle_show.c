/* SPDX-License-Identifier: MIT */
/* Showing a link to its owner. */
#include "link/code.h"
#include "web/handlers.h"
#include "web/json_out.h"

/* Others' links are not there: whether a code exists is its owner's business. */
static bool may_see(const struct caller *caller, const struct link *link)
{
    return caller->role == ROLE_ADMIN || caller->user_id == link->owner_id;
}

int handle_show(struct exchange *x)
{
    struct slice code = x->match.captures[0];
    if (!code_is_wellformed(code))
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    struct link link;
    switch (db_link_find(x->services->db, code, x->arena, &link, &x->err)) {
    case DB_OK:
        break;
    case DB_MISSING:
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    case DB_TAKEN:
    case DB_STALE:
    case DB_REPEATED:
    case DB_UNAVAILABLE:
    case DB_FAILED:
        return refuse(x, PROBLEM_UNAVAILABLE, NULL);
    }
    if (!may_see(&x->caller, &link))
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    respond_body(x, JSON_TYPE, json_link(x, &link));
    return 200;
}
