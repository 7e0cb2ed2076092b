/* SPDX-License-Identifier: MIT */
/* Reads query strings as encoded by forms and URLSearchParams (WHATWG URL, 5:
 * application/x-www-form-urlencoded). */
#pragma once

#include "web/exchange.h"

/* Decodes "%XX", and "+" for a space, into `arena`; false when a "%" is invalid or the arena is
 * full. */
bool form_decode(struct slice text, struct arena *arena, struct slice *out);

/* Decodes "%XX" of a segment of a path, likewise; "+" is itself. */
bool path_decode(struct slice segment, struct arena *arena, struct slice *out);

/* Reads the request's query into values[i] for names[i]: decoded ("%XX", and "+" for a space), in
 * the arena; an `at` of NULL where a parameter is absent or empty. 0, or what refuse() returned:
 * for an unknown name (with the nearest known one; "_", which jQuery adds against caches, is passed
 * over), a repeated parameter, an invalid "%", and a
 * value that is not UTF-8 or has control characters. */
int query_read(struct exchange *x, const char *const *names, size_t n, struct slice *values);

/* Reads a whole number from 1 to `max`; *out is unchanged when the value is absent. 0, or what
 * refuse_field() returned. */
int query_number(struct exchange *x, const char *name, struct slice value, unsigned max,
                 unsigned *out);

/* Reads "yes" or "no"; *out is unchanged when the value is absent. 0, or what refuse_field()
 * returned. */
int query_flag(struct exchange *x, const char *name, struct slice value, bool *out);

/* `value` with '+' in place of spaces: a time or a time zone ("2026-11-29T00:00:00+01:00") whose
 * '+' was not encoded. Neither may contain a space, so nothing else can be meant. */
struct slice query_with_plus(const struct exchange *x, struct slice value);
