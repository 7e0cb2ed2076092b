/* SPDX-License-Identifier: MIT */
/* One click, as a redirect leaves it behind for whoever rolls clicks up: small, of one size, and
 * without an address or a user agent. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "click/agent.h"

enum {
    CLICK_REFERRER_MAX = 64, /* bytes of a referrer's host; of a longer one the last are kept */
};

/* Bits of `flags`. */
enum click_flag {
    CLICK_BOT = 1 << 0,     /* counts among the bots and nowhere else */
    CLICK_PRIVATE = 1 << 1, /* asked not to be tracked: counts in totals, in no breakdown, and as no
                             * visitor */
};

/* Lies in memory that processes share and in files, never leaves its host: the byte order is the
 * machine's. */
struct click_event {
    uint64_t link_id;
    uint64_t visitor; /* a keyed hash that means nothing after the day; 0: none */
    uint32_t at;      /* seconds since the epoch */
    char country[2];  /* ISO 3166-1 alpha-2; NUL: unknown */
    uint8_t flags;    /* set of enum click_flag */
    uint8_t browser;  /* enum agent_browser */
    uint8_t os;       /* enum agent_os */
    uint8_t device;   /* enum agent_device */
    uint8_t referrer_len;
    uint8_t spare[5];
    char referrer[CLICK_REFERRER_MAX]; /* the host, lower case; none: a direct visit */
};

static_assert(sizeof(struct click_event) == 96, "an event has no holes and one size everywhere");
