/* SPDX-License-Identifier: MIT */
/* Blocked domains, to which no link may lead: a set of 64-bit hashes, so that a million domains
 * take 8 MB. Two different names have the same hash with a probability of about 1 in 10^19. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

/* Initialise it as { 0 }, which is empty. `hashes` is sorted. */
struct blocked_set {
    uint64_t *hashes;
    size_t n;
    size_t room;
};

/* An empty set with room for `room` domains; false when memory is out. */
bool blocked_set_open(struct blocked_set *set, size_t room);

/* Frees the memory; the set is { 0 } again. */
void blocked_set_close(struct blocked_set *set);

enum blocked_line {
    BLOCKED_ADDED,
    BLOCKED_NOTHING, /* an empty line or a comment */
    BLOCKED_INVALID, /* neither a host name nor an address */
    BLOCKED_FULL,    /* the set has no room left */
};

/* Adds the domain or address in one line of a list file: a host together with its subdomains, which
 * may also be written "*.host" or ".host"; or an IPv4 or IPv6 address. White space around it and
 * everything after a '#' are ignored; upper case, internationalised names and a trailing dot are
 * normalised as in URLs. `arena` is for temporary memory. Call blocked_set_sort before the next
 * blocked_set_has. */
enum blocked_line blocked_set_add_line(struct blocked_set *set, struct slice line,
                                       struct arena *arena);

/* Sorts the hashes and removes duplicates. */
void blocked_set_sort(struct blocked_set *set);

/* Whether `host`, normalised as in struct url, or a parent domain of it is in the set. */
bool blocked_set_has(const struct blocked_set *set, struct slice host);
