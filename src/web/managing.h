/* SPDX-License-Identifier: MIT */
/* Finds the caller's link that a path of the API names. */
#pragma once

#include "service/manage.h"
#include "web/exchange.h"

/* A request for the link whose code is in the path, in any version. */
struct manage_request managing_request(const struct exchange *x);

/* Reads that link; 0, or what refuse() returned. */
int managing_show(struct exchange *x, struct link *out);
