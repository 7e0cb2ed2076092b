/* SPDX-License-Identifier: MIT */
/* Many links at once. */
#pragma once

#include "service/shorten.h"

/* One of many. `wishes` is given; the rest is filled. An item that is `refused` already is left
 * alone. */
struct bulk_item {
    struct wishes wishes;
    bool refused;
    enum shorten_outcome outcome; /* as shorten() has it */
    struct link link;             /* when there is one */
    struct slice why;             /* a sentence for the caller when a wish is refused */
};

/* Makes up to DB_BULK_MAX links for request->caller; request->wishes and the idempotency key are
 * not looked at. They are stored in one transaction and a few round trips; each item has its own
 * outcome, and one that fails spoils no other. While the database is away they are spooled as
 * service/spooling.h says. Of two items that want one alias the first gets it.
 * SHORTEN_MADE: look at the items. SHORTEN_UNAVAILABLE or SHORTEN_EXHAUSTED: nothing is known of
 * any, and `err` says why. */
enum shorten_outcome shorten_many(struct shortener *shortener,
                                  const struct shorten_request *request, struct bulk_item *items,
                                  size_t n, struct error *err);
