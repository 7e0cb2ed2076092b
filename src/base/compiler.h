/* SPDX-License-Identifier: MIT */
/* What is said to the compiler beyond C17, and nothing where the compiler has no word for it. */
#pragma once

/* An array of characters that is no string: its literal fills it, and the NUL is left out on
 * purpose. Stands after the declarator: `char magic[8] NONSTRING`. */
#ifdef __has_attribute
#if __has_attribute(nonstring)
#define NONSTRING __attribute__((nonstring))
#endif
#endif
#ifndef NONSTRING
#define NONSTRING
#endif

/* What holds in every run and the compiler cannot see. It is not checked: only for facts that the
 * C library or the makers of the value vouch for. */
#define ASSUME(fact) ((fact) ? (void)0 : __builtin_unreachable())
