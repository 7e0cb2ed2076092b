/* SPDX-License-Identifier: MIT */
/* One-time links, which sign a browser in with an API key (service/sessions.h). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cli/cli_context.h"

enum {
    SIGN_IN_URL_MAX = 1200, /* bytes; a base URL has at most 1,000 */
};

/* Stores a token for the key that is valid for SIGN_IN_LIFE_S from `now`, and writes the link that
 * has it, in the fragment, which browsers send to no server. */
enum db_result sign_in_url(struct cli_context *context, uint32_t key_id, int64_t now,
                           char out[SIGN_IN_URL_MAX], struct error *err);
