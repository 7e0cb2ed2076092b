/* SPDX-License-Identifier: MIT */
/* The options for the fields of a link, of link add and link edit. */
#pragma once

#include "cli/options.h"
#include "link/link_fields.h"

/* Converts the options to fields, which borrow from the command line and have their tags in `tags`.
 * False, with a message, for an invalid or contradictory option. */
bool link_options_read(const struct invocation *invocation, int64_t now,
                       struct slice tags[OPTIONS_GIVEN_MAX], struct link_fields *out);
