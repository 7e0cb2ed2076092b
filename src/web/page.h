/* SPDX-License-Identifier: MIT */
/* The small HTML page that people see when there is no redirect. */
#pragma once

#include "base/arena.h"
#include "base/slice.h"

#define PAGE_TYPE "text/html; charset=utf-8"

/* The page needs nothing but its own style, and may be framed by nobody. */
#define PAGE_POLICY                                                                        \
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; " \
    "frame-ancestors 'none'"

/* A whole page with a heading and one paragraph, both escaped; empty when the arena is full. */
struct slice page_render(struct arena *arena, const char *heading, const char *text);
