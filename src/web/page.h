/* SPDX-License-Identifier: MIT */
/* The small HTML page for visitors when there is no redirect. */
#pragma once

#include "base/arena.h"
#include "base/slice.h"

#define PAGE_TYPE "text/html; charset=utf-8"

/* The style of every page, for light and dark mode, and its hash for the policy (CSP 3, 6.7.3.3).
 */
#define PAGE_STYLE                                                                              \
    "\n"                                                                                        \
    ":root { color-scheme: light dark; font: 18px/1.5 system-ui, sans-serif; }\n"               \
    "body { margin: 0; min-height: 100vh; display: grid; place-items: center; }\n"              \
    "main { max-width: 34rem; padding: 2rem; }\n"                                               \
    "h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; overflow-wrap: anywhere; }\n" \
    "p { margin: 0 0 .5rem; opacity: .8; }\n"                                                   \
    ".url { font-size: 1.1rem; margin-bottom: 1rem; opacity: 1; overflow-wrap: anywhere; }\n"   \
    "svg { display: block; margin-top: 1.5rem; }\n"                                             \
    "button { font: inherit; margin-top: 1.5rem; padding: .4rem 1.2rem; }\n"
#define PAGE_STYLE_HASH "sha256-ARWG9BgTF9yjuqshNjfE4TalxchWuBy84wYz+T5Q4mA="

/* The page's Content-Security-Policy: only its own style, no framing. */
#define PAGE_BUTTON_POLICY \
    "default-src 'none'; style-src '" PAGE_STYLE_HASH "'; base-uri 'none'; frame-ancestors 'none'"
#define PAGE_POLICY PAGE_BUTTON_POLICY "; form-action 'none'"

/* Renders a page with a heading and one paragraph, both escaped; empty when the arena is full. */
struct slice page_render(struct arena *arena, const char *heading, const char *text);

/* The page at the address of the site itself: `operator` (may be empty) runs it, and the way to
 * `sign_in` (a URL or path). Empty when the arena is full. */
struct slice page_render_hint(struct arena *arena, struct slice operator, struct slice sign_in);

/* The body of the request that the preview page's button sends. */
#define PAGE_CONTINUE "curt=continue"

/* Renders the page that programs get of a link with max_clicks: its title (may be empty), and a
 * button that opens the link by a POST to its own address, for a person who is taken for a program.
 * It needs PAGE_BUTTON_POLICY: Chromium applies form-action to the redirect that follows, too. */
struct slice page_render_preview(struct arena *arena, struct slice title);

/* What the preview of a link shows. Texts are escaped; the picture is SVG. All may be empty but
 * short_url. */
struct page_link {
    struct slice title;
    struct slice short_url;
    struct slice long_url; /* empty: it is not shown */
    struct slice age;
    struct slice picture;
};

/* Renders the preview of a link; empty when the arena is full. */
struct slice page_render_link(struct arena *arena, const struct page_link *link);
