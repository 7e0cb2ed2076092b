/* SPDX-License-Identifier: MIT */
/* Tags as a whole: listed with the numbers of their links, and renamed in all of them. */
#pragma once

#include "db/db.h"
#include "service/auth.h"
#include "service/outcome.h"

enum {
    TAGS_RENAME_MAX = 10000, /* about so many links are changed by one request */
};

/* Whose tags; only admins may name another owner. */
struct tags_request {
    struct slice owner; /* a user's name; empty: the caller */
    struct caller caller;
    int64_t now;
    struct arena *arena;
};

/* Whether a link may have the tag: 1 to LINK_TAG_MAX bytes of UTF-8 without control characters. */
bool tag_is_valid(struct slice tag);

/* Returns the page of tags after `query->after`; query->owner_id is ignored. The list of a user
 * that does not exist is empty. */
enum outcome tags_list(struct db *db, const struct tags_request *request,
                       const struct tag_query *query, struct tag_page *out, struct error *err);

/* Renames rename->from to rename->to, batch by batch; rename->owner_id and now are ignored.
 * OUTCOME_MISSING: no link of the owner has it. out->more: about TAGS_RENAME_MAX links were
 * changed, and others still have it. If the database fails half-way, the same call renames the
 * rest. */
enum outcome tags_rename(struct db *db, const struct tags_request *request,
                         const struct tag_rename *rename, struct tag_renamed *out,
                         struct error *err);
