/* SPDX-License-Identifier: MIT */
/* Gives all links of an owner to another user, or deletes them, page by page. May be interrupted at
 * any moment and started again: what is done stays done. */
#pragma once

#include "service/create.h"

/* The caller sets all members, `done` to 0. */
struct owner_links {
    struct shortener *shortener; /* deletions are published to its cache */
    uint32_t owner_id;
    const struct user *heir; /* the new owner; NULL: the links are deleted */
    int64_t now;
    struct arena *arena;                        /* of one page; reset with each */
    uint64_t links_max;                         /* about as many in one call; 0: all */
    void (*step)(void *context, uint64_t done); /* NULL: none */
    void *context;
    uint64_t done; /* links given or deleted so far */
    bool more;     /* links_max was reached: there may be more links */
};

/* Works until the owner has no links, or links_max are done in this call; calls `step` after each
 * page. */
enum db_result owner_links_empty(struct owner_links *work, struct error *err);
