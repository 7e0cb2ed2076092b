/* SPDX-License-Identifier: MIT */
/* Writes JSON response bodies. Each function returns a slice in the arena, empty when that is
 * full. */
#pragma once

#include "db/db_types.h"
#include "link/link.h"
#include "service/readiness.h"
#include "web/exchange.h"
#include "web/json_in.h"

#define JSON_TYPE "application/json"

/* The Link object of the API. */
struct slice json_link(const struct exchange *x, const struct link *link);

/* The problem details object (RFC 9457) of x->problem, with x->detail and x->field. */
struct slice json_problem(const struct exchange *x);

/* The description of a problem type. */
struct slice json_problem_type(const struct exchange *x, const struct problem *problem);

/* The manifest by which a browser installs the pages, and shares with them. */
struct slice json_manifest(const struct exchange *x);

/* {"status": `status`}. */
struct slice json_status(const struct exchange *x, const char *status);

/* The readiness of the host and the state of its backends. */
struct slice json_readiness(const struct exchange *x, const struct readiness *readiness);

/* What the preview of a link tells; texts may be empty, created_at 0. */
struct link_preview {
    struct slice code;
    struct slice short_url;
    struct slice long_url; /* empty: it is not shown */
    struct slice title;
    int64_t created_at;
};

/* {code, short_url, long_url, title, created_at}; null for what is not there. */
struct slice json_preview(const struct exchange *x, const struct link_preview *preview);

/* The totals of clicks: {links, clicks, visitors, bots}. */
struct slice json_click_totals(const struct exchange *x, const struct click_totals *totals);

/* {"message": `message`}. */
struct slice json_message(const struct exchange *x, const char *message);

/* A page of a list of links, with the cursor of the next one (empty: it is the last). */
struct slice json_link_page(const struct exchange *x, const struct link_page *page,
                            struct slice next_cursor);

/* The outcome of each link of a bulk create. */
struct slice json_bulk(const struct exchange *x, const struct bulk *bulk);

/* The session of x->caller with its CSRF token, and the list of a user's sessions. */
struct slice json_session(const struct exchange *x, const char *csrf);
struct slice json_session_list(const struct exchange *x, const struct session_list *list);

/* A page of tags with the numbers of their links; a tag's new name, with the number of links that
 * were changed. */
struct slice json_tag_page(const struct exchange *x, const struct tag_page *page,
                           struct slice next_cursor);
struct slice json_tag_renamed(const struct exchange *x, struct slice tag,
                              const struct tag_renamed *renamed);

/* A user; a page of users; a step of a user's removal. */
struct slice json_user(const struct exchange *x, const struct user_summary *user);
struct slice json_user_page(const struct exchange *x, const struct user_page *page,
                            struct slice next_cursor);
struct slice json_user_removed(const struct exchange *x, const struct user_removal *removal);

/* A page of changes of a link's destination. */
struct slice json_history_page(const struct exchange *x, const struct history_page *page,
                               struct slice next_cursor);

/* Whether an alias is available; `reason` says why not, NULL: it is. */
struct slice json_availability(const struct exchange *x, struct slice alias,
                               const struct problem *reason, struct slice detail);

/* A new key, with its text; and a page of keys without texts. */
struct slice json_new_key(const struct exchange *x, const struct new_key *made);
struct slice json_key_page(const struct exchange *x, const struct key_page *page,
                           struct slice next_cursor);
