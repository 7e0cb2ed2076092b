/* SPDX-License-Identifier: MIT */
/* Formats sizes with binary units. */
#include "cli/size_text.h"

#include <inttypes.h>
#include <stdio.h>

const char *size_text(uint64_t bytes, char out[SIZE_TEXT_BYTES])
{
    static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    size_t unit = 0;
    if (bytes < 1024) {
        snprintf(out, SIZE_TEXT_BYTES, "%u byte%s", (unsigned)bytes, bytes == 1 ? "" : "s");
        return out;
    }
    double size = (double)bytes / 1024;
    for (; size >= 1023.95; unit++)
        size /= 1024;
    snprintf(out, SIZE_TEXT_BYTES, "%.1f %s", size, units[unit]);
    return out;
}
