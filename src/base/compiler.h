/* SPDX-License-Identifier: MIT */
/* Compiler attributes and hints beyond C17; they expand to nothing where the compiler does not
 * support them. */
#pragma once

/* Marks a character array without a terminating NUL: its string literal fills the whole array. It
 * comes after the declarator: `char magic[8] NONSTRING`. */
#ifdef __has_attribute
#if __has_attribute(nonstring)
#define NONSTRING __attribute__((nonstring))
#endif
#endif
#ifndef NONSTRING
#define NONSTRING
#endif

/* Tells the optimiser that `fact` is always true. It is not checked: use it only for facts that the
 * C library or the producer of the value guarantees. */
#define ASSUME(fact) ((fact) ? (void)0 : __builtin_unreachable())
