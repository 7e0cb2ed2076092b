/* SPDX-License-Identifier: MIT */
/* The HTML document of the pages for people: it names the scripts that make the rest. */
#pragma once

#include "web/exchange.h"

/* What a browser may load for the pages: their own files, the API, and pictures that a script made.
 * No inline script or style, no other host, no framing. */
#define SHELL_POLICY                                                                  \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " \
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/* Renders the document in the arena, with what the scripts need to know of the site. Empty when the
 * arena is full, or the build has no pages. */
struct slice shell_render(struct exchange *x);
