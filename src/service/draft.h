/* SPDX-License-Identifier: MIT */
/* Drafting: from wishes to what a link is to be, and why not. Nothing but memory and the clock
 * decides here; no database is asked. */
#pragma once

#include "service/shorten.h"

/* Writes the wishes in `wishes->given` into `link`, which is otherwise left as it is. SHORTEN_MADE,
 * or why they are refused with a sentence in `err`. The alias is checked, not written: who has it
 * is for the database to say. */
enum shorten_outcome draft_apply(const struct shortener *shortener,
                                 const struct shorten_request *request, struct link *link,
                                 struct error *err);

/* A new link of the caller's with all that is wished; it has no id yet, and a code only if an alias
 * is wished for. */
enum shorten_outcome draft_new(const struct shortener *shortener,
                               const struct shorten_request *request, struct link *out,
                               struct error *err);
