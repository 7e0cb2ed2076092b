/* SPDX-License-Identifier: MIT */
/* Points in time as RFC 3339 spells them, to and from seconds since the Unix epoch, by calendar
 * arithmetic alone: no time zone database, no locale. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* The first and the last second that can be spelled in UTC: 0001-01-01T00:00:00Z and
 * 9999-12-31T23:59:59Z. */
#define RFC3339_MIN INT64_C(-62135596800)
#define RFC3339_MAX INT64_C(253402300799)

/* "2026-11-22T08:00:00Z" and a NUL. */
#define RFC3339_SIZE 21

/* Reads a date-time of RFC 3339 with any offset ('T' and 'Z' in either case, -00:00 is UTC). As an
 * extension a date alone ("2026-11-22") is its midnight in UTC. Fractions of a second are cut off.
 * A leap second (23:59:60 UTC on the last day of a month) is the second after it. False, and
 * *seconds untouched, for anything else, spaces included, and for a time that lies outside
 * RFC3339_MIN..RFC3339_MAX once it is in UTC. */
bool rfc3339_parse(struct slice text, int64_t *seconds);

/* Why rfc3339_parse has refused `text`: what follows "it" in a sentence, like "has no time zone".
 */
const char *rfc3339_fault(struct slice text);

/* Writes `seconds` as "2026-11-22T08:00:00Z"; a time out of range is moved to the nearest end of
 * it. */
void rfc3339_format(int64_t seconds, char out[RFC3339_SIZE]);
