/* SPDX-License-Identifier: MIT */
/* Recording visits: from what is known of a visitor to a click without an address, in the host's
 * ring, or where that is full in a spill file. Never waits for a database. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "click/visitor_hash.h"
#include "clicklog/click_ring.h"
#include "clicklog/click_spill.h"
#include "files/country_file.h"
#include "shm/metrics.h"
#include "text/address.h"

struct visit {
    uint64_t link_id;
    int64_t now;
    struct slice user_agent;       /* the header, */
    struct slice referer;          /* and this one; empty: there was none */
    const struct address *address; /* NULL: not known */
    bool is_private;               /* the visitor asked not to be tracked */
};

/* One worker's. The first members are the caller's, the rest starts as zero. */
struct click_log {
    struct click_ring *ring; /* borrowed; NULL: every click is spilled */
    struct click_spill spill;
    struct country_file countries;
    struct metrics *metrics; /* borrowed; NULL: nothing is counted */
    int64_t window_s;        /* how long a visitor is the same one; at least 1 */

    uint64_t secret_version;
    unsigned char secret[CLICK_SECRET_BYTES];
    uint32_t window; /* that `key` is for */
    struct visitor_key key;
    int64_t claim_at;        /* when to try to get a lane again */
    uint64_t spilled;        /* clicks that went to a file */
    uint64_t lost;           /* clicks that are counted nowhere */
    struct error fault;      /* why the last one of these was lost */
    struct error lane_fault; /* why there is no lane of the ring; empty when there is one */
};

/* Takes a lane of the ring, which the first visit would do otherwise. */
void click_log_prepare(struct click_log *click_log, int64_t now);

/* Records a visit that is about to be answered with a redirect. About a microsecond; no system call
 * and no allocation as long as the ring has room. */
void click_log_visit(struct click_log *click_log, const struct visit *visit);

/* Goes over to another ring, and takes along all that waits in the one so far, also what workers
 * have left there that are gone (where there is no room, to a spill file, or nowhere). Both are the
 * caller's. False, and nothing is changed, while somebody flushes the one so far: then try again
 * later. */
bool click_log_move(struct click_log *click_log, struct click_ring *ring, int64_t now);

/* Lets go of the spill file and the countries. */
void click_log_close(struct click_log *click_log);
