/* SPDX-License-Identifier: MIT */
/* The host of a long URL as lists search it. */
#pragma once

#include "base/slice.h"

enum {
    URL_HOST_MAX = 64, /* bytes that count */
};

/* The host (with its port) of a normalised URL, without leading "www." and cut to URL_HOST_MAX
 * bytes; a part of `long_url`. The generated column link.host is exactly this, so the two change
 * together, if ever. */
struct slice url_host(struct slice long_url);
