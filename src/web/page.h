/* SPDX-License-Identifier: MIT */
/* The small HTML page for visitors when there is no redirect. */
#pragma once

#include "base/arena.h"
#include "base/slice.h"

#define PAGE_TYPE "text/html; charset=utf-8"

/* The page's Content-Security-Policy: only its own style, no framing. */
#define PAGE_POLICY                                                                        \
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; " \
    "frame-ancestors 'none'"

/* Renders a page with a heading and one paragraph, both escaped; empty when the arena is full. */
struct slice page_render(struct arena *arena, const char *heading, const char *text);
