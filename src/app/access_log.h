/* SPDX-License-Identifier: MIT */
/* The log line of a request. */
#pragma once

#include <stdint.h>

#include "runtime/log.h"
#include "web/exchange.h"

/* One line for an API call or a request that was refused; for a redirect that went well only when
 * the log is asked for them. `lost` says why the answer did not reach the web server, or is NULL.
 * No query string and no key is ever in it, and an address only when the log is asked for them. */
void access_log(struct log *log, const struct exchange *x, int64_t duration_us, const char *lost);
