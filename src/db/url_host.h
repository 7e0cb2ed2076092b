/* SPDX-License-Identifier: MIT */
/* The host of a long URL as it is indexed for searches. */
#pragma once

#include "base/slice.h"

enum {
    URL_HOST_MAX = 64, /* bytes that are indexed */
};

/* The host (with its port) of a normalised URL, without a leading "www." and truncated to
 * URL_HOST_MAX bytes; a part of `long_url`. The generated column link.host has the same definition,
 * so both must be changed together. */
struct slice url_host(struct slice long_url);
