/* SPDX-License-Identifier: MIT */
/* A click event: written by a redirect, read by the flush that adds it to the roll-ups. It has a
 * fixed size, and neither an address nor a user agent. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "click/agent.h"

enum {
    CLICK_REFERRER_MAX = 64, /* bytes of a referrer's host; the last bytes of a longer one are
                              * kept */
};

/* Bits of `flags`. */
enum click_flag {
    CLICK_BOT = 1 << 0,     /* counts only in the number of bots */
    CLICK_PRIVATE = 1 << 1, /* the visitor asked not to be tracked: counts in the totals only, not
                             * in breakdowns or visitors */
};

/* Stored in shared memory and in files of one host only, so in the host's byte order. */
struct click_event {
    uint64_t link_id;
    uint64_t visitor; /* a keyed hash, valid for one day; 0: none */
    uint32_t at;      /* seconds since the epoch */
    char country[2];  /* ISO 3166-1 alpha-2; NUL: unknown */
    uint8_t flags;    /* set of enum click_flag */
    uint8_t browser;  /* enum agent_browser */
    uint8_t os;       /* enum agent_os */
    uint8_t device;   /* enum agent_device */
    uint8_t referrer_len;
    uint8_t spare[5];
    char referrer[CLICK_REFERRER_MAX]; /* the host in lower case; referrer_len 0: a direct visit */
};

static_assert(sizeof(struct click_event) == 96, "an event has no holes and one size everywhere");

/* Notes who has clicked. False for bots and for visitors who asked not to be tracked, of whom
 * nothing but link and time is recorded. */
static inline bool click_event_describe(struct click_event *event, const struct agent *agent,
                                        bool is_private)
{
    if (agent->is_bot || is_private) {
        event->flags = agent->is_bot ? CLICK_BOT : CLICK_PRIVATE;
        return false;
    }
    event->browser = (uint8_t)agent->browser;
    event->os = (uint8_t)agent->os;
    event->device = (uint8_t)agent->device;
    return true;
}
