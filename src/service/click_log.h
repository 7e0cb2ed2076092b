/* SPDX-License-Identifier: MIT */
/* The click log: makes a click event without an address of a visit and appends it to the host's
 * ring, else to a spill file. Never waits for a database. */
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
    struct slice user_agent;       /* the User-Agent header */
    struct slice referer;          /* the Referer header; empty: there was none */
    const struct address *address; /* NULL: unknown */
    bool is_private;               /* the visitor asked not to be tracked */
};

/* A worker's click log. The caller sets the first members, the rest starts as zero. */
struct click_log {
    struct click_ring *ring; /* borrowed; NULL: every click is spilled */
    struct click_spill spill;
    struct country_file countries;
    struct metrics *metrics; /* borrowed; NULL: nothing is counted */
    int64_t window_s;        /* seconds in which a visitor is recognised; at least 1 */

    uint64_t secret_version;
    unsigned char secret[CLICK_SECRET_BYTES];
    uint32_t window; /* the window, numbered since the epoch, that `key` is of */
    struct visitor_key key;
    int64_t claim_at;        /* when to try again to claim a lane */
    uint64_t spilled;        /* clicks that went to a file */
    uint64_t lost;           /* clicks that neither the ring nor a spill file had room for */
    struct error fault;      /* why the last lost click was lost */
    struct error lane_fault; /* why no lane could be claimed; empty: one was */
};

/* Claims a lane of the ring now, rather than at the first visit. */
void click_log_prepare(struct click_log *click_log, int64_t now);

/* Records a visit that is about to be redirected. Takes about a microsecond; no system call and no
 * allocation as long as the ring has room. */
void click_log_visit(struct click_log *click_log, const struct visit *visit);

/* Switches to another ring and moves all pending clicks of the old one into it, those of ended
 * workers included (where it has no room, into a spill file, else they are lost). The caller owns
 * both rings. Returns false with nothing changed while another process flushes the old ring: try
 * again later. */
bool click_log_move(struct click_log *click_log, struct click_ring *ring, int64_t now);

/* Closes the spill file and the country file. */
void click_log_close(struct click_log *click_log);
