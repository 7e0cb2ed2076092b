/* SPDX-License-Identifier: MIT */
/* Ids of links, a block at a time. */
#pragma once

#include <stdint.h>

enum {
    SEQUENCE_NAME_MAX = 64, /* bytes */
};

/* Ids [next, limit) that nobody else was given. */
struct id_range {
    uint64_t next;
    uint64_t limit;
};
