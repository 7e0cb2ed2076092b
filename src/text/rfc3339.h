/* SPDX-License-Identifier: MIT */
/* Timestamps of RFC 3339 to and from seconds since the Unix epoch, by calendar arithmetic only: no
 * time zone database, no locale. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* The first and the last second that can be written in UTC: 0001-01-01T00:00:00Z and
 * 9999-12-31T23:59:59Z. */
#define RFC3339_MIN INT64_C(-62135596800)
#define RFC3339_MAX INT64_C(253402300799)

/* "2026-11-22T08:00:00Z" and a NUL. */
#define RFC3339_SIZE 21

/* "2026-11-22T08:00:00+01:00" and a NUL. */
#define RFC3339_OFFSET_SIZE 26

/* Parses a date-time of RFC 3339 with any offset ('T' and 'Z' in either case, -00:00 is UTC). As an
 * extension, a date without a time ("2026-11-22") is its midnight in UTC. Fractions of a second are
 * truncated. A leap second (23:59:60 UTC on the last day of a month) is read as the next second.
 * False, and *seconds unchanged, for anything else, including spaces, and for a UTC time outside
 * RFC3339_MIN..RFC3339_MAX. */
bool rfc3339_parse(struct slice text, int64_t *seconds);

/* Why rfc3339_parse refused `text`: a predicate for an error text, such as "has no time zone". */
const char *rfc3339_fault(struct slice text);

/* Writes `seconds` as "2026-11-22T08:00:00Z"; a time outside RFC3339_MIN..RFC3339_MAX is replaced
 * by the nearer of the two. */
void rfc3339_format(int64_t seconds, char out[RFC3339_SIZE]);

/* Writes `seconds` as the time of a place whose clocks are `offset_s` seconds ahead of UTC, whole
 * minutes of it: "2026-11-22T09:00:00+01:00". */
void rfc3339_format_offset(int64_t seconds, int32_t offset_s, char out[RFC3339_OFFSET_SIZE]);
