/* SPDX-License-Identifier: MIT */
/* A block of link ids. */
#pragma once

#include <stdint.h>

enum {
    SEQUENCE_NAME_MAX = 64, /* bytes */
};

/* The ids [next, limit), which no other host or process has. */
struct id_range {
    uint64_t next;
    uint64_t limit;
};
