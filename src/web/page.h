/* SPDX-License-Identifier: MIT */
/* The small HTML page for visitors when there is no redirect. */
#pragma once

#include "base/arena.h"
#include "base/slice.h"

#define PAGE_TYPE "text/html; charset=utf-8"

/* The page's Content-Security-Policy: only its own style, no framing. */
#define PAGE_BUTTON_POLICY \
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
#define PAGE_POLICY PAGE_BUTTON_POLICY "; form-action 'none'"

/* Renders a page with a heading and one paragraph, both escaped; empty when the arena is full. */
struct slice page_render(struct arena *arena, const char *heading, const char *text);

/* The body of the request that the preview page's button sends. */
#define PAGE_CONTINUE "curt=continue"

/* Renders the page that programs get of a link with max_clicks: its title (may be empty), and a
 * button that opens the link by a POST to its own address, for a person who is taken for a program.
 * It needs PAGE_BUTTON_POLICY: Chromium applies form-action to the redirect that follows, too. */
struct slice page_render_preview(struct arena *arena, struct slice title);
