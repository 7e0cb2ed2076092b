/* SPDX-License-Identifier: MIT */
/* Numbers of bytes as people read them. */
#pragma once

#include <stdint.h>

enum {
    SIZE_TEXT_BYTES = 16,
};

/* "512 bytes", "1.5 KiB", "65.2 GiB"; returns `out`. */
const char *size_text(uint64_t bytes, char out[SIZE_TEXT_BYTES]);
