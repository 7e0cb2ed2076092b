/* SPDX-License-Identifier: MIT */
/* Replaying: from the spool into the database, each create exactly once. Every one is stored along
 * with an idempotency key, its client's or one made of its id, in one transaction: so it does no
 * harm to replay it again, whoever was killed in the middle of it, and a link that its owner has
 * deleted meanwhile does not come back. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "service/shorten.h"

enum {
    REPLAY_BATCH = 250, /* creates of one step */
};

struct replay_done {
    unsigned replayed;
    unsigned rejected; /* written to the spool's rejected.tsv */
    bool more;         /* there may be more to do at once */
};

/* One batch: DB_OK when it is replayed, or there was none. Otherwise all of it will be tried again:
 * DB_UNAVAILABLE when the database is (still) away, DB_FAILED when it does not take what it should
 * (no permission, no schema) or the spool cannot be written to. `err` has a text also when
 * something was put aside or rejected. A create whose code has become somebody's alias is rejected;
 * one whose idempotency key made a link just before the outage becomes one more code of that. `now`
 * is in seconds, `now_ms` monotonic. */
enum db_result replay_step(struct shortener *shortener, int64_t now, int64_t now_ms,
                           struct replay_done *out, struct error *err);
