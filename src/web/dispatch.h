/* SPDX-License-Identifier: MIT */
/* Dispatches a request: from the route to the finished response. */
#pragma once

#include "web/exchange.h"

/* Answers `x`. The caller sets request, site, services, arena, now, now_us, random and request_id,
 * the rest is zero. Afterwards x->response is complete. */
void dispatch(struct exchange *x);
