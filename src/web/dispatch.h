/* SPDX-License-Identifier: MIT */
/* The way of one request, from the route to the finished response. */
#pragma once

#include "web/exchange.h"

/* Answers `x`, whose request, site, services, arena, now, now_us, random and request_id are set and
 * the rest zero. Afterwards x->response is complete. */
void dispatch(struct exchange *x);
