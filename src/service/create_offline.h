/* SPDX-License-Identifier: MIT */
/* Creates links while the database is unavailable: they are appended to the spool, redirect on this
 * host at once, and are stored by service/replay.h when the database answers again.
 *
 * A link with an alias is not spooled, since only the database knows whether the alias is free; nor
 * is one with max_clicks, since the database counts its redirects. `reuse` is ignored, since only
 * the database knows whether there is an equal link. */
#pragma once

#include "service/create.h"
#include "service/create_bulk.h"

/* Spools the link. It gets an id and a code unless an attempt to store it has set both: that
 * attempt may have succeeded, and there must be one link. OUTCOME_SPOOLED; OUTCOME_UNAVAILABLE with
 * the reason (the database's error, where the link cannot be spooled); OUTCOME_EXHAUSTED. */
enum outcome create_offline(struct shortener *shortener, const struct create_request *request,
                            struct link *link, struct error *err);

/* The same for many links, which have ids and codes: those that can be spooled are appended all
 * together or not at all. Each item gets its outcome, and a reason where that is
 * OUTCOME_UNAVAILABLE. */
void create_offline_many(struct shortener *shortener, const struct create_request *request,
                         struct bulk_item **items, size_t n, struct error *err);

/* Finds the spooled link of the request's idempotency key: OUTCOME_SPOOLED, OUTCOME_KEY_CONFLICT,
 * or OUTCOME_OK when there is none. */
enum outcome create_offline_find(const struct shortener *shortener,
                                 const struct create_request *request, struct link *out,
                                 struct error *err);

/* Call it when the database has answered: closes this process's spool file, so that it can be
 * removed once it is replayed. */
void create_offline_end(const struct shortener *shortener);
