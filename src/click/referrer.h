/* SPDX-License-Identifier: MIT */
/* Extracts the host from a Referer header; nothing else of it is stored. */
#pragma once

#include <stdint.h>

#include "base/slice.h"
#include "click/event.h"

/* The host of an absolute http, https, android-app or ios-app URL (RFC 3986, 3.2), in lower case,
 * without credentials, port, a leading "www." and a trailing dot; an application's host is its
 * package or number. An IPv6 address is written in brackets, as RFC 5952 spells it. *len is 0 when
 * there is none: no header, another scheme, an empty label, or a host with characters other than
 * letters, digits, "-", "_" and dots. So the output never needs escaping in HTML. Of a longer host
 * the last CLICK_REFERRER_MAX bytes are kept. Not NUL-terminated; allocates nothing. */
void referrer_host(struct slice referer_header, char out[CLICK_REFERRER_MAX], uint8_t *len);
