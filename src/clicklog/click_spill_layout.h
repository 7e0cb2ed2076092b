/* SPDX-License-Identifier: MIT */
/* The layout of a spill file. Private to click_spill*.c and their tests.
 *
 *     ┌───────────────────────────────┬─────────┬─────────┬───
 *     │ magic │ version │ … │ source  │ click 0 │ click 1 │ …
 *     └───────────────────────────────┴─────────┴─────────┴───
 *
 * The file is named clicks-SOURCE, with the source's id in hexadecimal digits. Locks of the open
 * file description: on byte 0 by the writer until it closes the file, on byte 1 by the reader. */
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
