/* SPDX-License-Identifier: MIT */
/* What lies where in a spill file. Private to click_spill*.c and their tests.
 *
 *     ┌───────────────────────────────┬─────────┬─────────┬───
 *     │ magic │ version │ … │ source  │ click 0 │ click 1 │ …
 *     └───────────────────────────────┴─────────┴─────────┴───
 *
 * named clicks-SOURCE, the source in hexadecimal digits. Locks of the open file description: byte 0
 * is the writer's for as long as it has not let go, byte 1 is the reader's. */
#pragma once

#include "clicklog/click_spill.h"

#define CLICK_SPILL_PREFIX "clicks-"

enum {
    CLICK_SPILL_VERSION = 1,
    CLICK_SPILL_WRITER_LOCK = 0,
    CLICK_SPILL_READER_LOCK = 1,
};

struct click_spill_header {
    char magic[8];
    uint32_t version;
    uint32_t event_bytes;
    unsigned char source[CLICK_SOURCE_BYTES];
};
