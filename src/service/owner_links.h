/* SPDX-License-Identifier: MIT */
/* All links of an owner, page by page: given to another user, or deleted. It may be ended at any
 * moment and started again: what is done stays done. */
#pragma once

#include "service/shorten.h"

/* Start it with `done` 0 and the rest set. */
struct owner_links {
    struct shortener *shortener; /* whose cache is told of what is deleted */
    uint32_t owner_id;
    const struct user *heir; /* who gets the links; NULL: they are deleted */
    int64_t now;
    struct arena *arena; /* of a page: it is reset */
    void (*step)(void *context, uint64_t done);
    void *context;
    uint64_t done; /* links so far */
};

/* Goes on until the owner has no links. */
enum db_result owner_links_empty(struct owner_links *work, struct error *err);
