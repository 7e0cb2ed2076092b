/* SPDX-License-Identifier: MIT */
/* Formats numbers of bytes for people. */
#pragma once

#include <stdint.h>

enum {
    SIZE_TEXT_BYTES = 16,
};

/* "512 bytes", "1.5 KiB", "65.2 GiB"; returns `out`. */
const char *size_text(uint64_t bytes, char out[SIZE_TEXT_BYTES]);
