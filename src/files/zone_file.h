/* SPDX-License-Identifier: MIT */
/* Time zones by their name in the system's time zone database (package tzdata). */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "text/zone.h"

#define ZONE_DIRECTORY "/usr/share/zoneinfo"

enum {
    ZONE_NAME_MAX = 64, /* bytes; the longest of 2026 has 32 */
};

/* Finds the zone of a name ("Europe/Berlin"; letter case counts) or an offset ("+05:30"), with its
 * arrays in `arena`. Reads the file at each call: some 20 microseconds. False with a predicate in
 * *why, such as "is not a time zone that this system knows". Only names of letters, digits, '/',
 * '_', '+' and '-' are looked up, so that no other file can be named. */
bool zone_find(struct slice name, struct arena *arena, struct zone *out, struct error *why);
