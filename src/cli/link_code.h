/* SPDX-License-Identifier: MIT */
/* Reads a code from an argument: the code itself, or a short URL as copied from a browser. */
#pragma once

#include <stdbool.h>

#include "runtime/config.h"

/* Sets *text, whose bytes it changes, to the code in it: itself, or the part after base_url (or one
 * of own_domains), with or without a scheme, and with '/', query or fragment after it removed.
 * False, with a message, for any other URL. */
bool cli_read_code(const struct config *config, char **text);
