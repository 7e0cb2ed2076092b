/* SPDX-License-Identifier: MIT */
/* Listing links, a page at a time. */
#pragma once

#include "db/db.h"
#include "service/auth.h"

enum {
    LIST_SEARCH_MAX = 255, /* bytes of `search` */
    LIST_LIMIT_DEFAULT = 20,
    LIST_LIMIT_MAX = 100, /* what the API gives at once */
};

enum list_outcome {
    LIST_DONE,
    LIST_FORBIDDEN, /* others' links are for admins */
    LIST_STRAY,     /* the position is not one of this list */
    LIST_UNAVAILABLE,
};

/* What is asked for; slices with length 0 ask for nothing. All conditions must hold. */
struct list_request {
    struct slice owner;  /* a user's name; empty: the caller, for an admin everybody */
    struct slice tag;    /* the whole tag */
    struct slice search; /* what an alias, or the host of a long URL, begins with */
    unsigned states;     /* LINK_STATE_BITs; 0: any */
    enum link_order order;
    unsigned limit; /* 1 to DB_PAGE_MAX */
    struct link_position after;
    struct caller caller;
    int64_t now;
    struct arena *arena;
};

/* The page of the list after `request->after`; see struct link_query for the order of a search and
 * struct link_page for short pages. The links of a user who does not exist are none. */
enum list_outcome list_links(struct db *db, const struct list_request *request,
                             struct link_page *out, struct error *err);
