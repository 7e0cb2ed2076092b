/* SPDX-License-Identifier: MIT */
/* The HTML document of the pages for people: it names the scripts that make the rest. */
#pragma once

#include "web/exchange.h"

/* What a browser may load for the pages: their own files, the API, and pictures that a script made.
 * No inline script, no inline style but the operator's colours (by its hash, between the two parts;
 * the whole policy is in site.brand), no other host, no framing. */
#define SHELL_POLICY_STYLES "default-src 'none'; script-src 'self'; style-src 'self'"
#define SHELL_POLICY_REST                                                                \
    "; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; " \
    "form-action 'self'; frame-ancestors 'none'"
#define SHELL_POLICY SHELL_POLICY_STYLES SHELL_POLICY_REST

/* Renders the document in the arena, with what the scripts need to know of the site. Empty when the
 * arena is full, or the build has no pages. */
struct slice shell_render(struct exchange *x);
