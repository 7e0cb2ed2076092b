/* SPDX-License-Identifier: MIT */
/* The log line of a request. */
#pragma once

#include <stdint.h>

#include "runtime/log.h"
#include "web/exchange.h"

/* The address of the client, in the arena of `x`, if the log is asked for addresses and the web
 * server says; else an empty slice. Taken while the request is there: before it is answered. */
struct slice access_client(const struct log *log, const struct exchange *x);

struct answered {
    int64_t duration_us;
    const char *lost;    /* why the answer did not reach the web server; NULL: it did */
    struct slice client; /* access_client */
};

/* One line for an API call or a request that was refused; for a redirect that went well only when
 * the log is asked for them. No query string and no key is ever in it, and an address only when
 * the log is asked for them. */
void access_log(struct log *log, const struct exchange *x, const struct answered *answered);
