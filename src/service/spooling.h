/* SPDX-License-Identifier: MIT */
/* Making links while the database is away: what is promised now is kept in the spool, redirects on
 * this host at once, and is stored by service/replay.h when the database is back.
 *
 * An alias is not spooled, for nobody can tell whether it is free; nor is a link with max_clicks,
 * for the database counts its redirects. Where `reuse` is wished for a new link is made, for nobody
 * can tell whether there is one. */
#pragma once

#include "service/bulk.h"
#include "service/shorten.h"

/* Spools the link. It gets an id and a code unless a try to store it has given it both: that try
 * may have succeeded, and there must be one link. SHORTEN_SPOOLED; SHORTEN_UNAVAILABLE with the
 * reason (what the database said, where the link is not one to spool); SHORTEN_EXHAUSTED. */
enum shorten_outcome spooling_keep(struct shortener *shortener,
                                   const struct shorten_request *request, struct link *link,
                                   struct error *err);

/* The same for many, which have their ids and codes: those that can be spooled are, all or none.
 * Each item gets its outcome, and a reason where it is SHORTEN_UNAVAILABLE. */
void spooling_keep_many(struct shortener *shortener, const struct shorten_request *request,
                        struct bulk_item **items, size_t n, struct error *err);

/* The link that the request's idempotency key was used for and that is in the spool:
 * SHORTEN_SPOOLED, SHORTEN_KEY_CONFLICT, or SHORTEN_MADE when there is none. */
enum shorten_outcome spooling_recall(const struct shortener *shortener,
                                     const struct shorten_request *request, struct link *out,
                                     struct error *err);

/* The database is back: what this process wrote may be removed once it is replayed. */
void spooling_end(const struct shortener *shortener);
