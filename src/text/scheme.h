/* SPDX-License-Identifier: MIT */
/* The scheme of a URL: its length, whether it is allowed, its default port. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"
#include "text/url.h"

/* The scheme at the start of `input` (RFC 3986, 3.1) without its colon; empty when there is
 * none. */
struct slice scheme_of(struct slice input);

/* Whether a policy may allow the scheme: it is one, in lower case, and none that runs code or reads
 * files in the visitor's browser. */
bool scheme_is_allowable(struct slice scheme);

/* Returns URL_OK, URL_INVALID (`input` has no scheme) or URL_UNSUPPORTED_SCHEME, the last two with
 * an error text in *why. `scheme` is the result of scheme_of(input). */
enum url_verdict scheme_check(struct slice scheme, struct slice input,
                              const struct url_policy *policy, struct error *why);

/* How many bytes of `s` come before the first '/', '?' or '#': the length of an authority at its
 * start (RFC 3986, 3.2). */
size_t scheme_authority_length(struct slice s);

/* Whether the scheme is http, https, ws, wss or ftp: the "special" schemes of the WHATWG URL
 * standard without file, which is never allowed. */
bool scheme_is_web(struct slice scheme);

/* Whether a web URL has a second scheme where its host should be, as when a URL is pasted behind an
 * "https://" that was there already: "http://https://", "https://http//", "http:https:/", or behind
 * another URL ("http://e.comhttp://e.com"). A host called "http" is none, nor one with a port or
 * with credentials. `scheme` is the result of scheme_of(input). */
bool scheme_is_repeated(struct slice scheme, struct slice input);

/* The default port of a scheme, or 0 when it has none. */
unsigned scheme_default_port(struct slice scheme);
