/* SPDX-License-Identifier: MIT */
/* What is kept of a Referer header: the host, so that nothing else of where a visitor comes from is
 * stored. */
#pragma once

#include <stdint.h>

#include "base/slice.h"
#include "click/event.h"

/* The host of an absolute http, https or android-app URL (RFC 3986, 3.2), in lower case, without
 * credentials, port, a leading "www." and a trailing dot. `*len` is 0 where there is none: no
 * header, another scheme, an IP literal in brackets, an empty label, or anything in the host but
 * letters, digits, "-" and dots. So whatever a visitor sends, nothing comes out that means
 * something to HTML. Of a longer host the last CLICK_REFERRER_MAX bytes are kept. Not
 * NUL-terminated; allocates nothing. */
void referrer_host(struct slice referer_header, char out[CLICK_REFERRER_MAX], uint8_t *len);
