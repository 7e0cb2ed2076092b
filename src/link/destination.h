/* SPDX-License-Identifier: MIT */
/* The check that a link does not lead to the shortener itself. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"
#include "text/url.h"

/* The site's own addresses. All slices are borrowed. */
struct own_site {
    struct slice host;    /* of the base URL, lower case, without port */
    unsigned port;        /* of the base URL; 0: the default one of its scheme */
    struct slice path;    /* of the base URL, "" or "/s" */
    struct slice domains; /* further hosts, separated by spaces or commas; with every port and
                           * path */
};

/* Whether `url` belongs to the site, so that a redirect to it could loop. http and https are equal,
 * a trailing dot of the host is ignored, and all forms of an address are equal (address_unwrap). If
 * the base URL has a path, only URLs below that path belong to the site, after dot segments are
 * resolved and %XX is decoded: the rest of the host is another web site and an allowed
 * destination. */
bool destination_is_own(const struct url *url, const struct own_site *own);
