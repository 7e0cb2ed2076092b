/* SPDX-License-Identifier: MIT */
/* Writes the log line of a request. */
#pragma once

#include <stdint.h>

#include "runtime/log.h"
#include "web/exchange.h"

/* The address of the client as text in the arena of `x`, or an empty slice when the log has no
 * addresses or the web server gave none. Call it before the request is answered, since it reads the
 * request. */
struct slice access_client(const struct log *log, const struct exchange *x);

struct answered {
    int64_t duration_us;
    const char *lost;    /* why the web server did not receive the answer; NULL: it did */
    struct slice client; /* returned by access_client */
};

/* Logs an API call or a refused request, and a successful redirect only if the log is configured
 * to. The line never has a query string or a key, and an address only if the log is configured
 * to. */
void access_log(struct log *log, const struct exchange *x, const struct answered *answered);
