/* SPDX-License-Identifier: MIT */
/* The tail of every request: error bodies and the headers all responses share. */
#pragma once

#include "web/exchange.h"

/* Completes x->response with `status`. A problem becomes an HTML page for a browser that followed a
 * short URL, and problem JSON (RFC 9457) for everything else. */
void finish(struct exchange *x, int status);
