/* SPDX-License-Identifier: MIT */
/* Gives a new link its id and code. */
#pragma once

#include "service/shorten.h"

/* Sets the link's id and, unless it has an alias, the code made from it (in the arena).
 * SHORTEN_MADE, SHORTEN_EXHAUSTED or SHORTEN_UNAVAILABLE. */
enum shorten_outcome name_link(struct codes *codes, struct arena *arena, struct link *link,
                               struct error *err);
