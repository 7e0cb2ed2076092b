/* SPDX-License-Identifier: MIT */
/* Finds the link that a path names: by the API for its caller, by a visit for anybody. */
#pragma once

#include "service/manage.h"
#include "service/resolve.h"
#include "web/exchange.h"

/* A request for the link whose code is in the path, in any version. */
struct manage_request managing_request(const struct exchange *x);

/* A request to resolve that code, which is no visit. */
struct resolve_request resolving_request(const struct exchange *x);

/* Finds the user whose links the parameter `owner` names: 0, or what refuse() returned. Only an
 * admin may name others; without a name *id is unchanged. */
int managing_find_owner(struct exchange *x, struct slice name, uint32_t *id);

/* Reads the caller's link; 0, or what refuse() returned. */
int managing_show(struct exchange *x, struct link *out);
