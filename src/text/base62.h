/* SPDX-License-Identifier: MIT */
/* Whole numbers in base 62, zero-padded to a width: the spelling of generated codes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* The digits in the order of their values: 0-9, A-Z, a-z (which is also their order in ASCII, so
 * that codes of one width sort as their numbers do). */
#define BASE62_DIGITS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* 62^10 is the largest power of 62 below 2^64. */
#define BASE62_SPAN_MAX 10

/* How many values `n` digits have: 62^n for n of 0 to BASE62_SPAN_MAX, 0 for any larger n. */
uint64_t base62_span(unsigned n);

/* Writes the last `width` digits of `value`, padded with '0' on the left, and a NUL: width + 1
 * bytes. Nothing is lost as long as value < base62_span(width). */
void base62_encode(uint64_t value, unsigned width, char *out);

/* Reads `digits`, leading zeros allowed. False, and *out untouched, for an empty slice, a byte that
 * is no digit, and a value of 2^64 or more. */
bool base62_decode(struct slice digits, uint64_t *out);
