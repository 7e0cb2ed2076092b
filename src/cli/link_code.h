/* SPDX-License-Identifier: MIT */
/* The link that an argument names: by a code, or by a short URL as it is copied from a browser. */
#pragma once

#include <stdbool.h>

#include "runtime/config.h"

/* Makes *text, which is changed, the code in it: itself, or what follows base_url (or one of
 * own_domains), with or without a scheme, '/', query and fragment behind. False, after a complaint,
 * for any other URL. */
bool cli_read_code(const struct config *config, char **text);
