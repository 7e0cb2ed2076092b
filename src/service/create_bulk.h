/* SPDX-License-Identifier: MIT */
/* Bulk create: many links in one request. */
#pragma once

#include "service/create.h"

/* One link of a bulk create. The caller fills `fields`; the rest is output. An item that the caller
 * has marked `refused` is skipped. */
struct bulk_item {
    struct link_fields fields;
    bool refused;
    enum outcome outcome;  /* as of create_link() */
    enum link_field field; /* as of create_request.refused */
    struct link link;      /* when there is one */
    struct slice why;      /* a sentence for the caller when a field is refused */
};

/* Creates up to DB_BULK_MAX links for request->caller; request->fields and the idempotency key are
 * ignored. They are stored in one transaction with a few round trips; each item has its own
 * outcome, and one that fails does not affect the others. While the database is unavailable they
 * are spooled (service/create_offline.h). Of two items with the same alias the first one gets it.
 * OUTCOME_OK: see each item's outcome. OUTCOME_UNAVAILABLE or OUTCOME_EXHAUSTED: the outcome of
 * every item is unknown, and `err` says why. */
enum outcome create_bulk(struct shortener *shortener, const struct create_request *request,
                         struct bulk_item *items, size_t n, struct error *err);
