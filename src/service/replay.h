/* SPDX-License-Identifier: MIT */
/* Replaying: stores each create of the spool in the database exactly once. It is stored together
 * with an idempotency key, the client's or one made from its id, in one transaction: so it may be
 * replayed again after any interruption, and a link that its owner has deleted meanwhile is not
 * created again. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "service/create.h"

enum {
    REPLAY_BATCH = 250, /* creates in one step */
};

struct replay_done {
    unsigned replayed;
    unsigned rejected; /* written to the spool's rejected.tsv */
    bool more;         /* there may be more to replay */
    /* Why the last one that was rejected or set aside was; empty: none was. */
    struct error left_out;
};

/* Replays one batch. DB_OK: it is replayed, or there was none. Otherwise all of it will be tried
 * again: DB_UNAVAILABLE when the database does not answer; DB_FAILED when it refuses valid
 * statements (no permission, no schema) or the spool cannot be written; then `err` has the reason.
 * A create whose code has become an alias of another link is rejected; the code of one whose
 * idempotency key created a link just before the outage is added to that link. `now` is in seconds,
 * `now_ms` monotonic. */
enum db_result replay_step(struct shortener *shortener, int64_t now, int64_t now_ms,
                           struct replay_done *out, struct error *err);
