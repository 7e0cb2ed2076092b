/* SPDX-License-Identifier: MIT */
/* Internationalised host names to ASCII as browsers do it: UTS #46 (Unicode IDNA Compatibility
 * Processing), ToASCII, non-transitional, with CheckHyphens, UseSTD3ASCIIRules, VerifyDnsLength and
 * IgnoreInvalidPunycode false, CheckBidi and CheckJoiners true. It allows more than IDNA2008: emoji
 * and other symbols. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "text/url_verdict.h"

/* The most code points that a name may have after mapping: a host name of DNS has 253 bytes, and
 * composition joins four code points at most. */
#define IDNA_POINTS_MAX 1012

/* Sets *ascii to the form of `name`, in the arena, its letters in lower case. `name` is UTF-8.
 * URL_OK, URL_NO_MEMORY, or URL_INVALID: then *why says why. Characters are those of libunistring's
 * version of Unicode, by the rules of UTS #46 since version 16: mapped are the compatibility forms
 * and letter case, "ß" and the final sigma stay. The result may have any ASCII, and labels of any
 * length. */
enum url_verdict idna_to_ascii(struct slice name, struct arena *arena, struct slice *ascii,
                               struct error *why);
