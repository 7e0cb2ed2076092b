/* SPDX-License-Identifier: MIT */
/* Naming new links. */
#pragma once

#include "service/shorten.h"

/* Gives the link its id and, unless it has an alias, the code made from it (in the arena).
 * SHORTEN_MADE, SHORTEN_EXHAUSTED or SHORTEN_UNAVAILABLE. */
enum shorten_outcome name_link(struct codes *codes, struct arena *arena, struct link *link,
                               struct error *err);
