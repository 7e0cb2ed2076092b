/* SPDX-License-Identifier: MIT */
/* The link that a path of the API names, and whose it has to be. */
#pragma once

#include "service/manage.h"
#include "web/exchange.h"

/* The caller's request for the link whose code the path has, whatever version the link has. */
struct manage_request managing_request(const struct exchange *x);

/* Reads that link; 0, or what refuse() returned. */
int managing_show(struct exchange *x, struct link *out);
