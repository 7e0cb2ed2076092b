/* SPDX-License-Identifier: MIT */
/* Where a link may not lead: back to the shortener itself. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"
#include "text/url.h"

/* The site's own addresses. All slices are borrowed. */
struct own_site {
    struct slice host;    /* of the base URL, lower case, without port */
    unsigned port;        /* of the base URL; 0: the default one of its scheme */
    struct slice path;    /* of the base URL, "" or "/s" */
    struct slice domains; /* further hosts, separated by spaces or commas; every port and path of
                           * theirs is ours */
};

/* Whether `url` is one of the site's own, so that following it could go round in circles. http and
 * https count as the same, a trailing dot of the host does not count, and an address is the same in
 * every spelling (address_unwrap). In a sub-directory only what lies below it is ours, dot segments
 * resolved and %XX decoded: the rest of the host is somebody's web site, and a fine destination. */
bool destination_is_own(const struct url *url, const struct own_site *own);
