/* SPDX-License-Identifier: MIT */
/* The small HTML pages: for visitors when there is no redirect, and before there is one. They are
 * in the language that the request prefers, have the operator's name, logo, colours and addresses,
 * and need neither scripts nor other files. */
#pragma once

#include "web/exchange.h"
#include "web/page_text.h"

#define PAGE_TYPE "text/html; charset=utf-8"

/* The style of every page, for light and dark mode, and its hash for the policy (CSP 3, 6.7.3.3).
 */
#define PAGE_STYLE                                                                               \
    "\n"                                                                                         \
    ":root { color-scheme: light dark; --ground: #f7f8fa; --text: #1b1c1f; --soft: #565b66;\n"   \
    "  --accent: #0b57d0; --on-accent: #fff; font: 18px/1.5 system-ui, sans-serif; }\n"          \
    "@media (prefers-color-scheme: dark) { :root { --ground: #131417; --text: #e9eaee;\n"        \
    "  --soft: #a9afbb; --accent: #a8c7fa; --on-accent: #062e6f; } }\n"                          \
    "body { margin: 0; min-height: 100vh; display: flex; flex-direction: column;\n"              \
    "  background: var(--ground); color: var(--text); overflow-wrap: anywhere; }\n"              \
    "header, main, footer { box-sizing: border-box; width: 100%; max-width: 38rem;\n"            \
    "  margin: 0 auto; padding: 1.25rem 2rem; }\n"                                               \
    "main { flex: 1 0 auto; display: flex; flex-direction: column; justify-content: center; }\n" \
    "header, footer { display: flex; flex-wrap: wrap; align-items: center;\n"                    \
    "  gap: .25rem 1.25rem; }\n"                                                                 \
    "header { font-weight: 600; }\n"                                                             \
    "header img { height: 2.5rem; max-width: 100%; object-fit: contain; }\n"                     \
    "footer { font-size: .85rem; }\n"                                                            \
    "h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; }\n"                           \
    "p { margin: 0 0 .5rem; color: var(--soft); }\n"                                             \
    "a { color: var(--accent); }\n"                                                              \
    ".url { font-size: 1.1rem; margin-bottom: 1rem; color: var(--text); }\n"                     \
    "svg { display: block; margin-top: 1.5rem; }\n"                                              \
    "button { font: inherit; margin-top: 1.5rem; padding: .5rem 1.25rem; border: 0;\n"           \
    "  border-radius: 8px; background: var(--accent); color: var(--on-accent); }\n"
#define PAGE_STYLE_HASH "sha256-90UBDKJnG3mmgVCySlI5WcEW33h0v0VOXYDF+mrRP0I="

/* The page's Content-Security-Policy, in two parts between which the hash of the operator's colours
 * may stand: its own styles, pictures of this site, no framing. The whole ones are in site.brand,
 * or, where there are no colours, these. */
#define PAGE_POLICY_STYLES "default-src 'none'; style-src '" PAGE_STYLE_HASH "'"
#define PAGE_POLICY_REST   "; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
#define PAGE_BUTTON_POLICY PAGE_POLICY_STYLES PAGE_POLICY_REST
#define PAGE_POLICY        PAGE_BUTTON_POLICY "; form-action 'none'"

/* What is the same on every page of a language. */
struct page_frame {
    struct slice head; /* to the title's text */
    struct slice top;  /* from the end of the head to the content */
    struct slice foot; /* from the content to the end */
};

/* Makes the frames of all languages once, for site->frames. Without them each page makes its own.
 * False when the arena is full. */
bool page_frames_make(const struct site *site, struct arena *arena,
                      struct page_frame out[PAGE_LANGUAGES]);

/* The functions below set a page as the body of the response, with the headers that belong to it.
 * Texts are escaped. */

/* The page of x->problem; a Retry-After of the response is said in words. */
void page_respond_problem(struct exchange *x);

/* The page at the address of the site itself: who runs it, and the way to `sign_in` (a URL or
 * path). */
void page_respond_hint(struct exchange *x, struct slice sign_in);

/* The body of the request that the preview page's button sends. */
#define PAGE_CONTINUE "curt=continue"

/* The page that programs get of a link with max_clicks: its title (may be empty), and a button that
 * opens the link by a POST to its own address, for a person who is taken for a program. Its policy
 * has no form-action, which Chromium would apply to the redirect that follows, too. */
void page_respond_limited(struct exchange *x, struct slice title);

/* What the preview of a link shows. The picture is SVG. All may be empty but short_url. */
struct page_link {
    struct slice title;
    struct slice short_url;
    struct slice long_url; /* empty: it is not shown */
    int64_t created_at;    /* 0: it is not shown */
    struct slice picture;
};

/* The preview of a link. */
void page_respond_link(struct exchange *x, const struct page_link *link);
