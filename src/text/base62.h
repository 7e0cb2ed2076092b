/* SPDX-License-Identifier: MIT */
/* Unsigned integers in base 62, zero-padded to a width: the notation of generated codes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* The digits in the order of their values: 0-9, A-Z, a-z (which is also their order in ASCII, so
 * that codes of the same width sort like their numbers). */
#define BASE62_DIGITS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* 62^10 is the largest power of 62 below 2^64. */
#define BASE62_SPAN_MAX 10

/* The number of values of `n` digits: 62^n for n from 0 to BASE62_SPAN_MAX, 0 for a larger n. */
uint64_t base62_span(unsigned n);

/* Writes the last `width` digits of `value`, padded with '0' on the left, and a NUL: width + 1
 * bytes. The encoding is complete when value < base62_span(width). */
void base62_encode(uint64_t value, unsigned width, char *out);

/* Parses `digits`; leading zeros are allowed. False, and *out unchanged, for an empty slice, a byte
 * that is not a digit, and a value of 2^64 or more. */
bool base62_decode(struct slice digits, uint64_t *out);
