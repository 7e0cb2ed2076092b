/* SPDX-License-Identifier: MIT */
/* Domains that no link may lead to: a set that holds a 64-bit hash of each and nothing else, so
 * that a million of them take 8 MB. Two different names share a hash with a chance of 1 in 10^19
 * for each pair. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

/* Starts as { 0 }, which is empty. `hashes` is sorted. */
struct blocked_set {
    uint64_t *hashes;
    size_t n;
    size_t room;
};

/* An empty set with room for `room` domains; false when memory is out. */
bool blocked_set_open(struct blocked_set *set, size_t room);

/* Gives the memory back; the set is { 0 } again. */
void blocked_set_close(struct blocked_set *set);

enum blocked_line {
    BLOCKED_ADDED,
    BLOCKED_NOTHING, /* an empty line or a comment */
    BLOCKED_INVALID, /* neither a host name nor an address */
    BLOCKED_FULL,    /* there is no room left */
};

/* Adds what one line of a list file names: a host, with all below it; the same written "*.host" or
 * ".host"; an IPv4 or IPv6 address. White space around it and what follows a '#' are dropped;
 * upper case, internationalised names and a dot at the end are normalised as in URLs. `arena` is
 * for scratch. The set can be asked again after blocked_set_sort. */
enum blocked_line blocked_set_add_line(struct blocked_set *set, struct slice line,
                                       struct arena *arena);

/* Sorts what was added, and drops what was added twice. */
void blocked_set_sort(struct blocked_set *set);

/* Whether `host`, normalised as in struct url, is in the set or below a domain that is. */
bool blocked_set_has(const struct blocked_set *set, struct slice host);
