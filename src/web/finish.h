/* SPDX-License-Identifier: MIT */
/* The last step of dispatch: error bodies, and the headers that all responses have. */
#pragma once

#include "web/exchange.h"

/* Completes x->response with `status`. A problem becomes an HTML page for a browser that followed a
 * short URL, else problem JSON (RFC 9457). */
void finish(struct exchange *x, int status);
