/* SPDX-License-Identifier: MIT */
/* Gives a new link its id and code. */
#pragma once

#include "service/create.h"

/* Sets the link's id and, unless it has an alias, the code made from it (in the arena).
 * OUTCOME_OK, OUTCOME_EXHAUSTED or OUTCOME_UNAVAILABLE. */
enum outcome name_link(struct codes *codes, struct arena *arena, struct link *link,
                       struct error *err);
