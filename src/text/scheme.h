/* SPDX-License-Identifier: MIT */
/* The scheme of a URL: where it ends, whether it is allowed, what it implies. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"
#include "text/url.h"

/* The scheme at the start of `input` (RFC 3986, 3.1), its colon not included; empty when there is
 * none. */
struct slice scheme_of(struct slice input);

/* URL_OK, URL_INVALID (`input` has no scheme) or URL_UNSUPPORTED_SCHEME, with a sentence in *why.
 * `scheme` is what scheme_of found in `input`. */
enum url_verdict scheme_check(struct slice scheme, struct slice input,
                              const struct url_policy *policy, struct error *why);

/* Whether browsers resolve URLs of this scheme by the rules for the web: http, https, ws, wss, ftp
 * (the "special" ones of the WHATWG URL standard that remain when file is never allowed). */
bool scheme_is_web(struct slice scheme);

/* The port that need not be written, or 0 where there is none. */
unsigned scheme_default_port(struct slice scheme);
