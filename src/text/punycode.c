/* SPDX-License-Identifier: MIT */
/* Punycode, by the procedures of RFC 3492, 6, whose names for numbers are kept here. */
#include "text/punycode.h"

#include <string.h>

#include "base/ascii.h"

enum {
    BASE = 36,
    TMIN = 1,
    TMAX = 26,
    SKEW = 38,
    DAMP = 700,
    INITIAL_BIAS = 72,
    INITIAL_N = 0x80,
    CODE_POINT_MAX = 0x10FFFF,
};

static uint32_t punycode_adapt(uint32_t delta, uint32_t n_points, bool is_first)
{
    uint32_t k = 0;
    delta = is_first ? delta / DAMP : delta / 2;
    delta += delta / n_points;
    for (; delta > (BASE - TMIN) * TMAX / 2; k += BASE)
        delta /= BASE - TMIN;
    return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static uint32_t punycode_threshold(uint32_t k, uint32_t bias)
{
    if (k <= bias)
        return TMIN;
    return k - bias > TMAX ? TMAX : k - bias;
}

/* A number of variable length, least significant digit first. */
static void punycode_add_number(struct buf *out, uint32_t number, uint32_t bias)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = punycode_threshold(k, bias);
        if (number < t)
            break;
        buf_add_byte(out, digits[t + (number - t) % (BASE - t)]);
        number = (number - t) / (BASE - t);
    }
    buf_add_byte(out, digits[number]);
}

static uint32_t punycode_add_ascii(const uint32_t *points, size_t n, struct buf *out)
{
    uint32_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (points[i] < INITIAL_N) {
            buf_add_byte(out, (char)points[i]);
            count++;
        }
    }
    if (count > 0)
        buf_add_byte(out, '-');
    return count;
}

/* The smallest code point that is not below `least`; there is one. */
static uint32_t punycode_next(const uint32_t *points, size_t n, uint32_t least)
{
    uint32_t next = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        if (points[i] >= least && points[i] < next)
            next = points[i];
    }
    return next;
}

bool punycode_encode(const uint32_t *points, size_t n, struct buf *out)
{
    uint32_t basic = punycode_add_ascii(points, n, out);
    uint32_t done = basic, point = INITIAL_N, bias = INITIAL_BIAS;
    uint64_t delta = 0;
    for (; done < n; delta++, point++) {
        uint32_t next = punycode_next(points, n, point);
        delta += (uint64_t)(next - point) * (done + 1);
        point = next;
        for (size_t i = 0; i < n; i++) {
            delta += points[i] < point;
            if (points[i] != point)
                continue;
            if (delta > UINT32_MAX)
                return false;
            punycode_add_number(out, (uint32_t)delta, bias);
            bias = punycode_adapt((uint32_t)delta, done + 1, done == basic);
            delta = 0;
            done++;
        }
    }
    return true;
}

static uint32_t punycode_digit(char c)
{
    if (ascii_is_lower(c))
        return (uint32_t)(c - 'a');
    return ascii_is_digit(c) ? (uint32_t)(c - '0') + 26 : BASE;
}

/* Reads a number at the start of *code and removes it; false if there is none of 32 bits. */
static bool punycode_read_number(struct slice *code, uint32_t bias, uint64_t *number)
{
    uint64_t weight = 1;
    *number = 0;
    for (uint32_t k = BASE; code->len > 0; k += BASE) {
        uint32_t digit = punycode_digit(code->at[0]), t = punycode_threshold(k, bias);
        *code = slice_from(*code, 1);
        *number += digit * weight;
        if (digit >= BASE || *number > UINT32_MAX)
            return false;
        if (digit < t)
            return true;
        weight *= BASE - t;
        if (weight > UINT32_MAX)
            return false;
    }
    return false;
}

/* Moves what stands before the last hyphen, as it is, from *code to `points`. */
static bool punycode_read_ascii(struct slice *code, uint32_t *points, size_t max, size_t *n)
{
    size_t hyphen = code->len;
    while (hyphen > 0 && code->at[hyphen - 1] != '-')
        hyphen--;
    *n = hyphen > 0 ? hyphen - 1 : 0;
    if (*n > max)
        return false;
    for (size_t i = 0; i < *n; i++) {
        points[i] = (unsigned char)code->at[i];
        if (points[i] >= INITIAL_N)
            return false;
    }
    *code = slice_from(*code, hyphen);
    return true;
}

bool punycode_decode(struct slice code, uint32_t *points, size_t max, size_t *n)
{
    if (!punycode_read_ascii(&code, points, max, n))
        return false;
    uint64_t point = INITIAL_N, at = 0, number;
    for (uint32_t bias = INITIAL_BIAS, count = (uint32_t)*n; code.len > 0; at++) {
        if (count == max || !punycode_read_number(&code, bias, &number))
            return false;
        bias = punycode_adapt((uint32_t)number, ++count, at == 0 && point == INITIAL_N);
        at += number;
        point += at / count;
        at %= count;
        if (point > CODE_POINT_MAX)
            return false;
        memmove(points + at + 1, points + at, (*n - at) * sizeof *points);
        points[at] = (uint32_t)point;
        *n = count;
    }
    return true;
}
