/* SPDX-License-Identifier: MIT */
/* Gives the aliases of links that were made before links.alias_case = ignore their lower-case
 * forms. May be interrupted at any moment and started again: what is done stays done. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "cache/link_cache.h"
#include "db/db.h"

/* The caller sets the members before `aliases`, and the others to 0. */
struct lower_aliases {
    struct db *db;
    const struct link_cache *cache; /* codes that are added are published to it; may be NULL if
                                     * `looks` */
    bool looks;                     /* counts only, and changes nothing */
    uint64_t max;                   /* ends after about as many aliases; 0: all */
    int64_t now;
    struct arena *arena; /* of one page of aliases; reset with each */
    /* An alias whose lower-case form another link has. */
    void (*conflict)(void *context, struct slice alias, struct slice lower);
    void (*step)(void *context, uint64_t done); /* after each page; both may be NULL */
    void *context;
    uint64_t aliases;   /* read so far */
    uint64_t added;     /* forms that were added, or that are missing if `looks` */
    uint64_t present;   /* aliases with capitals that had theirs */
    uint64_t conflicts; /* aliases whose form another link has */
    bool more;          /* `max` was reached */
};

enum db_result lower_aliases_run(struct lower_aliases *work, struct error *err);
