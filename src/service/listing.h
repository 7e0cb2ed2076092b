/* SPDX-License-Identifier: MIT */
/* Lists links, one page at a time. */
#pragma once

#include "db/db.h"
#include "service/auth.h"
#include "service/outcome.h"

enum {
    LIST_SEARCH_MAX = 255, /* bytes of `search` */
    LIST_LIMIT_DEFAULT = 20,
    LIST_LIMIT_MAX = 100, /* most links of a page in the API */
};

/* Finds the order of a name, such as "-created"; false: there is none. */
bool list_order_find(struct slice name, enum link_order *out);

#define LIST_ORDERS "created, -created, clicks, -clicks, expires or -expires"

/* The conditions of a list, all of which must hold; an empty slice is no condition. */
struct list_request {
    struct slice owner;  /* a user's name; empty: the caller, for an admin all users */
    struct slice tag;    /* the whole tag */
    struct slice search; /* prefix of an alias, of the host of a long URL, or of words of a
                          * title, UTF-8 */
    /* A whole long URL, normalised; not with `search` or `after`. The list is then of one owner, by
     * default the caller, and has at most DB_SAME_URL_MAX links. */
    struct slice long_url;
    unsigned states; /* LINK_STATE_BITs; 0: any */
    bool deleted;    /* the links that can be restored; not with `tag`, `search` or `long_url` */
    int64_t restore_window_s; /* how long a deleted link can be restored */
    enum link_order order;
    unsigned limit; /* 1 to DB_PAGE_MAX */
    struct link_position after;
    struct caller caller;
    int64_t now;
    struct arena *arena;
};

/* Returns the page of the list after `request->after`; see struct link_query for the order of a
 * search and struct link_page for short pages. The list of a user that does not exist is empty.
 * OUTCOME_FORBIDDEN: only admins may list links of others. OUTCOME_INVALID_FIELD: `after` belongs
 * to another list. */
enum outcome list_links(struct db *db, const struct list_request *request, struct link_page *out,
                        struct error *err);
