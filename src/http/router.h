/* SPDX-License-Identifier: MIT */
/* Matching a path against the patterns of a route table. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

enum {
    ROUTE_CAPTURES = 2,
};

/* The captured segments, in order; none is empty; not decoded. */
struct route_match {
    struct slice captures[ROUTE_CAPTURES];
    unsigned n;
    struct slice rest; /* what `*` stands for; empty when the pattern has none */
};

/* The path below `folder` ("" or "/s"): it begins with '/', and is "/" for the folder itself. Empty
 * when `path` is not below it. */
struct slice route_below(struct slice path, struct slice folder);

/* Whether `path` matches `pattern`, which begins with '/', and in which `{}` stands for one whole
 * segment ("/api/v1/urls/{}"), and a `*` at the end for the rest of the path, which is not empty. A
 * trailing '/' of the path is ignored unless it belongs to that rest, so that "/abc/" names what
 * "/abc" does. Without a match *match means nothing. */
static inline bool route_matches(const char *pattern, struct slice path, struct route_match *match);

/* The same without its shortcut. */
bool route_compare(const char *pattern, struct slice path, struct route_match *match);

/* Most rows of a table differ from a path in the letter after the first '/'. */
static inline bool route_matches(const char *pattern, struct slice path, struct route_match *match)
{
    bool differs = path.len > 1 && pattern[1] && pattern[1] != '{' && pattern[1] != '*' &&
                   pattern[1] != path.at[1];
    return !differs && route_compare(pattern, path, match);
}
